"""Gathering: the processes of the machine, the files of the folder, and the files that those processes name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence

from crashcart.ports import Place, ProcessInfo, Surroundings
from crashcart.survey.finding.commands import Role, understand
from crashcart.survey.finding.facts import Facts, Running
from crashcart.survey.finding.nginx import included
from crashcart.survey.finding.walk import SQLITE_MAGIC, read_all, read_bytes, read_text

# Where a machine keeps what starts and fronts its services, beside the project folder.
_MACHINE_FILES = (
    "/etc/systemd/system/*.service",
    "/etc/supervisor/supervisord.conf",
    "/etc/supervisor/conf.d/*.conf",
    "/etc/supervisord.conf",
)
_NGINX = "/etc/nginx/nginx.conf"
_UNIT = re.compile(r"/([^/\s]+\.service)\s*$", re.MULTILINE)
_CONFIG_OPTIONS = ("c", "config", "conf", "configuration", "config-file", "ini", "paste", "env-file")
_PATH_LIMIT = 4096


def gather(place: Place, folder: str, *, is_machine: bool = False) -> Facts:
    """Return all facts. With `is_machine`, whatever listens on this machine counts as part of the project."""
    files, databases = read_all(place, folder)
    found = dict(files)
    infos = [info for info in place.processes() if not info.is_ours and info.status not in ("zombie", "dead")]
    around = place.surroundings([info.pid for info in infos])
    processes = tuple(_running(place, info, around[info.pid]) for info in infos if info.pid in around)
    project = frozenset(
        process.pid for process in processes if _belongs(process, folder) or (is_machine and process.info.ports)
    )
    for path in _named_files(place, processes, project):
        text = found.get(path) or read_text(place, path)
        if text:
            found[path] = text
    found |= _modules(place, [process for process in processes if process.pid in project])
    opened = {file.path for process in processes if process.pid in project for file in process.around.opened}
    held = sorted(path for path in opened if read_bytes(place, path, len(SQLITE_MAGIC)) == SQLITE_MAGIC)
    return Facts(folder, found, processes, tuple(sorted({*databases, *held})), project)


def _running(place: Place, info: ProcessInfo, around: Surroundings) -> Running:
    try:
        environ = place.environ(info.pid)
    except (PermissionError, ProcessLookupError):
        environ = {}
    unit = _UNIT.search(read_text(place, f"/proc/{info.pid}/cgroup"))
    is_service = unit is not None and not unit[1].startswith(("user@", "session"))
    return Running(info, around, environ, unit[1] if unit is not None and is_service else "")


def _belongs(process: Running, folder: str) -> bool:
    """Say whether a process works in the folder or was started from it."""
    inside = folder.rstrip("/") + "/"
    places = (process.around.folder, *(word for word in process.words if word.startswith("/")))
    return any(place == folder or place.startswith(inside) for place in places)


def _named_files(place: Place, processes: Sequence[Running], project: frozenset[int]) -> Iterator[str]:
    """Yield the settings files that processes name, and those of the machine's own supervisors and nginx."""
    for pattern in _MACHINE_FILES:
        yield from place.glob(pattern)
    for process in processes:
        command = understand(process.words, process.environ)
        if command.tool == "nginx":
            yield from _nginx_files(place, os.path.join(command.options.get("p", ""), command.options.get("c", _NGINX)))
        elif process.pid in project:
            yield from _of_process(process, command.options)
        elif command.role is Role.WRAPPER and command.tool == "supervisord":
            yield from _of_process(process, dict(zip(process.words, process.words[1:], strict=False)))


def _of_process(process: Running, options: Mapping[str, str]) -> Iterator[str]:
    words = [value for name, value in options.items() if name.lstrip("-") in _CONFIG_OPTIONS]
    words += [word for word in process.words[1:] if word.endswith((".conf", ".ini", ".cfg", ".toml", ".yml", ".yaml"))]
    for name, value in process.environ.items():
        if re.search(r"(SETTINGS|CONFIG|CONF|ENV_FILE)", name) and "/" in value and len(value) < _PATH_LIMIT:
            words.append(value)
    for word in words:
        word = word.removeprefix("file:").removeprefix("config:")
        path = os.path.normpath(os.path.join(process.around.folder, word))
        if word and os.path.splitext(path)[1] not in ("", ".so", ".pyc", ".log", ".pid"):
            yield path


def _nginx_files(place: Place, path: str) -> Iterator[str]:
    waiting, seen = [path], set[str]()
    while waiting and len(seen) < 60:
        current = waiting.pop(0)
        if current in seen:
            continue
        seen.add(current)
        yield current
        for pattern in included(read_text(place, current)):
            if "mime.types" not in pattern:
                waiting += place.glob(os.path.join(os.path.dirname(path), pattern))


def _modules(place: Place, processes: Sequence[Running]) -> Mapping[str, str]:
    """Return the source of what the processes were told to run, wherever it is installed."""
    found: dict[str, str] = {}
    for process in processes:
        command = understand(process.words, process.environ)
        module = command.app.partition(":")[0].partition("(")[0]
        if not re.fullmatch(r"[A-Za-z_][\w.]*", module):
            continue
        for path in _module_paths(place, process, module):
            text = read_text(place, path)
            if text:
                found[path] = text
    return found


def _module_paths(place: Place, process: Running, module: str) -> Iterator[str]:
    parts = module.removesuffix(".py").split(".")
    roots = [process.around.folder, *process.environ.get("PYTHONPATH", "").split(":")]
    venvs = {word[: word.index("/bin/")] for word in process.words[:2] if "/bin/" in word}
    roots += [path for venv in sorted(venvs) for path in place.glob(f"{venv}/lib/python3*/site-packages")]
    for root in roots:
        if not root:
            continue
        for length in range(len(parts), 0, -1):
            base = os.path.join(root, *parts[:length])
            yield from (f"{base}.py", f"{base}/__init__.py")
