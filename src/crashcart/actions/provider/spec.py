"""The tables of the action `provider`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, ArgSpec, Form, Risk, VerbSpec

_UNDO = "the settings file gets back its old bytes, unless somebody else has changed it since"

SPEC = ActionSpec(
    name="provider",
    summary="Go easier on a provider, or to another one, by the settings that the system file names. Nothing is sent to the "
    "provider. What reads the settings takes notice when it is started again, mostly.",
    verbs=(
        VerbSpec(
            "rate", "set the rate of calls (the setting that `rate_setting` names)",
            (ArgSpec("value", (Form.NUMBER,), "in the unit of the setting", lead="to", is_required=True),),
            Risk.SAFE, _UNDO, "the setting has that value now",
        ),
        VerbSpec(
            "fallback", "switch to the fallback: `fallback_setting` gets `fallback_value`", (), Risk.SAFE, _UNDO,
            "the setting has that value now",
        ),
    ),
    needs=("rate_setting", "fallback_setting"),
)  # fmt: skip
