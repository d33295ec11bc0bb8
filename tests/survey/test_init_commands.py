"""What command lines are understood as."""

from __future__ import annotations

import shlex

import pytest

from crashcart.survey.finding.commands import Role, understand


@pytest.mark.parametrize(
    ("line", "role", "kind", "app", "port"),
    [
        ("/srv/venv/bin/python /srv/venv/bin/gunicorn -w 4 -b 0.0.0.0:9000 shop.wsgi:app", Role.WEB, "http", "shop.wsgi:app", 9000),
        ("gunicorn --preload --bind=127.0.0.1:8001 'shop:create_app()'", Role.WEB, "http", "shop:create_app()", 8001),
        ("gunicorn shop.wsgi", Role.WEB, "http", "shop.wsgi", 8000),
        ("python -m uvicorn main:app --reload --port 8080", Role.WEB, "http", "main:app", 8080),
        ("uv run --frozen uvicorn main:app --host 0.0.0.0 --port 8080", Role.WEB, "http", "main:app", 8080),
        ("python manage.py runserver 0.0.0.0:8020", Role.WEB, "http", "manage.py", 8020),
        ("flask --app shop run -p 5001", Role.WEB, "http", "shop", 5001),
        ("hypercorn main:app -b :7000", Role.WEB, "http", "main:app", 7000),
        ("celery -A proj worker -l info -Q mails,default", Role.WORKER, "celery", "proj", None),
        ("python -m celery --app=proj.tasks worker", Role.WORKER, "celery", "proj.tasks", None),
        ("celery -A proj beat", Role.TIMER, "worker", "proj", None),
        ("celery --broker=redis://h flower --port=5566", Role.WEB, "http", "", 5566),
        ("/usr/lib/postgresql/16/bin/postgres -D /data -p 5544", Role.STORE, "postgres", "", 5544),
        ("valkey-server --port 7001", Role.STORE, "redis", "", 7001),
    ],
)  # fmt: skip
def test_a_command_line_says_what_it_starts(line: str, role: Role, kind: str, app: str, port: int | None):
    found = understand(shlex.split(line))

    assert (found.role, found.kind, found.app) == (role, kind, app)
    assert (found.binds[0][1] if found.binds else None) == port


@pytest.mark.parametrize(
    "line",
    [
        "bash run.sh",
        "supervisord -n",
        "honcho start",
        "pytest -q",
        "python manage.py migrate",
        "celery -A proj inspect ping",
    ],
)
def test_what_only_starts_others_or_is_gone_in_a_moment_is_no_part(line: str):
    assert understand(line.split()).role in (Role.WRAPPER, Role.TOOL)


def test_a_title_over_the_command_line_is_read():
    """nginx, Redis and gunicorn write their own titles over what they were started with."""
    assert (
        understand(["nginx:", "master", "process", "/usr/sbin/nginx", "-c", "/srv/nginx.conf"]).options["c"]
        == "/srv/nginx.conf"
    )
    assert understand(["redis-server", "127.0.0.1:6380"]).binds == (("127.0.0.1", 6380),)
    assert understand(["gunicorn:", "master", "[shop.wsgi]"]).app == "shop.wsgi"


def test_a_port_from_the_environment_is_filled_in():
    assert understand(["gunicorn", "-b", ":$PORT", "shop:app"], {"PORT": "8123"}).binds == (("", 8123),)
    assert understand(["uvicorn", "shop:app", "--port", "${PORT:-8124}"]).binds == (("", 8124),)


def test_a_unix_socket_is_no_port():
    assert understand(["gunicorn", "-b", "unix:/run/shop.sock", "shop:app"]).binds == ()
