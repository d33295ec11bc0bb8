"""The tables of `memory`."""

from __future__ import annotations

from crashcart.model.spec import Alarm, Cost, Dimension, Failure, FieldSpec, KindSpec, LookSpec

_AVAILABLE = FieldSpec("available", Dimension.PERCENT, "of the machine's memory, what can still be had")
_TOTAL = FieldSpec("total", Dimension.BYTES, "the machine's memory")

_OWN = LookSpec(
    name="",
    summary="the memory of the target's processes, and what they may use",
    args=(),
    fields=(
        FieldSpec("rss", Dimension.BYTES, "resident memory of all its processes, shared pages counted each time"),
        FieldSpec("largest", Dimension.BYTES, "resident memory of the largest of them"),
        FieldSpec("processes", Dimension.NUMBER, "how many are alive"),
        FieldSpec("limit", Dimension.BYTES, "what they may use: the limit of their control group, else all there is"),
        FieldSpec("group", Dimension.BYTES, "in use in their control group, file cache with it"),
        FieldSpec("oom_kills", Dimension.NUMBER, "processes of the group that were killed for want of memory"),
        _AVAILABLE,
        _TOTAL,
    ),
    states=(),
    cost=Cost.CHEAP,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

_MACHINE = LookSpec(
    name="machine",
    summary="the memory of the machine; needs no process",
    args=(),
    fields=(
        _AVAILABLE,
        _TOTAL,
        FieldSpec("used", Dimension.PERCENT, "what is taken and cannot be had back at once"),
        FieldSpec("swap", Dimension.BYTES, "swap space in use"),
        FieldSpec("swap_total", Dimension.BYTES, "swap space there is; 0 when there is none"),
        FieldSpec("pressure", Dimension.PERCENT, "of the last 10 s, in which somebody waited for memory"),
    ),
    states=(),
    cost=Cost.FREE,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

SPEC = KindSpec(
    name="memory",
    summary="How much memory do its processes use, of how much; and how much has the machine left?",
    looks=(_OWN, _MACHINE),
    failures=(
        Failure("it runs", "seen: rss, largest, processes, limit, available, total"),
        Failure("it does not run", "seen: processes 0, limit, available, total; no rss"),
        Failure("its control group has a limit", "seen: limit, group, oom_kills"),
        Failure("there are no control groups here", "seen: limit = total; no group, no oom_kills"),
        Failure("its memory is hidden from us", "seen: no rss"),
        Failure("nothing says which process is the target's", "unseen: add command or pid_file"),
        Failure("machine: always", "seen: available, total, used, swap, swap_total"),
        Failure("machine: the kernel does not measure pressure", "seen: no pressure"),
    ),
    needs=("command", "pid_file", "url"),
)
