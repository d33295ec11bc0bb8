"""The tables of `env`."""

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
    name="env",
    summary="Is a setting there? In the env file as it stands, or in the process as it was started. Of a secret only "
    "set, unset, length and fingerprint are told.",
    looks=(
        LookSpec(
            name="",
            summary="one setting",
            args=(
                ArgSpec("name", (Form.STRING, Form.REF), "the name of the setting", is_required=True),
                ArgSpec(
                    "in",
                    (Form.WORD,),
                    "where to look: file unless the target has no env_file, then process",
                    words=("file", "process"),
                    lead="in",
                ),
            ),
            fields=(
                FieldSpec("is_set", Dimension.FLAG, "it is there and not empty"),
                FieldSpec("is_empty", Dimension.FLAG, "it is there with nothing in it"),
                FieldSpec("is_padded", Dimension.FLAG, "white space or quotes stand around the value, as part of it"),
                FieldSpec("length", Dimension.NUMBER, "characters of the value"),
                FieldSpec("fingerprint", Dimension.TEXT, "equal for equal values"),
                FieldSpec("value", Dimension.TEXT, "the value, unless it is or may be a secret"),
                FieldSpec("number", Dimension.NUMBER, "the value, when it is a plain number and no secret"),
            ),
            states=(
                StateSpec("set", "is_set", True, "there and not empty"),
                StateSpec("unset", "is_set", False, "not there, or empty"),
                StateSpec("empty", "is_empty", True, "there with nothing in it"),
                StateSpec("padded", "is_padded", True, "white space or quotes around the value, as part of it"),
            ),
            cost=Cost.CHEAP,
            alarm=Alarm.STATE,
        ),
    ),
    failures=(
        Failure("the setting is there", "seen: is_set, length, fingerprint, value unless secret, number if it is one"),
        Failure("the setting is empty", "seen: is_set no, is_empty"),
        Failure("the setting is not there", "seen: is_set no, is_empty no"),
        Failure("there is no such file", "unseen: no such file"),
        Failure("the file may not be read", "unseen: not permitted"),
        Failure("the file is larger than 1 MiB", "unseen: too large for an env file"),
        Failure("the process does not run", "unseen: no process to ask"),
        Failure("the environment of the process may not be read", "unseen: not permitted"),
        Failure("the processes of the target differ in it", "unseen: the processes differ"),
        Failure("neither file nor process is known", "unseen: no env_file"),
    ),
    needs=("env_file", "command", "pid_file", "url"),
)
