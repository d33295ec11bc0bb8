"""The tables of the action `config`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, ArgSpec, Form, Risk, VerbSpec

FILES = ("env_file", "settings_file")
_FILE = ArgSpec(
    "file", (Form.WORD,), "which file of the target: `env_file`, else `settings_file`, unless said", FILES, lead="in"
)
_SETTING = ArgSpec(
    "setting",
    (Form.SETTING,),
    'a name and its value: `RATE = 20`; in TOML and YAML dots lead into sections: `"db.pool_size" = 5`',
    is_required=True,
    is_open=True,
)
_UNDO = "the file gets back its old bytes, unless somebody else has changed it since"
_TOLD_BY = "the setting has that value now"

SPEC = ActionSpec(
    name="config",
    summary="Change one setting in a settings file of the target. The file is replaced in one move, every other line "
    "stays as it is. What reads it takes notice when it is started again, mostly.",
    verbs=(
        VerbSpec("set", "give a setting a value", (_SETTING, _FILE), Risk.SAFE, _UNDO, _TOLD_BY),
        VerbSpec(
            "unset",
            "take a setting out of the file",
            (ArgSpec("key", (Form.STRING, Form.REF), "its name", lead="key", is_required=True), _FILE),
            Risk.SAFE,
            _UNDO,
            "the setting is not there any more",
        ),
        VerbSpec(
            "append",
            "add a value to a list: of TOML, YAML or JSON, or joined by commas",
            (_SETTING, _FILE),
            Risk.SAFE,
            _UNDO,
            "the list holds that value now",
        ),
    ),
    needs=FILES,
)
