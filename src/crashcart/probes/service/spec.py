"""The tables of `service`."""

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

STATES = (
    "running", "starting", "backoff", "stopping", "stopped", "exited", "fatal", "unknown", "absent", "unmanaged",
)  # fmt: skip
ENDS = ("none", "asked", "done", "failed", "killed", "unstartable")

_PROGRAM = LookSpec(
    name="",
    summary="how the target's program stands with its supervisor; of several, the most troubling",
    args=(),
    fields=(
        FieldSpec(
            "state",
            Dimension.WORD,
            "in supervisord's words; absent: it knows no such program; unmanaged: it does not run itself",
            STATES,
        ),
        FieldSpec(
            "is_restarting",
            Dimension.FLAG,
            "it ends by itself and is started again and again: twice within five minutes, or waiting for the next try",
        ),
        FieldSpec(
            "is_failing",
            Dimension.FLAG,
            "it does not stay up by itself: restarting, given up, or ended by itself otherwise than it should",
        ),
        FieldSpec(
            "end",
            Dimension.WORD,
            "how it last ended: not yet, asked to by its supervisor, done with a status that is fine, failed (by itself, "
            "too early or with another status), killed by a signal from elsewhere, or it could not even be started",
            ENDS,
        ),
        FieldSpec("exit_status", Dimension.NUMBER, "what it last ended with; none after a signal"),
        FieldSpec("signal", Dimension.TEXT, "the signal that last ended it; empty after an exit"),
        FieldSpec("uptime", Dimension.TIME, "since it was started, if it runs"),
        FieldSpec("ended", Dimension.TIME, "since it last ended"),
        FieldSpec("starts", Dimension.NUMBER, "how often it was started within the last five minutes, at least"),
        FieldSpec("ends", Dimension.NUMBER, "how often it ended by itself within the last five minutes, at least"),
        FieldSpec("count", Dimension.NUMBER, "processes of that name, or of that group"),
        FieldSpec("running", Dimension.NUMBER, "how many of them run"),
        FieldSpec("pid", Dimension.NUMBER, "its process, if it has one"),
        FieldSpec("detail", Dimension.TEXT, "what supervisord has to complain of, redacted"),
    ),
    states=(
        StateSpec("running", "state", "running", "it runs, and has done so for as long as it is tried"),
        StateSpec("starting", "state", "starting", "it was started a moment ago and is on trial"),
        StateSpec("backoff", "state", "backoff", "it ended too early and will be started again in a moment"),
        StateSpec("stopping", "state", "stopping", "somebody asked its supervisor to stop it, and it has not ended"),
        StateSpec("stopped", "state", "stopped", "somebody stopped it through its supervisor, or it was never started"),
        StateSpec("exited", "state", "exited", "it ended by itself and is not started again"),
        StateSpec("fatal", "state", "fatal", "it ended too early so often that its supervisor gave up"),
        StateSpec("absent", "state", "absent", "its supervisor knows no program of that name"),
        StateSpec("unmanaged", "state", "unmanaged", "its supervisor does not run: nobody would start it again"),
        StateSpec("restarting", "is_restarting", True, "it ends by itself again and again"),
        StateSpec("failing", "is_failing", True, "it does not stay up, and nobody asked it to end"),
        StateSpec("killed", "end", "killed", "a signal that its supervisor has not sent ended it"),
        StateSpec("failed", "end", "failed", "it last ended by itself, and should not have"),
        StateSpec("unstartable", "end", "unstartable", "its command is not there or may not be run"),
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.STATE,
    is_watched=True,
)

SPEC = KindSpec(
    name="service",
    summary="Who starts and stops it: does it run, was it stopped, does it end again and again? As `supervisorctl status`.",
    looks=(_PROGRAM,),
    failures=(
        Failure("it runs", "seen: state = running, uptime, pid, starts, ends, end = none if it never ended"),
        Failure("somebody stopped it", "seen: state = stopped, end = asked, ended"),
        Failure("it was never started", "seen: state = stopped, end = none"),
        Failure("somebody stops it and it does not end", "seen: state = stopping"),
        Failure("it ends right after each start", "seen: is_restarting, state = backoff, starting or running, ends"),
        Failure("it ended too early so often that it was given up", "seen: state = fatal, end = failed, exit_status"),
        Failure("its command is not there", "seen: state = fatal, end = unstartable, detail"),
        Failure("it ended by itself and is not started again", "seen: state = exited, end, exit_status"),
        Failure("it was killed by a signal", "seen: end = killed, signal, ended; no exit_status"),
        Failure("it was killed and started again", "seen: state = running, end = killed, uptime"),
        Failure("several processes have that name", "seen: the most troubling of them, count, running"),
        Failure("supervisord knows no such program", "seen: state = absent"),
        Failure("supervisord does not run", "seen: state = unmanaged"),
        Failure("supervisord's own log cannot be had", "seen: state, uptime, ended; of a restart no end, starts, ends"),
        Failure("its socket is not for us", "unseen: not permitted"),
        Failure("it asks for another password", "unseen: not permitted"),
        Failure("its settings may not be read", "unseen: not permitted"),
        Failure("its settings do not say where it listens", "unseen: names no socket"),
        Failure("it listens on another machine", "unseen: not on this machine"),
        Failure("supervisord does not answer in time", "unseen: not within so many seconds"),
        Failure("something else answers there", "unseen: no supervisord"),
        Failure("several supervisords know the name", "unseen: says what to add"),
        Failure("another supervisord than the named one knows the name", "unseen: says what to add"),
        Failure("nothing says where its supervisord is", "unseen: says what to add"),
        Failure("systemd starts and stops it", "unseen: not asked yet"),
        Failure("the system file does not say who starts it", "unseen: NAME has no service"),
    ),
    needs=("service",),
)
