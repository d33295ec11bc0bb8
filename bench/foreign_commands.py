"""Commands found in strangers' guides, and their risk, beside what a careful reader labelled.

Run: python -m bench.foreign_commands --guides speech digest recordings [--shared PATH | --folder PATH] [-v]

A labelled command counts as found when the same guide has one whose text is the same, white space, continued lines,
a comment at the end and a closing semicolon left out, and that begins within one line of it. Each is matched once.
Precision is of all commands found outside of others; parts of a command do not count. A found command that the labels
lack is listed with -v.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from crashcart.guides.foreign import read
from crashcart.guides.shell import Command, FenceKind, Found, Risk, commands, is_command, judge_fence

SHARED = Path(__file__).parents[2] / "shared"


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled command."""

    guide: str
    line: int
    text: str
    risk: str


def labels(path: Path, guides: list[str]) -> list[Label]:
    """Return the labelled commands of some guides; lines of others are skipped unread."""
    found: list[Label] = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row[0] in guides:
                found.append(Label(row[0], int(row[1]), _unescaped(row[2]), row[3]))
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text)


def found_in(text: str) -> list[Command]:
    """Return the commands of a guide, in fences, code spans and tables, as its import finds them."""
    guide = read(text)
    found: list[Command] = []
    for fence in guide.fences:
        found += commands(fence.text, kind=judge_fence(fence.text, fence.info), first_line=fence.lines.first)
    for code in guide.codes:
        if is_command(code.text):
            found += commands(code.text, kind=FenceKind.COMMANDS, first_line=code.line)[:1]
    return sorted(found, key=lambda command: command.line)


def normal(text: str) -> str:
    """Return a command's text for comparing."""
    text = re.sub(r"\\\n", " ", text)
    text = re.sub(r"\s+#\s[^\n'\"]*$", "", text)
    return re.sub(r"\s+", " ", text).strip().rstrip(";").strip()


def matched(
    gold: list[Label], found: list[Command], source: list[str]
) -> tuple[list[tuple[Label, Command]], list[Label], list[Command]]:
    """Return pairs, labelled commands that were missed, and found ones that the labels lack."""
    left = list(found)
    pairs: list[tuple[Label, Command]] = []
    missed: list[Label] = []
    for label in gold:
        same = [c for c in left if abs(c.line - label.line) <= 1 and _text(c, source) == normal(label.text)]
        if not same:
            missed.append(label)
            continue
        best = min(same, key=lambda command: abs(command.line - label.line))
        left.remove(best)
        pairs.append((label, best))
    return pairs, missed, left


def _text(command: Command, source: list[str]) -> str:
    """Return the text for comparing; where secrets were masked, that of the source."""
    if "[redacted]" not in command.text:
        return normal(command.text)
    return normal("\n".join(source[command.line - 1 : command.end_line]))


def main() -> int:
    """Print the figures; return 1 when something harmful was called read-only."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guides", nargs="+", required=True)
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument("--folder", type=Path, help="guides of another folder, with labels in its *.commands.tsv")
    parser.add_argument("-v", action="store_true", help="list what was missed, found beyond the labels or misjudged")
    args = parser.parse_args()
    paths = sorted(args.folder.glob("*.commands.tsv")) if args.folder else [args.shared / "gold" / "commands.tsv"]
    pairs: list[tuple[Label, Command]] = []
    missed: list[Label] = []
    extra: list[tuple[str, Command]] = []
    for guide in args.guides:
        text = ((args.folder or args.shared / "guides") / f"{guide}.md").read_text(encoding="utf-8")
        found = [command for command in found_in(text) if command.found is not Found.PART]
        gold = [label for path in paths for label in labels(path, [guide])]
        some, lacking, left = matched(gold, found, text.split("\n"))
        pairs += some
        missed += lacking
        extra += [(guide, command) for command in left]
        print(
            f"{guide:12} labelled {len(gold):4}  found {len(found):4}  recall {_share(len(some), len(gold))}  precision {_share(len(some), len(found))}"
        )
    return _report(pairs, missed, extra, is_verbose=args.v)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "  -  "


def _report(
    pairs: list[tuple[Label, Command]], missed: list[Label], extra: list[tuple[str, Command]], *, is_verbose: bool
) -> int:
    right = [pair for pair in pairs if pair[0].risk == pair[1].risk.value]
    harmful = {Risk.DATA_LOSS.value, Risk.RESTARTS.value}
    dangerous = [pair for pair in pairs if pair[0].risk in harmful and pair[1].risk is Risk.READ_ONLY]
    print(
        f"commands     recall {_share(len(pairs), len(pairs) + len(missed))}  precision {_share(len(pairs), len(pairs) + len(extra))}"
    )
    print(
        f"risk         accuracy {_share(len(right), len(pairs))}  of {len(pairs)}; harmful called read-only: {len(dangerous)}"
    )
    print("confusion (labelled -> judged)")
    for (gold, judged), count in sorted(Counter((g.risk, c.risk.value) for g, c in pairs).items()):
        print(f"  {gold:26} -> {judged:26} {count:4}{'' if gold == judged else '   x'}")
    if is_verbose:
        for label in missed:
            print(f"missed    {label.guide}:{label.line} {label.risk}: {label.text[:100]!r}")
        for guide, command in extra:
            print(f"beyond    {guide}:{command.line} {command.risk.value}: {command.text[:100]!r}")
        for label, command in pairs:
            if label.risk != command.risk.value:
                print(
                    f"misjudged {label.guide}:{label.line} {label.risk} -> {command.risk.value} ({command.why}): {label.text[:80]!r}"
                )
    for label, _ in dangerous:
        print(f"DANGEROUS {label.guide}:{label.line} {label.text[:100]!r}")
    return 1 if dangerous else 0


if __name__ == "__main__":
    sys.exit(main())
