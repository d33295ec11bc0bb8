"""Parts that settings name: in env files, in environments, in source."""

from __future__ import annotations

from datetime import UTC, datetime

from crashcart.ports import OpenFile, ProcessInfo, Surroundings
from crashcart.survey.finding.decide import decide
from crashcart.survey.finding.facts import Facts, Running
from crashcart.survey.finding.folding import assigned
from crashcart.survey.finding.parts import Part, Sure
from crashcart.survey.finding.providers import providers
from crashcart.survey.finding.write import system_text

_SHOP = "/srv/shop"
_WEB = "uvicorn shop:app --port 8000"


def _process(pid: int, command: str, around: Surroundings, **environ: str) -> Running:
    info = ProcessInfo(pid, tuple(command.split()), datetime(2024, 5, 1, tzinfo=UTC), "sleeping", "app", 1, 1, 1, ())
    return Running(info, around, environ)


def _facts(files: dict[str, str], *processes: Running, databases: tuple[str, ...] = ()) -> Facts:
    project = frozenset(process.pid for process in processes if process.around.folder == _SHOP)
    return Facts(_SHOP, {f"{_SHOP}/{name}": text for name, text in files.items()}, processes, databases, project)


def _parts(facts: Facts) -> dict[str, Part]:
    return {part.name: part for part in decide(facts, {}).parts}


def _web(**environ: str) -> Running:
    return _process(10, _WEB, Surroundings(_SHOP, 1, listens=(("127.0.0.1", 8000),)), **environ)


def test_an_address_in_an_env_file_is_named_and_never_written_out():
    """A password must not get into the system file, whatever shape its setting has."""
    env = "DATABASE_URL=postgresql+psycopg://app:hunter2hunter2@db.internal/shop\nOPENAI_API_KEY=sk-abcdef0123456789abcdef\n"
    facts = _facts({".env": env}, _web())

    text = system_text(decide(facts, {}))

    assert 'url = "env:DATABASE_URL"' in text
    assert 'key = "env:OPENAI_API_KEY"' in text
    assert "hunter2" not in text
    assert "sk-abcdef" not in text


def test_a_password_in_the_environment_of_a_process_is_left_out():
    facts = _facts({}, _web(DATABASE_URL="postgresql://app:hunter2hunter2@10.0.0.9/shop?password=hunter2hunter2"))

    text = system_text(decide(facts, {}))

    assert 'url = "postgresql://app@10.0.0.9/shop"' in text
    assert "hunter2" not in text


def test_a_setting_in_the_environment_holds_and_the_default_in_the_source_does_not():
    source = 'CACHE_URL = "redis://old-cache:6379/0"\n'

    parts = _parts(_facts({"settings.py": source}, _web(CACHE_URL="redis://new-cache:6379/0")))

    assert [part.keys["url"].value for part in parts.values() if part.kind == "redis"] == ["redis://new-cache:6379/0"]


def test_django_says_its_databases_in_source():
    source = (
        "from pathlib import Path\nimport os\nBASE_DIR = Path(__file__).resolve().parent.parent\n"
        'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "var" / "shop.sqlite3"},'
        ' "other": {"ENGINE": "django.db.backends.postgresql", "NAME": "stock", "HOST": os.environ.get("DB_HOST", "db1"),'
        ' "PORT": os.getenv("DB_PORT"), "USER": "app", "PASSWORD": "hunter2hunter2"}}\n'
    )

    found = dict(assigned(source, "/srv/shop/conf/settings.py", {"DB_PORT": "5440"}))

    assert found["DATABASES['default']"] == "sqlite:////srv/shop/var/shop.sqlite3"
    assert found["DATABASES['other']"] == "postgresql://app@db1:5440/stock"


def test_the_broker_of_celery_stands_in_a_call():
    source = (
        'import os\nfrom celery import Celery\napp = Celery("shop", broker=os.getenv("BROKER", "redis://h:6390/1"))\n'
    )

    assert ("broker", "redis://h:6390/1") in list(assigned(source, "/srv/shop/tasks.py", {}))


