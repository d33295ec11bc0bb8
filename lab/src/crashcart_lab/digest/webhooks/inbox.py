"""Messages from others: only what is signed, fresh and new is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import delete, insert

from crashcart_lab.digest.api.jobs import ScrapeRequest
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.database import Database, ago, now
from crashcart_lab.digest.storage.jobs import Order
from crashcart_lab.digest.storage.tables import received
from crashcart_lab.digest.webhooks.signing import is_signed

Model = TypeVar("Model", bound=BaseModel)


class EventName(StrEnum):
    PING = "ping"
    SCRAPE_REQUESTED = "scrape_requested"


class Refused(Exception):
    """A message is not accepted; status is what HTTP calls the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Event:
    """An accepted message; `order` is what it asks for, if anything."""

    id: str
    name: EventName
    order: Order | None


class _Message(BaseModel):
    id: Annotated[str, Field(min_length=1, max_length=200)]
    event: EventName
    sent_at: AwareDatetime  # ISO 8601 with its zone, or seconds since 1970


class _ScrapeRequested(ScrapeRequest):
    model_config = ConfigDict(extra="ignore")  # the fields of every message stand beside ours


class Inbox:
    """Accepts messages, each id once."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def accept(self, body: bytes, signature: str | None) -> Event:
        """Check a message and remember its id.

        Raises:
            Refused: 403 nothing is accepted here, 401 not signed or not fresh, 422 not understood, 409 seen before.
        """
        self._check_signature(body, signature)
        message = _read(_Message, body)
        self._check_age(message.sent_at)
        order = _order(body) if message.event is EventName.SCRAPE_REQUESTED else None
        self._check_new(message.id)
        return Event(message.id, message.event, order)

    def forget(self, event: Event) -> None:
        """Let the sender try again, because what the message asked for could not be done."""
        with self._database.writing() as db:
            db.execute(delete(received).where(received.c.id == event.id))

    def _check_signature(self, body: bytes, signature: str | None) -> None:
        secret = self._settings.webhook_secret
        if secret is None:
            raise Refused(403, "incoming webhooks are off: WEBHOOK_SECRET is not set")
        if signature is None or not is_signed(body, secret, signature):
            raise Refused(401, "Invalid signature")

    def _check_age(self, sent_at: datetime) -> None:
        off_s = (datetime.now(UTC) - sent_at).total_seconds()
        if abs(off_s) > self._settings.webhook_tolerance_s:
            when = f"{off_s:.0f} s ago" if off_s > 0 else f"{-off_s:.0f} s in the future"
            raise Refused(
                401, f"sent_at is {when}; up to {self._settings.webhook_tolerance_s:g} s are accepted: check the clocks"
            )

    def _check_new(self, message_id: str) -> None:
        # Twice: a message from the tolerable future stays fresh for the tolerance before its time and after it.
        stale = ago(seconds=2 * self._settings.webhook_tolerance_s)
        with self._database.writing() as db:
            db.execute(delete(received).where(received.c.received_at < stale))
            added = insert(received).prefix_with("OR IGNORE").values(id=message_id, received_at=now())
            if db.execute(added).rowcount == 0:
                raise Refused(409, f"message {message_id} was received before")


def _order(body: bytes) -> Order:
    asked = _read(_ScrapeRequested, body)
    return Order(str(asked.url), asked.max_pages, asked.max_depth, asked.tags)


def _read(model: type[Model], body: bytes) -> Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as err:
        problems = (f"{'.'.join(str(part) for part in one['loc']) or 'body'}: {one['msg']}" for one in err.errors())
        raise Refused(422, "; ".join(problems)) from err
