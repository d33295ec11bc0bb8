"""One setting, from the env file or from the environment of the process."""

from __future__ import annotations

from crashcart.model.observation import Look, Moment, Outcome, Scalar, Seen, Unseen
from crashcart.model.system import Target
from crashcart.ports import Place, Secrets
from crashcart.probes.env.dotenv import parse
from crashcart.probes.found import find
from crashcart.probes.plain import as_number, plain
from crashcart.probes.pool import FILES
from crashcart.redact import Scrubber, fingerprint, is_secret_name

_FILE_BYTES = 1 << 20
_VALUE_CHARS = 500


class EnvLook:
    """Reads settings; keeps none."""

    def __init__(self, place: Place, scrubber: Scrubber, secrets: Secrets) -> None:
        self._place = place
        self._scrubber = scrubber

    async def take(self, look: Look, target: Target, moment: Moment) -> Outcome:
        """Look once."""
        name = look.arg("name")
        if not name:
            return Unseen("the name of the setting is not known")
        where = look.arg("in") or ("file" if target.env_file else "process")
        value = await (self._in_file(target, name) if where == "file" else self._in_process(target, name))
        return value if isinstance(value, Unseen) else Seen(self._fields(name, value))

    async def _in_file(self, target: Target, name: str) -> str | Unseen | None:
        path = target.env_file
        if not path:
            return Unseen(f"{target.name} has no env_file in the system file")
        try:
            data = await FILES.run(lambda: self._place.read(path, _FILE_BYTES + 1))
        except FileNotFoundError:
            return Unseen(f"no such file: {path}")
        except PermissionError:
            return Unseen(f"not permitted to read {path}")
        except OSError as error:
            return Unseen(f"cannot read {path}: {error.strerror or error}")
        if len(data) > _FILE_BYTES:
            return Unseen(f"{path} is too large for an env file: more than 1 MiB")
        return parse(data.decode("utf-8", "replace")).get(name)

    async def _in_process(self, target: Target, name: str) -> str | Unseen | None:
        if not (target.command or target.pid_file or target.attributes.get("url")):
            return Unseen(f"{target.name} has no env_file, and no command or pid_file to find its process by")
        found = await find(self._place, target)
        if isinstance(found, Unseen):
            return found
        pids = [process.pid for process in found if process.status not in ("zombie", "dead")]
        if not pids:
            return Unseen(f"no process of {target.name} runs, so there is none to ask")
        try:
            values = await FILES.run(lambda: {self._place.environ(pid).get(name) for pid in pids})
        except PermissionError:
            return Unseen(f"not permitted to read the environment of {target.name}: run as its user or as root")
        except ProcessLookupError:
            return Unseen(f"a process of {target.name} ended while we looked; look again")
        # Workers that were started before and after a change: which of them is "the" setting?
        return values.pop() if len(values) == 1 else Unseen(f"the processes of {target.name} differ in {name}")

    def _fields(self, name: str, value: str | None) -> dict[str, Scalar]:
        if not value:
            return {"is_set": False, "is_empty": value is not None, "is_padded": False, "length": 0}
        fields: dict[str, Scalar] = {
            "is_set": True,
            "is_empty": False,
            "is_padded": value != value.strip() or value[0] in "\"'`" or value[-1] in "\"'`",
            "length": len(value),
            "fingerprint": fingerprint(value),
        }
        # The name stands before the value when it is scrubbed: some values are secret only behind their name.
        line = f"{name}={value}"
        if not is_secret_name(name) and self._scrubber.text(line) == line and self._scrubber.text(value) == value:
            fields["value"] = plain(value)[:_VALUE_CHARS]
            if (number := as_number(value)) is not None:
                fields["number"] = number
        return fields
