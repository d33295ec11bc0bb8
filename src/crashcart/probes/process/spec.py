"""The tables of `process`."""

from __future__ import annotations

from crashcart.model.spec import (
    Alarm,
    Cost,
    Dimension,
    Failure,
    FieldSpec,
    KindSpec,
    LookSpec,
    StateSpec,
)

STATUSES = ("running", "sleeping", "stopped", "zombie", "disk", "idle", "dead")

_PROCESSES = LookSpec(
    name="",
    summary="the target's processes, found by pid_file, else by command, else by the port of its url on this machine",
    args=(),
    fields=(
        FieldSpec("is_present", Dimension.FLAG, "at least one is alive; a zombie is not"),
        FieldSpec("count", Dimension.NUMBER, "how many are alive"),
        FieldSpec("families", Dimension.NUMBER, "how many, when a process and all it has started count as one"),
        FieldSpec("memory", Dimension.BYTES, "resident memory of all, shared pages counted each time"),
        FieldSpec("age", Dimension.TIME, "since the youngest was started"),
        FieldSpec("threads", Dimension.NUMBER, "threads of all"),
        FieldSpec("fds", Dimension.NUMBER, "open file descriptors of all"),
        FieldSpec(
            "status", Dimension.WORD, "what they do; of several, the most troubling; dead when there are none", STATUSES
        ),
    ),
    states=(
        StateSpec("present", "is_present", True, "it runs"),
        StateSpec("absent", "is_present", False, "it does not run"),
        StateSpec("stopped", "status", "stopped", "it was halted by a signal or a debugger and does nothing"),
        StateSpec("zombie", "status", "zombie", "it has ended, and its parent has not taken notice"),
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
    is_watched=True,
)

_HOLDERS = LookSpec(
    name="holders",
    summary="the processes that have the target's file (`path`) open",
    args=(),
    fields=(
        FieldSpec("is_held", Dimension.FLAG, "at least one process has the file open"),
        FieldSpec("count", Dimension.NUMBER, "how many; without the right to see those of others, at least so many"),
        FieldSpec("commands", Dimension.TEXT, "their command lines, one a line"),
    ),
    states=(
        StateSpec("held", "is_held", True, "somebody has it open"),
        StateSpec("free", "is_held", False, "nobody has it open"),
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
)

SPEC = KindSpec(
    name="process",
    summary="Does its process run, how does it fare, and who has its file open? Sends no signal.",
    looks=(_PROCESSES, _HOLDERS),
    failures=(
        Failure("it runs", "seen: is_present, count, families, memory, age, threads, fds, status"),
        Failure("it does not run", "seen: is_present no, count 0, families 0, status = dead"),
        Failure("it was stopped by a signal", "seen: status = stopped"),
        Failure("it ended and was not taken notice of", "seen: status = zombie, is_present no"),
        Failure("the pid file is gone", "seen: is_present no; with a command, whatever runs under that"),
        Failure("the pid in the file belongs to another program", "seen: is_present no, if command is given"),
        Failure("the pid file may not be read", "unseen: not permitted to read the pid file"),
        Failure("the pid file holds no number", "unseen: holds no process id"),
        Failure("somebody listens on the port whose process is hidden from us", "unseen: not permitted to see"),
        Failure("the url is elsewhere and nothing else is given", "unseen: not on this machine"),
        Failure("holders: somebody has the file open", "seen: is_held, count, commands"),
        Failure("holders: nobody has the file open", "seen: is_held no, count 0"),
        Failure("holders: there is no such file", "unseen: no such file"),
        Failure("holders: none seen, and those of other users are hidden", "unseen: not permitted"),
    ),
    needs=("command", "pid_file", "url", "path"),
)
