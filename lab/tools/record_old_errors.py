"""Record the logs that `crashcart_lab.noise` lays into a fresh world as the trouble of another day.

Run it again when the service's log lines or the libraries' texts change:

    python lab/tools/record_old_errors.py
"""

from __future__ import annotations

import json
import sysconfig
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import crashcart_lab
from crashcart_lab import client, lifecycle
from crashcart_lab.faults import by_name
from crashcart_lab.noise import OLD_ERRORS
from crashcart_lab.world import World

FOLDER = Path(crashcart_lab.__file__).parent / "recordings"


def lock(world: World) -> None:
    by_name("database-locked").break_(world, {"begin": "IMMEDIATE", "changes_rows": False})


def limit(world: World) -> None:
    world.set_rules([{"kind": "rate_limit", "seconds": 2, "limit": 60}])


def fail(world: World) -> None:
    world.set_rules([{"kind": "status", "status": 500}])


def stop_site(world: World) -> None:
    world.supervisor.stop("site")


def hang(world: World) -> None:
    world.set_rules([{"kind": "hang"}])


TROUBLE: dict[str, Callable[[World], None]] = {
    "database-locked": lock,
    "rate-limited": limit,
    "server-error": fail,
    "site-down": stop_site,
    "timed-out": hang,
}


def record(name: str, folder: Path) -> list[str]:
    """Return the lines of one good and one bad job, with placeholders for places and times."""
    world = World(folder.resolve())
    lifecycle.up(world, seed=0)
    try:
        begin = world.log.stat().st_size
        client.scrape(world.digest_url, world.site_url)
        TROUBLE[name](world)
        client.scrape(world.digest_url, world.site_url)
        text = world.log.read_bytes()[begin:].decode()
        places = {
            sysconfig.get_path("purelib"): "{libraries}",
            sysconfig.get_path("stdlib"): "{stdlib}",
            str(Path(crashcart_lab.__file__).parent): "{package}",
            world.site_url: "{site}",
            world.provider_url: "{provider}",
        }
    finally:
        lifecycle.down(world)
    for real, placeholder in places.items():
        text = text.replace(real, placeholder)
    return _with_offsets([json.loads(line) for line in text.splitlines()])


def _with_offsets(lines: list[dict[str, str]]) -> list[str]:
    first = datetime.fromisoformat(lines[0]["timestamp"])
    done = []
    for line in lines:
        after_s = (datetime.fromisoformat(line.pop("timestamp")) - first).total_seconds()
        done.append(json.dumps({"after_s": round(after_s, 3)} | line, ensure_ascii=False))
    return done


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name in OLD_ERRORS:
        with tempfile.TemporaryDirectory() as folder:
            lines = record(name, Path(folder))
        (FOLDER / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{name}: {len(lines)} lines")


if __name__ == "__main__":
    main()
