"""The tables of the action `process`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, Risk, VerbSpec

SPEC = ActionSpec(
    name="process",
    summary="End the target's process, or let a stopped one go on. Only a process that `pid_file` or `command` of the "
    "target names, and only when it is one with its children. Signals are TERM, CONT and STOP, never KILL.",
    verbs=(
        VerbSpec(
            "end", "ask it to end (TERM) and wait; done when it is gone", (), Risk.RESTARTS, "",
            "the process of that id and start is gone", 30.0,
        ),
        VerbSpec(
            "continue", "let its stopped processes go on (CONT)", (), Risk.SAFE, "stop the same processes again (STOP)",
            "none of them is stopped any more",
        ),
    ),
    needs=("pid_file", "command"),
)  # fmt: skip
