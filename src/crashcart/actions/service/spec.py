"""The tables of the action `service`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, Risk, VerbSpec

_DEADLINE_S = (
    60.0  # supervisord gives a program 10 s to end and as long as its `startsecs` to stand, unless told otherwise
)

SPEC = ActionSpec(
    name="service",
    summary="Start, stop or restart what a supervisor keeps running for the target (`service` in the system file).",
    verbs=(
        VerbSpec(
            "start", "start it; done when the supervisor says that it runs", (), Risk.SAFE, "stop it",
            "the supervisor says that it runs", _DEADLINE_S,
        ),
        VerbSpec(
            "stop", "stop it; done when its process has ended", (), Risk.RESTARTS, "start it",
            "the supervisor says that it does not run", _DEADLINE_S,
        ),
        VerbSpec(
            "restart", "stop it if it runs, and start it", (), Risk.RESTARTS,
            "restart it again when everything else is put back; stop it, if it did not run before",
            "another process runs than before", _DEADLINE_S, is_undone_last=True,
        ),
    ),
    needs=("service",),
)  # fmt: skip
