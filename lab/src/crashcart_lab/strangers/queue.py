"""The Django example of Celery's own source release: worker, Redis as broker, and Flower to watch it."""

from __future__ import annotations

import re
import shutil
import signal
import tarfile
from pathlib import Path

from crashcart_lab.ports import HOST
from crashcart_lab.strangers.bed import Bed
from crashcart_lab.strangers.stranger import Break, Saw, Stranger, There, get

_VERSION = "5.7.0"
_ADD = "import django; django.setup(); from demoapp.tasks import add; print(add.apply_async((2, 3), ignore_result=False).get(timeout=8))"


def _env(bed: Bed) -> dict[str, str]:
    url = f"redis://{HOST}:{bed.port('redis')}/0"
    return {"CELERY_BROKER_URL": url, "CELERY_RESULT_BACKEND": url, "DJANGO_SETTINGS_MODULE": "proj.settings"}


def _fetch(bed: Bed) -> None:
    if (bed.project / "manage.py").exists():
        return
    bed.run(
        [bed.bin("pip"), "download", "-q", "--no-deps", "--no-binary", ":all:", f"celery=={_VERSION}"], folder=bed.parts
    )
    with tarfile.open(bed.parts / f"celery-{_VERSION}.tar.gz") as archive:
        archive.extractall(bed.parts / "source", filter="data")
    example = bed.parts / "source" / f"celery-{_VERSION}" / "examples" / "django"
    shutil.copytree(example, bed.project, dirs_exist_ok=True)


def _start_worker(bed: Bed) -> None:
    bed.start("worker", [bed.bin("celery"), "-A", "proj", "worker", "-l", "INFO", "-c", "1"], env=_env(bed))


def _start(bed: Bed) -> None:
    _fetch(bed)
    bed.start_redis()
    env = _env(bed)
    bed.run([bed.bin("python"), "manage.py", "migrate", "-v0"], env=env)
    (bed.project / ".env").write_text("".join(f"{name}={value}\n" for name, value in env.items()))
    _start_worker(bed)
    argv = [bed.bin("celery"), "-A", "proj", "flower", f"--port={bed.port('flower')}", f"--address={HOST}"]
    bed.start("flower", argv, env=env)
    bed.await_port("flower")


def _parts(bed: Bed) -> tuple[There, ...]:
    return (
        There("worker", ("celery", "worker"), "worker"),
        There("redis", ("redis",), "redis"),
        There("flower", ("http",), f":{bed.port('flower')}"),
        There("database", ("sqlite",), str(Path("db.sqlite3"))),
    )


def _client(bed: Bed) -> Saw:
    """Send a task and wait for its result, as the application's own callers do."""
    from crashcart_lab.errors import LabError

    flower = get(f"http://{HOST}:{bed.port('flower')}/")
    try:
        answer = bed.run([bed.bin("python"), "-c", _ADD], env=_env(bed)).strip()
    except LabError as error:
        return Saw(False, _raised(error.hint))
    return Saw(answer == "5" and flower.is_ok, f"task answered {answer}; Flower: {flower.words}")


def _raised(output: str) -> str:
    """Return what was raised, as the end of a traceback tells it."""
    lines = output.strip().splitlines()
    at = max((place for place, line in enumerate(lines) if re.match(r"[\w.]+(?:Error|Exception)\b", line)), default=-1)
    return " ".join(lines[at:])[:160]


def _restart_redis(bed: Bed) -> None:
    bed.start_redis()


QUEUE = Stranger(
    "queue", (f"celery[redis]=={_VERSION}", "flower", "django<6", "sqlalchemy"), _start, _parts, _client,
    (
        Break("worker-down", "the worker is not running", "worker", "celery.not-running", lambda bed: bed.stop("worker"), _start_worker),
        Break("worker-frozen", "the worker is frozen", "worker", "celery.frozen", lambda bed: bed.kill("worker", signal.SIGSTOP), lambda bed: bed.kill("worker", signal.SIGCONT)),
        Break("broker-down", "Redis is not running", "redis", "redis.not-running", lambda bed: bed.stop("redis"), _restart_redis),
    ),
)  # fmt: skip
