"""A report that reads the summaries in one long transaction, and is left open in somebody's window."""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import click


@click.command()
@click.argument("database", type=click.Path(path_type=Path, exists=True))
def main(database: Path) -> None:
    """Keep one moment's state of DATABASE readable until a signal ends this process."""
    db = sqlite3.connect(database, isolation_level=None, timeout=10.0)
    db.execute("BEGIN")
    count = db.execute("SELECT count(*) FROM summaries").fetchone()[0]
    print(f"reporting on {count} summaries", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
