"""What the detailed health page looks at."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping

from pydantic import BaseModel

from crashcart_lab.digest.service import Service
from crashcart_lab.digest.storage.schema import revision_of

logger = logging.getLogger(__name__)

GB = 1_000_000_000
FULL_PERCENT = 90.0
CHECK_TIMEOUT_S = 5.0


class Check(BaseModel):
    """One part of the service: whether it can be used, why not, and numbers worth knowing."""

    healthy: bool
    error: str | None = None
    details: dict[str, float | str | None] = {}


class Unhealthy(Exception):
    """A part of the service cannot be used."""


Details = dict[str, float | str | None]


class Checks:
    """Runs all checks at once, each with a deadline of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._checks: Mapping[str, Callable[[], Awaitable[Details]]] = {
            "database": lambda: asyncio.to_thread(self._database),
            "openai": self._openai,
            "disk_space": lambda: asyncio.to_thread(self._disk_space),
            "jobs": lambda: asyncio.to_thread(self._jobs),
            "schedule": self._schedule,
        }
        self._openai_until = 0.0
        self._openai_error: str | None = None
        self._openai_lock = asyncio.Lock()

    async def run(self) -> dict[str, Check]:
        results = await asyncio.gather(*(self._one(name, check) for name, check in self._checks.items()))
        return dict(zip(self._checks, results, strict=True))

    async def _one(self, name: str, check: Callable[[], Awaitable[Details]]) -> Check:
        try:
            return Check(healthy=True, details=await asyncio.wait_for(check(), CHECK_TIMEOUT_S))
        except TimeoutError:
            return Check(healthy=False, error=f"no answer within {CHECK_TIMEOUT_S:g} s")
        except Exception as err:  # noqa: BLE001
            # Whatever it is, it is the answer of the check, and the page must show the other checks all the same.
            logger.warning("health check %s failed: %s", name, err)
            return Check(healthy=False, error=str(err) or type(err).__name__)

    def _database(self) -> Details:
        self._service.database.ping()
        return {"revision": revision_of(self._service.settings.database_path)}

    async def _openai(self) -> Details:
        """Ask the provider, unless somebody has just done so: a page that is polled must not use up the rate."""
        async with self._openai_lock:
            if time.monotonic() >= self._openai_until:
                try:
                    await self._service.summariser.check()
                except Exception as err:  # noqa: BLE001 - the answer of the check, whatever it is
                    self._openai_error = f"{type(err).__name__}: {err}"
                else:
                    self._openai_error = None
                self._openai_until = time.monotonic() + self._service.settings.provider_check_s
        if self._openai_error is not None:
            raise Unhealthy(self._openai_error)
        return {}

    def _disk_space(self) -> Details:
        disk = shutil.disk_usage(self._service.settings.database_path.absolute().parent)
        used = 100.0 * (disk.total - disk.free) / disk.total
        if used > FULL_PERCENT:
            raise Unhealthy(f"{used:.1f} % of the disk is used")
        return {"used_percent": round(used, 1), "free_gb": round(disk.free / GB, 2)}

    def _jobs(self) -> Details:
        counts = self._service.jobs.counts()
        details: Details = {status.value: count for status, count in counts.items()}
        if (depth := self._service.runner.depth()) is not None:
            details["messages"] = depth
        return details

    async def _schedule(self) -> Details:
        return dict(self._service.schedule.next_runs())
