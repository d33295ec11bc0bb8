"""Digest's recorded faults from its log alone: what the log looks of each case saw is written out as a log again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crashcart.cli.given import LogsAskedFor, diagnose_logs
from crashcart.model.case import Case
from crashcart.model.diagnosis import Diagnosis
from crashcart.model.observation import Record, Seen
from crashcart.storage import cases

CASES = Path(__file__).parents[2] / "cases" / "digest"
SHOWN = (
    "base-path-wrong", "certificate-expired", "certificate-for-another", "certificate-untrusted", "database-corrupt",
    "database-locked", "database-readonly", "key-missing", "key-refused", "model-unknown", "name-unresolvable",
    "pool-exhausted", "port-taken", "provider-cuts", "provider-down", "provider-errors", "provider-malformed", "queue-down",
    "quota-used-up", "rate-limited", "receiver-down", "region-refused", "upstream-port-wrong",
)  # fmt: skip
# Faults that the log does not show, or that only a guide of the service's own tells apart.
NOT_SHOWN = ("healthy", "migration-missing", "provider-hangs", "service-stopped", "site-unreadable")
SURE = 0.8


def records(case: Case) -> Iterator[tuple[Record, str]]:
    """Yield the records that the looks of a case kept, with what is known of their level."""
    for observation in case.observations:
        if observation.look.startswith("log ") and isinstance(observation.outcome, Seen):
            level = next((word for word in ("error", "warning") if f"level='{word}'" in observation.look), "info")
            yield from ((record, level) for record in observation.outcome.records)


def written(case: Case, path: Path) -> None:
    """Write the log that the case remembers: each record once, with its worst level and its longest text."""
    levels = ("info", "warning", "error")
    texts: dict[tuple[str, str], str] = {}
    worst: dict[tuple[str, str], int] = {}
    for record, level in records(case):
        key = (record.at, record.where)
        texts[key] = max(texts.get(key, ""), record.text, key=len)
        worst[key] = max(worst.get(key, 0), levels.index(level))
    rows = (f"{at} {levels[worst[at, where]].upper()} {text}\n" for (at, where), text in sorted(texts.items()))
    path.write_text("".join(rows))


def diagnosed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Diagnosis, str]:
    """Return what the log alone tells, and the true cause without its target."""
    case = cases.read(CASES / f"{name}.json")
    monkeypatch.chdir(tmp_path)
    written(case, Path("digest.log"))
    asked = LogsAskedFor(("digest.log",), None, "", "", 60.0)
    return diagnose_logs(asked).result.diagnosis, case.truth[0].partition(":")[2]


@pytest.mark.parametrize("name", SHOWN)
def test_a_fault_that_the_log_shows_comes_first(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, truth = diagnosed(name, tmp_path, monkeypatch)

    assert found.first is not None
    assert found.first.cause.partition(":")[2] == truth


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_a_fault_that_the_log_does_not_show_is_not_claimed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a log alone much stays unknown, and it must be said so."""
    found, truth = diagnosed(name, tmp_path, monkeypatch)

    assert [ranked.cause for ranked in found.ranked if ranked.p > SURE and not ranked.cause.endswith(truth)] == []
