"""Touch a real target with every verb, undo it, and record both: `python tools/record_touches.py [NAME...]`.

A verb without a record does not ship. What depends on the machine (folders, process ids, times) is written as a word.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path

from crashcart.actions.registry import load, specs
from crashcart.model.touch import Happened, TouchState
from crashcart.probes.place import LocalPlace
from crashcart.redact import Scrubber

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "actions"))
from stages import Stage, stage, stage_names

RECORDS = Path(__file__).parents[1] / "tests" / "actions" / "records"
_WORDS = (
    (re.compile(r"\b(process|pid|session) \d+"), r"\1 N"),
    (re.compile(r"uptime [\d:]+"), "uptime T"),
    (re.compile(r"\.crashcart-[0-9a-f]{8}\b"), ".crashcart-KEY"),
)
_TIMEOUT_S = 60.0


class _NoSecrets:
    def value(self, target: str, attribute: str) -> str | None:
        return None


async def record(on: Stage, kept_folder: Path) -> dict[str, object]:
    """Return what was there, what the dry run said, what was there then, and what was there in the end."""
    hand = load(on.touch.kind, LocalPlace(), Scrubber(()), _NoSecrets(), kept_folder)
    verb = specs()[on.touch.kind].verb(on.touch.verb)
    assert verb is not None
    before = on.state()
    prepared = await hand.prepare(on.touch, on.target, timeout_s=_TIMEOUT_S)
    touched = await hand.touch(on.touch, on.target, prepared.kept, secret=on.secret, timeout_s=_TIMEOUT_S)
    after = on.state()
    happened = await hand.did_it_happen(on.touch, on.target, prepared.kept, timeout_s=_TIMEOUT_S)
    assert (touched.state, happened) == (TouchState.DONE, Happened.YES), (prepared, touched, happened)
    found: dict[str, object] = {
        "kind": on.touch.kind, "verb": on.touch.verb, "args": _told(on.touch.args), "risk": verb.risk.value,
        "before": dict(before), "diff": list(prepared.diff), "touched": touched.detail, "after": dict(after),
        "happened": happened.value,
    }  # fmt: skip
    if not verb.undo:
        return found | {"undone": "irreversible"}
    undone = await hand.undo(on.touch, on.target, prepared.kept, timeout_s=_TIMEOUT_S)
    assert undone.state is TouchState.DONE, undone
    return found | {"undone": undone.detail, "then": dict(on.state()), "passing": list(on.passing)}


def _told(args: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return the arguments by name; what stands several times has its words in order."""
    found: dict[str, str] = {}
    for name, value in args:
        found[name] = f"{found[name]} {value}" if name in found else value
    return found


def portable(text: str, folder: str) -> str:
    """Return the text without what is only true of this machine and this minute."""
    text = text.replace(folder, "FOLDER").replace(sys.executable, "python")
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    return text


def main() -> int:
    """Record the stages that are named, or all."""
    RECORDS.mkdir(exist_ok=True)
    for name in sys.argv[1:] or stage_names():
        with tempfile.TemporaryDirectory() as base:
            folder = Path(base).resolve() / "target"
            folder.mkdir()
            with stage(name, folder) as on:
                found = asyncio.run(record(on, folder.parent / "kept"))
        text = portable(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False), str(folder))
        (RECORDS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
