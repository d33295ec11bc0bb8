"""Processes that are one part: a master with its workers, a shell with what it started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crashcart.ports import Endpoint, OpenFile
from crashcart.survey.finding.commands import Command, Role, understand
from crashcart.survey.finding.facts import Facts, Running

_PARENTS = (Role.WEB, Role.WORKER, Role.STORE, Role.PROXY, Role.OTHER)


@dataclass(frozen=True, slots=True)
class Group:
    """The processes of one part, the eldest first, and what its command line says."""

    command: Command
    members: tuple[Running, ...]

    @property
    def head(self) -> Running:
        """The process that was there first."""
        return self.members[0]

    @property
    def listens(self) -> tuple[Endpoint, ...]:
        """Where it listens; of a process that hides its addresses, the ports alone."""
        told = {end for member in self.members for end in member.around.listens}
        known = {port for _, port in told}
        told |= {("", port) for member in self.members for port in member.info.ports if port not in known}
        return tuple(sorted(told, key=lambda end: (end[1], ":" in end[0], end[0])))

    @property
    def peers(self) -> tuple[Endpoint, ...]:
        """The other ends of its connections."""
        return tuple(sorted({end for member in self.members for end in member.around.peers}))

    @property
    def opened(self) -> tuple[OpenFile, ...]:
        """The files that it has open."""
        return tuple(dict.fromkeys(file for member in self.members for file in member.around.opened))

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the eldest."""
        return self.head.environ


def groups(facts: Facts) -> tuple[Group, ...]:
    """Return every group of the machine, by the id of its eldest process."""
    by_pid = {process.pid: process for process in facts.processes}
    commands = {pid: understand(process.words, process.environ) for pid, process in by_pid.items()}
    heads: dict[int, list[Running]] = {}
    for pid in sorted(by_pid):
        heads.setdefault(_head(pid, by_pid, commands), []).append(by_pid[pid])
    made = []
    for head, members in sorted(heads.items()):
        ordered = sorted(members, key=lambda member: (member.pid != head, member.pid))
        made.append(Group(commands[head], tuple(ordered)))
    return tuple(made)


def _head(pid: int, by_pid: Mapping[int, Running], commands: Mapping[int, Command]) -> int:
    """Return the eldest of the group: up from parent to parent, as long as the parent is of the same part."""
    seen = {pid}
    while True:
        parent = by_pid[pid].around.parent
        if parent not in by_pid or parent in seen or not _is_one(commands[parent], commands[pid], by_pid[pid]):
            return pid
        pid = parent
        seen.add(pid)


def _is_one(parent: Command, child: Command, process: Running) -> bool:
    if parent.role not in _PARENTS or not parent.tool:
        return False
    if (parent.tool, parent.app) == (child.tool, child.app):
        return True
    # A worker process of a library: an interpreter with `-c`, or a title of its own. A script is a part of its own.
    is_nameless = child.role is Role.OTHER and (not child.app or not child.words)
    return is_nameless or (child.tool == parent.tool and not child.app)
