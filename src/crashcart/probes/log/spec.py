"""The tables of `log`."""

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

SPEC = KindSpec(
    name="log",
    summary="Does a text, or a level, stand in its logs? From 15 minutes before the onset until now, unless said.",
    looks=(
        LookSpec(
            name="",
            summary="the records of the window that hold the text and have the level; all, when neither is given",
            args=(
                ArgSpec(
                    "text",
                    (Form.STRING,),
                    "literal, case told apart; `<name>` matches anything and captures it, `<*>` only matches",
                ),
                ArgSpec(
                    "level",
                    (Form.WORD,),
                    "of that level or worse",
                    words=("debug", "info", "warning", "error", "critical"),
                    lead="level",
                ),
            ),
            fields=(
                FieldSpec("is_seen", Dimension.FLAG, "there is at least one"),
                FieldSpec("count", Dimension.NUMBER, "how many"),
                FieldSpec("share", Dimension.PERCENT, "of all records of the window"),
                FieldSpec("first", Dimension.INSTANT, "when the first one was written"),
                FieldSpec("last", Dimension.INSTANT, "when the last one was written"),
                FieldSpec("records", Dimension.NUMBER, "all records of the window, whatever they say"),
                FieldSpec("unfollowed", Dimension.NUMBER, "how many were not followed by the other text in time"),
                FieldSpec("is_partial", Dimension.FLAG, "not everything could be read: the numbers are lower bounds"),
            ),
            states=(
                StateSpec("seen", "is_seen", True, "it stands there"),
                StateSpec("unseen", "is_seen", False, "it does not stand there"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.LOG,
            default_state="seen",
            has_history=True,
        ),
    ),
    failures=(
        Failure("the text is there", "seen: is_seen, count, share, first, last, records"),
        Failure("the text is not there", "seen: is_seen no, count 0"),
        Failure("the file is empty", "seen: is_seen no, records 0"),
        Failure("nothing was written since the window began", "seen: is_seen no, records 0"),
        Failure("the file is binary, or its lines are broken", "seen: what can be read of it"),
        Failure("the file was rotated within the window", "seen: with the records of its predecessor"),
        Failure("the file is truncated or replaced while we read", "seen: what is there"),
        Failure("there is no such file", "unseen: no such file; seen and is_partial if another log has the text"),
        Failure("the file may not be read", "unseen: not permitted; likewise"),
        Failure("it is not a regular file", "unseen: not a regular file; likewise"),
        Failure("more than 64 MiB lie within the window", "seen and is_partial; unseen when the text is not in them"),
        Failure("the predecessor within the window is compressed", "seen and is_partial; unseen likewise"),
        Failure("the text is there and its stamps name no zone", "unseen: add timezone"),
        Failure("the text is there and there are no stamps", "unseen: no time stamps"),
        Failure("the declared time zone does not exist", "unseen: no such time zone"),
    ),
    needs=("logs",),
)
