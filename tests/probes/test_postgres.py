"""`postgres`, against a real server."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "packs"))
from postgres_server import HOST, TRUST, Server, doing, running

from crashcart.model.observation import Seen, Unseen
from crashcart.model.system import Target
from crashcart.probes.place import LocalPlace
from crashcart.probes.postgres.does import does
from crashcart.probes.postgres.locks import first_before
from crashcart.probes.postgres.session import OPTIONS, Refused, ask, connect, reading
from crashcart.probes.postgres.where import Where, where
from crashcart.redact import Scrubber
from crashcart.testing import FakePlace

PASSWORD = "correct7horse"
LOOKS = ("", "connections", "sessions", "locks", "holder", "tables", "schema")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("crashcart.probes.postgres.asked.WATCH_S", 0.01)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        server.run(
            "CREATE TABLE jobs (id int PRIMARY KEY, status text)",
            "INSERT INTO jobs SELECT n, 'queued' FROM generate_series(1, 100) n",
            "CREATE INDEX jobs_by_status ON jobs (status)",
            f"CREATE ROLE bob LOGIN PASSWORD '{PASSWORD}'",
            "GRANT ALL ON jobs TO bob",
        )
        yield server


@pytest.fixture
def db(server: Server) -> Target:
    return at(server.url())


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def at(url: str) -> Target:
    return Target("db", "postgres", {"url": url})


@contextmanager
def restarted(server: Server, *, is_ready: bool = True, **settings: str) -> Iterator[None]:
    server.stop()
    server.settings = dict(settings)
    try:
        server.start(is_ready=is_ready)
        yield
    finally:
        server.stop()
        server.settings = {}
        (server.data / "standby.signal").unlink(missing_ok=True)
        server.start()


@contextmanager
def access(server: Server, text: str) -> Iterator[None]:
    """Give those other than our administrator another access list."""
    server.access(f"host all ann {HOST}/32 trust\n{text}")
    try:
        yield
    finally:
        server.access(TRUST)


# --- the door --------------------------------------------------------------------------------------------------------


@pytest.mark.row("postgres", "it takes us")
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+asyncpg", "postgis"])
def test_it_takes_us_and_says_of_itself_what_it_is(looking, server, scheme):
    url = server.url().replace("postgresql", scheme) + "?ssl=prefer&connection_limit=5"

    fields = looking.seen("postgres", at(url)).fields

    assert (fields["connect"], fields["answer"]) == ("ok", "ok")
    assert (fields["is_standby"], fields["is_read_only"]) == (False, False)
    assert fields["version"] >= 14
    assert 0 < fields["took"] < 60


def test_a_socket_of_this_machine_is_asked_too(looking, server):
    url = f"postgresql://ann@/shop?host={server.folder}&port={server.port}"

    assert looking.seen("postgres", at(url)).fields["answer"] == "ok"
    nobody = looking.seen("postgres", at(url.replace(str(server.port), "1"))).fields
    assert (nobody["connect"], nobody["answer"]) == ("refused", "unreached")


@pytest.mark.row("postgres", "nothing listens")
@pytest.mark.parametrize("look", LOOKS)
def test_nobody_is_there(looking, closed_port, look):
    fields = looking.seen("postgres", at(f"postgresql://ann@127.0.0.1:{closed_port}/shop"), look).fields

    assert fields == ({"answer": "unreached"} if look else {"connect": "refused", "answer": "unreached"})


@pytest.mark.row("postgres", "the name does not resolve")
def test_the_name_does_not_resolve(looking):
    def nobody(host: str, port: int) -> list[str]:
        return []

    looking.place = LocalPlace(nobody)

    assert looking.seen("postgres", at("postgresql://ann@db.example/shop")).fields["connect"] == "dns"


@pytest.mark.row("postgres", "it accepts and says nothing in time")
@pytest.mark.parametrize("look", ["", "locks"])
def test_a_frozen_server_is_silent(looking, server, db, look):
    server.signal(signal.SIGSTOP)
    try:
        fields = looking.seen("postgres", db, look).fields
    finally:
        server.signal(signal.SIGCONT)

    assert fields["answer"] == "silent"


@pytest.mark.row("postgres", "it starts, reads back its log, or stops")
def test_a_server_that_waits_for_its_archive_is_unready(looking, server, db):
    server.put("recovery.signal")
    with restarted(server, is_ready=False, restore_command="sleep 60"):
        fields = {}
        while fields.get("answer") in (None, "unreached"):  # the first moment, before it listens
            fields = looking.seen("postgres", db).fields
        inside = looking.seen("postgres", db, "sessions").fields
        (server.data / "recovery.signal").unlink()

    assert fields["answer"] == "unready"
    assert "starting up" in fields["detail"]
    assert inside == {"answer": "unready"}


@pytest.mark.row("postgres", "it has no connection left")
def test_no_connection_is_left(looking, server, stack):
    for _ in range(17):  # of 20, three are kept for administrators
        stack.enter_context(server.connect(user="bob", name="report"))

    fields = looking.seen("postgres", at(server.url(user="bob"))).fields
    inside = looking.seen("postgres", at(server.url(user="bob")), "connections").fields
    of_admin = looking.seen("postgres", at(server.url()), "connections").fields

    assert fields["answer"] == "full"
    assert "connection" in fields["detail"]
    assert inside == {"answer": "full", "left": 0}
    assert (of_admin["used"], of_admin["limit"], of_admin["left"]) == (17, 17, 0)
    assert (of_admin["most"], of_admin["most_by"]) == (17, "report")


@pytest.mark.row("postgres", "it does not take the password")
@pytest.mark.parametrize("method", ["scram-sha-256", "password"])
def test_another_password_is_told(looking, server, method):
    with access(server, f"host all bob {HOST}/32 {method}\n"):
        wrong = looking.seen("postgres", at(server.url(user="bob", password="wrong7horse"))).fields
        right = looking.seen("postgres", at(server.url(user="bob", password=PASSWORD))).fields

    assert (wrong["connect"], wrong["answer"], right["answer"]) == ("ok", "password", "ok")
    assert "bob" in wrong["detail"]
    assert "horse" not in str(wrong)


@pytest.mark.row("postgres", "it asks for a password, and the url has none")
def test_it_asks_for_a_password_and_we_have_none(looking, server):
    with access(server, f"host all bob {HOST}/32 scram-sha-256\n"):
        reason = looking.unseen("postgres", at(server.url(user="bob")))

    assert "the url has none" in reason


def test_what_the_environment_of_whoever_looks_says_is_not_taken_for_the_targets(looking, server, monkeypatch):
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
    monkeypatch.setenv("PGDATABASE", "nowhere")
    monkeypatch.setenv("PGPASSWORD", "wrong7horse")

    fields = looking.seen("postgres", at(server.url().replace("/shop", "/postgres"))).fields
    with access(server, f"host all bob {HOST}/32 scram-sha-256\n"):
        reason = looking.unseen("postgres", at(server.url(user="bob")))
    nameless = looking.seen("postgres", at(server.url(""))).fields

    assert (fields["answer"], fields["is_read_only"]) == ("ok", False)
    assert "the url has none" in reason
    assert 'database "ann" does not exist' in nameless["detail"]


@pytest.mark.row("postgres", "there is no such role")
def test_there_is_no_such_role(looking, server):
    trusted = looking.seen("postgres", at(server.url(user="carl"))).fields
    with access(server, f"host all all {HOST}/32 scram-sha-256\n"):
        asked = looking.seen("postgres", at(server.url(user="carl", password=PASSWORD))).fields

    assert (trusted["answer"], asked["answer"]) == ("role", "password")


@pytest.mark.row("postgres", "its access list keeps us out")
@pytest.mark.parametrize("line", ["", f"host all bob {HOST}/32 reject\n"])
def test_the_access_list_keeps_us_out(looking, server, line):
    with access(server, line):
        fields = looking.seen("postgres", at(server.url(user="bob"))).fields

    assert fields["answer"] == "forbidden"
    assert "pg_hba.conf" in fields["detail"]


@pytest.mark.row("postgres", "there is no such database")
def test_there_is_no_such_database(looking, server):
    assert looking.seen("postgres", at(server.url("shopp"))).fields["answer"] == "database"


def test_the_words_of_a_server_in_another_language_are_understood(looking, server):
    """The code that goes with an error is the same in every language; libpq keeps it to itself."""
    asked = asyncio.run(_refusal(server.url("shopp")))

    assert asked.code == "3D000"


async def _refusal(url: str) -> Refused:
    to = where(url, "db")
    assert isinstance(to, Where)
    with pytest.raises(Refused) as raised:
        await connect({**dict(to.settings), "host": to.host, "port": str(to.port)})
    return raised.value


@pytest.mark.row("postgres", "it and we do not agree about encryption")
def test_a_server_without_encryption_is_not_what_the_url_wants(looking, server):
    assert looking.seen("postgres", at(server.url() + "?sslmode=require")).fields["answer"] == "tls"


@pytest.mark.row("postgres", "something else answers there")
@pytest.mark.parametrize("mode", ["disable", "prefer"])
def test_a_web_server_is_no_database(looking, raw_server, mode):
    def web(connection) -> None:
        if connection.recv(4096):  # the first connection says nothing and goes
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    fields = looking.seen("postgres", at(f"postgresql://ann@127.0.0.1:{raw_server(web)}/shop?sslmode={mode}")).fields

    assert (fields["connect"], fields["answer"]) == ("ok", "error")
    assert "received" in fields["detail"]


@pytest.mark.row("postgres", "it follows another server")
def test_a_standby_says_so(looking, server, db):
    server.put("standby.signal")
    with restarted(server):
        fields = looking.seen("postgres", db).fields

    assert (fields["answer"], fields["is_standby"], fields["is_read_only"]) == ("ok", True, True)


@pytest.mark.row("postgres", "a setting keeps transactions from writing")
def test_a_setting_makes_it_read_only(looking, server, db):
    server.run("ALTER DATABASE shop SET default_transaction_read_only = on")
    try:
        fields = looking.seen("postgres", db).fields
    finally:
        server.run("SET transaction_read_only = off; ALTER DATABASE shop RESET default_transaction_read_only")

    assert (fields["is_standby"], fields["is_read_only"]) == (False, True)


# --- connections -----------------------------------------------------------------------------------------------------


@pytest.mark.row("postgres", "connections: a role or a database has a limit of its own")
@pytest.mark.parametrize("of", ["ROLE bob", "DATABASE shop"])
def test_the_narrowest_limit_counts(looking, server, stack, of):
    server.run(f"ALTER {of} CONNECTION LIMIT 5")
    try:
        stack.enter_context(server.connect(user="bob"))

        fields = looking.seen("postgres", at(server.url(user="bob")), "connections").fields
    finally:
        server.run(f"ALTER {of} CONNECTION LIMIT -1")

    assert (fields["used"], fields["left"]) == (1, 4)


@pytest.mark.row("postgres", "connections: ours would be the last")
def test_the_last_connection_is_left_to_others(looking, server, stack):
    for _ in range(16):
        stack.enter_context(server.connect(user="bob"))

    fields = looking.seen("postgres", at(server.url(user="bob")), "connections").fields
    reason = looking.unseen("postgres", at(server.url(user="bob")), "locks")

    assert (fields["used"], fields["left"]) == (16, 1)
    assert "most" not in fields
    assert "left it to others" in reason


# --- sessions --------------------------------------------------------------------------------------------------------


@pytest.mark.row("postgres", "sessions: one waits in an open transaction")
def test_a_session_idle_in_its_transaction_is_named(looking, server, db, stack):
    idle = stack.enter_context(server.connect(name="export"))
    idle.execute("BEGIN; SELECT count(*) FROM jobs")

    fields = looking.seen("postgres", db, "sessions").fields

    assert (fields["open"], fields["active"], fields["open_by"]) == (1, 0, "export")
    assert 0 <= fields["open_idle"] <= fields["oldest"] < 60


@pytest.mark.row("postgres", "sessions: a statement runs for long")
def test_the_longest_statement_is_told_by_its_first_word(looking, server, db, stack):
    long = stack.enter_context(server.connect(name="report"))
    stack.enter_context(doing(long, f"/* every night */ SELECT pg_sleep(60), '{PASSWORD}'"))
    server.waiting("pg_sleep(60)", is_locked=False)

    fields = looking.seen("postgres", db, "sessions").fields

    assert (fields["longest_by"], fields["longest_does"], fields["active"]) == ("report", "SELECT", 1)
    assert 0 <= fields["longest"] < 60


@pytest.mark.row("postgres", "sessions: those of others are hidden from our role")
def test_what_is_hidden_is_not_taken_for_nothing(looking, server, stack):
    stack.enter_context(server.connect(name="of-ann")).execute("BEGIN; SELECT 1")

    fields = looking.seen("postgres", at(server.url(user="bob")), "sessions").fields

    assert (fields["hidden"], fields["open"]) == (1, 0)
    assert not {"open_idle", "longest", "oldest"} & set(fields)


# --- locks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def blocked_at_once(monkeypatch):
    monkeypatch.setattr("crashcart.probes.postgres.locks.BLOCKED_S", 0.0)


@pytest.mark.row("postgres", "locks: nobody waits")
@pytest.mark.row("postgres", "holder: nobody waits for long")
def test_nobody_waits(looking, db):
    assert looking.seen("postgres", db, "locks").fields == {
        "answer": "ok", "is_blocked": False, "waiting": 0, "exclusive": 0, "longest": 0.0,
    }  # fmt: skip
    assert looking.seen("postgres", db, "holder").fields == {"answer": "ok", "state": "none"}


@pytest.mark.row("postgres", "locks: one waits for a row")
@pytest.mark.row("postgres", "holder: it is idle in its transaction")
def test_who_holds_a_row_is_named(looking, server, db, stack, blocked_at_once):
    session = stack.enter_context(server.connect(name="shell"))
    session.execute(f"BEGIN; UPDATE jobs SET status = '{PASSWORD}' WHERE id = 1")
    waiter = stack.enter_context(server.connect(name="service"))
    stack.enter_context(doing(waiter, "UPDATE jobs SET status = 'done' WHERE id = 1"))
    server.waiting("done")

    waits = looking.seen("postgres", db, "locks").fields
    holds = looking.seen("postgres", db, "holder").fields

    assert (waits["is_blocked"], waits["waiting"], waits["exclusive"]) == (True, 1, 0)
    assert (waits["table"], waits["wants"]) == ("public.jobs", "UPDATE")
    assert (holds["state"], holds["by"], holds["does"]) == ("idle", "shell", "BEGIN")
    assert holds["pid"] == session.info.backend_pid
    assert 0 <= holds["idle"] <= holds["age"] < 60
    assert PASSWORD not in str(waits) + str(holds)


@pytest.mark.row("postgres", "locks: one wants a whole table, and others wait behind it")
@pytest.mark.row("postgres", "holder: it is at work")
@pytest.mark.row("postgres", "holder: it is hidden from our role")
def test_a_schema_change_and_those_behind_it(looking, server, db, stack, blocked_at_once):
    reader = stack.enter_context(server.connect(name="report"))
    stack.enter_context(doing(reader, "SELECT pg_sleep(60) FROM jobs"))
    server.waiting("pg_sleep(60)", is_locked=False)
    change = stack.enter_context(server.connect(name="migration"))
    stack.enter_context(doing(change, "ALTER TABLE jobs ADD COLUMN note text"))
    server.waiting("ADD COLUMN")
    behind = stack.enter_context(server.connect(user="bob"))
    stack.enter_context(doing(behind, "SELECT count(*) FROM jobs"))
    server.waiting("count(*) FROM jobs")

    waits = looking.seen("postgres", db, "locks").fields
    holds = looking.seen("postgres", db, "holder").fields
    of_bob = at(server.url(user="bob"))
    hidden = looking.seen("postgres", of_bob, "holder").fields

    assert (waits["waiting"], waits["exclusive"], waits["table"]) == (2, 1, "public.jobs")
    assert waits["wants"] == "ALTER TABLE"
    assert (holds["state"], holds["by"], holds["idle"]) == ("active", "report", 0.0)
    assert (hidden["state"], hidden["pid"]) == ("hidden", reader.info.backend_pid)
    assert not {"idle", "age", "does"} & set(hidden)
    assert "wants" not in looking.seen("postgres", of_bob, "locks").fields


@pytest.mark.row("postgres", "holder: it is a prepared transaction")
def test_a_transaction_without_a_session_is_found(looking, server, db, blocked_at_once):
    with restarted(server, max_prepared_transactions="2"):
        server.run("BEGIN; UPDATE jobs SET status = 'x' WHERE id = 2; PREPARE TRANSACTION 'lost'")
        with server.connect() as waiter, doing(waiter, "UPDATE jobs SET status = 'done' WHERE id = 2"):
            server.waiting("done")

            fields = looking.seen("postgres", db, "holder").fields
            sessions = looking.seen("postgres", db, "sessions").fields
        server.run("ROLLBACK PREPARED 'lost'")

    assert (fields["state"], sessions["prepared"]) == ("prepared", 1)
    assert 0 <= fields["age"] < 60


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ({"1": ["2"]}, "2"),
        ({"1": ["2"], "2": ["3", "4"], "3": ["4"]}, "4"),
        ({"1": []}, None),
        ({"1": ["2"], "2": ["1"]}, None),
        ({"1": ["0"]}, "0"),
    ],
)
def test_who_stands_first_is_followed_through_those_who_wait(by, first):
    assert first_before("1", by) == first


# --- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("postgres", "tables: there is none")
def test_a_database_without_tables(looking, server):
    fields = looking.seen("postgres", at(server.url("postgres")), "tables").fields

    assert (fields["walked"], fields["dead"], fields["uncounted"]) == (0, 0, 0)
    assert fields["size"] > 1_000_000


@pytest.mark.row("postgres", "tables: a large table is read whole, again and again")
def test_a_table_that_is_read_whole_is_named(looking, server, db, monkeypatch):
    server.run(
        "CREATE TABLE big (id int, what text)", "INSERT INTO big SELECT n, 'x' FROM generate_series(1, 12000) n",
        "DELETE FROM big WHERE id <= 1000", "SELECT pg_stat_force_next_flush()",
    )  # fmt: skip

    async def reads(_: float) -> None:
        with server.connect() as connection:
            for _ in range(3):
                connection.execute("SELECT count(*) FROM big")
            connection.execute("SELECT pg_stat_force_next_flush()")

    monkeypatch.setattr("crashcart.probes.postgres.asked.asyncio.sleep", reads)

    fields = looking.seen("postgres", db, "tables").fields
    server.run("DROP TABLE big")

    assert (fields["walked_in"], fields["dead_in"], fields["dead"]) == ("public.big", "public.big", 1000)
    assert round(fields["walked"] / fields["walks"]) == 11000
    assert (fields["uncounted"], round(fields["dead_share"], 1)) == (1, 8.3)


# --- schema ----------------------------------------------------------------------------------------------------------


@pytest.mark.row("postgres", "schema: what is named is not there")
@pytest.mark.parametrize(
    ("args", "is_present"),
    [
        ({"table": "jobs"}, True),
        ({"table": "public.jobs", "column": "status", "index": "status"}, True),
        ({"index": "jobs_by_status"}, True),
        ({"table": "jobs", "index": "jobs_pkey"}, True),
        ({"table": "orders"}, False),
        ({"table": "Jobs"}, False),
        ({"table": "nowhere.jobs"}, False),
        ({"table": "jobs", "column": "note"}, False),
        ({"table": "jobs", "index": "note"}, False),
        ({"table": "jobs; DROP TABLE jobs"}, False),
        ({"table": 'jobs"'}, False),
    ],
)
def test_what_is_named_is_there_or_not(looking, db, args, is_present):
    fields = looking.seen("postgres", db, "schema", **args).fields

    assert fields["is_present"] is is_present
    assert (fields["tables"], fields["indexes"]) == (1, 2)


@pytest.mark.row("postgres", "schema: the table of the revision is locked")
def test_the_revision_is_read_and_not_waited_for(looking, server, db, stack):
    server.run("CREATE TABLE alembic_version (version_num text)", "INSERT INTO alembic_version VALUES ('ab12')")
    stack.callback(server.run, "DROP TABLE alembic_version")
    before = looking.seen("postgres", db, "schema").fields
    migration = stack.enter_context(server.connect())
    migration.execute("BEGIN; LOCK TABLE alembic_version")

    during = looking.seen("postgres", db, "schema").fields
    migration.execute("ROLLBACK")

    assert before["revision"] == "ab12"
    assert {**during, "revision": "ab12"} == before


# --- what is not seen ------------------------------------------------------------------------------------------------


@pytest.mark.row("postgres", "our role may not look")
def test_a_schema_that_is_not_for_us(looking, server, stack):
    server.run("CREATE SCHEMA closed")
    stack.callback(server.run, "DROP SCHEMA closed")

    assert "not permitted" in looking.unseen("postgres", at(server.url(user="bob")), "schema", table="closed.jobs")


@pytest.mark.row("postgres", "a table of the system is locked")
def test_a_look_waits_for_no_lock(looking, server, db, stack):
    """Whoever waits in the queue of a lock keeps others waiting behind it."""
    session = stack.enter_context(server.connect())
    session.execute("BEGIN; LOCK TABLE pg_index IN ACCESS EXCLUSIVE MODE")

    reason = looking.unseen("postgres", db, "schema")

    assert "does not wait for a lock" in reason
    session.execute("ROLLBACK")


@pytest.mark.row("postgres", "it does not answer a question in time")
def test_a_server_that_takes_us_and_hangs(looking, db, monkeypatch):
    async def hangs(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("crashcart.probes.postgres.look.TIMEOUT_S", 1.0)
    monkeypatch.setattr("crashcart.probes.postgres.asked.room", hangs)

    assert "within 1 s" in looking.unseen("postgres", db, "locks")


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + (len(body) + 4).to_bytes(4, "big") + body


@pytest.mark.row("postgres", "a pooler takes no session settings")
def test_a_pooler_that_refuses_our_settings_is_left_alone(looking, raw_server):
    """Settings made inside a session of a pooler would stay behind for others, and keep them from writing."""

    def pooler(connection) -> None:
        asked = connection.recv(4096)
        if not asked:  # the first connection says nothing and goes
            return
        if asked[4:8] == (80877103).to_bytes(4, "big"):  # it wants to encrypt
            connection.sendall(b"N")
            asked = connection.recv(4096)
        refusal = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
        taken = _message(b"R", (0).to_bytes(4, "big")) + _message(b"Z", b"I")
        connection.sendall(_message(b"E", refusal) if b"options" in asked else taken)

    pooled = at(f"postgresql://ann@127.0.0.1:{raw_server(pooler)}/shop")

    assert looking.seen("postgres", pooled).fields["answer"] == "ok"
    assert "pooler" in looking.unseen("postgres", pooled, "locks")


@pytest.mark.row("postgres", "the url names no role")
def test_without_a_role_only_the_connection_is_seen(looking, server):
    nobody = at(f"postgresql://{HOST}:{server.port}/shop")

    assert looking.seen("postgres", nobody).fields == {"connect": "ok"}
    assert "names no role" in looking.unseen("postgres", nobody, "locks")


@pytest.mark.row("postgres", "the driver is not installed")
def test_the_driver_is_missing(looking, db, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    assert looking.unseen("postgres", db) == "driver missing: pip install 'crashcart[postgres]'"


@pytest.mark.row("postgres", "the url is not one of PostgreSQL")
@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1/0", "shop", "postgresql://ann@[bad/shop", "postgresql://ann@a:1,b:2/shop"]
)
def test_another_url(looking, url):
    assert "is not a postgresql url" in looking.unseen("postgres", at(url))


@pytest.mark.row("postgres", "the url is not known")
def test_no_url(looking):
    assert "has no url" in looking.unseen("postgres", Target("db", "postgres"))


# --- what it never does ----------------------------------------------------------------------------------------------


def test_what_a_url_says_is_given_to_the_driver_and_nothing_else():
    found = where("postgresql+asyncpg://ann:p%40ss@db:6000/shop?sslmode=require&schema=x&options=-c%20a%3Db", "db")

    assert isinstance(found, Where)
    assert (found.host, found.port, found.is_socket) == ("db", 6000, False)
    assert dict(found.settings) == {
        "user": "ann", "password": "p@ss", "dbname": "shop", "sslmode": "require", "options": "-c a=b",
    }  # fmt: skip
    assert "p@ss" not in repr(found)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select 1", "SELECT"),
        ("-- why\n /* app */ update jobs set a = 'secret'", "UPDATE"),
        ("CREATE UNIQUE INDEX CONCURRENTLY secret ON jobs (a)", "CREATE INDEX"),
        ("alter table secret add column a", "ALTER TABLE"),
        ("CREATE OR REPLACE FUNCTION secret()", "CREATE FUNCTION"),
        ("ALTER SECRET thing", "ALTER"),
        ("secret words", "other"),
        ("/* never ends", ""),
        ("", ""),
    ],
)
def test_of_a_statement_only_the_first_words_of_a_closed_list_are_told(query, told):
    assert does(query) == told


def test_every_session_that_asks_may_only_read(server):
    """Three fences: the session's default, the transaction itself, and limits that the server keeps."""

    async def tried() -> tuple[list[tuple[str | None, ...]], str]:
        to = where(server.url(), "db")
        assert isinstance(to, Where)
        connection = await connect({**dict(to.settings), "host": to.host, "port": str(to.port), "options": OPTIONS})
        try:
            names = ("default_transaction_read_only", "transaction_read_only", "statement_timeout", "lock_timeout")
            async with reading(connection):
                said = await ask(connection, "SELECT " + ", ".join(f"current_setting('{name}')" for name in names))
            with pytest.raises(Refused) as raised:
                await ask(connection, "INSERT INTO jobs VALUES (1000, 'x')")
            return said, raised.value.code
        finally:
            connection.finish()

    said, code = asyncio.run(tried())

    assert said == [("on", "on", "2s", "10ms")]
    assert code == "25006"  # read_only_sql_transaction


