"""The tables of `port`."""

from __future__ import annotations

from crashcart.model.spec import (
    Alarm,
    ArgSpec,
    Cost,
    Dimension,
    Failure,
    FieldSpec,
    Form,
    KindSpec,
    LookSpec,
    StateSpec,
)

OWNERS = ("nobody", "own", "other")

SPEC = KindSpec(
    name="port",
    summary="Who listens on its port: nobody, the target itself, or another process? Opens a connection, and "
    "closes it, when that alone can tell.",
    looks=(
        LookSpec(
            name="",
            summary="one TCP port of this machine",
            args=(ArgSpec("port", (Form.NUMBER,), "another port than that of the target", lead="port"),),
            fields=(
                FieldSpec("is_taken", Dimension.FLAG, "somebody listens there"),
                FieldSpec(
                    "owner", Dimension.WORD, "who; own needs the target's command or pid_file to be told", OWNERS
                ),
                FieldSpec("count", Dimension.NUMBER, "how many processes share it"),
                FieldSpec("pid", Dimension.NUMBER, "the oldest of them"),
                FieldSpec("command", Dimension.TEXT, "its command line, redacted"),
                FieldSpec("user", Dimension.TEXT, "the user it runs as"),
                FieldSpec("age", Dimension.TIME, "since it was started"),
                FieldSpec("own_ports", Dimension.TEXT, "where the target's own processes listen: `8001, 9090`"),
                FieldSpec(
                    "is_elsewhere",
                    Dimension.FLAG,
                    "its own process listens, and not where its url says: port or interface",
                ),
            ),
            states=(
                StateSpec("free", "is_taken", False, "nobody listens there"),
                StateSpec("taken", "is_taken", True, "somebody listens there"),
                StateSpec("own", "owner", "own", "the target's own process does"),
                StateSpec("elsewhere", "is_elsewhere", True, "the target listens, and not where it should"),
                StateSpec("other", "owner", "other", "a process that is not the target's does"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.STATE,
        ),
    ),
    failures=(
        Failure("the target's own process listens", "seen: is_taken, owner = own, count, pid, command, user, age"),
        Failure("another process listens", "seen: is_taken, owner = other"),
        Failure("nobody listens", "seen: is_taken no, owner = nobody"),
        Failure("the target listens elsewhere", "seen: own_ports, is_elsewhere"),
        Failure("neither command nor pid_file is known", "seen: is_taken, pid; no owner unless nobody"),
        Failure("the listener is hidden from us", "seen: is_taken; no owner, pid, command"),
        Failure("the port is on another machine", "unseen: not on this machine"),
        Failure("nothing says which port", "unseen: no port"),
        Failure("its address is not known", "unseen: NAME has no url"),
        Failure("the pid file may not be read", "unseen: not permitted to read the pid file"),
    ),
    needs=("url", "host", "port"),
)
