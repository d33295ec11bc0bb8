"""The tables of `cpu`."""

from __future__ import annotations

from crashcart.model.spec import Alarm, Cost, Dimension, Failure, FieldSpec, KindSpec, LookSpec

_OWN = LookSpec(
    name="",
    summary="the target's processes, watched for half a second",
    args=(),
    fields=(
        FieldSpec("used", Dimension.PERCENT, "processor time of all its processes; 100% is one core"),
        FieldSpec("busiest", Dimension.PERCENT, "of the busiest of them"),
        FieldSpec(
            "waited", Dimension.PERCENT, "its threads wanted a core and got none; 100% is one thread all the time"
        ),
        FieldSpec("throttled", Dimension.PERCENT, "its control group had used up its share and was held back"),
        FieldSpec("cores", Dimension.NUMBER, "how many it may use: those of its control group, else all"),
        FieldSpec("processes", Dimension.NUMBER, "how many were alive all the time"),
    ),
    states=(),
    cost=Cost.SLOW,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

_MACHINE = LookSpec(
    name="machine",
    summary="the machine, watched for half a second; needs no process",
    args=(),
    fields=(
        FieldSpec("used", Dimension.PERCENT, "of the time of all cores; 100% is all of them"),
        FieldSpec("load", Dimension.NUMBER, "load average of the last minute, through the number of cores"),
        FieldSpec("cores", Dimension.NUMBER, "how many it has"),
        FieldSpec("pressure", Dimension.PERCENT, "of the last 10 s, in which somebody waited for a core"),
    ),
    states=(),
    cost=Cost.SLOW,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

SPEC = KindSpec(
    name="cpu",
    summary="How much processor time do its processes get, do they wait for it, and how busy is the machine?",
    looks=(_OWN, _MACHINE),
    failures=(
        Failure("it works", "seen: used, busiest, processes, cores"),
        Failure("it sleeps, or is stopped", "seen: used 0"),
        Failure("it does not run", "seen: processes 0, used 0"),
        Failure("it ends, or is started, while we watch", "seen: processes and used without it"),
        Failure("its threads wait for a core", "seen: waited"),
        Failure("the kernel does not count waiting", "seen: no waited"),
        Failure("its control group is held back", "seen: throttled, cores"),
        Failure("its control group has no limit", "seen: cores of the machine"),
        Failure("its processor time is hidden from us", "unseen: not permitted"),
        Failure("nothing says which process is the target's", "unseen: add command or pid_file"),
        Failure("machine: always", "seen: used, load, cores"),
        Failure("machine: the kernel does not measure pressure", "seen: no pressure"),
    ),
    needs=("command", "pid_file", "url"),
)
