"""The tables of the action `redis`."""

from __future__ import annotations

from crashcart.model.spec import ActionSpec, ArgSpec, Form, Risk, VerbSpec

# What a guide calls it -> what the server calls it. Nothing else is ever set: many settings are doors (dir, dbfilename).
SETTINGS = {
    "maxmemory": "maxmemory",
    "maxmemory_policy": "maxmemory-policy",
    "maxclients": "maxclients",
    "timeout": "timeout",
}
_SUMMARIES = {
    "maxmemory": "what it may use: `2 GiB`",
    "maxmemory_policy": "what it does when memory is full",
    "maxclients": "how many may be connected",
    "timeout": "after which idle time it closes a connection",
}

SPEC = ActionSpec(
    name="redis",
    summary="Change a setting of a running Redis or Valkey server. The settings file of the server stays as it is: after a "
    "restart, the old value counts again.",
    verbs=(
        VerbSpec(
            "set", "change one setting while it runs",
            tuple(ArgSpec(name, (Form.SETTING,), _SUMMARIES[name]) for name in SETTINGS),
            Risk.SAFE, "the value that was there, unless it is another one by now", "the server has that value",
        ),
    ),
    needs=("url",),
)  # fmt: skip
