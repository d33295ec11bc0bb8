"""Which path a look is about: one that the guide names, or one that the target has."""

from __future__ import annotations

from crashcart.model.observation import Look, Unseen
from crashcart.model.spec import ArgSpec, Form
from crashcart.model.system import Target
from crashcart.probes.address import attribute

OWN = ("path", "backups", "env_file", "pid_file", "logs")
ARGS = (
    ArgSpec("of", (Form.WORD,), "one that the target has: `path` unless said", words=OWN),
    ArgSpec("path", (Form.PATH, Form.STRING, Form.REF), "one that the guide names: absolute"),
)


def path_of(look: Look, target: Target) -> str | Unseen:
    """Return the path, which may hold `*`, or why it is not known."""
    named = look.arg("path")
    if named:
        return named if named.startswith("/") else Unseen(f"{named} is not absolute: begin with /")
    of = look.arg("of") or "path"
    own = {"env_file": target.env_file, "pid_file": target.pid_file, "logs": target.logs[0] if target.logs else ""}
    if of in own:
        return own[of] or Unseen(f"{target.name} has no {of} in the system file")
    return attribute(target, of)
