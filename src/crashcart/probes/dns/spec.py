"""The tables of `dns`."""

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

ANSWERS = ("ok", "unknown", "failed", "timeout", "invalid")

SPEC = KindSpec(
    name="dns",
    summary="Does its name resolve? Asks the system's resolver, as the service does: hosts file, search list and all.",
    looks=(
        LookSpec(
            name="",
            summary="one name",
            args=(ArgSpec("name", (Form.STRING, Form.REF), "another name than that of the target"),),
            fields=(
                FieldSpec("answer", Dimension.WORD, "what the resolver says", ANSWERS),
                FieldSpec("addresses", Dimension.TEXT, "all it gives, sorted: `10.0.0.1, 10.0.0.2`"),
                FieldSpec("count", Dimension.NUMBER, "how many they are"),
                FieldSpec("is_private", Dimension.FLAG, "all of them are private or of this machine"),
                FieldSpec("took", Dimension.TIME, "until it answered, or we gave up"),
            ),
            states=(
                StateSpec("ok", "answer", "ok", "it resolves"),
                StateSpec("unknown", "answer", "unknown", "there is no such name, or none with an address"),
                StateSpec("failed", "answer", "failed", "no server of names could be asked, or it could not say"),
                StateSpec("timeout", "answer", "timeout", "no answer in time"),
                StateSpec("invalid", "answer", "invalid", "no name can be written so"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.STATE,
            is_watched=True,
        ),
    ),
    failures=(
        Failure("the name resolves", "seen: answer = ok, addresses, count, is_private, took"),
        Failure("there is no such name", "seen: answer = unknown"),
        Failure("no server of names answers us", "seen: answer = failed, or timeout"),
        Failure("the resolver does not answer in time", "seen: answer = timeout"),
        Failure("no name can be written so", "seen: answer = invalid"),
        Failure("it is an address and no name", "seen: answer = ok, that address"),
        Failure("neither url nor host is known", "unseen: url of NAME is not known"),
        Failure("we have no file descriptor left", "unseen: too many open files here"),
    ),
    needs=("url", "host"),
)
