"""The system file: `crashcart.toml` to targets, with every reference followed and every secret kept apart."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from crashcart.errors import SystemFileError
from crashcart.guides.words import hint_for
from crashcart.model.plan import TouchLimits
from crashcart.model.spec import AttributeSpec, Catalogue
from crashcart.model.system import System, Target
from crashcart.probes.env.dotenv import parse as parse_dotenv
from crashcart.remedy.windows import parse_window

FILE_NAME = "crashcart.toml"
KNOWN_GOOD = "known-good.json"  # beside the system file
_TABLES = ("system", "targets", "settings", "touching")
_SYSTEM_KEYS = ("name", "environment", "guides", "known_good", "client", "client_within_s")
_SETTING_KEYS = ("budget_s", "deadline_s")
_TOUCHING_KEYS = (
    "windows",
    "max_touches_per_h",
    "never_touch",
    "red_button",
    "allow_run",
    "max_plan_age_s",
    "settle_s",
)
DEFAULT_CLIENT_WITHIN_S = 30.0  # a user who waits longer is not served
RED_BUTTON = "crashcart.stop"  # beside the system file, unless it says otherwise
_ENV_FILE_LIMIT = 1_000_000
# Where supervisorctl looks, and a folder of its own.
_SUPERVISORS = (
    "supervisord.conf",
    "etc/supervisord.conf",
    "supervisor/supervisord.conf",
    "/etc/supervisord.conf",
    "/etc/supervisor/supervisord.conf",
)
_PATHS = ("path", "backups")  # attributes of targets that are paths, relative to the system file
DEFAULT_BUDGET_S = 60.0
DEFAULT_DEADLINE_S = 8.0


class SecretValues:
    """The values behind secret attributes. Shown nowhere: its repr holds names only."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[tuple[str, str], str]) -> None:
        self._values = dict(values)

    def value(self, target: str, attribute: str) -> str | None:
        """Return the secret, or None when it is not set."""
        return self._values.get((target, attribute))

    def all(self) -> tuple[str, ...]:
        """Return every value, for the scrubber."""
        return tuple(self._values.values())

    def __repr__(self) -> str:
        return f"SecretValues({', '.join('.'.join(key) for key in sorted(self._values))})"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A system file, read and followed."""

    path: Path
    system: System
    guides: tuple[Path, ...]
    secrets: SecretValues
    budget_s: float = DEFAULT_BUDGET_S
    deadline_s: float = DEFAULT_DEADLINE_S
    touching: TouchLimits = field(default_factory=TouchLimits)
    known_secrets: tuple[str, ...] = field(default=(), repr=False)  # also those in env files that no target names
    client: tuple[str, ...] = ()  # a command that does what a user does, run around a fix after its yes
    client_within_s: float = DEFAULT_CLIENT_WITHIN_S


def find(start: Path) -> Path:
    """Return the system file of a folder or of the nearest folder above it.

    Raises:
        SystemFileError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder / FILE_NAME
    raise SystemFileError(
        f"there is no {FILE_NAME} in {start} or above it",
        hint="`--system PATH`, or writing one: the how-to `describe your system` has ten lines to begin with",
    )


