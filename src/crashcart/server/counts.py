"""What a receiver counts, as Prometheus reads it."""

from __future__ import annotations

from collections import Counter

from crashcart.storage.alerts import Accepted, Standing

_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_HELP = {
    "crashcart_hook_requests_total": "Requests by status.",
    "crashcart_hook_alerts_total": "Alerts accepted, by what they were.",
    "crashcart_hook_diagnoses_total": "Diagnoses by verdict.",
    "crashcart_hook_posts_total": "Attempts to post a report, by outcome.",
}


class Counts:
    """All counters. One event loop uses them."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._buckets = [0] * len(_BOUNDS_S)
        self._accept_s = 0.0
        self._accepts = 0

    def request(self, status: int) -> None:
        self._counts["crashcart_hook_requests_total", "status", str(status)] += 1

    def accepted(self, accepted: Accepted, took_s: float) -> None:
        for what, number in (("new", accepted.new), ("repeat", accepted.repeats), ("resolved", accepted.resolved)):
            self._counts["crashcart_hook_alerts_total", "was", what] += number
        self._accepts += 1
        self._accept_s += took_s
        for place, bound in enumerate(_BOUNDS_S):
            self._buckets[place] += took_s <= bound

    def diagnosed(self, verdict: str) -> None:
        self._counts["crashcart_hook_diagnoses_total", "verdict", verdict] += 1

    def posted(self, *, has_arrived: bool) -> None:
        self._counts["crashcart_hook_posts_total", "outcome", "arrived" if has_arrived else "failed"] += 1

    def text(self, standing: Standing) -> str:
        """Return everything in Prometheus's text format."""
        lines = []
        for name, help_text in _HELP.items():
            lines += [f"# HELP {name} {help_text}", f"# TYPE {name} counter"]
            rows = sorted((label, value, n) for (of, label, value), n in self._counts.items() if of == name)
            lines += [f'{name}{{{label}="{value}"}} {number}' for label, value, number in rows]
        for name, what, value in (
            ("crashcart_hook_waiting_alerts", "Alerts that wait for their diagnosis.", standing.waiting),
            ("crashcart_hook_undelivered_reports", "Reports that have not arrived.", standing.undelivered),
        ):
            lines += [f"# HELP {name} {what}", f"# TYPE {name} gauge", f"{name} {value}"]
        return "\n".join((*lines, *self._histogram())) + "\n"

    def _histogram(self) -> list[str]:
        name = "crashcart_hook_accept_seconds"
        buckets = [f'{name}_bucket{{le="{bound}"}} {n}' for bound, n in zip(_BOUNDS_S, self._buckets, strict=True)]
        return [
            f"# HELP {name} Time from a whole request to its being on the disk.", f"# TYPE {name} histogram", *buckets,
            f'{name}_bucket{{le="+Inf"}} {self._accepts}', f"{name}_sum {self._accept_s:.6f}", f"{name}_count {self._accepts}",
        ]  # fmt: skip
