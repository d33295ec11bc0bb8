"""The tables of `config`."""

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

_PLACE = (
    ArgSpec(
        "of", (Form.WORD,), "a file of the target: `env_file`, else `path`, unless said", words=("env_file", "path")
    ),
    ArgSpec("path", (Form.PATH, Form.STRING, Form.REF), "a file that the guide names"),
)
_ANSWER = FieldSpec("answer", Dimension.WORD, "broken: it cannot be parsed", ("ok", "broken"))
_DETAIL = FieldSpec("detail", Dimension.TEXT, "which file is broken, and at which line")
_STATES = (StateSpec("broken", "answer", "broken", "a file of them cannot be parsed"),)

_DRIFT = LookSpec(
    name="drift",
    summary="where two files differ, by key; values are compared and never told",
    args=(
        *_PLACE,
        ArgSpec(
            "against", (Form.PATH, Form.STRING, Form.REF), "the other file; a relative path is beside the first one",
            lead="against", is_required=True,
        ),
        ArgSpec("key", (Form.STRING, Form.REF), "one key alone", lead="key"),
    ),
    fields=(
        _ANSWER,
        _DETAIL,
        FieldSpec("is_same", Dimension.FLAG, "the same keys, and the same values"),
        FieldSpec("changed", Dimension.NUMBER, "keys that both have, with other values"),
        FieldSpec("missing", Dimension.NUMBER, "keys that only the other file has"),
        FieldSpec("extra", Dimension.NUMBER, "keys that only this file has"),
        FieldSpec("keys", Dimension.TEXT, "the names of all of them, the first twenty"),
    ),
    states=(
        StateSpec("same", "is_same", True, "there is no difference"),
        StateSpec("drifted", "is_same", False, "there is a difference"),
        *_STATES,
    ),
    cost=Cost.FREE,
    alarm=Alarm.STATE,
)  # fmt: skip

_SETTING = LookSpec(
    name="setting",
    summary="one setting of a file",
    args=(
        *_PLACE,
        ArgSpec(
            "key", (Form.STRING, Form.REF), "its name; dots lead into sections: `db.pool_size`", lead="key",
            is_required=True,
        ),
    ),
    fields=(
        _ANSWER,
        _DETAIL,
        FieldSpec("is_set", Dimension.FLAG, "it is there and not empty"),
        FieldSpec("length", Dimension.NUMBER, "characters of the value"),
        FieldSpec("fingerprint", Dimension.TEXT, "equal for equal values"),
        FieldSpec("value", Dimension.TEXT, "the value, unless it is or may be a secret"),
        FieldSpec("number", Dimension.NUMBER, "the value, when it is a plain number and no secret"),
    ),
    states=(
        StateSpec("set", "is_set", True, "there and not empty"),
        StateSpec("unset", "is_set", False, "not there, or empty"),
        *_STATES,
    ),
    cost=Cost.FREE,
    alarm=Alarm.STATE,
)  # fmt: skip

SPEC = KindSpec(
    name="config",
    summary="What does a settings file say, and where do two of them differ? Env, INI, TOML, YAML and JSON. Values that "
    "may be secret are never told.",
    looks=(_DRIFT, _SETTING),
    failures=(
        Failure("drift: the two files are the same", "seen: is_same"),
        Failure("drift: they differ", "seen: is_same no, changed, missing, extra, keys"),
        Failure("setting: it is there", "seen: is_set, length, fingerprint, value unless secret, number if it is one"),
        Failure("setting: it is not there", "seen: is_set no"),
        Failure("a file cannot be parsed", "seen: answer = broken, detail"),
        Failure("there is no such file", "unseen: no such file"),
        Failure("the file may not be read", "unseen: not permitted"),
        Failure("the file is larger than 1 MiB, or has more than 10,000 keys", "unseen: too large"),
        Failure("neither file is known", "unseen: NAME has no path"),
    ),
    needs=("env_file", "path"),
)
