"""What a target consists of, as far as it can be compared: settings, packages, files, starts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crashcart.redact import fingerprint

# A part is there when it could be seen, even if nothing is in it; one that could not be seen is not compared.
PARTS = ("setting", "process", "package", "file", "mode", "started")
_IS_SETTING = ("setting", "process")
# What a shell, a supervisor or a scheduler writes anew at every start.
_VOLATILE = (
    "_", "PWD", "OLDPWD", "SHLVL", "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID", "SSH_CLIENT", "SSH_CONNECTION",
    "SSH_TTY", "XDG_SESSION_ID", "WINDOWID", "SUPERVISOR_PROCESS_NAME", "HOSTNAME", "TERM", "COLUMNS", "LINES", "MANAGERPID",
    "LISTEN_PID", "LISTEN_FDS", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
)  # fmt: skip

Inventory = Mapping[str, Mapping[str, str]]  # part -> name -> value; of settings the value is a fingerprint


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs; `now` or `then` is "" when it was not there."""

    part: str
    name: str
    then: str
    now: str

    def words(self) -> str:
        """Say it in a line. Fingerprints say nothing to people."""
        what = {"setting": "setting", "process": "setting of the process", "mode": "rights of"}.get(
            self.part, self.part
        )
        if not self.then:
            return f"{what} {self.name} is new" + (f": {self.now}" if self.part == "package" else "")
        if not self.now:
            return f"{what} {self.name} is gone"
        is_shown = self.part in ("package", "mode")
        return f"{what} {self.name} changed" + (f": {self.then} -> {self.now}" if is_shown else "")


def settings(values: Mapping[str, str]) -> dict[str, str]:
    """Return names and fingerprints, without what changes by itself."""
    return {name: fingerprint(value) for name, value in values.items() if name not in _VOLATILE}


def packages(paths: Iterable[str]) -> dict[str, str]:
    """Return the versions of what is installed, from the names of its `.dist-info` folders."""
    found = {}
    for path in paths:
        name, dash, version = path.rstrip("/").rpartition("/")[2].removesuffix(".dist-info").rpartition("-")
        if dash:
            found[name.lower().replace("_", "-")] = version
    return found


def written(inventory: Inventory) -> str:
    """Return the inventory as text, one entry a line, sorted."""
    lines = [f"part\t{part}\t" for part in inventory]
    lines += [f"{part}\t{_flat(name)}\t{_flat(value)}" for part in inventory for name, value in inventory[part].items()]
    return "\n".join(sorted(lines))


def read(text: str) -> Inventory:
    """Return the inventory that `written` wrote; lines of another shape are passed over."""
    found: dict[str, dict[str, str]] = {}
    for line in text.split("\n"):
        part, name, value = [*line.split("\t"), "", ""][:3]
        if part == "part" and name in PARTS:
            found.setdefault(name, {})
        elif part in PARTS and name:
            found.setdefault(part, {})[name] = value
    return found


def differences(then: Inventory, now: Inventory, *, only: str = "") -> list[Difference]:
    """Return what differs in the parts that both have; a start is no difference."""
    found = []
    for part in PARTS[:-1]:
        if part not in then or part not in now:
            continue
        for name in sorted({*then[part], *now[part]}):
            one, other = then[part].get(name, ""), now[part].get(name, "")
            if one != other and only in ("", name):
                found.append(Difference(part, name, one, other))
    return found


def count(found: Iterable[Difference], *parts: str) -> int:
    """Return how many names differ in these parts: a setting that changed in file and process is one."""
    return len({difference.name for difference in found if difference.part in parts})


def _flat(text: str) -> str:
    return " ".join(text.split())
