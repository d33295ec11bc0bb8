"""The guides' texts with other remedies in them: what a wrong plan, and a fix that must fail, are made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from crashcart_lab import truths
from crashcart_lab.errors import LabError
from crashcart_lab.faults import FAULTS, Fault
from crashcart_lab.lifecycle import GUIDES, OWN_GUIDES
from crashcart_lab.world import World

PACKS = GUIDES.parents[1] / "src" / "crashcart" / "packs"
_HEADING = re.compile(r"^#{2,3} ", re.MULTILINE)
_REMEDIES = re.compile(r"^\*\*(?:Fix|Relief|Undo|Verify)\b", re.MULTILINE)
_AUTOMATIC = re.compile(r"^\*\*(?:Fix|Relief)\b[^\n]*\n(?:(?!\*\*|#).*\n?)*", re.MULTILINE)
_VERIFY = re.compile(r"^\*\*Verify\b[^\n]*\n(?:(?!\*\*|#).*\n?)*", re.MULTILINE)
# What the names of a guide mean in the lab; `dependants` and `self` are those of the target.
_ROLES = {"provider": "openai", "broker": "redis", "db": "db", "upstream": "digest"}


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a guide does about a cause without a person's hand, its names replaced by the lab's targets."""

    fault: str
    cause: str  # GUIDE.CAUSE of its truth
    needs_workers: bool
    needs_front: bool
    text: str


def texts() -> dict[str, str]:
    """Return the guides' texts by the names of their files, the lab's own last."""
    packs = {f"{path.parent.name}.md": path.read_text(encoding="utf-8") for path in sorted(PACKS.glob("*/guide.md"))}
    return packs | {name: (GUIDES / name).read_text(encoding="utf-8") for name in OWN_GUIDES}


def remedies() -> tuple[Remedy, ...]:
    """Return the remedy of every fault that has one without a person's hand."""
    guides = texts()
    return tuple(found for fault in FAULTS if (found := _remedy(fault, guides)) is not None)


def _remedy(fault: Fault, guides: Mapping[str, str]) -> Remedy | None:
    if not truths.is_covered(fault):
        return None
    target, _, cause = truths.cause_of(fault).partition(":")
    guide, _, name = cause.partition(".")
    # A link to the cause, in the lab's own guides, may know better than the pack.
    places = [(f"{guide}.md", rf"\{{#{re.escape(name)}\}}", target)]
    places += [(own, rf"\]\({re.escape(guide)}#{re.escape(name)}\)", _self_of(own, target)) for own in OWN_GUIDES]
    for file, heading, self_ in places:
        section = _section(guides[file], heading)
        block = next((one for one in _AUTOMATIC.findall(section) if _is_automatic(one)), None)
        if block is not None:
            verify = "".join(_VERIFY.findall(section))
            text = _named(f"**Fix**\n{block.partition(chr(10))[2]}\n{verify}", self_, fault.needs_workers)
            return Remedy(fault.name, cause, fault.needs_workers, fault.needs_front, text)
    return None


def _is_automatic(block: str) -> bool:
    return re.search(r"^\d+\. ", block, re.MULTILINE) is not None and "By hand:" not in block


def _self_of(file: str, target: str) -> str:
    return {"digest.md": "digest", "digest-worker.md": "worker", "digest-front.md": "front"}.get(file, target)


def _named(text: str, self_: str, has_workers: bool) -> str:
    needing = "digest,worker" if has_workers and self_ in ("openai", "db", "redis") else "digest"
    for role, target in {**_ROLES, "self": self_}.items():
        text = re.sub(rf"\{{{role}((?:\.\w+)?)\}}", rf"{{{target}\1}}", text)
    return text.replace("{dependants}", "{" + needing + "}")


def exchanged(cause: str, remedy: str) -> dict[str, str]:
    """Return the guides with *remedy* as the only one of *cause* (GUIDE.CAUSE).

    Raises:
        LabError: there is no such cause.
    """
    guide, _, name = cause.partition(".")
    found = texts()
    found[f"{guide}.md"] = _replaced(found[f"{guide}.md"], rf"\{{#{re.escape(name)}\}}", remedy)
    for own in OWN_GUIDES:
        link = rf"\]\({re.escape(guide)}#{re.escape(name)}\)"
        if _section(found[own], link):
            found[own] = _replaced(found[own], link, "")
    return found


def system_file(world: World, name: str, guides: Mapping[str, str]) -> Path:
    """Write a system file of the world that has these guides, and return its path."""
    folder = world.crashcart_folder / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in guides.items():
        (folder / file).write_text(text, encoding="utf-8")
    listed = ", ".join(f'"{folder / file}"' for file in guides)
    text = world.system_file.read_text(encoding="utf-8")
    path = world.system_file.with_name(f"{name}.toml")
    path.write_text(re.sub(r"^guides = .*$", f"guides = [{listed}]", text, flags=re.MULTILINE), encoding="utf-8")
    return path


def _bounds(text: str, heading: str) -> tuple[int, int] | None:
    """Return where the section of a cause begins, behind its heading, and ends."""
    found = re.search(rf"^### Cause:[^\n]*{heading}[^\n]*$", text, re.MULTILINE)
    if found is None:
        return None
    after = _HEADING.search(text, found.end())
    return found.end(), after.start() if after else len(text)


def _section(text: str, heading: str) -> str:
    bounds = _bounds(text, heading)
    return text[slice(*bounds)] if bounds else ""


def _replaced(text: str, heading: str, remedy: str) -> str:
    bounds = _bounds(text, heading)
    if bounds is None:
        raise LabError(f"no guide has the cause {heading}", hint=f"look into {GUIDES}")
    start, end = bounds
    section = text[start:end]
    label = _REMEDIES.search(section)
    kept = section[: label.start()] if label else section
    return f"{text[:start]}{kept.rstrip()}\n\n{remedy.strip()}\n\n{text[end:]}"
