"""The tables of `tcp`."""

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

WORDS = ("ok", "refused", "reset", "timeout", "dns", "unreachable")

SPEC = KindSpec(
    name="tcp",
    summary="Does anything accept a connection there? Connects and closes at once; not a byte is sent.",
    looks=(
        LookSpec(
            name="",
            summary="one connection",
            args=(ArgSpec("port", (Form.NUMBER,), "another port than that of the target", lead="port"),),
            fields=(
                FieldSpec("connect", Dimension.WORD, "how the connection ended", WORDS),
                FieldSpec("took", Dimension.TIME, "until it was there, or had failed"),
            ),
            states=(
                StateSpec("ok", "connect", "ok", "something accepts connections"),
                StateSpec("refused", "connect", "refused", "the machine is there and nothing listens on the port"),
                StateSpec("reset", "connect", "reset", "the connection was thrown out while it was made"),
                StateSpec(
                    "timeout", "connect", "timeout", "no answer in time: a firewall, a full queue, a dead machine"
                ),
                StateSpec("dns", "connect", "dns", "the name did not resolve in time, or does not exist"),
                StateSpec("unreachable", "connect", "unreachable", "no way leads to the address"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.STATE,
        ),
    ),
    failures=(
        Failure("something listens", "seen: connect = ok"),
        Failure("nothing listens", "seen: connect = refused"),
        Failure("the queue of the listener is full", "seen: connect = timeout"),
        Failure("the name does not resolve", "seen: connect = dns"),
        Failure("the resolver does not answer", "seen: connect = dns"),
        Failure("no way leads to the address", "seen: connect = unreachable"),
        Failure("neither url nor host is known", "unseen: url of NAME is not known"),
        Failure("nothing says which port", "unseen: no port"),
        Failure("we have no file descriptor left", "unseen: too many open files here"),
    ),
    needs=("url", "host"),
)
