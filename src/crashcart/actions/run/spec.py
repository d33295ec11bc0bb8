"""The tables of the action `run`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, ArgSpec, Form, Risk, VerbSpec

SPEC = ActionSpec(
    name="run",
    summary="Run one program with the arguments that the guide writes out. Only in a team's own guide, only when the "
    "system file says `allow_run = true`, never through a shell, and never without a yes at the prompt.",
    verbs=(
        VerbSpec(
            "command", "run one program once, without a shell",
            (
                ArgSpec("program", (Form.STRING,), "a path, from the folder of the system file on, or a name in /usr or /bin", is_required=True),
                ArgSpec("arg", (Form.STRING,), "one argument, given to the program as it stands; any number of them", is_many=True),
            ),
            Risk.DESTRUCTIVE, "",
            "our own note that it ended well; begun and not ended well, nobody can know", 300.0, is_idempotent=False,
        ),
    ),
    needs=("folder",),
)  # fmt: skip
