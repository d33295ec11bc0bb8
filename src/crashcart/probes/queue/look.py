"""One queue: is its server there, how long is it, who takes from it."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.address import attribute, parse_url
from crashcart.probes.queue.age import oldest_s
from crashcart.probes.queue.server import QueueState, queue_state
from crashcart.redact import Scrubber

TIMEOUT_S = 3.0  # a server of this kind answers within a millisecond, or something is wrong
_SCHEMES = ("redis://", "rediss://", "valkey://", "valkeys://")


class QueueLook:
    """Asks with one connection of its own and closes it."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        url, name = attribute(target, "url"), look.arg("name")
        if isinstance(url, Unseen):
            return url
        address = parse_url(url)
        if isinstance(address, Unseen) or not url.lower().startswith(_SCHEMES) or not name:
            return Unseen(f"the url of {target.name} is not a redis url, like redis://127.0.0.1:6379/0")
        began = time.monotonic()
        try:
            connected = await self._place.connect(address.host, address.port or 6379, timeout_s=TIMEOUT_S)
        except OSError as error:
            return Unseen(f"could not open a connection from here: {error.strerror or error}")
        fields: dict[str, Scalar] = {"connect": connected.state, "answer": "unreached", "took": connected.took_s}
        if connected.state != "ok":
            return Seen(fields)
        told = await _asked(url.replace("valkey", "redis", 1) if url.startswith("valkey") else url, name)
        if isinstance(told, Unseen):
            return told
        fields["took"] = time.monotonic() - began
        return Seen(fields | ({"answer": told} if isinstance(told, str) else _fields(told, moment.now)))


async def _asked(url: str, name: str) -> QueueState | str | Unseen:
    """Return what the server says of the queue, or the word for why it says nothing."""
    try:
        from redis import exceptions
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        return Unseen("driver missing: pip install 'crashcart[redis]'")
    try:
        # No name, no protocol switch, no retry: nothing but the questions and the password.
        client = Redis.from_url(
            url, protocol=2, driver_info=None, retry=Retry(NoBackoff(), 0), single_connection_client=True,
            socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S,
        )  # fmt: skip
    except ValueError:
        return Unseen("the url is not a redis url, like redis://127.0.0.1:6379/0")
    try:
        async with asyncio.timeout(TIMEOUT_S), client:
            return await queue_state(client, name, int(client.connection_pool.connection_kwargs.get("db") or 0))
    except (TimeoutError, exceptions.TimeoutError):
        return "silent"
    except exceptions.NoPermissionError:
        return Unseen("not permitted to look at the queue: its user needs +@read on the key")
    except exceptions.BusyLoadingError:
        return "loading"
    except (exceptions.AuthenticationError, exceptions.AuthenticationWrongNumberOfArgsError):
        return "auth"
    except exceptions.RedisError as error:
        return "auth" if str(error).startswith("NOAUTH") else "error"


def _fields(told: QueueState, now: datetime) -> dict[str, Scalar]:
    fields: dict[str, Scalar] = {"answer": "ok", "shape": told.shape}
    for name, value in (("length", told.length), ("taken", told.taken), ("consumers", told.consumers)):
        if value is not None:
            fields[name] = value
    if told.length is not None:
        fields["is_waiting"] = told.length > 0
    age_s = oldest_s((*told.ends, *told.made_at), told.shape, now)
    return fields if age_s is None else fields | {"oldest": age_s}
