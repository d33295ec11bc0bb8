"""What the audit says of five foreign guides, beside what a careful reader judged and what is known to be wrong in them.

Run: python -m bench.foreign_audit [--shared PATH] [-v]

The guides are not part of this repository: `--shared` names the folder that has `guides/`. Two tables stand beside this
file, without a sentence of the guides:

- foreign_audit_judged.tsv: every remark, by guide, line and code, with a judgement (right, wrong) and the reason. A remark
  that is not in it counts as wrong until somebody has judged it.
- foreign_audit_defects.tsv: every defect that readers found, with the code of the remark that tells it, or `-` and why a
  machine cannot know it from the text.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path

from crashcart import app
from crashcart.guides.audit import audit

HERE = Path(__file__).resolve().parent
SHARED = HERE.parents[1] / "shared"
JUDGED, DEFECTS = HERE / "foreign_audit_judged.tsv", HERE / "foreign_audit_defects.tsv"
EVERY_LINES = 200
MOST_WRONG = 1  # in so many lines

Key = tuple[str, int, str]  # guide, line, code


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def key(row: dict[str, str]) -> Key:
    """Return what a row is about."""
    return row["guide"], int(row["line"]), row["code"]


def main() -> None:
    """Print the counts, and what is not judged, not found or gone."""
    parser = argparse.ArgumentParser(description="Judge the audit of foreign guides.")
    parser.add_argument("--shared", type=Path, default=SHARED)
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="list what is wrong, and what a machine cannot know"
    )
    given = parser.parse_args()
    paths = sorted((given.shared / "guides").glob("*.md"))
    if not paths:
        print(f"skipped: there are no guides in {given.shared / 'guides'}; `--shared` names the folder that has them")
        return
    judged = {key(row): row for row in rows(JUDGED)}
    found: Counter[Key] = Counter()
    lines: dict[str, int] = {}
    for path in paths:
        text = path.read_text(encoding="utf-8")
        lines[path.stem] = text.count("\n") + 1
        found.update((path.stem, told.line, told.code) for told in audit(text, app.catalogue()))
    is_bad = False
    for guide, count in lines.items():
        here = [one for one in found.elements() if one[0] == guide]
        wrong = [one for one in here if one not in judged or judged[one]["judged"] != "right"]
        rate = len(wrong) * EVERY_LINES / count
        is_bad = is_bad or rate > MOST_WRONG
        print(
            f"{guide:12} {count:5} lines  {len(here):3} remarks  {len(wrong):2} wrong  {rate:.2f} in {EVERY_LINES} lines"
        )
        for one in wrong if given.verbose else ():
            print(f"    {one[1]:5} {one[2]:22} {judged[one]['why'] if one in judged else 'not judged'}")
    gone = sorted(set(judged) - set(found))
    if gone:
        print("judged, and not made any more:", *(f"{guide}:{line} {code}" for guide, line, code in gone))
    is_bad = _defects(found, is_verbose=given.verbose) or is_bad
    sys.exit(1 if is_bad else 0)


def _defects(found: Counter[Key], *, is_verbose: bool) -> bool:
    """Print how many of the known defects are found; return whether one is not that should be."""
    known = rows(DEFECTS)
    knowable = [row for row in known if row["code"] != "-"]
    missed = [row for row in knowable if key(row) not in found]
    print(
        f"known defects: {len(known)}; found {len(knowable) - len(missed)}; a machine cannot know {len(known) - len(knowable)}"
    )
    for row in missed:
        print(f"    not found: {row['guide']}:{row['line']} {row['code']}: {row['what']}")
    for row in known if is_verbose else ():
        if row["code"] == "-":
            print(f"    {row['guide']}:{row['line']}: {row['what']}")
    return bool(missed)


if __name__ == "__main__":
    main()
