"""What can go wrong with a PostgreSQL, done from outside to a real one that a shop uses."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from postgres_server import ADMIN, HOST, TRUST, Server, doing, free_port, is_open, until

PASSWORD = "orders7only"
ROLE = "shop"
ROWS = 900_000  # enough to keep a core busy where each question walks through them, on a fast machine too
_PATIENCE_S = 1.5

SYSTEM = """\
[system]
name = "shop"

[targets.shop]
kind = "http"
url = "http://{host}:{http}"
logs = ["shop.log"]
command = "shop_service.py {http}"
depends = ["db"]

[targets.db]
kind = "postgres"
url = "env:SHOP_DATABASE_URL"
command = "{data}"
"""


@dataclass
class Shop:
    """A server, a shop that uses it, and the folder with its log and its system file."""

    server: Server
    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Return what the setting of the shop says."""
        return self.server.url(user=ROLE, password=PASSWORD)

    @property
    def environ(self) -> dict[str, str]:
        """Return the setting that the system file names."""
        return {"SHOP_DATABASE_URL": self.url}

    @property
    def system_file(self) -> Path:
        """Return the path of the system file."""
        return self.folder / "crashcart.toml"

    def forget(self) -> None:
        """Empty the log of the shop, which goes on with it."""
        (self.folder / "shop.log").write_text("")

    def orders(self) -> int:
        """Ask for the orders, as a user does: the status, 0 when no answer came while a user would wait."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_PATIENCE_S)
        try:
            connection.request("GET", "/orders")
            return connection.getresponse().status
        except TimeoutError:
            return 0
        finally:
            connection.close()


@contextmanager
def shop(server: Server, folder: Path) -> Iterator[Shop]:
    """Start a shop on a server that holds its orders; its log begins anew."""
    port = free_port()
    environ = {"PATH": "/usr/bin:/bin"}
    argv = [sys.executable, str(Path(__file__).with_name("shop_service.py")), str(port)]
    argv += [server.url(user=ROLE, password=PASSWORD), str(folder / "shop.log")]
    system = SYSTEM.format(host=HOST, http=port, data=server.data)
    (folder / "crashcart.toml").write_text(system)
    with subprocess.Popen(argv, env=environ) as process:
        found = Shop(server, folder, port, process)
        try:
            log = folder / "shop.log"
            until(lambda: log.exists() and "listening" in log.read_text(), "the shop")
            until(lambda: found.orders() == 200, "orders of the healthy shop")
            yield found
        finally:
            process.kill()


def fill(server: Server) -> None:
    """Make what the shop needs."""
    server.run("CREATE DATABASE shop", database="postgres")
    server.run(
        f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}' IN ROLE pg_monitor",
        "CREATE TABLE orders (id int PRIMARY KEY, customer int, note text)",
        f"INSERT INTO orders SELECT n, n % 10000, 'new' FROM generate_series(1, {ROWS}) n",
        "CREATE INDEX orders_by_customer ON orders (customer)",
        f"GRANT ALL ON orders TO {ROLE}",
        "ANALYZE orders",
    )


# --- faults: each is done, and undone at the end -----------------------------------------------------------------------

Fault = Callable[[Shop, ExitStack], None]
FAULTS: dict[str, Fault] = {}


def fault(cause: str) -> Callable[[Fault], Fault]:
    """Register how a cause is brought about."""

    def keep(one: Fault) -> Fault:
        FAULTS[cause] = one
        return one

    return keep


@fault("not-running")
def _stopped(shop: Shop, stack: ExitStack) -> None:
    """Stopped by whoever starts it."""
    shop.server.stop()
    stack.callback(shop.server.start)


@fault("listens-elsewhere")
def _elsewhere(shop: Shop, stack: ExitStack) -> None:
    """Started again with another port in its settings."""
    shop.server.stop()
    stack.callback(shop.server.start)
    stack.callback(shop.server.stop)
    shop.server.start(port=free_port())


@fault("frozen")
def _frozen(shop: Shop, stack: ExitStack) -> None:
    """All its processes were sent SIGSTOP."""
    stack.callback(shop.server.signal, signal.SIGCONT)
    shop.server.signal(signal.SIGSTOP)


@fault("not-ready")
def _recovering(shop: Shop, stack: ExitStack) -> None:
    """Restored from a backup, and its archive does not come."""
    server = shop.server
    server.stop()

    def back() -> None:
        server.stop()
        server.settings = {}
        (server.data / "recovery.signal").unlink(missing_ok=True)
        server.start()

    stack.callback(back)
    server.put("recovery.signal")
    server.settings = {"restore_command": "sleep 300"}
    server.start(is_ready=False)
    until(lambda: is_open(server.port), "a server that recovers")


@fault("password-refused")
def _password(shop: Shop, stack: ExitStack) -> None:
    """Each side has its own, and the server asks for it."""
    asks = f"host all {ADMIN} {HOST}/32 trust\nhost all all {HOST}/32 scram-sha-256\n"
    _access(shop, stack, asks)
    shop.server.run(f"ALTER ROLE {ROLE} PASSWORD 'quite7another'")
    stack.callback(shop.server.run, f"ALTER ROLE {ROLE} PASSWORD '{PASSWORD}'")


@fault("role-missing")
def _role(shop: Shop, stack: ExitStack) -> None:
    """The role was renamed."""
    shop.server.run(f"ALTER ROLE {ROLE} RENAME TO store")
    stack.callback(shop.server.run, f"ALTER ROLE {ROLE} PASSWORD '{PASSWORD}'")
    stack.callback(shop.server.run, f"ALTER ROLE store RENAME TO {ROLE}")


@fault("not-allowed")
def _access_list(shop: Shop, stack: ExitStack) -> None:
    """The access list has a line for another network alone."""
    _access(shop, stack, f"host all {ADMIN} {HOST}/32 trust\nhost all {ROLE} 192.0.2.0/24 scram-sha-256\n")


@fault("database-missing")
def _database(shop: Shop, stack: ExitStack) -> None:
    """The database was renamed."""
    shop.server.run("ALTER DATABASE shop RENAME TO shop_of_yesterday", database="postgres")
    stack.callback(shop.server.run, "ALTER DATABASE shop_of_yesterday RENAME TO shop", database="postgres")


@fault("connections-used-up")
def _full(shop: Shop, stack: ExitStack) -> None:
    """A report keeps a connection for each of its parts."""
    for _ in range(17):  # of 20, three are kept for administrators
        stack.enter_context(shop.server.connect(user=ROLE, name="report"))


@fault("standby")
def _standby(shop: Shop, stack: ExitStack) -> None:
    """Started as a standby that has nobody to follow."""
    server = shop.server
    server.stop()

    def back() -> None:
        server.stop()
        (server.data / "standby.signal").unlink()
        server.start()

    stack.callback(back)
    server.put("standby.signal")
    server.start()


@fault("read-only")
def _read_only(shop: Shop, stack: ExitStack) -> None:
    """The role was given default_transaction_read_only."""
    setting = "ALTER ROLE shop {} default_transaction_read_only"
    shop.server.run(setting.format("SET") + " = on")
    stack.callback(shop.server.run, setting.format("RESET"))


@fault("idle-holder")
def _idle(shop: Shop, stack: ExitStack) -> None:
    """A shell that somebody left open."""
    stack.enter_context(shop.server.connect()).execute("BEGIN; UPDATE orders SET note = 'seen' WHERE id < 100")


@fault("schema-change-waits")
def _queue(shop: Shop, stack: ExitStack) -> None:
    """A report that takes its time, a migration that waits for it, and everybody else."""
    stack.enter_context(
        doing(stack.enter_context(shop.server.connect(name="report")), "SELECT pg_sleep(60) FROM orders")
    )
    shop.server.waiting("pg_sleep(60)", is_locked=False)
    migration = stack.enter_context(shop.server.connect(name="migration"))
    stack.enter_context(doing(migration, "ALTER TABLE orders ADD COLUMN paid bool"))
    shop.server.waiting("ADD COLUMN")


@fault("long-holder")
def _long(shop: Shop, stack: ExitStack) -> None:
    """A batch in one statement: the first of its rows is changed, and the others take their time."""
    batch = stack.enter_context(shop.server.connect(name="batch"))
    slow = "CASE WHEN id = 7 THEN 'paid' ELSE pg_sleep(60)::text END"
    stack.enter_context(doing(batch, f"UPDATE orders SET note = {slow} WHERE id BETWEEN 7 AND 8"))
    shop.server.waiting("pg_sleep(60)", is_locked=False)


@fault("prepared")
def _prepared(shop: Shop, stack: ExitStack) -> None:
    """A two-phase commit was prepared and never ended."""
    server = shop.server
    server.stop()
    server.settings = {"max_prepared_transactions": "2"}
    server.start()

    def back() -> None:
        server.run("ROLLBACK PREPARED 'of-nobody'")
        server.stop()
        server.settings = {}
        server.start()

    stack.callback(back)
    server.run("BEGIN; UPDATE orders SET note = 'paid' WHERE id = 7; PREPARE TRANSACTION 'of-nobody'")


@fault("table-missing")
def _no_table(shop: Shop, stack: ExitStack) -> None:
    """The code is of another release: its table has another name here."""
    shop.server.run("ALTER TABLE orders RENAME TO orders_v1")
    stack.callback(shop.server.run, "ALTER TABLE orders_v1 RENAME TO orders")


@fault("column-missing")
def _no_column(shop: Shop, stack: ExitStack) -> None:
    """The code is of another release: its column has another name here."""
    shop.server.run("ALTER TABLE orders RENAME COLUMN note TO remark")
    stack.callback(shop.server.run, "ALTER TABLE orders RENAME COLUMN remark TO note")


@fault("index-missing")
def _no_index(shop: Shop, stack: ExitStack) -> None:
    """The index was dropped."""
    shop.server.run("DROP INDEX orders_by_customer")
    stack.callback(shop.server.run, "CREATE INDEX orders_by_customer ON orders (customer)")


def _access(shop: Shop, stack: ExitStack, text: str) -> None:
    shop.server.access(text)
    stack.callback(shop.server.access, TRUST)


# --- users ---------------------------------------------------------------------------------------------------------------


@contextmanager
def users(shop: Shop) -> Iterator[None]:
    """Have users ask for the orders all the while."""
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.wait(0.05):
            with suppress(http.client.HTTPException, OSError):
                shop.orders()

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join(10)


@contextmanager
def broken(shop: Shop, cause: str) -> Iterator[None]:
    """Bring a cause about, see that users suffer from it, and take it away again."""
    with ExitStack() as stack:
        began = time.monotonic()
        healthy = shop.orders()
        usual_s = time.monotonic() - began
        FAULTS[cause](shop, stack)
        stack.enter_context(users(shop))
        for _ in range(2):
            until(lambda: _is_worse(shop, usual_s), f"users who suffer from {cause}")
        assert healthy == 200
        yield


def _is_worse(shop: Shop, usual_s: float) -> bool:
    began = time.monotonic()
    return shop.orders() != 200 or time.monotonic() - began > 1.5 * usual_s
