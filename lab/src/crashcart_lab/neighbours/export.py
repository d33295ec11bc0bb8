"""A second client of the database: begins a write transaction and does not come to its end.

Such a thing happens to every nightly export that opens its transaction before its slow part.
"""

from __future__ import annotations

import signal
import sqlite3
from pathlib import Path

import click


@click.command()
@click.argument("database", type=click.Path(path_type=Path, exists=True))
@click.option("--begin", type=click.Choice(["IMMEDIATE", "EXCLUSIVE"]), default="IMMEDIATE", show_default=True)
@click.option("--mark", is_flag=True, help="Change rows inside the transaction, too.")
def main(database: Path, begin: str, mark: bool) -> None:
    """Hold the write lock on DATABASE until a signal ends this process."""
    db = sqlite3.connect(database, isolation_level=None, timeout=10.0)
    db.execute(f"BEGIN {begin}")
    if mark:
        db.execute("UPDATE summaries SET status = status")
    print(f"exporting from {database}", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
