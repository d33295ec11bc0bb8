"""What the target consists of now, and what of that differs from the known good sweep."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from contextlib import suppress

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, ProcessInfo, Secrets
from crashcart.probes.changes.inventory import Inventory, count, differences, packages, settings, written
from crashcart.probes.changes.sweep import known_good
from crashcart.probes.env.dotenv import parse
from crashcart.probes.found import alive, find
from crashcart.probes.plain import plain
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber, fingerprint

_FILE_BYTES = 1 << 20
_SHOWN_CHARS = 4000
_HASHED = ("setting", "process", "file")


class ChangesLook:
    """Reads what there is, and the case it is compared with."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        then = None if look.look == "inventory" else await FILES.run(lambda: known_good(self._place, target))
        if isinstance(then, Unseen):
            return then
        found = await find(self._place, target)
        running = [] if isinstance(found, Unseen) else alive(found)
        now = await FILES.run(lambda: self._inventory(target, running))
        if not now:
            return Unseen(f"neither env_file nor process of {target.name} can be seen, so there is nothing to compare")
        if then is None:
            return Seen(_counted(now))
        known_at, inventory = then
        return Seen(_compared(known_at, self._clean(inventory), now, only=look.arg("name") or ""))

    def _inventory(self, target: Target, running: Sequence[ProcessInfo]) -> Inventory:
        found: dict[str, dict[str, str]] = {}
        text = self._text(target.env_file) if target.env_file else None
        if text is not None:
            found["setting"] = settings(parse(text))
        if running:
            found["started"] = {"youngest": max(process.started_at for process in running).isoformat()}
            found |= self._of_process(running[0])
        modes = {path: self._mode(path) for path in (target.env_file, target.attributes.get("path", "")) if path}
        if any(modes.values()):
            found["mode"] = {path: mode for path, mode in modes.items() if mode}
        return self._clean(found)

    def _clean(self, inventory: Inventory) -> Inventory:
        """Return it without secrets in names: a path or a line that was taken for a setting may hold one."""
        clean = self._scrubber.text
        return {
            part: {
                plain(clean(name)): value if part in _HASHED else plain(clean(value)) for name, value in entries.items()
            }
            for part, entries in inventory.items()
        }

    def _of_process(self, process: ProcessInfo) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        with suppress(OSError):  # not ours to see, or just ended: then this part is not compared
            found["process"] = settings(self._place.environ(process.pid))
        files = {word: self._text(word) for word in process.command[1:] if word.startswith("/")}
        found["file"] = {path: fingerprint(text) for path, text in files.items() if text is not None}
        home = posixpath.dirname(posixpath.dirname(process.command[0])) if process.command[0].startswith("/") else ""
        installed = self._place.glob(f"{home}/lib/python3*/site-packages/*.dist-info") if home else ()
        return found | ({"package": packages(installed)} if installed else {})

    def _text(self, path: str) -> str | None:
        try:
            data = self._place.read(path, _FILE_BYTES + 1)
        except OSError:  # no file, or not ours to see: then it is not compared
            return None
        return data.decode("utf-8", "surrogateescape") if len(data) <= _FILE_BYTES else None

    def _mode(self, path: str) -> str:
        try:
            return f"{self._place.stat(path).mode:04o}"
        except OSError:
            return ""


def _counted(now: Inventory) -> dict[str, Scalar]:
    fields: dict[str, Scalar] = {
        "settings": len(now.get("setting", ())),
        "packages": len(now.get("package", ())),
        "files": len({*now.get("file", ()), *now.get("mode", ())}),
        "entries": written(now),
    }
    return fields | ({"started": now["started"]["youngest"]} if "started" in now else {})


def _compared(known_at: str, then: Inventory, now: Inventory, *, only: str) -> dict[str, Scalar]:
    found = differences(then, now, only=only)
    fields: dict[str, Scalar] = {
        "is_changed": bool(found),
        "settings": count(found, "setting", "process"),
        "packages": count(found, "package"),
        "files": count(found, "file", "mode"),
        "known_at": known_at,
        "what": "\n".join(difference.words() for difference in found)[:_SHOWN_CHARS],
    }
    fields["count"] = sum(int(fields[name]) for name in ("settings", "packages", "files"))
    if "started" in now:
        fields["started"] = now["started"]["youngest"]
        if "started" in then:
            fields["is_restarted"] = now["started"]["youngest"] != then["started"].get("youngest")
    return fields
