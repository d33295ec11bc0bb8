"""Wagtail's starter project (Django, SQLite) under gunicorn."""

from __future__ import annotations

import signal
import sqlite3

from crashcart_lab.ports import HOST
from crashcart_lab.strangers.bed import Bed
from crashcart_lab.strangers.stranger import Break, Saw, Stranger, There, get

_HOLD = (
    "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
    "c.execute('begin exclusive'); time.sleep(3600)"
)


def _start_app(bed: Bed) -> None:
    argv = [bed.bin("gunicorn"), "-w", "1", "-b", f"{HOST}:{bed.port('app')}", "mysite.wsgi"]
    bed.start("app", argv, env={"DJANGO_SETTINGS_MODULE": "mysite.settings.dev"})
    bed.await_port("app")


def _start(bed: Bed) -> None:
    if not (bed.project / "manage.py").exists():
        bed.run([bed.bin("wagtail"), "start", "mysite", "."])
        bed.run([bed.bin("python"), "manage.py", "migrate", "-v0"])
    _start_app(bed)


def _parts(bed: Bed) -> tuple[There, ...]:
    return (There("gunicorn", ("http",), f":{bed.port('app')}"), There("database", ("sqlite",), "db.sqlite3"))


def _client(bed: Bed) -> Saw:
    return get(f"http://{HOST}:{bed.port('app')}/", timeout_s=12, wanted="Wagtail")


def _hold(bed: Bed) -> None:
    bed.start("export", [bed.bin("python"), "-c", _HOLD, "db.sqlite3"], log=bed.parts / "export.log")
    from crashcart_lab.waiting import until

    until(lambda: _is_locked(bed), timeout_s=10, what="the lock", hint="read export.log")


def _is_locked(bed: Bed) -> bool:
    connection = sqlite3.connect(bed.project / "db.sqlite3", timeout=0)
    try:
        connection.execute("select count(*) from django_site")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    finally:
        connection.close()
    return False


SITE = Stranger(
    "site", ("wagtail", "gunicorn"), _start, _parts, _client,
    (
        Break("app-down", "gunicorn is not running", "gunicorn", "python-service.not-running", lambda bed: bed.stop("app"), _start_app),
        Break("app-frozen", "gunicorn is frozen", "gunicorn", "python-service.frozen", lambda bed: bed.kill("app", signal.SIGSTOP), lambda bed: bed.kill("app", signal.SIGCONT)),
        Break("database-locked", "another process holds the database", "database", "sqlite.locked", _hold, lambda bed: bed.stop("export")),
    ),
)  # fmt: skip
