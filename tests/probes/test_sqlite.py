"""`sqlite`, on real databases that another process uses."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crashcart.model.observation import Moment
from crashcart.model.system import Target
from crashcart.ports import FileLock
from crashcart.testing import FakePlace

_CODE = """
import sqlite3, sys
path, word, *statements = sys.argv[1:]
mine, reader = (sqlite3.connect(path, isolation_level=None, timeout=0) for _ in range(2))
for statement in statements:
    (reader if statement.startswith("reader:") else mine).execute(statement.removeprefix("reader:")).fetchall()
print("ready", flush=True)
sys.stdin.read()
"""
_WAL = "PRAGMA journal_mode=wal"
_TABLE = "CREATE TABLE jobs (id INTEGER PRIMARY KEY, status TEXT, loose)"
_ROWS = "INSERT INTO jobs (status, loose) VALUES ('pending', 1), ('pending', '1'), ('done', 2)"
LOOKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("lock", {}), ("journal", {}), ("integrity", {}), ("schema", {"table": "jobs"}), ("rows", {"table": "jobs"}),
    ("settings", {}),
)  # fmt: skip

Use = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "app.db"


@pytest.fixture
def db(path: Path) -> Target:
    path.parent.mkdir()
    return Target("db", "sqlite", {"path": str(path)})


@pytest.fixture
def use(path: Path, word: str) -> Iterator[Use]:
    """Return a function that has another process run statements on the database and keep it open."""
    started: list[subprocess.Popen[bytes]] = []

    def run(*statements: str) -> subprocess.Popen[bytes]:
        program = path.parents[1] / "use.py"
        program.write_text(_CODE)
        command = [sys.executable, str(program), str(path), word, *statements]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(autouse=True)
def short_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crashcart.probes.sqlite.look.WATCH_S", 0.1)
    monkeypatch.setattr("crashcart.probes.database.PATIENCE_S", 0.05)


def made(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def listing(path: Path) -> dict[str, tuple[str, int, int]]:
    return {
        file.name: (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime_ns, file.stat().st_ino)
        for file in path.parent.iterdir()
    }


def answers(looking, db: Target) -> set[object]:
    return {looking.seen("sqlite", db, look, **args).fields["answer"] for look, args in LOOKS[2:]}


# --- lock ------------------------------------------------------------------------------------------------------------


@pytest.mark.row("sqlite", "lock: a process holds the write lock")
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_the_holder_of_the_write_lock_is_named(looking, db, use, word, mode):
    holder = use(f"PRAGMA journal_mode={mode}", _TABLE, "BEGIN IMMEDIATE")

    fields = looking.seen("sqlite", db, "lock").fields

    assert (fields["is_locked"], fields["level"], fields["pid"]) == (True, "writing", holder.pid)
    assert word in fields["command"]
    assert 0 <= fields["age"] < 60


@pytest.mark.row("sqlite", "lock: a process keeps readers out too")
@pytest.mark.parametrize("before", [[], [_WAL, "PRAGMA locking_mode=exclusive"]])
def test_an_exclusive_lock_is_told_apart(looking, db, use, before):
    use(*before, _TABLE, "BEGIN EXCLUSIVE", _ROWS)

    fields = looking.seen("sqlite", db, "lock").fields

    assert (fields["is_locked"], fields["level"]) == (True, "exclusive")


@pytest.mark.row("sqlite", "lock: nobody holds it")
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_readers_hold_no_write_lock(looking, db, use, mode):
    use(f"PRAGMA journal_mode={mode}", _TABLE, _ROWS, "reader:BEGIN", "reader:SELECT * FROM jobs")

    assert looking.seen("sqlite", db, "lock").fields == {"is_locked": False, "level": "free"}


def test_a_lock_that_is_given_back_while_we_watch_is_free(looking, db):
    class Working(FakePlace):
        def lock_on(self, path: str, start: int, length: int, *, is_write: bool) -> FileLock | None:
            found = super().lock_on(path, start, length, is_write=is_write)
            if found:
                self.locks.clear()
            return found

    path = db.attributes["path"]
    looking.place = Working(files={path: b""}, locks={(path, 0x40000001): FileLock(7, True)})

    assert looking.seen("sqlite", db, "lock").fields == {"is_locked": False, "level": "free"}


def test_a_busy_writer_that_commits_holds_the_lock_for_moments_only(looking, db):
    path, commits = db.attributes["path"], iter(range(100))

    class Busy(FakePlace):
        def head(self, path: str, limit: int) -> bytes:
            return bytes(24) + next(commits).to_bytes(4, "big")

    looking.place = Busy(files={path: b""}, locks={(path, 0x40000001): FileLock(7, True)})

    assert looking.seen("sqlite", db, "lock").fields == {"is_locked": False, "level": "free"}


@pytest.mark.row("sqlite", "lock: its holder is hidden from us")
def test_a_hidden_holder_holds_all_the_same(looking, db):
    path = db.attributes["path"]
    looking.place = FakePlace(files={path: b""}, locks={(path, 0x40000001): FileLock(None, True)})

    assert looking.seen("sqlite", db, "lock").fields == {"is_locked": True, "level": "writing"}


# --- journal ---------------------------------------------------------------------------------------------------------


@pytest.mark.row("sqlite", "journal: there is a write-ahead log")
def test_the_log_is_measured(looking, db, path, use):
    use(_WAL, _TABLE, "PRAGMA wal_checkpoint(TRUNCATE)", *[_ROWS] * 5)

    fields = looking.seen("sqlite", db, "journal").fields

    assert fields["mode"] == "wal"
    assert fields["wal"] == path.with_name("app.db-wal").stat().st_size > 5 * 4096
    assert fields["pages"] == fields["pending"] == 5
    assert fields["is_pinned"] is False


def test_what_was_written_back_is_not_pending(looking, db, use):
    use(_WAL, _TABLE, *[_ROWS] * 5, "PRAGMA wal_checkpoint")

    fields = looking.seen("sqlite", db, "journal").fields

    assert fields["pages"] > 5
    assert fields["pending"] == 0


@pytest.mark.row("sqlite", "journal: a reader of an old state does not end")
def test_the_reader_that_pins_the_log_is_named(looking, db, use, word):
    reader = use(
        _WAL, _TABLE, _ROWS, "reader:BEGIN", "reader:SELECT * FROM jobs", *[_ROWS] * 5, "PRAGMA wal_checkpoint"
    )

    fields = looking.seen("sqlite", db, "journal").fields

    assert (fields["is_pinned"], fields["pid"]) == (True, reader.pid)
    assert word in fields["command"]
    assert fields["pending"] >= 5


def test_a_reader_of_the_newest_state_pins_nothing(looking, db, use):
    use(_WAL, _TABLE, _ROWS, "reader:BEGIN", "reader:SELECT * FROM jobs")

    assert looking.seen("sqlite", db, "journal").fields["is_pinned"] is False


@pytest.mark.row("sqlite", "journal: there is none")
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_without_a_log_nothing_is_pending(looking, db, path, mode):
    made(path, f"PRAGMA journal_mode={mode}", _TABLE)

    fields = looking.seen("sqlite", db, "journal").fields

    assert fields["mode"] == ("wal" if mode == "wal" else "rollback")
    assert (fields["wal"], fields["pending"], fields["is_pinned"]) == (0, 0, False)


# --- what the file answers -------------------------------------------------------------------------------------------


@pytest.mark.row("sqlite", "it can be read")
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_what_is_in_the_log_is_read_too(looking, db, use, mode):
    use(f"PRAGMA journal_mode={mode}", _TABLE, _ROWS, "CREATE INDEX ix ON jobs(status)", "PRAGMA user_version=7")

    schema = looking.seen("sqlite", db, "schema").fields

    assert answers(looking, db) == {"ok"}
    assert (schema["tables"], schema["indexes"], schema["version"]) == (1, 1, 7)
    assert "is_present" not in schema
    assert looking.seen("sqlite", db, "rows", table="jobs").fields["count"] == 3
    assert looking.seen("sqlite", db, "rows", table="JOBS", column="Status", value="pending").fields["count"] == 2
    assert looking.seen("sqlite", db, "rows", table="jobs", column="loose", value="1").fields["count"] == 2


def test_what_is_committed_is_seen_and_what_is_not_is_not(looking, db, use):
    use(_WAL, _TABLE, _ROWS, "BEGIN IMMEDIATE", _ROWS)

    assert looking.seen("sqlite", db, "rows", table="jobs").fields["count"] == 3


def test_free_pages_are_told(looking, db, path):
    made(path, _TABLE, f"INSERT INTO jobs (loose) VALUES (zeroblob({1 << 20}))", "DELETE FROM jobs")

    fields = looking.seen("sqlite", db, "settings").fields

    assert fields["size"] == path.stat().st_size
    assert fields["free"] > 90
    assert (fields["page"], fields["vacuum"]) == (4096, "none")


@pytest.mark.row("sqlite", "there is not one byte in it")
def test_an_empty_file_keeps_its_log(looking, db, path):
    path.touch()
    path.with_name("app.db-wal").write_bytes(b"what is left of it")
    before = listing(path)

    assert answers(looking, db) == {"empty"}
    assert listing(path) == before


@pytest.mark.row("sqlite", "readers are kept out")
def test_a_database_that_keeps_readers_out_is_locked(looking, db, use):
    use(_TABLE, "BEGIN EXCLUSIVE", _ROWS)

    assert answers(looking, db) == {"locked"}


@pytest.mark.row("sqlite", "its pages do not hold together")
def test_an_overwritten_page_is_corrupt(looking, db, path):
    made(path, _TABLE, f"INSERT INTO jobs (loose) VALUES (zeroblob({1 << 20}))")
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096))

    fields = looking.seen("sqlite", db, "integrity").fields

    assert fields["answer"] == "corrupt"
    assert looking.seen("sqlite", db, "rows", table="jobs").fields["answer"] == "corrupt"


def test_a_file_that_was_cut_off_is_corrupt(looking, db, path):
    made(path, _TABLE, *[f"INSERT INTO jobs (loose) VALUES (zeroblob({1 << 16}))"] * 4)
    os.truncate(path, path.stat().st_size // 2)

    assert looking.seen("sqlite", db, "integrity").fields["answer"] == "corrupt"


@pytest.mark.row("sqlite", "it is no SQLite file")
def test_a_file_of_another_kind_is_foreign(looking, db, path):
    path.write_bytes(b"<html>" * 1000)

    assert answers(looking, db) == {"foreign"}


@pytest.mark.row("sqlite", "a transaction was cut off")
def test_a_hot_journal_is_left_to_a_writer(looking, db, path, use):
    made(path, _TABLE, f"INSERT INTO jobs (loose) VALUES (zeroblob({1 << 20}))")
    process = use("PRAGMA cache_size=1", "BEGIN", f"UPDATE jobs SET loose = zeroblob({1 << 20})", "DELETE FROM jobs")
    process.kill()
    process.wait()
    before = listing(path)

    assert looking.seen("sqlite", db, "journal").fields["rollback"] > 0
    assert answers(looking, db) == {"unfinished"}
    assert listing(path) == before


def test_a_log_without_its_index_is_left_to_a_writer(looking, db, path, use):
    process = use(_WAL, _TABLE)
    process.kill()
    process.wait()
    path.with_name("app.db-shm").unlink()
    before = listing(path)

    assert answers(looking, db) == {"unfinished"}
    assert "pages" not in looking.seen("sqlite", db, "journal").fields
    assert listing(path) == before


# --- schema and rows -------------------------------------------------------------------------------------------------


@pytest.mark.row("sqlite", "schema: what is named is not there")
@pytest.mark.parametrize(
    ("named", "is_present"),
    [
        ({"table": "jobs"}, True), ({"table": "jobs", "column": "STATUS"}, True), ({"index": "by_status"}, True),
        ({"table": "jobs", "index": "by_status"}, True), ({"table": "jobs", "index": "status"}, True),
        ({"table": "nobs"}, False), ({"table": "jobs", "column": "tags"}, False), ({"index": "by_tags"}, False),
        ({"table": "jobs", "index": "loose"}, False), ({"table": "nobs", "column": "status"}, False),
        ({"column": "status"}, False), ({"table": 'jobs"; DROP TABLE jobs; --'}, False),
    ],
)  # fmt: skip
def test_parts_of_the_schema_are_there_or_not(looking, db, path, named, is_present):
    made(path, _TABLE, "CREATE INDEX by_status ON jobs(status, loose)")

    assert looking.seen("sqlite", db, "schema", **named).fields["is_present"] is is_present


def test_the_revision_is_the_one_that_alembic_left(looking, db, path):
    made(path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0003')")

    assert looking.seen("sqlite", db, "schema").fields["revision"] == "0003"


def test_the_fingerprint_tells_schemas_apart(looking, db, path):
    prints = set()
    for statement in (_TABLE, "ALTER TABLE jobs ADD COLUMN tags", "INSERT INTO jobs (tags) VALUES (1)"):
        made(path, statement)
        prints.add(looking.seen("sqlite", db, "schema").fields["fingerprint"])

    assert len(prints) == 2


@pytest.mark.parametrize(
    "stored", ["2026-01-01T11:59:00.000+00:00", "2026-01-01 11:59:00", "1767268740", "1767268740000"]
)
def test_the_oldest_row_is_as_old_as_its_column_says(looking, db, path, stored):
    made(path, "CREATE TABLE jobs (status TEXT, at TEXT)")
    made(path, f"INSERT INTO jobs VALUES ('queued', '{stored}'), ('done', '2020-01-01T00:00:00')")
    now = Moment(datetime(2026, 1, 1, 12, tzinfo=UTC))

    found = looking.seen("sqlite", db, "rows", moment=now, table="jobs", column="status", value="queued", by="at")

    assert found.fields["oldest"] == 60.0


def test_where_no_row_is_none_is_old_and_what_is_no_moment_tells_nothing(looking, db, path):
    made(path, _TABLE, _ROWS)

    none = looking.seen("sqlite", db, "rows", table="jobs", column="status", value="gone", by="loose")
    words = looking.seen("sqlite", db, "rows", table="jobs", by="status")

    assert none.fields["oldest"] == 0.0
    assert words.fields == {"answer": "ok", "is_present": True, "count": 3, "is_partial": False}


@pytest.mark.row("sqlite", "rows: the table or column is not there")
@pytest.mark.parametrize(
    "args",
    [{"table": "nobs"}, {"table": "jobs", "column": "tags", "value": "tags"}, {"table": "jobs", "by": "tags"}],
)
def test_rows_of_what_is_not_there_are_not_none(looking, db, path, args):
    made(path, _TABLE, _ROWS)

    assert looking.seen("sqlite", db, "rows", **args).fields == {"answer": "ok", "is_present": False}


@pytest.mark.row("sqlite", "rows: there are more than a million")
def test_counting_ends_at_a_limit(looking, db, path, monkeypatch):
    monkeypatch.setattr("crashcart.probes.sqlite.asked._MOST", 2)
    made(path, _TABLE, _ROWS)

    fields = looking.seen("sqlite", db, "rows", table="jobs").fields

    assert (fields["count"], fields["is_partial"]) == (2, True)


def test_odd_names_are_names(looking, db, path):
    made(path, 'CREATE TABLE "a ""b"" c" ("d e")', 'INSERT INTO "a ""b"" c" VALUES (\'x\')')

    assert looking.seen("sqlite", db, "rows", table='a "b" c', column="d e", value="x").fields["count"] == 1


# --- unseen ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("sqlite", "it does not answer within our time")
def test_what_takes_too_long_is_not_waited_for(looking, db, path, monkeypatch):
    monkeypatch.setattr("crashcart.probes.sqlite.look.TIMEOUT_S", 0.0)
    numbers = "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, 'x', i FROM n"
    made(path, _TABLE, f"INSERT INTO jobs {numbers}")

    assert "did not answer within 0 s" in looking.unseen("sqlite", db, "rows", table="jobs")


@pytest.mark.row("sqlite", "there is no such file")
@pytest.mark.parametrize(("look", "args"), LOOKS)
def test_a_missing_file_is_unseen_and_not_made(looking, db, path, look, args):
    assert looking.unseen("sqlite", db, look, **args).startswith("no such file")
    assert list(path.parent.iterdir()) == []


@pytest.mark.row("sqlite", "the file may not be read")
@pytest.mark.parametrize(("look", "args"), LOOKS)
def test_a_forbidden_file_is_unseen(as_nobody, open_folder, look, args):
    made(open_folder / "app.db", _TABLE)
    (open_folder / "app.db").chmod(0)
    target = {"name": "db", "kind": "sqlite", "attributes": {"path": str(open_folder / "app.db")}}

    assert "not permitted to read" in as_nobody("sqlite", target, look, **args)


@pytest.mark.row("sqlite", "the path is not known")
@pytest.mark.parametrize(("look", "args"), LOOKS)
def test_without_a_path_nothing_is_seen(looking, look, args):
    assert looking.unseen("sqlite", Target("db", "sqlite"), look, **args) == "db has no path in the system file"


# --- nothing is left behind ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["wal", "delete"])
@pytest.mark.parametrize("end", ["open", "closed", "killed"])
def test_the_folder_is_as_it_was(looking, db, path, use, mode, end):
    process = use(f"PRAGMA journal_mode={mode}", _TABLE, _ROWS, "reader:BEGIN", "reader:SELECT * FROM jobs", *[_ROWS] * 3) \
        if mode == "wal" else use(_TABLE, _ROWS)  # fmt: skip
    if end == "closed":
        process.communicate(b"")
    elif end == "killed":
        process.kill()
        process.wait()
    before = listing(path)

    for look, args in LOOKS * 2:
        looking.seen("sqlite", db, look, **args)

    assert listing(path) == before


def test_a_log_is_not_made_when_its_owner_leaves_as_we_come(looking, db, path, use):
    """Between our glance at the log and SQLite's, the last user may close the database and take the log away."""
    process = use(_WAL, _TABLE, _ROWS)
    real, left = os.path.exists, []

    def leaving(name: str) -> bool:
        found = real(name)
        if str(name).endswith("-shm") and not left:
            left.append(process.communicate(b""))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crashcart.probes.database.os.path.exists", leaving)
        count = looking.seen("sqlite", db, "rows", table="jobs").fields["count"]

    assert (count, len(left)) == (3, 1)
    # Under our lock the last user could not take the log away; it is what that user left.
    assert looking.seen("sqlite", db, "rows", table="jobs").fields["count"] == 3


def test_many_looks_at_once_do_not_disturb_each_other(looking, db, use):
    import asyncio
    from datetime import UTC, datetime

    from crashcart.model.observation import Look, Moment, Seen

    use(_TABLE, _ROWS)
    looking.outcome("sqlite", db, "settings")
    bound = [Look("sqlite", "db", look, tuple(args.items())) for look, args in LOOKS] * 5

    async def together() -> list[object]:
        take = looking.lookers["sqlite"].take
        return await asyncio.gather(*(take(look, db, Moment(datetime.now(UTC))) for look in bound))

    outcomes = asyncio.run(together())

    assert all(isinstance(outcome, Seen) for outcome in outcomes)


def test_an_answer_of_the_fake_place_is_no_database():
    assert FakePlace(files={"/db": b"x"}).query("/db", "SELECT 1", (), timeout_s=1).state == "foreign"
