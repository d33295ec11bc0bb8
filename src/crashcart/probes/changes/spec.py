"""The tables of `changes`."""

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

_SINCE = LookSpec(
    name="",
    summary="what differs from the known good sweep: settings, packages, files",
    args=(ArgSpec("name", (Form.STRING, Form.REF), "only what has that name: a setting, a package, a path"),),
    fields=(
        FieldSpec("is_changed", Dimension.FLAG, "at least one thing differs; a restart alone is no change"),
        FieldSpec("count", Dimension.NUMBER, "how many things differ"),
        FieldSpec("settings", Dimension.NUMBER, "settings that came, went or changed, in env file or process"),
        FieldSpec("packages", Dimension.NUMBER, "Python packages that came, went or have another version"),
        FieldSpec("files", Dimension.NUMBER, "files of its command line that changed, and files with other rights"),
        FieldSpec("is_restarted", Dimension.FLAG, "a process of it was started since"),
        FieldSpec("started", Dimension.INSTANT, "when the youngest of its processes was started"),
        FieldSpec("known_at", Dimension.INSTANT, "when the known good sweep was taken"),
        FieldSpec("what", Dimension.TEXT, "what differs, one a line; of settings the names only"),
    ),
    states=(
        StateSpec("changed", "is_changed", True, "something differs"),
        StateSpec("same", "is_changed", False, "nothing differs that could be compared"),
        StateSpec("restarted", "is_restarted", True, "a process of it was started since"),
    ),
    cost=Cost.CHEAP,
    alarm=Alarm.THRESHOLD,
)

_INVENTORY = LookSpec(
    name="inventory",
    summary="what there is to compare; `crashcart check --save` takes it of every target",
    args=(),
    fields=(
        FieldSpec("settings", Dimension.NUMBER, "settings in the env file"),
        FieldSpec("packages", Dimension.NUMBER, "Python packages of its interpreter"),
        FieldSpec("files", Dimension.NUMBER, "files that are compared"),
        FieldSpec("started", Dimension.INSTANT, "when the youngest of its processes was started"),
        FieldSpec("entries", Dimension.TEXT, "all of it, one a line; of settings names and fingerprints only"),
    ),
    states=(),
    cost=Cost.CHEAP,
    alarm=Alarm.THRESHOLD,
)

SPEC = KindSpec(
    name="changes",
    summary="What changed since all was well? Compares with the known good sweep; of settings only names are told.",
    looks=(_SINCE, _INVENTORY),
    failures=(
        Failure("nothing differs", "seen: is_changed no, count 0"),
        Failure("a setting differs", "seen: is_changed, settings, what"),
        Failure("a package has another version", "seen: is_changed, packages, what"),
        Failure("a file has other contents or rights", "seen: is_changed, files, what"),
        Failure("it was restarted", "seen: is_restarted, started"),
        Failure("a part could be seen only then or only now", "seen: without that part"),
        Failure("there is no known good sweep", "unseen: run `crashcart check --save`"),
        Failure("the sweep was taken when something was wrong", "unseen: was not well"),
        Failure("the sweep knows nothing of the target", "unseen: holds no inventory"),
        Failure("the sweep cannot be read", "unseen: cannot read, or no case"),
        Failure("nothing of the target can be seen now", "unseen: neither env_file nor process"),
        Failure("inventory: it runs, or has an env file", "seen: settings, packages, files, started, entries"),
        Failure("inventory: neither", "unseen: neither env_file nor process"),
    ),
    needs=("env_file", "command", "pid_file", "url"),
)
