"""`memory`, of real processes, and with the control groups of other machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import psutil
import pytest

from crashcart.model.observation import Seen
from crashcart.model.system import Target
from crashcart.ports import Machine, ProcessInfo
from crashcart.testing import FakePlace

MIB = 1 << 20
TARGET = Target("api", "http", command="serve.py")
ONE = ProcessInfo(7, ("serve.py",), datetime(2024, 5, 1, tzinfo=UTC), "running", "app", 100 * MIB, 1, 5, ())


def place(files: dict[str, str] | None = None, *processes: ProcessInfo) -> FakePlace:
    return FakePlace(
        files={path: text.encode() for path, text in (files or {}).items()},
        running=list(processes or (ONE,)),
        machines=Machine(1000 * MIB, 250 * MIB, 100 * MIB, 10 * MIB, 2, 0.0, 0.0, 0.0),
    )


@pytest.mark.row("memory", "it runs")
def test_a_real_process_has_its_memory(looking, start, word):
    process = start(word)

    fields = looking.seen("memory", Target("api", "http", command=word)).fields

    assert fields["processes"] == 1
    assert fields["rss"] == fields["largest"] == psutil.Process(process.pid).memory_info().rss
    assert 0 < fields["limit"] <= fields["total"] == psutil.virtual_memory().total
    assert 0 < fields["available"] < 100


@pytest.mark.row("memory", "it does not run")
def test_no_process_is_seen(looking, word):
    fields = looking.seen("memory", Target("api", "http", command=word)).fields

    assert fields["processes"] == 0
    assert "rss" not in fields
    assert fields["limit"] == fields["total"]


def test_what_several_use_is_added_up(looking):
    looking.place = place(None, ONE, replace(ONE, pid=8, rss_bytes=50 * MIB), replace(ONE, pid=9, status="zombie"))

    fields = looking.seen("memory", TARGET).fields

    assert (fields["processes"], fields["rss"], fields["largest"]) == (2, 150 * MIB, 100 * MIB)


VERSION_2 = {
    "/proc/7/cgroup": "0::/app.slice/api.service\n",
    "/sys/fs/cgroup/app.slice/api.service/memory.max": "max\n",
    "/sys/fs/cgroup/app.slice/api.service/memory.current": f"{90 * MIB}\n",
    "/sys/fs/cgroup/app.slice/api.service/memory.events": "low 0\nhigh 0\nmax 9\noom 2\noom_kill 3\n",
    "/sys/fs/cgroup/app.slice/memory.max": f"{200 * MIB}\n",
}
VERSION_1 = {
    "/proc/7/cgroup": "9:name=systemd:/\n4:memory:/docker/7f\n1:cpu,cpuacct:/\n0::/\n",
    "/sys/fs/cgroup/memory/docker/7f/memory.limit_in_bytes": f"{200 * MIB}\n",
    "/sys/fs/cgroup/memory/docker/7f/memory.usage_in_bytes": f"{90 * MIB}\n",
    "/sys/fs/cgroup/memory/docker/7f/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
}


@pytest.mark.row("memory", "its control group has a limit")
@pytest.mark.parametrize("files", [VERSION_2, VERSION_1], ids=["version 2", "version 1"])
def test_the_tightest_limit_of_its_groups_is_its_limit(looking, files):
    looking.place = place(files)

    fields = looking.seen("memory", TARGET).fields

    assert (fields["limit"], fields["group"], fields["oom_kills"]) == (200 * MIB, 90 * MIB, 3)


@pytest.mark.row("memory", "there are no control groups here")
@pytest.mark.parametrize("files", [{}, {"/proc/7/cgroup": "0::/../../other\n"}, {"/proc/7/cgroup": "odd\n"}])
def test_without_a_group_the_machine_is_the_limit(looking, files):
    looking.place = place(files)

    fields = looking.seen("memory", TARGET).fields

    assert fields["limit"] == fields["total"] == 1000 * MIB
    assert not {"group", "oom_kills"} & set(fields)


def test_a_limit_above_the_machine_is_none(looking):
    looking.place = place(VERSION_2 | {"/sys/fs/cgroup/app.slice/memory.max": f"{5000 * MIB}\n"})

    assert looking.seen("memory", TARGET).fields["limit"] == 1000 * MIB


@pytest.mark.row("memory", "its memory is hidden from us")
def test_a_sum_with_a_part_missing_is_none(looking):
    looking.place = place(None, ONE, replace(ONE, pid=8, rss_bytes=None))

    fields = looking.seen("memory", TARGET).fields

    assert fields["processes"] == 2
    assert "rss" not in fields


@pytest.mark.row("memory", "nothing says which process is the target's")
def test_nothing_says_which_process(looking):
    assert "add command or pid_file" in looking.unseen("memory", Target("api", "worker"))


@pytest.mark.row("memory", "machine: always")
def test_the_real_machine_is_seen(looking):
    fields = looking.seen("memory", Target("box", "host"), "machine").fields

    assert fields["total"] == psutil.virtual_memory().total
    assert fields["available"] + fields["used"] == pytest.approx(100)
    assert 0 <= fields["swap"] <= fields["swap_total"]


@pytest.mark.row("memory", "machine: the kernel does not measure pressure")
@pytest.mark.parametrize(
    ("files", "percent"),
    [
        ({}, None),
        ({"/proc/pressure/memory": "some avg10=12.50 avg60=1.00 avg300=0.00 total=1\nfull avg10=3.00"}, 12.5),
    ],
)
def test_pressure_is_told_where_it_is_measured(looking, files, percent):
    looking.place = place(files)

    fields = looking.seen("memory", Target("box", "host"), "machine").fields

    assert fields.get("pressure") == percent
    assert (fields["available"], fields["used"], fields["swap"]) == (25, 75, 10 * MIB)


def test_a_process_that_grows_is_watched(looking, start, word):
    """The growing is real; how fast it was is for the machine to say, that it grew is for us."""
    start(
        word, code="x=a; i=0; while [ $i -lt 17 ]; do x=$x$x; i=$((i+1)); sleep 0.03; done; y=$x$x$x$x$x$x$x; read line"
    )

    outcome = looking.outcome("memory", Target("api", "http", command=word), over_s=1.0)

    assert isinstance(outcome, Seen)
    values = [value for _, value in outcome.watched["rss"]]
    assert values[-1] > values[0]
    assert outcome.fields["rss"] == values[-1]
