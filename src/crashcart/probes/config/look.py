"""One setting of a file, or the differences of two files."""

from __future__ import annotations

import os.path
from collections.abc import Mapping

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.config.parse import Broken, TooLarge, parse
from crashcart.probes.paths import path_of
from crashcart.probes.plain import as_number, plain
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber, fingerprint, is_secret_name

_FILE_BYTES = 1 << 20
_VALUE_CHARS = 500
_SHOWN_KEYS = 20


class ConfigLook:
    """Reads settings; keeps none."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        path = _path(look, target)
        if isinstance(path, Unseen):
            return path
        other = look.arg("against")
        paths = [path, *([os.path.join(os.path.dirname(path), other)] if other else [])]
        files: list[Mapping[str, str]] = []
        for name in paths:
            try:
                found = await FILES.run(lambda name=name: self._read(name))  # type: ignore[misc]
            except Broken as error:
                return Seen({"answer": "broken", "detail": f"{name}: {error}"})
            if isinstance(found, Unseen):
                return found
            files.append(found)
        key = look.arg("key")
        if look.look == "drift":
            return Seen(self._drift(files[0], files[-1], key))
        return Seen(self._setting(files[0], key or ""))

    def _read(self, path: str) -> Mapping[str, str] | Unseen:
        try:
            data = self._place.read(path, _FILE_BYTES + 1)
            if len(data) > _FILE_BYTES:
                return Unseen(f"{path} is too large for a settings file: more than 1 MiB")
            return parse(data.decode("utf-8", "replace"), path)
        except TooLarge:
            return Unseen(f"{path} is too large for a settings file: more than 10,000 keys")
        except (FileNotFoundError, NotADirectoryError):
            return Unseen(f"no such file: {path}")
        except PermissionError:
            return Unseen(f"not permitted to read {path}: run as its user or as root")
        except OSError as error:
            return Unseen(f"cannot read {path}: {error.strerror or error}")

    def _drift(self, ours: Mapping[str, str], theirs: Mapping[str, str], key: str | None) -> dict[str, Scalar]:
        names = {key} if key else {*ours, *theirs}
        changed = {name for name in names if name in ours and name in theirs and ours[name] != theirs[name]}
        missing = {name for name in names if name in theirs and name not in ours}
        extra = {name for name in names if name in ours and name not in theirs}
        differing = sorted(changed | missing | extra)
        return {
            "answer": "ok",
            "is_same": not differing,
            "changed": len(changed),
            "missing": len(missing),
            "extra": len(extra),
            "keys": plain(self._scrubber.text(", ".join(differing[:_SHOWN_KEYS]))),
        }

    def _setting(self, settings: Mapping[str, str], key: str) -> dict[str, Scalar]:
        value = settings.get(key, "")
        if not value:
            return {"answer": "ok", "is_set": False, "length": 0}
        fields: dict[str, Scalar] = {
            "answer": "ok", "is_set": True, "length": len(value), "fingerprint": fingerprint(value)
        }  # fmt: skip
        # Every part of a dotted name counts: what stands under `secrets` is one. And some values are secret only
        # behind their name.
        line = f"{key.rpartition('.')[2]}={value}"
        is_secret = any(is_secret_name(part) for part in key.split("."))
        if not is_secret and self._scrubber.text(line) == line and self._scrubber.text(value) == value:
            fields["value"] = plain(value)[:_VALUE_CHARS]
            if (number := as_number(value)) is not None:
                fields["number"] = number
        return fields


def _path(look: Look, target: Target) -> str | Unseen:
    if look.arg("path") or look.arg("of") or not target.env_file:
        return path_of(look, target)
    return target.env_file
