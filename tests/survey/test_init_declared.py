"""Parts that files declare: Procfile, supervisor, systemd, compose."""

from __future__ import annotations

from crashcart.survey.finding.decide import decide
from crashcart.survey.finding.declared import declared
from crashcart.survey.finding.facts import Facts
from crashcart.survey.finding.nginx import front
from crashcart.survey.finding.parts import Part

_SHOP = "/srv/shop"


def _facts(**files: str) -> Facts:
    return Facts(_SHOP, {f"{_SHOP}/{name.replace('__', '.')}": text for name, text in files.items()}, ())


def _parts(facts: Facts) -> dict[str, Part]:
    return {part.name: part for part in decide(facts, {}).parts}


def test_a_procfile_declares_its_processes():
    parts = _parts(
        _facts(
            Procfile="web: gunicorn -b :8000 shop.wsgi\nworker: celery -A shop worker -Q mails\nrelease: python manage.py migrate\n"
        )
    )

    assert {name: part.kind for name, part in parts.items()} == {"web": "http", "worker": "celery"}
    assert parts["web"].keys["url"].value == "http://127.0.0.1:8000"
    assert parts["worker"].keys["queues"].value == "mails"
    assert "not seen running" in parts["web"].how


def test_a_compose_file_declares_services_and_the_settings_between_them():
    text = """
services:
  api:
    build: .
    command: uvicorn shop:app --port 8000
    ports: ["8080:8000"]
    environment: {DATABASE_URL: "postgresql://shop:hunter2hunter2@db:5432/shop", CACHE_URL: "redis://cache:6379/0"}
    depends_on: [db]
  db:
    image: postgres:16-alpine
    ports: ["127.0.0.1:5433:5432"]
  cache:
    image: redis:7
    ports: ["6379:6379"]
"""
    parts = _parts(_facts(compose__yml=text))

    assert {name: part.kind for name, part in parts.items()} == {"api": "http", "db": "postgres", "cache": "redis"}
    assert parts["api"].keys["url"].value == "http://127.0.0.1:8080"
    assert parts["db"].keys["url"].value == "postgresql://127.0.0.1:5433"
    assert [said.value for said in parts["api"].depends] == ["cache", "db"]


def test_a_supervisor_file_names_logs_and_who_starts_a_part():
    text = "[program:worker]\ncommand=celery -A shop worker ; the mails\ndirectory=/srv/shop\nstdout_logfile=%(here)s/var/worker.log\n"
    part = _parts(_facts(supervisord__conf=text))["worker"]

    assert part.keys["service"].value == "supervisor:worker"
    assert part.keys["logs"].value == ("var/worker.log",)


def test_a_systemd_unit_names_environment_log_and_service():
    text = "[Service]\nWorkingDirectory=/srv/shop\nEnvironment=A=1 DATABASE_URL=postgresql://app@10.0.0.5/shop\nExecStart=/srv/shop/venv/bin/gunicorn \\\n  -b 127.0.0.1:8000 shop:app\nStandardOutput=append:/srv/shop/web.log\n"
    parts = _parts(_facts(shop__service=text))

    assert parts["shop"].keys["service"].value == "systemd:shop.service"
    assert parts["shop"].keys["logs"].value == ("web.log",)
    assert parts["postgres"].keys["url"].value == "postgresql://app@10.0.0.5/shop"
    assert [said.value for said in parts["shop"].depends] == ["postgres"]


def test_a_unit_of_the_machine_counts_only_when_it_leads_into_the_folder():
    other = "[Service]\nExecStart=/usr/bin/python3 -m other\nWorkingDirectory=/srv/other\n"
    facts = Facts(_SHOP, {"/etc/systemd/system/other.service": other}, ())

    assert declared(facts) == ()


def test_a_broken_file_declares_nothing():
    assert declared(_facts(compose__yml="services: [", supervisord__conf="[program:x\ncommand")) == ()


def test_nginx_settings_name_upstreams_by_group_and_by_address():
    text = """
http {
  access_log /srv/shop/logs/access.log; # not this: error_log /x
  upstream app { server 127.0.0.1:8001 weight=2; server 127.0.0.1:8002; }
  server { listen 8080 default_server; location / { proxy_pass http://app; } location /ws { proxy_pass http://127.0.0.1:9000/ws/; } }
}
"""
    found = front([text])

    assert found.listens == ("0.0.0.0:8080",)
    assert found.upstreams == ("127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:9000")
    assert found.logs == ("/srv/shop/logs/access.log",)


def test_an_upstream_that_nobody_answers_for_is_a_part_all_the_same():
    """One may call init for the first time when the application is down: nginx still knows of it."""
    text = "http { server { listen 8080; location / { proxy_pass http://127.0.0.1:8001; } } }"

    parts = _parts(_facts(nginx__conf=text))

    assert {name: part.kind for name, part in parts.items()} == {"nginx": "nginx", "upstream": "http"}
    assert [said.value for said in parts["nginx"].depends] == ["upstream"]


def test_an_application_of_celery_without_a_worker_is_a_worker_that_is_missing():
    facts = Facts(_SHOP, {f"{_SHOP}/shop/celery.py": "from celery import Celery\napp = Celery('shop')\n"}, ())

    part = _parts(facts)["worker"]

    assert (part.kind, part.keys["app"].value) == ("celery", "shop")
    assert "no worker of it is seen" in part.how
