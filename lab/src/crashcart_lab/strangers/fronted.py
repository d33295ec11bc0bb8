"""httpbin (Flask) under gunicorn, behind nginx."""

from __future__ import annotations

import signal

from crashcart_lab.ports import HOST
from crashcart_lab.strangers.bed import Bed
from crashcart_lab.strangers.stranger import Break, Saw, Stranger, There, get


def _start_app(bed: Bed) -> None:
    argv = [bed.bin("gunicorn"), "-w", "2", "-b", f"{HOST}:{bed.port('app')}", "--access-logfile", "-", "httpbin:app"]
    bed.start("app", argv)
    bed.await_port("app")


def _start(bed: Bed) -> None:
    (bed.project / "requirements.txt").write_text("httpbin\ngunicorn\n")
    _start_app(bed)
    bed.start_nginx(bed.port("app"))


def _parts(bed: Bed) -> tuple[There, ...]:
    return (
        There("gunicorn", ("http",), f":{bed.port('app')}"),
        There("nginx", ("nginx", "http"), f":{bed.port('nginx')}"),
    )


def _client(bed: Bed) -> Saw:
    return get(f"http://{HOST}:{bed.port('nginx')}/get", timeout_s=15, wanted="headers")


def _start_nginx(bed: Bed) -> None:
    bed.start_nginx(bed.port("app"))


FRONTED = Stranger(
    "fronted", ("httpbin", "gunicorn"), _start, _parts, _client,
    (
        Break("app-down", "gunicorn is not running", "gunicorn", "python-service.not-running", lambda bed: bed.stop("app"), _start_app),
        Break("app-frozen", "gunicorn is frozen", "gunicorn", "python-service.frozen", lambda bed: bed.kill("app", signal.SIGSTOP), lambda bed: bed.kill("app", signal.SIGCONT)),
        Break("nginx-down", "nginx is not running", "nginx", "nginx.not-running", lambda bed: bed.stop("nginx"), _start_nginx),
    ),
)  # fmt: skip
