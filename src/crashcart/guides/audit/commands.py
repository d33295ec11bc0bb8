"""Remarks on commands and the fences they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from crashcart.guides.foreign.text import word_set
from crashcart.guides.shell import Command, FenceKind, Remark, Risk, check, check_together

from .letters import lookalike
from .nouns import Text, flat

_SHELLS = word_set("bash sh shell zsh console shell-session terminal")
_OTHERS = word_set("python py yaml yml javascript js json")
_NO_SHELL = (FenceKind.CONFIG, FenceKind.OUTPUT, FenceKind.PROSE, FenceKind.DATA, FenceKind.SQL)
_WARNS = re.compile(
    r"⚠|🚨|❗|☠|\b(?:warn\w*|caution|careful\w*|danger\w*|destruct\w*|irreversibl\w*|permanent\w*|cannot be undone|data loss|"
    r"los[es]\w*|delet\w*|remov\w*|wip\w*|eras\w*|drop\w*|destroy\w*|purg\w*|flush\w*|clean\w*|clear\w*|kill\w*|prun\w*|overwrit\w*|reset\w*|"
    r"trim\w*|truncat\w*|rotat\w*|back ?up|backed|achtung|vorsicht|attention|peligro|cuidado|last resort|only if|never|don'?t|do not)\b",
    re.IGNORECASE,
)
_OWN_HOSTS = word_set("localhost 127.0.0.1 ::1 0.0.0.0")
_EXAMPLE = re.compile(
    r"example|your|<|>|\$|\{|\}|\*|xxx|domain|hostname|(?:^|\.)(?:test|invalid|local)$", re.IGNORECASE
)


def told_by_shell(text: Text) -> Iterator[Remark]:
    """What each command does wrong by itself, and those of one fence together."""
    for group in text.found.values():
        for command in group:
            yield from check(command)
        yield from check_together(group)
    for command in text.inline:  # in a sentence, `docker logs` is a name and needs no more words
        yield from (remark for remark in check(command) if remark.code != "missing-argument")


def looks_alike(text: Text) -> Iterator[Remark]:
    """A letter of another alphabet in a command: what is shown is not what would run."""
    shells = [fence for fence in text.guide.fences if fence.info.split(" ")[0].strip("{}.").casefold() in _SHELLS]
    lines = {line for fence in shells for line in range(fence.lines.first, fence.lines.last + 1)}
    pieces = {line: re.sub(r"(?:^|\s)#.*", "", text.line(line)) for line in sorted(lines)}
    pieces |= {command.line: command.text for command in text.commands}
    for line, piece in pieces.items():
        letter = lookalike(piece)
        if letter:
            yield Remark(
                "hidden-letters", line, flat(piece), f"a word of the command holds {letter}: what is shown is not what would run",
                "type the command anew; do not copy it",
            )  # fmt: skip


def fence_language(text: Text) -> Iterator[Remark]:
    """A reader copies a fence marked as shell into a shell, whatever it holds."""
    for fence in text.guide.fences:
        info = fence.info.split(" ")[0].strip("{}.").casefold()
        kind = text.kinds[fence.lines.first]
        has_commands = bool(text.found[fence.lines.first])
        is_shell = info in _SHELLS and (kind is FenceKind.CODE or (kind in _NO_SHELL and not has_commands))
        is_other = info in _OTHERS and kind in (FenceKind.COMMANDS, FenceKind.SESSION)
        if is_shell or is_other:
            yield Remark(
                "wrong-fence-language", max(1, fence.lines.first - 1), f"```{flat(info, 40)}",
                f"the fence is marked {flat(info, 40)} and holds {'commands' if is_other else 'no commands of a shell'}",
                "mark it as what it holds, or not at all",
            )  # fmt: skip


def danger_unwarned(text: Text) -> Iterator[Remark]:
    """Whoever is on call copies what stands there: what loses data says so, above it or beside it. Told once a fence."""
    for group in (*text.found.values(), *((command,) for command in text.inline)):
        bare = [command for command in group if may_lose_data(command) and not is_warned(command, text)]
        if bare:
            first = bare[0]
            more = f"; so may lines {', '.join(str(one.line) for one in bare[1:9])}" if bare[1:] else ""
            yield Remark(
                "no-warning", first.line, flat(first.text),
                f"it may lose data ({flat(first.why, 120)}), and nothing says so{more}",
                "say what is lost, above the command, and what to save before",
            )  # fmt: skip


def may_lose_data(command: Command) -> bool:
    """Whether it is certain that data may be lost, and no other remark says so already."""
    return command.risk is Risk.DATA_LOSS and command.is_known and not check(command)


def is_warned(command: Command, text: Text) -> bool:
    """Whether words near a command warn of it, or say what it takes away."""
    return _WARNS.search(text.around(command.line, 4, 1).replace(command.text, "")) is not None


def unknown_hosts(text: Text) -> Iterator[Remark]:
    """A host that no target has is a slip, or a part of the system that nobody watches."""
    place = text.place
    if place is None:
        return
    known = {host for host, _ in place.hosts} | place.names
    told: set[str] = set()
    for command in text.commands:
        for part in (command, *command.inner):
            for host, port in _hosts(part):
                is_own = host in _OWN_HOSTS
                missing = (
                    bool(port) and (host, port) not in place.hosts and not any(port == other for _, other in place.hosts)
                    if is_own
                    else host not in known and host.split(".")[0] not in place.names
                )  # fmt: skip
                name = f"{host}:{port}" if is_own else host
                if missing and name not in told:
                    told.add(name)
                    yield Remark(
                        "unknown-host", command.line, flat(command.text), f"the system file knows no target at {flat(name, 80)}",
                        "correct the address, or add a target to the system file",
                    )  # fmt: skip


def _hosts(part: Command) -> Iterator[tuple[str, int]]:
    for word in part.words:
        if word.is_placeholder or word.is_dynamic or not re.match(r"\w+://", word.text):
            continue
        try:
            url = urlsplit(word.text)
            host, port = url.hostname or "", url.port or 0
        except ValueError:
            continue  # no address at all, which is not for this rule to say
        if host and not _EXAMPLE.search(host):
            yield host, port
