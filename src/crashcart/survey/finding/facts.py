"""What was gathered of a machine and a project folder, before anything is concluded from it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from crashcart.ports import ProcessInfo, Surroundings


@dataclass(frozen=True, slots=True)
class Running:
    """A process with its surroundings. `environ` is empty when it may not be read; `unit` is its systemd unit."""

    info: ProcessInfo
    around: Surroundings
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    unit: str = ""

    @property
    def pid(self) -> int:
        """The process id."""
        return self.info.pid

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its command line; a title that the process wrote over them is taken apart at its blanks."""
        command = self.info.command
        # What a process wrote over its command line stands in the first word, and is followed by empty ones.
        is_title = bool(command) and " " in command[0] and not any(command[1:])
        return tuple(command[0].split()) if is_title else command

    @property
    def line(self) -> str:
        """The command line as one text."""
        return " ".join(self.info.command)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was gathered. Paths are absolute; `files` holds the text of each file that was worth reading."""

    folder: str
    files: Mapping[str, str]
    processes: tuple[Running, ...]
    databases: tuple[str, ...] = ()  # SQLite files that lie in the folder or are open
    project: frozenset[int] = frozenset()  # the processes that belong to the project

    def inside(self, path: str) -> bool:
        """Say whether a path lies in the project folder."""
        return path == self.folder or path.startswith(self.folder.rstrip("/") + "/")

    def shown(self, path: str) -> str:
        """Return a path as the system file names it: relative when it lies in the folder."""
        return os.path.relpath(path, self.folder) if self.inside(path) else path

    def of_project(self) -> tuple[Running, ...]:
        """Return the processes of the project."""
        return tuple(process for process in self.processes if process.pid in self.project)

    def named(self, *names: str) -> Mapping[str, str]:
        """Return the files of these names, by path, those nearest to the folder first."""
        found = [path for path in self.files if os.path.basename(path) in names]
        return {path: self.files[path] for path in sorted(found, key=lambda path: (path.count("/"), path))}
