"""What `init` found, as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crashcart.report.plain import line


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part, as the list shows it."""

    name: str
    kind: str
    sure: str
    how: str
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class InitReport:
    """What a survey found, and what became of the system file."""

    path: str
    parts: Sequence[PartLine]
    gone: Sequence[str]
    kept: Sequence[str]
    asides: Sequence[str]
    is_written: bool


def init_text(report: InitReport) -> str:
    """Return the list of parts, what was left as people wrote it, and what to do next."""
    if not report.parts:
        return _nothing(report)
    name_width = max(len(part.name) for part in report.parts)
    kind_width = max(len(part.kind) for part in report.parts)
    lines = [f"{len(report.parts)} parts found" if len(report.parts) != 1 else "1 part found", ""]
    for part in report.parts:
        mark = "+" if part.is_new else " "
        lines.append(
            f"{mark} {part.name:<{name_width}}  {part.kind:<{kind_width}}  {part.sure:<6}  {line(part.how, 90)}"
        )
    lines += ["", *(f"noticed: {line(text)}" for text in report.asides)] if report.asides else []
    lines += [f"not found any more, left as it is: {line(name)}" for name in report.gone]
    lines += [f"changed by hand, left as it is: {line(text)}" for text in report.kept]
    wrote = f"wrote {line(report.path)}" if report.is_written else f"{line(report.path)} is not written"
    return "\n".join([*lines, "", f"{wrote}; next: `crashcart check`"]) + "\n"


def _nothing(report: InitReport) -> str:
    lines = ["no part found here: no service of this folder runs, and no file in it says what should run"]
    lines += [f"noticed: {line(text)}" for text in report.asides]
    lines += [
        "",
        "start the service, or name its folder: `crashcart init FOLDER`; `--machine` takes whatever listens here",
    ]
    return "\n".join(lines) + "\n"