def test_the_server_is_asked_nothing_but_to_read(looking, server, stack):
    """The server itself writes down what it was asked; and every row is afterwards what it was."""
    with restarted(server, log_statement="all", log_line_prefix="<%a> ", log_connections="on"):
        before = server.run("SELECT * FROM jobs ORDER BY id")
        length = server.log.stat().st_size
        for look in LOOKS:
            args = {"table": "jobs", "column": "status", "index": "status"} if look == "schema" else {}
            for _ in range(10):
                assert isinstance(looking.outcome("postgres", at(server.url()), look, **args), Seen)
        told = server.log.read_bytes()[length:].decode()
        assert server.run("SELECT * FROM jobs ORDER BY id") == before
        assert server.run("SELECT 1 FROM pg_stat_activity WHERE application_name = 'crashcart'") == []
    asked = re.findall(r"<crashcart> LOG:  (?:statement|execute <unnamed>): (.*(?:\n[\t ].*)*)", told)

    begins = {statement.split("\n")[0].split(" ")[0] or "SELECT" for statement in asked}
    assert len(asked) > 100
    assert begins <= {"SELECT", "BEGIN", "ROLLBACK"}, begins
    # Each question stands between a beginning that allows reading alone and an end that keeps nothing.
    is_open = False
    for statement in asked:
        if statement.startswith("BEGIN"):
            assert statement.startswith("BEGIN READ ONLY;"), statement
        assert statement.startswith("BEGIN") != is_open, statement
        is_open = not statement.startswith("ROLLBACK")
    assert "terminate" not in " ".join(asked)
    assert "FOR UPDATE" not in " ".join(asked).upper()


