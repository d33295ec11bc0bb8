"""Carries out a plan on a disk that fills up at one moment, and tells what became of it; a process of its own.

`unshare --user --map-root-user --mount python full_disk.py FOLDER WHEN`: the disk is a small one of our own, in memory.
WHEN is `before` the run, after the yes (`Approved`), or when the first step has begun (`Began`).
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import killed

from crashcart.drive import fix
from crashcart.errors import JournalError
from crashcart.model.plan import Approval
from crashcart.model.run import Event, Planned
from crashcart.remedy.machine import hash_of
from crashcart.storage.journal import Journal, read
from crashcart.testing import NOON


def fill(folder: Path) -> None:
    """Write until nothing goes any more."""
    with (folder / "filler").open("wb", buffering=0) as filler:
        for size in (1 << 16, 1):
            try:
                while True:
                    filler.write(bytes(size))
            except OSError:
                continue


def carried_out(site: killed.Site, when: str) -> dict[str, object]:
    """Run the plan; return how it ended."""
    world = site.world()
    made = site.plan(world)
    if when == "before":
        fill(site.folder)
    try:
        journal = Journal.create(site.journal)
        planned = Planned("r1", made, hash_of(made), killed.QUICK, NOON)
        going = fix.start("r1", world, journal, planned, Approval(hash_of(made), "ann", NOON))
    except JournalError as error:
        return {"end": "", "why": str(error)}

    def tell(event: Event, head: str) -> None:
        if type(event).__name__ == when:
            fill(site.folder)

    going.tell = tell
    if when == "Approved":
        fill(site.folder)
    state = asyncio.run(fix.go(going))
    journal.close(is_over=True)
    assert state.end is not None
    return {"end": state.end.value, "why": state.why}


def main(folder: Path, when: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=True)
    (folder / "shop.env").write_text(killed.BEFORE, encoding="utf-8")
    site = killed.Site(folder, "three")
    told = carried_out(site, when)
    told["settings"] = site.settings.read_text(encoding="utf-8")
    reading = read(site.journal) if site.journal.exists() else None
    told["problem"] = reading.problem if reading else ""
    told["records"] = (
        [record.event["#"] for record in reading.records if isinstance(record.event, dict)] if reading else []
    )
    told["litter"] = sorted(path.name for path in folder.iterdir() if path.name.endswith("crashcart-new"))
    (folder / "filler").unlink()
    site.journal = folder / "again" / "journal.jsonl"
    told["afterwards"] = carried_out(site, "never")["end"]
    told["settings_afterwards"] = site.settings.read_text(encoding="utf-8")
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
