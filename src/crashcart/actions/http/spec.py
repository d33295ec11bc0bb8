"""The tables of the action `http`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, ArgSpec, Form, Risk, VerbSpec

SPEC = ActionSpec(
    name="http",
    summary="Make one of the calls that the system file declares for the target, and no other.",
    verbs=(
        VerbSpec(
            "call", "send one declared request, once, without a body",
            (ArgSpec("call", (Form.STRING,), 'method and path as `calls` has them: "POST /maintenance/on"', is_required=True),),
            Risk.LOSES_DATA, "the request that `calls` declares behind `undo`; irreversible when it declares none",
            "our own note of the answer; between asking and answer nobody can know", 30.0, is_idempotent=False,
        ),
    ),
    needs=("calls",),
)  # fmt: skip
