"""Backups hold what was there, restoring loses nothing, and what is due by the clock is done once."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crashcart_lab.digest.cli import main
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage import schema
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.jobs import Job, JobStore, Order, Status
from crashcart_lab.digest.storage.summaries import Method, SummaryStore, Wanted
from crashcart_lab.digest.upkeep import backups
from crashcart_lab.digest.upkeep.backups import BackupFailed, BackupUnusable
from crashcart_lab.digest.upkeep.restore import RestoreRefused, restore
from crashcart_lab.digest.upkeep.schedule import GRACE, Schedule
from crashcart_lab.digest.webhooks.outbox import announce

NOON = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)
SITE = "http://docs.example/"
ORDER = Order(SITE, 10, 3, ("guide",))


@pytest.fixture(scope="module")
def _empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database: migrating takes longer than a test."""
    path = tmp_path_factory.mktemp("empty") / "summaries.db"
    fresh = Database(Settings(_env_file=None, database_path=path))
    schema.prepare(fresh, may_migrate=True)
    fresh.close()
    return path


@pytest.fixture
def settings(tmp_path: Path, _empty: Path) -> Settings:
    fresh = Settings(
        _env_file=None,
        database_path=tmp_path / "summaries.db",
        backup_folder=tmp_path / "backups",
        scheduled_urls=(SITE, "http://other.example/"),
        sqlite_busy_timeout_s=5,
    )
    shutil.copyfile(_empty, fresh.database_path)
    return fresh


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    database = Database(settings)
    try:
        yield database
    finally:
        database.close()


def summarise(database: Database, text: str) -> None:
    """Take one order from its submission to its summary."""
    store = JobStore(database)
    job = store.claim(store.add(ORDER).id, "host/1/1")
    assert job is not None
    with database.writing() as db:
        assert SummaryStore(database).store(db, job, title="Docs", summary=text, method=Method.MODEL) is not None


def filled(settings: Settings, *texts: str) -> None:
    with opened(settings) as database:
        for text in texts:
            summarise(database, text)


def texts(settings: Settings) -> list[str]:
    with opened(settings) as database:
        found = SummaryStore(database).page(Wanted(), limit=100, offset=0)
    return [one.summary for one in reversed(found)]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_is_one_sound_file_that_its_manifest_describes(settings: Settings):
    filled(settings, "one", "two")

    with opened(settings) as database:  # its write-ahead log is in use
        summarise(database, "three")
        made = backups.make(settings, NOON)

    assert names(settings.backup_folder) == ["summaries_20260504_120030.db", "summaries_20260504_120030.json"]
    manifest = json.loads(made.path.with_suffix(".json").read_text())
    assert set(manifest) == {"file", "created_at", "bytes", "sha256", "schema_revision", "summaries", "integrity"}
    assert (manifest["summaries"], manifest["schema_revision"], manifest["integrity"]) == (3, schema.NEWEST, "ok")
    assert (manifest["file"], manifest["bytes"]) == (made.path.name, made.path.stat().st_size)
    assert backups.verify(made.path) == made
    assert backups.list_backups(settings.backup_folder) == [made]


