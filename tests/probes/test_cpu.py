"""`cpu`, of real processes, and with the counters of other machines."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from types import SimpleNamespace

import psutil
import pytest

from crashcart.model.system import Target
from crashcart.ports import Machine, ProcessInfo
from crashcart.testing import FakePlace

TARGET = Target("api", "http", command="serve.py")
ONE = ProcessInfo(7, ("serve.py",), datetime(2024, 5, 1, tzinfo=UTC), "running", "app", 1, 1, 5, ())
BUSY = "while :; do :; done"
WANTS = "Name:\tserve.py\nState:\tR (running)\nvoluntary_ctxt_switches:\t4\nnonvoluntary_ctxt_switches:\t9\n"


@pytest.fixture(autouse=True)
def short_window(monkeypatch):
    monkeypatch.setattr("crashcart.probes.cpu.look.WINDOW_S", 0.1)


@dataclass
class Counting(FakePlace):
    """A place whose files count up: `{n}` in them is how often they were read, from 0."""

    times: dict[str, Iterator[int]] = field(default_factory=dict)

    def read(self, path: str, limit: int, *, offset: int = 0) -> bytes:
        n = next(self.times.setdefault(path, count()))
        return super().read(path, limit, offset=offset).replace(b"{n}", str(n).encode())


@pytest.fixture
def one_second(monkeypatch):
    """Let the readings be one second apart, to the digit."""
    monkeypatch.setattr("crashcart.probes.cpu.look.time", SimpleNamespace(monotonic=count().__next__))


def place(files: dict[str, str] | None = None, **tables: object) -> Counting:
    files = {path: text.encode() for path, text in (files or {}).items()}
    return Counting(files=files, running=[ONE], **({"cpu_times": {7: [5.0, 5.25]}} | tables))


@pytest.mark.row("cpu", "it works")
def test_a_real_process_that_computes_uses_time(looking, start, word, monkeypatch):
    monkeypatch.setattr("crashcart.probes.cpu.look.WINDOW_S", 0.3)
    start(word, code=BUSY)

    fields = looking.seen("cpu", Target("api", "http", command=word)).fields

    assert fields["processes"] == 1
    assert fields["used"] == fields["busiest"] > 0
    assert 0 < fields["cores"] <= (psutil.cpu_count() or 1)


@pytest.mark.row("cpu", "it sleeps, or is stopped")
@pytest.mark.parametrize("is_stopped", [True, False])
def test_a_real_process_that_does_nothing_uses_none(looking, start, word, is_stopped):
    process = start(word, code=BUSY if is_stopped else "read line")
    if is_stopped:
        process.send_signal(signal.SIGSTOP)

    fields = looking.seen("cpu", Target("api", "http", command=word)).fields

    assert (fields["processes"], fields["used"]) == (1, 0)


@pytest.mark.row("cpu", "it does not run")
def test_no_process_is_seen(looking, word):
    fields = looking.seen("cpu", Target("api", "http", command=word)).fields

    assert (fields["processes"], fields["used"]) == (0, 0)
    assert fields["cores"] == psutil.cpu_count()


@pytest.mark.row("cpu", "it ends, or is started, while we watch")
def test_a_process_that_ends_is_left_out(looking):
    looking.place = place(cpu_times={7: [5.0]})

    fields = looking.seen("cpu", TARGET).fields

    assert (fields["processes"], fields["used"]) == (0, 0)


def test_what_was_used_is_by_the_time_that_went_by(looking, one_second):
    looking.place = place()

    assert looking.seen("cpu", TARGET).fields["used"] == 25


@pytest.mark.row("cpu", "its threads wait for a core")
def test_the_waiting_of_all_threads_is_added_up(looking, one_second):
    looking.place = place(
        {
            "/proc/7/task/7/schedstat": "100 {n}00000000 5\n",  # 0.1 s each time
            "/proc/7/task/8/schedstat": "100 {n}50000000 5\n",  # and another 0.1 s
        }
    )

    assert looking.seen("cpu", TARGET).fields["waited"] == pytest.approx(20)


@pytest.mark.row("cpu", "its threads wait for a core")
@pytest.mark.parametrize(
    ("counters", "status", "percent"),
    [
        ("100 5 5\n", WANTS, 100),  # on no core all the time, and it wants one
        ("{n}00000000 5 5\n", WANTS, 90),  # it had one for a moment, and waits again
        ("{n}000000000 5 5\n", WANTS, 0),  # it had one all the time
        ("100 5 5\n", WANTS.replace("R (running)", "S (sleeping)"), 0),
        ("100 5 5\n", WANTS.replace("\t4", "\t{n}"), 0),  # it slept between the readings
        ("100 {n}0000000000 5\n", WANTS.replace("\t4", "\t{n}"), 100),  # most of these 10 s were before we looked
        ("100 5 5\n", "", 0),  # it is hidden
    ],
)
def test_a_thread_that_waits_longer_than_we_look_waits_as_long_as_it_has_no_core(
    looking, one_second, counters, status, percent
):
    looking.place = place({"/proc/7/task/7/schedstat": counters, "/proc/7/task/7/status": status})

    assert looking.seen("cpu", TARGET).fields["waited"] == pytest.approx(percent)


@pytest.mark.row("cpu", "its threads wait for a core")
def test_a_real_process_that_others_keep_from_its_core_waits(looking, start, word):
    core = {min(os.sched_getaffinity(0))}
    starved, busy = start(word, code=BUSY), start("somebody-else", code=BUSY)
    for process in (starved, busy):
        os.sched_setaffinity(process.pid, core)
    os.sched_setscheduler(starved.pid, os.SCHED_IDLE, os.sched_param(0))

    fields = looking.seen("cpu", Target("api", "http", command=word)).fields

    assert fields["waited"] > 60
    assert fields["used"] < 40


@pytest.mark.row("cpu", "the kernel does not count waiting")
@pytest.mark.parametrize("files", [{}, {"/proc/7/task/7/schedstat": "odd"}])
def test_waiting_that_is_not_counted_is_not_seen(looking, files):
    looking.place = place(files)

    assert "waited" not in looking.seen("cpu", TARGET).fields


VERSION_2 = {
    "/proc/7/cgroup": "0::/api\n",
    "/sys/fs/cgroup/api/cpu.max": "50000 100000\n",
    "/sys/fs/cgroup/api/cpu.stat": "usage_usec 5\nnr_throttled 7\nthrottled_usec {n}00000\n",
}
VERSION_1 = {
    "/proc/7/cgroup": "2:cpu,cpuacct:/api\n0::/\n",
    "/sys/fs/cgroup/cpu/api/cpu.cfs_quota_us": "50000\n",
    "/sys/fs/cgroup/cpu/api/cpu.cfs_period_us": "100000\n",
    "/sys/fs/cgroup/cpu/api/cpu.stat": "nr_periods 5\nnr_throttled 7\nthrottled_time {n}00000000\n",
}


@pytest.mark.row("cpu", "its control group is held back")
@pytest.mark.parametrize("files", [VERSION_2, VERSION_1], ids=["version 2", "version 1"])
def test_a_group_that_is_held_back_says_so(looking, one_second, files):
    looking.place = place(files)

    fields = looking.seen("cpu", TARGET).fields

    assert (fields["cores"], fields["throttled"]) == (0.5, pytest.approx(10))


@pytest.mark.row("cpu", "its control group has no limit")
@pytest.mark.parametrize(
    "files", [{}, VERSION_2 | {"/sys/fs/cgroup/api/cpu.max": "max 100000\n"}, VERSION_1 | {"/sys/fs/cgroup/cpu/api/cpu.cfs_quota_us": "-1\n"}]
)  # fmt: skip
def test_without_a_limit_it_may_use_all_cores(looking, files):
    looking.place = place(files)

    assert looking.seen("cpu", TARGET).fields["cores"] == 2


@pytest.mark.row("cpu", "its processor time is hidden from us")
def test_time_that_is_hidden_is_unseen(looking):
    class Hidden(FakePlace):
        def cpu_s(self, pid: int) -> float:
            raise PermissionError(13, "processor time not permitted", str(pid))

    looking.place = Hidden(running=[ONE])

    assert looking.unseen("cpu", TARGET).startswith("not permitted to see the processor time of api")


@pytest.mark.row("cpu", "nothing says which process is the target's")
def test_nothing_says_which_process(looking):
    assert "add command or pid_file" in looking.unseen("cpu", Target("api", "worker"))


@pytest.mark.row("cpu", "machine: always")
def test_the_real_machine_is_seen(looking):
    fields = looking.seen("cpu", Target("box", "host"), "machine").fields

    assert fields["cores"] == psutil.cpu_count()
    assert 0 <= fields["used"] <= 100
    assert fields["load"] >= 0


@pytest.mark.row("cpu", "machine: the kernel does not measure pressure")
@pytest.mark.parametrize(("files", "percent"), [({}, None), ({"/proc/pressure/cpu": "some avg10=40.00 avg60=1"}, 40)])
def test_pressure_is_told_where_it_is_measured(looking, files, percent):
    looking.place = place(files, machines=Machine(1 << 30, 1 << 29, 0, 0, 4, 8.0, 0.0, 0.0))

    fields = looking.seen("cpu", Target("box", "host"), "machine").fields

    assert (fields.get("pressure"), fields["load"]) == (percent, 2)
