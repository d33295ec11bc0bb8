"""What is old goes, and nothing that somebody may still need."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crashcart.actions.vault import Vault
from crashcart.storage.forget import LAST_RUNS, forget
from crashcart.storage.journal import Journal
from crashcart.storage.runs import RunStore

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
FINISHED = {"#": "Finished", "end": "fixed"}


def days(number: float) -> datetime:
    return NOW - timedelta(days=number)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """A store whose last runs are of today: what stays anyway."""
    made = RunStore(tmp_path / "state", tmp_path / "crashcart.toml")
    for number in range(LAST_RUNS):
        run(made, days(number / 1000), days(number / 1000))
    return made


def run(store: RunStore, *at: datetime, is_over: bool = True) -> str:
    """Keep a run with a record at each of these times, with evidence; the last one ends it."""
    name, journal = store.create(f"{len(store.names()):04x}", at[0] if at else days(60))
    for number, moment in enumerate(at):
        is_last = number == len(at) - 1
        journal.append(FINISHED if is_over and is_last else {"#": "Began", "step": number}, moment)
    journal.close(is_over=is_over)
    store.keep_evidence(name, b"{}")
    return name


def aged(path: Path, moment: datetime) -> Path:
    os.utime(path, (moment.timestamp(), moment.timestamp()))
    return path


def test_a_run_that_ended_more_than_thirty_days_ago_goes_with_all_that_it_had(store: RunStore) -> None:
    old, younger = run(store, days(40), days(31)), run(store, days(40), days(29))

    assert forget(store, NOW) == (old,)

    assert old not in store.names()
    assert younger in store.names()
    assert not list(store.folder.glob(f"*{old}*"))


@pytest.mark.parametrize("is_over", [True, False])
def test_a_run_that_is_not_over_stays_however_old(store: RunStore, is_over: bool) -> None:
    """Of a run that was killed nobody knows yet what it did; its journal is all there is."""
    name = run(store, days(400), days(399), is_over=is_over)

    assert (name in forget(store, NOW)) is is_over
    assert (name in store.names()) is not is_over


def test_a_run_that_is_being_taken_back_is_not_over(store: RunStore) -> None:
    name = run(store, days(60), days(60))
    journal, _ = Journal.reopen(store.path(name))
    journal.append({"#": "UndoApproved"}, days(59))
    journal.close(is_over=False)

    assert forget(store, NOW) == ()


def test_a_journal_that_is_not_whole_stays(store: RunStore) -> None:
    """Who changed it may have wished that it were gone."""
    name = run(store, days(60), days(60))
    path = store.path(name)
    path.write_bytes(path.read_bytes().replace(b"Began", b"Bagen"))

    assert forget(store, NOW) == ()
    assert name in store.names()


def test_the_last_runs_stay_however_old(tmp_path: Path) -> None:
    """A clock that was set ten years ahead must not take everything."""
    store = RunStore(tmp_path / "state", tmp_path / "crashcart.toml")
    names = [run(store, days(60 - number)) for number in range(LAST_RUNS + 2)]

    assert forget(store, NOW + timedelta(days=3650)) == tuple(names[:2])
    assert store.names() == tuple(names[2:])


def test_what_undoing_reads_goes_after_thirty_days(store: RunStore) -> None:
    vault = Vault(store.vault)
    old, young = Path(vault.keep(b"old bytes")), Path(vault.keep(b"young bytes"))
    aged(old, days(31))
    aged(young, days(29))

    forget(store, NOW)

    assert (old.exists(), young.exists()) == (False, True)


@pytest.mark.parametrize(("ended", "is_over"), [(days(44), False), (days(10), True)])
def test_what_a_run_that_stays_would_undo_with_stays_as_well(store: RunStore, ended: datetime, is_over: bool) -> None:
    """A run of which only the list of its deeds is left cannot be taken back."""
    run(store, days(45), ended, is_over=is_over)
    vault = Vault(store.vault)
    of_it, before = aged(Path(vault.keep(b"a")), days(44.9)), aged(Path(vault.keep(b"b")), days(46))

    forget(store, NOW)

    assert (of_it.exists(), before.exists()) == (True, False)


def test_keeping_something_new_removes_nothing(tmp_path: Path) -> None:
    """A hand does not know which runs are over."""
    vault = Vault(tmp_path / "kept")
    old = aged(Path(vault.keep(b"old")), days(4000))
    vault.keep(b"new")
    vault.note("key", "begun")

    assert vault.kept(str(old)) == b"old"


def test_plans_of_long_ago_go(store: RunStore) -> None:
    old, young = store.keep_plan("a" * 64, "{}"), store.keep_plan("b" * 64, "{}")
    aged(old, days(31))
    aged(young, days(1))

    forget(store, NOW)

    assert (old.exists(), young.exists()) == (False, True)


def test_what_was_learnt_stays(store: RunStore) -> None:
    store.learn('{"run": "x"}')
    aged(store.folder / "outcomes.jsonl", days(400))

    forget(store, NOW)

    assert store.outcomes() == ('{"run": "x"}',)


def test_a_removal_that_was_cut_off_is_ended_the_next_time(store: RunStore) -> None:
    """Killed between moving a run away and deleting it: it is no run any more, and no litter for long."""
    old = run(store, days(60), days(60))
    half = store.folder / f".forgotten-{old}"
    (store.folder / old).rename(half)
    (half / "journal.jsonl").unlink()

    assert old not in store.names()
    forget(store, NOW)

    assert not half.exists()


def test_a_run_that_died_before_its_first_word_is_none(store: RunStore) -> None:
    """Killed between making the folder and the journal, it must not stop every run after it."""
    (store.folder / "20240101-000000-dead").mkdir()
    empty = run(store)

    assert "20240101-000000-dead" not in store.names()
    assert list(store.readings())
    assert forget(store, NOW) == (empty,)


def test_other_systems_and_links_are_left_alone(store: RunStore, tmp_path: Path) -> None:
    other = RunStore(tmp_path / "state", tmp_path / "other.toml")
    theirs = run(other, days(60), days(60))
    precious = tmp_path / "precious"
    precious.write_text("theirs")
    aged(precious, days(60))
    store.vault.mkdir(parents=True)
    (store.vault / "link.old").symlink_to(precious)

    forget(store, NOW)

    assert theirs in other.names()
    assert precious.exists()