def test_a_backup_under_write_load_is_one_moment_and_restores(settings: Settings):
    """Each write adds a pair; a copy that was not of one moment would hold half a pair, or not be sound."""
    stop, is_busy = threading.Event(), threading.Event()
    written: list[int] = []

    def write() -> None:
        with opened(settings) as database:
            while not stop.is_set():
                with database.writing() as db:
                    for half in ("left", "right"):
                        db.exec_driver_sql(
                            "INSERT INTO summaries (url, title, summary, status, created_at, method) "
                            "VALUES (?, ?, ?, 'completed', '2026-05-04T12:00:00.000+00:00', 'model')",
                            (SITE, half, "word " * 2000),
                        )
                written.append(len(written))
                if len(written) == 50:
                    is_busy.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert is_busy.wait(30)
        before = len(written)
        made = [backups.make(settings, NOON + timedelta(seconds=n)) for n in range(5)]
        after = len(written)
    finally:
        stop.set()
        writer.join()

    counts = [one.manifest.summaries for one in made]
    assert after > before  # writing went on meanwhile
    assert all(count is not None and count % 2 == 0 for count in counts)
    assert counts == sorted(counts, key=lambda count: count or 0)
    restore(made[2].path, settings)
    with closing(sqlite3.connect(settings.database_path)) as db:
        sides = dict(db.execute("SELECT title, count(*) FROM summaries GROUP BY title").fetchall())
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert counts[2] is not None
    assert sides == {"left": counts[2] // 2, "right": counts[2] // 2}


def test_a_backup_that_cannot_be_made_says_why_and_leaves_nothing(settings: Settings):
    backups.make(settings, NOON)

    with pytest.raises(BackupFailed, match="exists already"):
        backups.make(settings, NOON)
    with pytest.raises(BackupFailed, match="there is no database"):
        backups.make(settings.model_copy(update={"database_path": Path("/nowhere/at.db")}), NOON)
    settings.database_path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(BackupFailed, match="file is not a database"):
        backups.make(settings, NOON + timedelta(seconds=1))

    assert len(names(settings.backup_folder)) == 2


def test_a_lock_that_nobody_gives_up_ends_the_backup_and_does_not_hang_it(settings: Settings):
    hasty = settings.model_copy(update={"sqlite_busy_timeout_s": 0.1})
    with closing(sqlite3.connect(settings.database_path, isolation_level=None)) as greedy:
        greedy.execute("PRAGMA locking_mode = EXCLUSIVE")
        greedy.execute("BEGIN EXCLUSIVE")

        with pytest.raises(BackupFailed, match="database is locked"):
            backups.make(hasty, NOON)

    assert names(settings.backup_folder) == []


def test_old_backups_are_removed_but_not_the_last_good_one_nor_what_is_not_ours(settings: Settings):
    ages = {days: backups.make(settings, NOON - timedelta(days=days)) for days in (30, 20, 9, 3)}
    stray = settings.backup_folder / "summaries_20200101_000000.db"
    stray.write_bytes(b"somebody's own copy")
    ages[3].path.write_bytes(b"ruined")

    gone = backups.prune(settings, NOON)

    assert sorted(gone) == sorted([ages[30].path, ages[20].path])
    assert {path.name for path in settings.backup_folder.glob("*.db")} == {
        stray.name,
        ages[9].path.name,  # too old, and the last good one
        ages[3].path.name,
    }
    assert backups.prune(settings, NOON) == []


def test_without_any_good_backup_none_is_removed(settings: Settings):
    old = [backups.make(settings, NOON - timedelta(days=days)) for days in (30, 20)]
    for one in old:
        one.path.write_bytes(b"ruined")

    assert backups.prune(settings, NOON) == []
    assert len(names(settings.backup_folder)) == 4


def test_a_restored_database_is_what_the_service_had_and_the_former_one_is_kept(settings: Settings):
    filled(settings, "crates and boxes", "hooks")
    made = backups.make(settings, NOON)
    filled(settings, "too much")

    done = restore(made.path, settings)

    assert done.former is not None
    assert names(settings.database_path.parent) == ["backups", "summaries.db", done.former.name]
    assert texts(settings) == ["crates and boxes", "hooks"]
    with opened(settings) as database:
        summaries = SummaryStore(database)
        assert [one.summary for one in summaries.page(Wanted(words="boxes"), limit=9, offset=0)] == ["crates and boxes"]
        assert summaries.count(Wanted(tag="guide")) == 2
        assert JobStore(database).counts() == {Status.COMPLETED: 2}
        summarise(database, "life goes on")
    assert texts(settings.model_copy(update={"database_path": done.former})) == [
        "crates and boxes",
        "hooks",
        "too much",
    ]


def test_what_is_only_in_the_log_of_a_killed_process_is_kept_too(settings: Settings):
    made = backups.make(settings, NOON)
    code = (
        "import os, sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "db.execute(\"INSERT INTO received VALUES ('late', '2026')\")\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(settings.database_path)], check=False)
    assert settings.database_path.with_name("summaries.db-wal").stat().st_size > 0

    done = restore(made.path, settings)

    assert done.former is not None
    assert names(settings.database_path.parent) == ["backups", "summaries.db", done.former.name]
    with closing(sqlite3.connect(done.former)) as former, closing(sqlite3.connect(settings.database_path)) as present:
        assert former.execute("SELECT id FROM received").fetchall() == [("late",)]
        assert present.execute("SELECT id FROM received").fetchall() == []


def test_restoring_is_refused_while_the_database_is_open(settings: Settings):
    """An idle connection is enough: its process would go on with what is not there any more."""
    filled(settings, "kept")
    made = backups.make(settings, NOON)
    filled(settings, "and this")
    code = (
        "import sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1])\n"
        "db.execute('SELECT * FROM summaries').fetchall()\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )

    with opened(settings) as database:
        with database.reading() as db:
            db.exec_driver_sql("SELECT 1 FROM summaries").all()
        with pytest.raises(RestoreRefused, match="stop the service"):
            restore(made.path, settings)
    other = [sys.executable, "-c", code, str(settings.database_path)]
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(RestoreRefused, match="stop the service"):
            restore(made.path, settings)
        process.stdin.close()

    assert texts(settings) == ["kept", "and this"]
    restore(made.path, settings)
    assert texts(settings) == ["kept"]


@pytest.mark.parametrize("harm", ["rubbish", "truncated", "missing", "empty", "torn"])
def test_a_damaged_or_missing_database_is_replaced_and_its_remains_are_kept(settings: Settings, harm: str):
    filled(settings, "one", "two")
    made = backups.make(settings, NOON)
    path = settings.database_path
    whole = path.read_bytes()
    remains = {
        "rubbish": b"rubbish" * 5000,
        "truncated": whole[:5000],
        "missing": None,
        "empty": b"",
        "torn": whole[:4096] + bytes(len(whole) - 8192) + whole[-4096:],
    }[harm]
    if remains is None:
        path.unlink()
    else:
        path.write_bytes(remains)
    path.with_name("summaries.db-wal").write_bytes(b"the log of another life")

    done = restore(made.path, settings)

    assert texts(settings) == ["one", "two"]
    assert not path.with_name("summaries.db-wal").exists()
    assert (done.former is None) == (harm == "missing")
    if harm in ("rubbish", "truncated"):
        assert done.former is not None
        assert done.former.read_bytes() == remains
    if harm == "missing":
        [log] = path.parent.glob("summaries.db.before-restore-*-wal")
        assert log.read_bytes() == b"the log of another life"


@pytest.mark.parametrize("harm", ["rubbish", "missing"])
def test_a_damaged_or_missing_database_that_is_still_open_is_not_replaced(settings: Settings, harm: str):
    made = backups.make(settings, NOON)
    # In another process: whoever closes a file that SQLite has open in this one drops SQLite's locks.
    code = (
        "import sqlite3, sys\n"
        "db = sqlite3.connect(sys.argv[1])\n"
        "db.execute('SELECT * FROM summaries').fetchall()\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = [sys.executable, "-c", code, str(settings.database_path)]
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        if harm == "missing":
            settings.database_path.unlink()
        else:
            with settings.database_path.open("r+b") as file:
                file.write(b"rubbish" * 100)

        with pytest.raises(RestoreRefused, match="stop the service"):
            restore(made.path, settings)
        process.stdin.close()


def test_a_backup_that_is_not_what_it_was_is_not_restored(settings: Settings):
    filled(settings, "present")
    made = {
        name: backups.make(settings, NOON + timedelta(seconds=n)) for n, name in enumerate(("bit", "short", "bare"))
    }
    flipped = bytearray(made["bit"].path.read_bytes())
    flipped[-1] ^= 1
    made["bit"].path.write_bytes(flipped)
    made["short"].path.write_bytes(made["short"].path.read_bytes()[:8192])
    made["bare"].path.with_suffix(".json").unlink()

    for name, words in (
        ("bit", "changed or damaged"),
        ("short", "changed or damaged"),
        ("bare", "no manifest"),
    ):
        with pytest.raises(BackupUnusable, match=words):
            restore(made[name].path, settings)

    assert texts(settings) == ["present"]
    assert names(settings.database_path.parent) == ["backups", "summaries.db"]


def test_a_backup_of_a_newer_release_is_not_restored(settings: Settings):
    with closing(sqlite3.connect(settings.database_path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
    made = backups.make(settings, NOON)

    with pytest.raises(RestoreRefused, match="revision 9999"):
        restore(made.path, settings)


class Clockwork:
    """A schedule, and what it submits."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.orders: list[str] = []
        self.broken_site: str | None = None
        self.schedule = Schedule(settings, database, self._submit)
        self._jobs = JobStore(database)

    async def _submit(self, order: Order) -> Job:
        if order.url == self.broken_site:
            raise RuntimeError("this site cannot be queued")
        self.orders.append(order.url)
        return await asyncio.to_thread(self._jobs.add, order)

    def due(self, name: str, at: datetime) -> bool:
        return asyncio.run(self.schedule.run_due(name, at))


MIDNIGHT = datetime(2026, 5, 4, 0, 0, 0, tzinfo=UTC)


def test_of_two_schedules_one_alone_does_what_is_due(settings: Settings):
    with opened(settings) as one, opened(settings) as other:
        both = [Clockwork(settings, one), Clockwork(settings, other)]

        async def at_once() -> list[bool]:
            late = (MIDNIGHT, MIDNIGHT + timedelta(seconds=20))  # their clocks differ
            return list(
                await asyncio.gather(*(c.schedule.run_due("scrape", at) for c, at in zip(both, late, strict=True)))
            )

        assert sorted(asyncio.run(at_once())) == [False, True]
        assert sorted(both[0].orders + both[1].orders) == [SITE, "http://other.example/"]
        assert both[1].due("scrape", MIDNIGHT + timedelta(days=1))


def test_what_is_long_past_is_not_made_up_for(settings: Settings):
    with opened(settings) as database:
        clock = Clockwork(settings, database)

        assert not clock.due("scrape", MIDNIGHT + GRACE + timedelta(seconds=1))
        assert clock.due("scrape", MIDNIGHT + GRACE - timedelta(seconds=1))


def test_a_start_after_a_short_absence_does_what_was_missed_and_a_first_start_nothing(settings: Settings):
    with opened(settings) as database:
        clock = Clockwork(settings, database)
        asyncio.run(clock.schedule.catch_up(MIDNIGHT + timedelta(minutes=5)))
        assert clock.orders == []
        assert clock.due("scrape", MIDNIGHT)

        asyncio.run(clock.schedule.catch_up(MIDNIGHT + timedelta(minutes=5)))
        assert len(clock.orders) == 2

        asyncio.run(clock.schedule.catch_up(MIDNIGHT + timedelta(days=1, minutes=5)))
        assert len(clock.orders) == 4


def test_one_site_that_cannot_be_queued_does_not_keep_the_others_from_it(
    settings: Settings, caplog: pytest.LogCaptureFixture
):
    with opened(settings) as database:
        clock = Clockwork(settings, database)
        clock.broken_site = SITE

        assert clock.due("scrape", MIDNIGHT)

    assert clock.orders == ["http://other.example/"]
    assert f"scheduled scrape of {SITE} failed" in caplog.text


def test_a_failed_backup_is_logged_and_the_next_one_is_made(settings: Settings, caplog: pytest.LogCaptureFixture):
    at = datetime(2026, 5, 4, 2, 0, 1, tzinfo=UTC)
    settings.backup_folder.write_text("a file where the folder should be")
    with opened(settings) as database:
        clock = Clockwork(settings, database)

        assert clock.due("backup", at)
        settings.backup_folder.unlink()
        assert clock.due("backup", at + timedelta(days=1))

    assert "scheduled backup failed" in caplog.text
    assert [one.path.name for one in backups.list_backups(settings.backup_folder)] == ["summaries_20260505_020001.db"]


def test_retention_removes_what_is_old_and_ended_and_nothing_else(settings: Settings):
    hooked = settings.model_copy(update={"webhook_url": "http://127.0.0.1:9/"})
    at = datetime(2026, 5, 4, 3, 30, 0, tzinfo=UTC)
    with opened(settings) as database:
        summarise(database, "old")
        summarise(database, "new")
        for _ in range(4):
            with database.writing() as db:
                announce(db, hooked, "scrape_failed", job_id="job", summary_id=None)
        JobStore(database).add(ORDER)
        with database.writing() as db:
            old = "2020-01-01T00:00:00.000+00:00"
            db.exec_driver_sql("UPDATE summaries SET created_at = ? WHERE summary = 'old'", (old,))
            db.exec_driver_sql(
                "UPDATE jobs SET finished_at = ?, created_at = ? "
                "WHERE id = (SELECT job_id FROM summaries WHERE summary = 'old')",
                (old, old),
            )
            db.exec_driver_sql("UPDATE jobs SET created_at = ? WHERE status = 'queued'", (old,))
            for rowid, (state, created) in enumerate(
                [("delivered", old), ("delivered", "2999"), ("dead", old), ("pending", old)], 1
            ):
                db.exec_driver_sql(
                    "UPDATE deliveries SET status = ?, created_at = ? WHERE rowid = ?", (state, created, rowid)
                )
            for slot in ("2026-04-01T00:00+00:00", "2026-05-04T00:00+00:00"):
                db.exec_driver_sql("INSERT INTO schedule_slots VALUES ('scrape', ?)", (slot,))

        assert Clockwork(settings, database).due("retention", at)

        assert JobStore(database).counts() == {Status.COMPLETED: 1, Status.QUEUED: 1}
        with database.reading() as db:
            states = db.exec_driver_sql("SELECT status FROM deliveries ORDER BY rowid").scalars().all()
            slots = db.exec_driver_sql("SELECT slot FROM schedule_slots WHERE name = 'scrape'").scalars().all()
    assert texts(settings) == ["new"]
    assert states == ["delivered", "dead", "pending"]
    assert slots == ["2026-05-04T00:00+00:00"]


def test_a_running_schedule_says_what_is_next_does_what_was_missed_and_stops(settings: Settings):
    every_minute = settings.model_copy(update={"schedule_cron": "* * * * *", "backup_cron": None})

    async def live(database: Database) -> tuple[dict[str, str | None], dict[str, str | None]]:
        clock = Clockwork(every_minute, database)
        assert clock.schedule.next_runs() == {"retention": None, "scrape": None}
        clock.schedule.start()
        while len(clock.orders) < 2:
            await asyncio.sleep(0.01)
        during = clock.schedule.next_runs()
        clock.schedule.close()
        await asyncio.sleep(0)
        return during, clock.schedule.next_runs()

    with opened(settings) as database:
        with database.writing() as db:
            db.exec_driver_sql("INSERT INTO schedule_slots VALUES ('scrape', '2026-01-01T00:00+00:00')")
        during, after = asyncio.run(asyncio.wait_for(live(database), 20))

    assert during["scrape"] is not None
    assert timedelta(0) < datetime.fromisoformat(during["scrape"]) - datetime.now(UTC) <= timedelta(minutes=1)
    assert after == {"retention": None, "scrape": None}


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.chdir(settings.database_path.parent)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return lambda *words: CliRunner().invoke(main, list(words))


def test_backups_are_made_listed_and_restored_at_the_command_line(settings: Settings, run: Callable[..., Result]):
    filled(settings, "one")
    made = run("backup")
    filled(settings, "two")
    [name] = [path.name for path in Path("backups").glob("*.db")]

    listed, restored = run("backups"), run("restore", name)

    assert (made.exit_code, listed.exit_code, restored.exit_code) == (0, 0, 0)
    assert "1 summaries" in made.output
    assert f"backups/{name}" in listed.output
    assert listed.output.rstrip().endswith("good")
    assert "the former database is summaries.db.before-restore-" in restored.output
    assert texts(settings) == ["one"]


def test_commands_that_fail_say_what_to_do_and_exit_with_2(settings: Settings, run: Callable[..., Result]):
    run("backup")
    [path] = Path("backups").glob("*.db")
    with opened(settings) as database, database.reading():
        refused = run("restore", str(path))
    path.write_bytes(b"ruined")
    unusable, listed, missing = run("restore", str(path)), run("backups"), run("restore", "no.db")
    settings.database_path.unlink()
    nothing = run("backup")

    assert [one.exit_code for one in (refused, unusable, missing, nothing)] == [2, 2, 2, 2]
    assert "stop the service" in refused.stderr
    assert "`backups` lists" in missing.stderr
    assert "check DATABASE_PATH" in nothing.stderr
    assert listed.exit_code == 1
    assert "unusable" in listed.output


def test_settings_are_shown_without_their_secrets_and_wrong_ones_named(settings: Settings, run: Callable[..., Result]):
    Path(".env").write_text("OPENAI_API_KEY=sk-very-secret\nSCHEDULED_URLS=http://a.example/,http://b.example/\n")
    right = run("check-settings")
    Path(".env").write_text("PORT=ninety\nBACKUP_CRON=often\n")
    wrong = run("check-settings")

    assert right.exit_code == 0
    assert "OPENAI_API_KEY=(set)\n" in right.output
    assert "SCHEDULED_URLS=http://a.example/,http://b.example/\n" in right.output
    assert "sk-very" not in right.output
    assert wrong.exit_code == 1
    assert "PORT: " in wrong.stderr
    assert "BACKUP_CRON: write five cron fields" in wrong.stderr


def test_the_schema_goes_back_and_forth_at_the_command_line(settings: Settings, run: Callable[..., Result]):
    filled(settings, "kept")

    back, forth, odd = run("migrate", "--to", "0002"), run("migrate"), run("migrate", "--to", "0815")

    assert (back.exit_code, forth.exit_code, odd.exit_code) == (0, 0, 2)
    assert back.output.endswith("revision 0002\n")
    assert forth.output.endswith(f"revision {schema.NEWEST}\n")
    assert texts(settings) == ["kept"]


def test_a_database_of_another_release_stops_the_start_with_its_reason(settings: Settings):
    with closing(sqlite3.connect(settings.database_path)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")

    done = subprocess.run(
        [sys.executable, "-m", "crashcart_lab.digest"],
        cwd=settings.database_path.parent,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert "has schema revision 9999, which this release does not know" in done.stderr
    assert "Traceback" not in done.stderr
    [line] = settings.database_path.with_name("digest.log").read_text().splitlines()
    assert json.loads(line)["level"] == logging.getLevelName(logging.ERROR)
