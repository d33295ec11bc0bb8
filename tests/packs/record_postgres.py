"""Record the cases of the pack `postgres`: each cause is brought about again, and every look is taken and kept.

.venv/bin/python tests/packs/record_postgres.py FOLDER [CAUSE ...]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from postgres_faults import FAULTS, Shop, broken, fill, shop, users
from postgres_server import Server, until

HEALTHY = "nothing"


def main(folder: Path, causes: list[str]) -> int:
    """Return how many of the cases could not be recorded."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="shop-") as beside:
        server = Server()
        try:
            server.start()
            fill(server)
            with shop(server, Path(beside)) as ours:
                for cause in causes:
                    until(lambda: ours.orders() == 200, "orders of the healthy shop")
                    ours.forget()
                    with users(ours) if cause == HEALTHY else broken(ours, cause):
                        path = folder / f"postgres-{'healthy' if cause == HEALTHY else cause}.json"
                        failed += not _recorded(path, cause, ours)
                        _travel(path, ours)
        finally:
            server.drop()
    return failed


def _recorded(path: Path, cause: str, ours: Shop) -> bool:
    done = FAULTS[cause].__doc__ if cause != HEALTHY else "Users at work, and nothing wrong."
    argv = [sys.executable, "-m", "crashcart", "case", "record", "-o", str(path)]
    argv += ["--truth", cause if cause == HEALTHY else f"db:postgres.{cause}", "--note", (done or "").strip()]
    argv += ["--system", str(ours.system_file)]
    return subprocess.run(argv, env={**os.environ, **ours.environ}, check=False).returncode == 0


def _travel(path: Path, ours: Shop) -> None:
    """Put the usual places for those of this machine: a case is read elsewhere."""
    places = {
        str(ours.server.folder): "/var/lib/postgresql", str(ours.folder): "/srv/shop",
        str(Path(__file__).parent): "/srv/shop", sys.prefix: "/opt/venv", sys.base_prefix: "/usr",
    }  # fmt: skip
    text = path.read_text()
    for here, there in places.items():
        text = text.replace(here, there)
    path.write_text(text)
    path.chmod(0o644)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:] or [HEALTHY, *FAULTS]))
