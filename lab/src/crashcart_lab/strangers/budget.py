"""I Hate Money (Flask, SQLAlchemy) under gunicorn, with PostgreSQL."""

from __future__ import annotations

import signal

from crashcart_lab.ports import HOST
from crashcart_lab.strangers.bed import Bed
from crashcart_lab.strangers.stranger import Break, Saw, Stranger, There, get

_DATABASE = "budget"


def _start_app(bed: Bed) -> None:
    env = {"IHATEMONEY_SETTINGS_FILE_PATH": str(bed.project / "ihatemoney.cfg")}
    argv = [
        bed.bin("gunicorn"),
        "-w",
        "2",
        "--preload",
        "-b",
        f"{HOST}:{bed.port('app')}",
        "ihatemoney.wsgi:application",
    ]
    bed.start("app", argv, env=env)
    bed.await_port("app")


def _start(bed: Bed) -> None:
    url = bed.start_postgres(_DATABASE)
    (bed.project / "ihatemoney.cfg").write_text(
        f'SECRET_KEY = "only-for-this-machine"\nSQLALCHEMY_DATABASE_URI = "{url}"\nSESSION_COOKIE_SECURE = False\n'
        "ACTIVATE_DEMO_PROJECT = True\n"
    )
    _start_app(bed)


def _parts(bed: Bed) -> tuple[There, ...]:
    return (
        There("gunicorn", ("http",), f":{bed.port('app')}"),
        There("postgres", ("postgres",), f":{bed.port('postgres')}"),
    )


def _client(bed: Bed) -> Saw:
    return get(f"http://{HOST}:{bed.port('app')}/demo", timeout_s=10, wanted="demo")


def _start_database(bed: Bed) -> None:
    bed.start_postgres(_DATABASE)


def _lose_role(bed: Bed) -> None:
    bed.psql("alter table project rename to project_old", _DATABASE)


def _find_role(bed: Bed) -> None:
    bed.psql("alter table project_old rename to project", _DATABASE)


BUDGET = Stranger(
    "budget", ("ihatemoney", "gunicorn", "psycopg2-binary"), _start, _parts, _client,
    (
        Break("database-down", "PostgreSQL is not running", "postgres", "postgres.not-running", lambda bed: bed.stop("postgres"), _start_database),
        Break("app-frozen", "gunicorn is frozen", "gunicorn", "python-service.frozen", lambda bed: bed.kill("app", signal.SIGSTOP), lambda bed: bed.kill("app", signal.SIGCONT)),
        Break("table-missing", "a table of the schema is missing", "postgres", "postgres.table-missing", _lose_role, _find_role),
    ),
)  # fmt: skip
