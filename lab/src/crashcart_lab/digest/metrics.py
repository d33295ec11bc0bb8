"""What Prometheus may ask: requests as they come, jobs as they are in the database at that moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crashcart_lab.digest.storage.jobs import JobStore, Status


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "http_requests_total", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.latency = Histogram(
            "http_request_duration_seconds", "Time to an answer", ["route"], registry=self.registry
        )
        self.scrapes = Counter("scrape_requests_total", "Sites submitted", registry=self.registry)
        self.duration = Histogram(
            "scrape_duration_seconds",
            "Time of a job from its begin to its end, in this process",
            buckets=(0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600),
            registry=self.registry,
        )

    def count_jobs(self, jobs: JobStore) -> None:
        """Ask the database at each scrape: a gauge counted up and down is wrong for ever after one missed end."""
        self.registry.register(_JobCounts(jobs))

    def text(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self.registry)


class _JobCounts(Collector):
    def __init__(self, jobs: JobStore) -> None:
        self._jobs = jobs

    def collect(self) -> Iterable[GaugeMetricFamily]:
        counts: Mapping[Status, int] = self._jobs.counts()
        active = GaugeMetricFamily("active_jobs", "Jobs that are running")
        active.add_metric([], counts.get(Status.RUNNING, 0))
        by_status = GaugeMetricFamily("jobs", "Jobs by status", labels=["status"])
        for status in Status:
            by_status.add_metric([status.value], counts.get(status, 0))
        return (active, by_status)

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return ()  # or registering would ask a database that is not prepared yet
