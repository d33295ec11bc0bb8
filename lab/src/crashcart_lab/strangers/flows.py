"""The server of Prefect (FastAPI, asyncpg, Alembic) with PostgreSQL."""

from __future__ import annotations

import signal

import httpx

from crashcart_lab.ports import HOST
from crashcart_lab.strangers.bed import Bed
from crashcart_lab.strangers.stranger import Break, Saw, Stranger, There

_DATABASE = "flows"


def _start_app(bed: Bed) -> None:
    env = {"PREFECT_HOME": str(bed.parts / "prefect"), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    # As honcho and compose do it: what stands in .env is in the environment.
    lines = (bed.project / ".env").read_text().splitlines()
    env |= {name: value for name, _, value in (line.partition("=") for line in lines)}
    argv = [bed.bin("prefect"), "server", "start", "--host", HOST, "--port", str(bed.port("app")), "--no-ui"]
    bed.start("app", argv, env=env)
    bed.await_port("app", timeout_s=120)


def _start(bed: Bed) -> None:
    url = bed.start_postgres(_DATABASE).replace("postgresql://", "postgresql+asyncpg://")
    (bed.project / ".env").write_text(f"PREFECT_API_DATABASE_CONNECTION_URL={url}\n")
    _start_app(bed)


def _parts(bed: Bed) -> tuple[There, ...]:
    return (
        There("server", ("http",), f":{bed.port('app')}"),
        There("postgres", ("postgres",), "postgres"),
    )


def _client(bed: Bed) -> Saw:
    try:
        answer = httpx.post(f"http://{HOST}:{bed.port('app')}/api/flows/count", json={}, timeout=15, trust_env=False)
    except httpx.HTTPError as error:
        return Saw(False, f"{type(error).__name__}: {error or 'no words'}")
    return Saw(answer.status_code == 200, f"status {answer.status_code}: {answer.text[:100]}")


def _start_database(bed: Bed) -> None:
    bed.start_postgres(_DATABASE)


FLOWS = Stranger(
    "flows", ("prefect==3.4.20", "fastapi<0.120", "importlib-metadata"), _start, _parts, _client,
    (
        Break("database-down", "PostgreSQL is not running", "postgres", "postgres.not-running", lambda bed: bed.stop("postgres"), _start_database),
        Break("app-frozen", "the server is frozen", "server", "python-service.frozen", lambda bed: bed.kill("app", signal.SIGSTOP), lambda bed: bed.kill("app", signal.SIGCONT)),
        Break("app-down", "the server is not running", "server", "python-service.not-running", lambda bed: bed.stop("app"), _start_app),
    ),
)  # fmt: skip