def test_no_secret_of_a_session_leaves_the_look(looking, server, db, stack, blocked_at_once):
    looking.scrubber = Scrubber(["Zx9-known-Qw4rT7"])
    holder = stack.enter_context(server.connect(name="api_key=sk-proj-4f9aB2kLm83Xy0 Zx9-known-Qw4rT7"))
    holder.execute("BEGIN; UPDATE jobs SET status = 'Zx9-known-Qw4rT7' WHERE id = 1")
    waiter = stack.enter_context(server.connect(name=f"password={PASSWORD}"))
    stack.enter_context(doing(waiter, f"UPDATE jobs SET status = '{PASSWORD}' WHERE id = 1"))
    server.waiting(PASSWORD)

    told = [repr(looking.outcome("postgres", db, look)) for look in LOOKS]
    told.append(repr(looking.outcome("postgres", at(server.url(user=PASSWORD, password=f"{PASSWORD}2")))))

    secrets = ("Zx9-known", "4f9aB2kLm83Xy0", f"{PASSWORD}2", "status =")
    assert [secret for secret in secrets if any(secret in text for text in told)] == []
    assert not any(PASSWORD in text for text in told[:-1])
    assert sum("[redacted]" in text for text in told) >= 3


def test_a_refused_connection_of_ours_is_no_finding(looking):
    class Refusing(FakePlace):
        async def connect(self, host: str, port: int, *, timeout_s: float):
            raise OSError(24, "Too many open files")

    looking.place = Refusing()

    outcome = looking.outcome("postgres", at("postgresql://ann@db/shop"))
    assert outcome == Unseen("could not open a connection from here: Too many open files")