def load(path: Path, catalogue: Catalogue, environ: Mapping[str, str] | None = None) -> Loaded:
    """Return what the system file says.

    `env:NAME` is looked up in `environ` (the process's own by default), then in the target's `env_file`.

    Raises:
        SystemFileError: it cannot be read, or something in it is not understood; with the line and the nearest word.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        hint = "`--system PATH` of a file that can be read"
        raise SystemFileError(f"the system file cannot be read: {why}", where=str(path), hint=hint) from error
    return _Loader(path, text, catalogue, os.environ if environ is None else environ).run()


class _Loader:
    def __init__(self, path: Path, text: str, catalogue: Catalogue, environ: Mapping[str, str]) -> None:
        self.path = path
        self.text = text
        self.catalogue = catalogue
        self.environ = environ
        self.secrets: dict[tuple[str, str], str] = {}
        self.known: dict[str, None] = {}

    def run(self) -> Loaded:
        try:
            tree = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise SystemFileError(f"the system file is no TOML: {error}", where=str(self.path)) from error
        self.closed(tree, _TABLES, "a table")
        system = self.table(tree, "system")
        self.closed(system, _SYSTEM_KEYS, "a key of [system]")
        known_good = str(self.inside(self.text_of(system, "known_good") or KNOWN_GOOD))
        targets = self.targets(self.table(tree, "targets"), known_good)
        settings = self.table(tree, "settings")
        self.closed(settings, _SETTING_KEYS, "a key of [settings]")
        folder = self.path.resolve().parent
        return Loaded(
            path=self.path,
            system=System(self.text_of(system, "name") or folder.name, self.text_of(system, "environment"), targets),
            guides=tuple(self.inside(name) for name in self.texts_of(system, "guides")),
            secrets=SecretValues(self.secrets),
            budget_s=self.seconds(settings, "budget_s", DEFAULT_BUDGET_S),
            deadline_s=self.seconds(settings, "deadline_s", DEFAULT_DEADLINE_S),
            touching=self.touching(self.table(tree, "touching"), tuple(targets)),
            known_secrets=tuple(self.known),
            client=self.texts_of(system, "client"),
            client_within_s=self.seconds(system, "client_within_s", DEFAULT_CLIENT_WITHIN_S),
        )

    def touching(self, table: Mapping[str, object], names: tuple[str, ...]) -> TouchLimits:
        self.closed(table, _TOUCHING_KEYS, "a key of [touching]")
        never = self.texts_of(table, "never_touch")
        for name in never:
            if name not in names:
                raise self.wrong(f'never_touch names "{name}", which is no target', name, hint=hint_for(name, names))
        try:
            windows = tuple(parse_window(text) for text in self.texts_of(table, "windows"))
        except ValueError as error:
            raise self.wrong(str(error), "windows", hint='"Mon-Fri 09:00-17:00" or "22:00-06:00", in UTC') from error
        most, may_run = table.get("max_touches_per_h", 30), table.get("allow_run", False)
        if isinstance(most, bool) or not isinstance(most, int) or not 0 <= most <= 1000:
            raise self.wrong(
                f"max_touches_per_h = {most!r} is no number of touches", "max_touches_per_h", hint="0 to 1000"
            )
        if not isinstance(may_run, bool):
            raise self.wrong(f"allow_run = {may_run!r} is neither true nor false", "allow_run", hint="false")
        return TouchLimits(
            windows=windows, max_touches_per_h=most, never_touch=never,
            red_button=str(self.inside(self.text_of(table, "red_button") or RED_BUTTON)), may_run=may_run,
            max_plan_age_s=self.seconds(table, "max_plan_age_s", TouchLimits().max_plan_age_s),
            settle_s=self.seconds(table, "settle_s", TouchLimits().settle_s),
        )  # fmt: skip

    # -- tables

    def wrong(self, what: str, word: str = "", *, hint: str = "") -> SystemFileError:
        return SystemFileError(what, where=f"{self.path}{self.line_of(word)}", hint=hint)

    def line_of(self, word: str) -> str:
        # TOML readers keep no places; the first line that holds the word is where a person would look.
        pattern = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        for number, line in enumerate(self.text.splitlines(), start=1):
            if word and pattern.search(line):
                return f":{number}"
        return ""

    def table(self, tree: Mapping[str, object], key: str) -> Mapping[str, object]:
        value = tree.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(f'"{key}" is no table', key, hint=f'"[{key}]" on a line of its own')
        return value

    def closed(self, table: Mapping[str, object], known: tuple[str, ...], what: str) -> None:
        for key in table:
            if key not in known:
                raise self.wrong(f'"{key}" is not {what}', key, hint=hint_for(key, known))

    def text_of(self, table: Mapping[str, object], key: str) -> str:
        value = table.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(f"{key} = {value!r} is no text", key, hint=f'{key} = "..."')
        return value

    def texts_of(self, table: Mapping[str, object], key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise self.wrong(f"{key} = {value!r} is no list of texts", key, hint=f'{key} = ["..."]')
        return tuple(value)

    def seconds(self, table: Mapping[str, object], key: str, default: float) -> float:
        value = table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 3600:
            raise self.wrong(f"{key} = {value!r} is no number of seconds", key, hint="above 0, at most 3600")
        return float(value)

    def inside(self, name: str) -> Path:
        return (self.path.resolve().parent / Path(name).expanduser()).resolve()

    # -- targets

    def targets(self, tables: Mapping[str, object], known_good: str) -> dict[str, Target]:
        if not tables:
            raise self.wrong(
                "the system file names no target", hint='"[targets.api]" with `kind = "http"` and `url = "..."`'
            )
        found = {
            name: replace(self.target(name, self.table(tables, name), tuple(tables)), known_good=known_good)
            for name in tables
        }
        return dict(sorted(found.items()))

    def target(self, name: str, table: Mapping[str, object], names: tuple[str, ...]) -> Target:
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
            raise self.wrong(f'"{name}" is no name for a target', name, hint="letters, digits, - and _")
        word = self.text_of(table, "kind")
        if "kind" not in table:
            keys = ("kind", *(entry.name for found in self.catalogue.targets.values() for entry in found.attributes))
            self.closed(table, (*keys, *(entry.name for entry in self.catalogue.common)), f"a key of target {name}")
        kind = self.catalogue.targets.get(word)
        if kind is None:
            raise self.wrong(
                f'target {name} has the kind "{word}", which does not exist',
                word or name,
                hint=hint_for(word, self.catalogue.targets),
            )
        own = {attribute.name: attribute for attribute in kind.attributes}
        common = {attribute.name: attribute for attribute in self.catalogue.common}
        self.closed(table, ("kind", *own, *common), f"a key of a target of kind {word}")
        depends = self.texts_of(table, "depends")
        for other in depends:
            if other not in names or other == name:
                raise self.wrong(
                    f'{name} depends on "{other}", which is no other target',
                    other,
                    hint=hint_for(other, [n for n in names if n != name]),
                )
        env_file = str(self.inside(self.text_of(table, "env_file"))) if table.get("env_file") else ""
        settings = self.settings_in(env_file)
        attributes, unresolved = self.attributes(name, table, own, settings, env_file)
        return Target(
            name=name, kind=word, attributes=self.derived(attributes, kind.derived), unresolved=unresolved,
            logs=tuple(str(self.inside(entry)) for entry in self.texts_of(table, "logs")),
            env_file=env_file, service=self.text_of(table, "service"), command=self.text_of(table, "command"),
            pid_file=str(self.inside(self.text_of(table, "pid_file"))) if table.get("pid_file") else "",
            timezone=self.text_of(table, "timezone"), via=self.via(table), depends=depends,
            roles=self.roles(name, table, names), touch=self.touch(name, table),
        )  # fmt: skip

    def touch(self, name: str, table: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
        given = self.table(table, "touch")
        specs = {spec.name: spec for spec in self.catalogue.touch}
        self.closed(given, tuple(specs), f"a key of [targets.{name}.touch]")
        found: dict[str, tuple[str, ...]] = {}
        for key, spec in specs.items():
            texts = self.texts_of(given, key) if spec.is_list else (self.text_of(given, key),)
            found[key] = tuple(str(self.inside(text)) if spec.is_path else text for text in texts if text)
        if self.text_of(table, "service").startswith("supervisor:") and not found.get("supervisor"):
            found["supervisor"] = self.supervisor()
        if not found.get("folder"):
            found["folder"] = (str(self.inside(".")),)
        return {key: texts for key, texts in found.items() if texts}

    def supervisor(self) -> tuple[str, ...]:
        """Return the settings of the supervisord that supervisorctl would find from beside the system file."""
        places = (self.inside(name) for name in _SUPERVISORS)
        return tuple(str(path) for path in places if path.is_file())[:1]

    def via(self, table: Mapping[str, object]) -> str:
        via = self.text_of(table, "via") or "local"
        if via != "local":
            raise self.wrong(f'via = "{via}" is no place we can stand at yet', "via", hint='"local"')
        return via

    def roles(self, name: str, table: Mapping[str, object], names: tuple[str, ...]) -> Mapping[str, str]:
        roles = self.table(table, "roles")
        for role, other in roles.items():
            if other not in names:
                raise self.wrong(
                    f'the role "{role}" of {name} is filled by "{other}", which is no target',
                    role,
                    hint=hint_for(str(other), names),
                )
        return {role: str(other) for role, other in roles.items()}

    def attributes(
        self,
        name: str,
        table: Mapping[str, object],
        own: Mapping[str, AttributeSpec],
        settings: Mapping[str, str],
        env_file: str,
    ) -> tuple[dict[str, str], dict[str, str]]:
        attributes: dict[str, str] = {}
        unresolved: dict[str, str] = {}
        for key, spec in own.items():
            given = self.text_of(table, key)
            if not given:
                if spec.is_required:
                    raise self.wrong(f'target {name} lacks "{key}" ({spec.summary})', name, hint=f'{key} = "..."')
                if spec.default:
                    attributes[key] = spec.default
                continue
            value, reason = self.follow(name, key, spec, given, settings, env_file)
            if spec.is_secret:
                # Guides may name the setting; nobody but the look that must present it has the value.
                attributes[key] = given.partition(":")[2]
                if value:
                    self.secrets[name, key] = value
                    self.known[value] = None
            elif value is None:
                unresolved[key] = reason
            else:
                attributes[key] = str(self.inside(value)) if key in _PATHS else self.checked(name, key, given, value)
        return attributes, unresolved

    def follow(
        self, name: str, key: str, spec: AttributeSpec, given: str, settings: Mapping[str, str], env_file: str
    ) -> tuple[str | None, str]:
        scheme, _, rest = given.partition(":")
        if scheme == "env" and spec.is_reference:
            value = self.environ.get(rest) or settings.get(rest)
            where = f"the environment or {env_file}" if env_file else "the environment"
            return (value, "") if value else (None, f"{rest} is not set in {where}")
        if scheme == "file" and spec.is_reference:
            try:
                return self.inside(rest).read_text(encoding="utf-8").strip(), ""
            except (OSError, UnicodeDecodeError) as error:
                return None, f"{rest} cannot be read: {error}"
        if spec.is_secret:
            raise self.wrong(
                f"{key} of target {name} is written out; a secret does not belong into this file",
                key,
                hint=f'{key} = "env:NAME" or "file:PATH"',
            )
        return given, ""

    def checked(self, name: str, key: str, given: str, value: str) -> str:
        password = _password(value)
        if password and value == given:
            raise self.wrong(
                f"{key} of target {name} holds a password", key, hint=f'{key} = "env:NAME", or a url without it'
            )
        if password:
            self.known[password] = None
        return value

    def derived(self, attributes: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
        url = attributes.get("url", "")
        if url and names:
            try:
                parts = urlsplit(url)
                host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
            except ValueError:
                return attributes
            attributes.setdefault("host", host)
            if port:
                attributes.setdefault("port", str(port))
        return attributes

    def settings_in(self, env_file: str) -> Mapping[str, str]:
        """Return the settings of an env file, {} when it is not there: the `env` look says so, with the reason."""
        if not env_file:
            return {}
        try:
            with open(env_file, encoding="utf-8", errors="replace") as file:
                settings = parse_dotenv(file.read(_ENV_FILE_LIMIT))
        except OSError:
            return {}
        from crashcart.redact import is_secret_name

        for name, value in settings.items():
            if value and is_secret_name(name):
                self.known[value] = None
        return settings


def _password(value: str) -> str:
    try:
        return urlsplit(value).password or ""
    except ValueError:
        return ""
