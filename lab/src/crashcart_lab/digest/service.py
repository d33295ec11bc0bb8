"""The parts of the service, made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from crashcart_lab.digest.crawl import Guard
from crashcart_lab.digest.metrics import Metrics
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.jobs import Job, JobStore, Order
from crashcart_lab.digest.storage.summaries import SummaryStore
from crashcart_lab.digest.summarise.summariser import Summariser
from crashcart_lab.digest.upkeep.schedule import Schedule


class Runner(Protocol):
    """Has jobs done."""

    async def start(self) -> None:
        """Take up what earlier processes left undone."""

    async def submit(self, order: Order) -> Job:
        """Queue an order; returns as soon as it cannot be lost any more."""

    async def cancel(self, job_id: str) -> Job | None:
        """Cancel a job that has not ended; None when there is no such job."""

    async def close(self) -> None:
        """Stop, and leave what is unfinished to the next process."""

    def depth(self) -> int | None:
        """Return how many messages wait in the queue, None when there is none. May block; raises when it is down."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything that the answer to a request is made of."""

    settings: Settings
    database: Database
    jobs: JobStore
    summaries: SummaryStore
    summariser: Summariser
    runner: Runner
    guard: Guard
    metrics: Metrics
    schedule: Schedule
