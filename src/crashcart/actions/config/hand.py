"""Changes one setting of a settings file, and puts it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crashcart.actions.config.change import CannotEdit, Change, changed, is_made, settings
from crashcart.actions.files import Content, Refused, because, read, replace
from crashcart.actions.tools import Tools
from crashcart.actions.vault import Vault
from crashcart.actions.within import within
from crashcart.model.system import Target
from crashcart.model.touch import Happened, Prepared, Touch, Touched, TouchState
from crashcart.probes.plain import plain
from crashcart.redact import fingerprint, is_secret_name

_VALUE_CHARS = 200
_CHANGED_SINCE = "was changed by somebody else since the plan was made: plan again"
_LATE = "the file system did not answer in time"


@dataclass(frozen=True, slots=True)
class _Text:
    """A settings file that could be read and is text."""

    content: Content
    text: str

    @property
    def path(self) -> str:
        return str(self.content.path)


class ConfigHand:
    """Sets, unsets and appends. The old bytes are kept in the vault; no value that may be secret goes anywhere else."""

    def __init__(self, tools: Tools) -> None:
        self._scrubber = tools.scrubber
        self._vault = Vault(tools.folder)

    async def prepare(self, touch: Touch, target: Target, *, timeout_s: float) -> Prepared:
        """Find out what would change."""
        try:
            return await within(timeout_s, lambda: self._prepare(touch, target))
        except TimeoutError:
            return Prepared((), refused=_LATE)

    async def touch(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, secret: str | None, timeout_s: float
    ) -> Touched:
        """Replace the file, unless it is not as it was."""
        try:
            return await within(timeout_s, lambda: self._touch(touch, kept, secret))
        except TimeoutError:
            return Touched(TouchState.FAILED, _LATE)

    async def did_it_happen(
        self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float
    ) -> Happened:
        """Say whether the setting is as it was wanted."""
        try:
            return await within(timeout_s, lambda: self._did_it_happen(touch, kept))
        except TimeoutError:
            return Happened.CANNOT_KNOW

    async def undo(self, touch: Touch, target: Target, kept: Mapping[str, str], *, timeout_s: float) -> Touched:
        """Put the old bytes back, unless somebody else has changed the file since."""
        try:
            return await within(timeout_s, lambda: self._undo(touch, kept))
        except TimeoutError:
            return Touched(TouchState.FAILED, _LATE)

    def _prepare(self, touch: Touch, target: Target) -> Prepared:
        try:
            file = _text_of(_file_of(touch, target))
            is_needed = self._is_needed(touch, file)
            diff = self._diff(touch, file) if is_needed else ()
            kept = {"path": file.path, "old": self._vault.keep(file.content.data)}
        except (Refused, CannotEdit) as error:
            return Prepared((), refused=str(error))
        except OSError as error:
            return Prepared((), refused=f"the old content could not be kept: {because(error)}")
        return Prepared(diff, kept, is_needed)

    def _is_needed(self, touch: Touch, file: _Text) -> bool:
        """Say whether it changes anything. A secret value is not known yet: another one stands in for it."""
        if "value" not in touch.secrets:
            return changed(file.text, file.path, _change(touch)) != file.text
        found = settings(file.text, file.path).get(_name(touch), "")
        changed(file.text, file.path, Change(touch.verb, _name(touch), f"{found}0"))
        return fingerprint(found) != touch.arg("value")

    def _diff(self, touch: Touch, file: _Text) -> tuple[str, ...]:
        name = _name(touch)
        found = settings(file.text, file.path)
        was = [f"- {self._shown(key, value)}" for key, value in found.items() if _is_in(key, name)]
        if "value" in touch.secrets:
            return (f"in {file.path}", *was, f"+ {name}=[secret, fingerprint {touch.arg('value')}]")
        fresh = settings(changed(file.text, file.path, _change(touch)), file.path)
        will = [f"+ {self._shown(key, value)}" for key, value in fresh.items() if _is_in(key, name)]
        return (f"in {file.path}", *was, *will)

    def _shown(self, name: str, value: str) -> str:
        line = f"{name}={value}"
        is_secret = any(is_secret_name(part) for part in name.split("."))
        if is_secret or self._scrubber.text(line) != line or self._scrubber.text(value) != value:
            what = f"secret, {len(value)} characters, fingerprint {fingerprint(value)}" if value else "empty"
            return f"{plain(name)}=[{what}]"
        return plain(line).replace("\n", "\\n")[: len(name) + _VALUE_CHARS]

    def _touch(self, touch: Touch, kept: Mapping[str, str], secret: str | None) -> Touched:
        old = self._vault.kept(kept.get("old", ""))
        if old is None:
            return Touched(TouchState.REFUSED, "the old content is not kept any more: plan again")
        if "value" in touch.secrets and (secret is None or fingerprint(secret) != touch.arg("value")):
            return Touched(TouchState.REFUSED, "the secret value is not the one that was approved: give it again")
        try:
            file = _text_of(kept["path"])
            change = _change(touch, secret)
            wanted = changed(old.decode(), file.path, change).encode()
            if file.content.data == wanted:
                return Touched(TouchState.DONE, f"{file.path} is so already")
            if file.content.data != old:
                return Touched(TouchState.REFUSED, f"{file.path} {_CHANGED_SINCE}")
            replace(file.content, wanted)
        except (Refused, CannotEdit) as error:
            return Touched(TouchState.REFUSED, str(error))
        except OSError as error:
            return Touched(
                TouchState.FAILED, f"{kept['path']} could not be replaced and is as it was: {because(error)}"
            )
        return Touched(TouchState.DONE, f"{file.path} was replaced")

    def _did_it_happen(self, touch: Touch, kept: Mapping[str, str]) -> Happened:
        try:
            file = _text_of(kept["path"])
            if self._is_made(touch, file):
                return Happened.YES
        except (Refused, CannotEdit):
            return Happened.CANNOT_KNOW
        return Happened.NO if file.content.data == self._vault.kept(kept.get("old", "")) else Happened.CANNOT_KNOW

    def _is_made(self, touch: Touch, file: _Text) -> bool:
        if "value" in touch.secrets:
            return _secret_now(touch, file) is not None
        return is_made(file.text, file.path, _change(touch))

    def _undo(self, touch: Touch, kept: Mapping[str, str]) -> Touched:
        old = self._vault.kept(kept.get("old", ""))
        if old is None:
            return Touched(TouchState.REFUSED, "the old content is not kept any more: by hand, then")
        try:
            file = _text_of(kept["path"])
            if file.content.data == old:
                return Touched(TouchState.DONE, f"{file.path} is as it was")
            secret = _secret_now(touch, file) if "value" in touch.secrets else None
            is_ours = "value" not in touch.secrets or secret is not None
            if not is_ours or changed(old.decode(), file.path, _change(touch, secret)).encode() != file.content.data:
                return Touched(TouchState.REFUSED, f"{file.path} was changed by somebody else since: by hand, then")
            replace(file.content, old)
        except (Refused, CannotEdit) as error:
            return Touched(TouchState.REFUSED, str(error))
        except OSError as error:
            return Touched(TouchState.FAILED, f"{kept['path']} could not be put back: {because(error)}")
        return Touched(TouchState.DONE, f"{file.path} has its old content again")


def _file_of(touch: Touch, target: Target) -> str:
    """Return the path of the file that is meant. Raises Refused: the target has none."""
    known = {"env_file": target.env_file, "settings_file": (*target.touch.get("settings_file", ()), "")[0]}
    asked = touch.arg("file")
    path = known.get(asked, "") if asked else next((path for path in known.values() if path), "")
    if not path:
        raise Refused(f"{target.name} has no {asked or 'env_file and no settings_file'} in the system file")
    return path


def _text_of(path: str) -> _Text:
    content = read(path)
    try:
        return _Text(content, content.data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is no UTF-8 text") from error


def _name(touch: Touch) -> str:
    return touch.arg("setting") or touch.arg("key")


def _change(touch: Touch, secret: str | None = None) -> Change:
    return Change(touch.verb, _name(touch), touch.arg("value") if secret is None else secret)


def _secret_now(touch: Touch, file: _Text) -> str | None:
    """Return the value that stands there, or the last entry of the list, if it is the one that was approved."""
    found = [value for key, value in settings(file.text, file.path).items() if _is_in(key, _name(touch))]
    entries = [entry for value in found for entry in (value, value.rpartition(",")[2])]
    return next((entry for entry in entries if fingerprint(entry) == touch.arg("value")), None)


def _is_in(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}.")
