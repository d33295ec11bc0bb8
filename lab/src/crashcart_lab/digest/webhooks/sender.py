"""Sending what is in the outbox, until it has arrived or is given up."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.deliveries import Delivery, DeliveryStore
from crashcart_lab.digest.webhooks.signing import HEADER, sign

logger = logging.getLogger(__name__)

POLL_S = 1.0  # a worker in another process cannot wake this one
TROUBLE_S = 15.0  # one log entry for each look that fails is enough
AT_ONCE = 8
# What storing the outcome may take, beyond the time for sending; a claim that ends sooner sends twice.
STORING_S = 60.0
LONGEST_BACKOFF_S = 86_400.0
LONGEST_RETRY_AFTER_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message did not arrive, and how long its receiver wants to be left alone."""

    reason: str
    retry_after_s: float = 0.0


class Sender:
    """Sends due messages. Any number of senders may share a database; a message may still arrive twice after a crash.

    They go to the address of the present settings, so that a corrected address also reaches what failed before.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._store = DeliveryStore(database)
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """Look now and not at the next poll. To be called in the thread of the event loop."""
        self._awake.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            self._awake.clear()
            wait_s = POLL_S
            try:
                if await self.send_due(datetime.now(UTC)) == AT_ONCE:
                    continue
            except Exception:
                # Whatever it is (the database, most likely), the messages are safe and the next look may succeed.
                logger.exception("webhooks cannot be sent for now")
                wait_s = TROUBLE_S
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), wait_s)

    async def send_due(self, now: datetime) -> int:
        """Make one attempt at each due message, a few at most, and return how many were tried."""
        settings = self._settings
        if settings.webhook_url is None:
            return 0
        due = await asyncio.to_thread(
            self._store.claim_due,
            now,
            url=str(settings.webhook_url),
            lease_s=settings.webhook_timeout_s + STORING_S,
            limit=AT_ONCE,
        )
        if not due:
            return 0
        async with httpx.AsyncClient(verify=_tls(), follow_redirects=False, timeout=settings.webhook_timeout_s) as http:
            ends = await asyncio.gather(*(self._send(http, one, now) for one in due), return_exceptions=True)
        for delivery, end in zip(due, ends, strict=True):
            if isinstance(end, Exception):
                logger.error("webhook %s: its outcome could not be stored", delivery.id, exc_info=end)
        return len(due)

    async def _send(self, http: httpx.AsyncClient, delivery: Delivery, now: datetime) -> None:
        failure = await self._post(http, delivery)
        if failure is None:
            await asyncio.to_thread(self._store.delivered, delivery)
            logger.info("webhook %s delivered", delivery.id)
            return
        most = self._settings.webhook_attempts
        if delivery.attempts >= most:
            await asyncio.to_thread(self._store.dead, delivery, error=failure.reason)
            progress = f"attempt {delivery.attempts} of {most}, given up"
            logger.error("webhook %s failed: %s; %s", delivery.id, failure.reason, progress)
            return
        wait_s = max(self._backoff_s(delivery.attempts), failure.retry_after_s)
        due_at = now + timedelta(seconds=wait_s)
        await asyncio.to_thread(self._store.retry_later, delivery, due_at=due_at, error=failure.reason)
        progress = f"attempt {delivery.attempts} of {most}, next in {wait_s:g} s"
        logger.warning("webhook %s failed: %s; %s", delivery.id, failure.reason, progress)

    async def _post(self, http: httpx.AsyncClient, delivery: Delivery) -> Failure | None:
        secret = self._settings.webhook_secret
        assert secret is not None  # the settings refuse an address without a secret
        body = _stamped(delivery.body)
        headers = {
            HEADER: sign(body, secret),
            "Content-Type": "application/json",
            "User-Agent": self._settings.user_agent,
        }
        try:
            # httpx limits each phase, and a receiver that answers drop by drop would hold us for ever.
            async with asyncio.timeout(self._settings.webhook_timeout_s):
                async with http.stream("POST", delivery.url, content=body, headers=headers) as answer:
                    return None if answer.is_success else _refusal(answer)
        except (httpx.TimeoutException, TimeoutError):
            return Failure(f"no answer within {self._settings.webhook_timeout_s:g} s")
        except (httpx.HTTPError, httpx.InvalidURL) as err:
            return Failure(f"{type(err).__name__}: {err}")

    def _backoff_s(self, attempts: int) -> float:
        doublings = min(attempts - 1, 60)  # a float ends somewhere
        return float(min(self._settings.webhook_backoff_s * 2**doublings, LONGEST_BACKOFF_S))


@functools.cache
def _tls() -> ssl.SSLContext:
    """Return the one context: loading the root certificates takes longer than sending."""
    return httpx.create_ssl_context()


def _stamped(body: str) -> bytes:
    sent_at = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({**json.loads(body), "sent_at": sent_at}).encode()


def _refusal(answer: httpx.Response) -> Failure:
    wait_s = min(_retry_after_s(answer.headers.get("retry-after", "")), LONGEST_RETRY_AFTER_S)
    more = ", and redirects are not followed" if answer.is_redirect else ""
    return Failure(f"the receiver answered {answer.status_code}{more}", retry_after_s=wait_s)


def _retry_after_s(header: str) -> float:
    """Read seconds or a date; what is neither says nothing."""
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (until.astimezone(UTC) - datetime.now(UTC)).total_seconds())
