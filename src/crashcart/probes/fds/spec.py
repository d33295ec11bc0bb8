"""The tables of `fds`."""

from __future__ import annotations

from crashcart.model.spec import Alarm, Cost, Dimension, Failure, FieldSpec, KindSpec, LookSpec

_OWN = LookSpec(
    name="",
    summary="open descriptors of the target's process that is nearest to its limit",
    args=(),
    fields=(
        FieldSpec("open", Dimension.NUMBER, "files, sockets and pipes that it has open"),
        FieldSpec("limit", Dimension.NUMBER, "how many it may have open"),
        FieldSpec("left", Dimension.NUMBER, "how many more it may open"),
        FieldSpec("used", Dimension.PERCENT, "of its limit"),
        FieldSpec("all", Dimension.NUMBER, "what all its processes have open together"),
        FieldSpec("processes", Dimension.NUMBER, "how many are alive"),
    ),
    states=(),
    cost=Cost.CHEAP,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

_MACHINE = LookSpec(
    name="machine",
    summary="open files of the whole machine; needs no process",
    args=(),
    fields=(
        FieldSpec("open", Dimension.NUMBER, "files that the kernel has open for everybody"),
        FieldSpec("limit", Dimension.NUMBER, "how many it may have open"),
        FieldSpec("used", Dimension.PERCENT, "of that limit"),
    ),
    states=(),
    cost=Cost.FREE,
    alarm=Alarm.THRESHOLD,
    is_watched=True,
)

SPEC = KindSpec(
    name="fds",
    summary='How near is it to "too many open files"? Counts descriptors, opens none.',
    looks=(_OWN, _MACHINE),
    failures=(
        Failure("it runs", "seen: open, limit, left, used, all, processes"),
        Failure("it does not run", "seen: processes 0; no open"),
        Failure("it has no limit", "seen: open, all; no limit, left, used"),
        Failure("the system does not tell limits", "seen: open, all; no limit, left, used"),
        Failure("its descriptors are hidden from us", "unseen: not permitted"),
        Failure("nothing says which process is the target's", "unseen: add command or pid_file"),
        Failure("machine: the kernel counts", "seen: open, limit, used"),
        Failure("machine: the kernel does not tell", "unseen: does not tell"),
    ),
    needs=("command", "pid_file", "url"),
)
