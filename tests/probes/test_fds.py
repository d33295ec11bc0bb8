"""`fds`, of real processes, and with the limits of other machines."""

from __future__ import annotations

import resource
from dataclasses import replace
from datetime import UTC, datetime

import psutil
import pytest

from crashcart.model.observation import Seen
from crashcart.model.system import Target
from crashcart.ports import ProcessInfo
from crashcart.testing import FakePlace

TARGET = Target("api", "http", command="serve.py")
ONE = ProcessInfo(7, ("serve.py",), datetime(2024, 5, 1, tzinfo=UTC), "running", "app", 1, 1, 90, ())
LIMITS = "Limit   Soft Limit  Hard Limit  Units\nMax processes  5  5  processes\nMax open files  {}  4096  files\n"


def place(files: dict[str, str], *processes: ProcessInfo) -> FakePlace:
    return FakePlace(files={path: text.encode() for path, text in files.items()}, running=list(processes or (ONE,)))


@pytest.mark.row("fds", "it runs")
def test_a_real_process_has_what_it_has_open(looking, start, word):
    process = start(word, code="ulimit -n 64; exec 5</dev/null; echo open; read line")
    assert process.stdout is not None
    assert process.stdout.readline() == b"open\n"

    fields = looking.seen("fds", Target("api", "http", command=word)).fields

    assert fields["open"] == fields["all"] == psutil.Process(process.pid).num_fds()
    assert (fields["limit"], fields["left"]) == (64, 64 - fields["open"])
    assert fields["used"] == 100 * fields["open"] / 64


def test_the_limit_is_that_of_the_process_and_not_ours(looking, start, word):
    start(word)

    limit = looking.seen("fds", Target("api", "http", command=word)).fields["limit"]

    assert limit == resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@pytest.mark.row("fds", "it does not run")
def test_no_process_is_seen(looking, word):
    assert looking.seen("fds", Target("api", "http", command=word)).fields == {"processes": 0}


def test_the_one_that_is_nearest_to_its_limit_speaks_for_all(looking):
    looking.place = place(
        {"/proc/7/limits": LIMITS.format(1000), "/proc/8/limits": LIMITS.format(64)}, ONE, replace(ONE, pid=8, fds=60)
    )

    fields = looking.seen("fds", TARGET).fields

    assert (fields["open"], fields["limit"], fields["left"], fields["all"]) == (60, 64, 4, 150)


@pytest.mark.row("fds", "it has no limit")
@pytest.mark.row("fds", "the system does not tell limits")
@pytest.mark.parametrize("files", [{}, {"/proc/7/limits": LIMITS.format("unlimited")}])
def test_without_a_limit_only_the_count_is_seen(looking, files):
    looking.place = place(files)

    assert looking.seen("fds", TARGET).fields == {"processes": 1, "open": 90, "all": 90}


@pytest.mark.row("fds", "its descriptors are hidden from us")
def test_descriptors_that_are_hidden_are_unseen(looking):
    looking.place = place({}, ONE, replace(ONE, pid=8, fds=None))

    assert looking.unseen("fds", TARGET).startswith("not permitted to see what api has open")


def test_without_rights_the_descriptors_of_others_are_unseen(as_nobody, start, word):
    start(word)

    reason = as_nobody("fds", {"name": "api", "kind": "http", "command": word})

    assert reason.startswith("not permitted to see what api has open")


@pytest.mark.row("fds", "nothing says which process is the target's")
def test_nothing_says_which_process(looking):
    assert "add command or pid_file" in looking.unseen("fds", Target("api", "worker"))


@pytest.mark.row("fds", "machine: the kernel counts")
def test_the_kernel_counts_for_everybody(looking):
    looking.place = place({"/proc/sys/fs/file-nr": "1500\t0\t6000\n"})

    assert looking.seen("fds", Target("box", "host"), "machine").fields == {"open": 1500, "limit": 6000, "used": 25}


@pytest.mark.row("fds", "machine: the kernel does not tell")
def test_a_system_that_does_not_tell_is_unseen(looking):
    looking.place = place({})

    assert "does not tell" in looking.unseen("fds", Target("box", "host"), "machine")


def test_a_process_that_opens_more_and_more_is_watched(looking, start, word):
    start(word, code='for more in 5 6 7 8 9; do eval "exec $more<&0"; sleep 0.4; done; read line')

    outcome = looking.outcome("fds", Target("api", "http", command=word), over_s=0.8)

    assert isinstance(outcome, Seen)
    values = [value for _, value in outcome.watched["open"]]
    assert values == sorted(values)
    assert values[-1] > values[0]