def test_source_that_does_not_parse_says_nothing():
    assert list(assigned("DATABASES = {{{ postgres://x", "/srv/x.py", {})) == []


def test_a_provider_is_a_key_with_an_address_and_nothing_less():
    """An address alone may be a page, a key alone may sign our own sessions: neither makes a provider."""
    settings = {
        "OPENAI_API_KEY": "x",
        "MAILER_BASE_URL": "https://api.mailer.example/v2",
        "MAILER_API_KEY": "x",
        "SITE_URL": "https://shop.example",
        "SECRET_KEY": "x",
        "JWT_SECRET_KEY": "x",
        "DOCS_URL": "https://docs.example",
    }

    found = {provider.prefix: provider for provider in providers(settings)}

    assert set(found) == {"OPENAI", "MAILER"}
    assert found["OPENAI"].probe == "/models"
    assert found["MAILER"].url == "https://api.mailer.example/v2"


def test_a_connection_makes_a_store_of_this_machine_a_part():
    web = _process(10, _WEB, Surroundings(_SHOP, 1, listens=(("127.0.0.1", 8000),), peers=(("127.0.0.1", 6400),)))
    redis = _process(20, "redis-server --port 6400", Surroundings("/", 1, listens=(("0.0.0.0", 6400),)))
    other = _process(30, "redis-server --port 6500", Surroundings("/", 1, listens=(("0.0.0.0", 6500),)))

    parts = _parts(_facts({}, web, redis, other))

    assert set(parts) == {"shop", "redis"}
    assert parts["redis"].keys["url"].value == "redis://127.0.0.1:6400"
    assert parts["shop"].depends[0].sure is Sure.SURE


def test_an_open_database_and_open_logs_are_found():
    files = (
        OpenFile(f"{_SHOP}/var/shop.db", 5, True),
        OpenFile(f"{_SHOP}/var/web.log", 1, True),
        OpenFile("/dev/null", 2, True),
    )
    web = _process(10, _WEB, Surroundings(_SHOP, 1, files, (("127.0.0.1", 8000),)))

    parts = _parts(_facts({}, web, databases=(f"{_SHOP}/var/shop.db",)))

    assert parts["shop-sqlite"].keys["path"].value == "var/shop.db"
    assert parts["shop"].keys["logs"].value == ("var/web.log",)
    assert [said.value for said in parts["shop"].depends] == ["shop-sqlite"]


def test_a_master_with_its_workers_is_one_part():
    master = _process(10, "gunicorn -b :8000 shop:app", Surroundings(_SHOP, 1, listens=(("0.0.0.0", 8000),)))
    workers = [
        _process(pid, "gunicorn -b :8000 shop:app", Surroundings(_SHOP, 10, listens=(("0.0.0.0", 8000),)))
        for pid in (11, 12)
    ]

    assert list(_parts(_facts({}, master, *workers))) == ["shop"]


def test_two_workers_with_queues_of_their_own_are_two_parts():
    mails = _process(10, "celery -A shop worker -Q mails -n mails@h", Surroundings(_SHOP, 1))
    clips = _process(20, "celery -A shop worker -Q clips -n clips@h", Surroundings(_SHOP, 1))

    parts = _parts(_facts({}, mails, clips))

    assert sorted(str(part.keys["queues"].value) for part in parts.values()) == ["clips", "mails"]


def test_a_process_elsewhere_is_no_part():
    other = _process(10, "uvicorn other:app --port 9000", Surroundings("/srv/other", 1, listens=(("127.0.0.1", 9000),)))

    assert _parts(_facts({}, other)) == {}


def test_nothing_gives_nothing():
    assert _parts(_facts({"requirements.txt": "fastapi\nredis\n", "README.py": "# postgres://localhost/x"})) == {}
