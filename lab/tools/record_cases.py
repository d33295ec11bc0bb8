"""Record the committed cases: each fault once, really present, and a healthy system, swept by crashcart from outside.

    python lab/tools/record_cases.py cases/digest                 all of them
    python lab/tools/record_cases.py cases/digest port-taken      these alone

Folders of this machine are written as /srv/digest and /opt, so that a case says nothing about where it was made.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from crashcart_lab import client, drill, truths
from crashcart_lab.faults import FAULTS
from crashcart_lab.product import Product
from crashcart_lab.temporary import fresh_world
from crashcart_lab.world import World

ROOT = Path(__file__).resolve().parents[2]
SEED = 1
HEALTHY = "healthy"


def main(folder: Path, names: Sequence[str] = ()) -> None:
    """Record one case for each fault, and one of a healthy system; with names, those alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for fault in filter(truths.is_covered, FAULTS):
        if names and fault.name not in names:
            continue
        with fresh_world(seed=SEED, has_workers=fault.needs_workers, has_front=fault.needs_front) as world:
            drill.break_(world, fault, seed=SEED)
            _record(
                world, folder / f"{fault.name}.json", truth=truths.cause_of(fault), note=f"{fault.name}, seed {SEED}"
            )
            drill.heal(world)
    if names and HEALTHY not in names:
        return
    with fresh_world(seed=SEED) as world:
        client.scrape(world.digest_url, world.site_url)
        _record(world, folder / f"{HEALTHY}.json", truth="nothing", note=f"healthy, seed {SEED}")


def _record(world: World, path: Path, *, truth: str, note: str) -> None:
    Product(world.crashcart_folder).record(world.system_file, path, truth=truth, note=note)
    text = path.read_text(encoding="utf-8")
    sockets = str(world.state.socket_folder)
    for here, there in (
        (str(world.root), "/srv/digest"),
        (sys.prefix, "/opt/venv"),
        (str(ROOT), "/opt/src"),
        (sockets, "/run/lab"),
    ):
        text = text.replace(here, there)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    print(path, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
