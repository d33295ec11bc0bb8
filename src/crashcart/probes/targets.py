"""What can be named in the system file: the kinds of target, and what every target may say about itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from crashcart.model.spec import AttributeSpec, TargetKind

_URL = AttributeSpec(
    "url", "where it listens; a path in it stands before every path of a look", True, is_reference=True
)
_KEY = AttributeSpec("key", "the key it asks for: `env:NAME` or `file:PATH`", is_reference=True, is_secret=True)
_KEY_HEADER = AttributeSpec(
    "key_header",
    "the header that carries the key: `Authorization: Bearer` unless said; `Authorization: Token`, `x-api-key`",
)
_METRICS = AttributeSpec("metrics", "where its page for Prometheus is: a path or a whole url; `/metrics` unless said")
_PROBE = AttributeSpec("probe", "a path whose GET costs nothing and needs the key: `/models`")
_REDIS_URL = AttributeSpec("url", "where it listens: `redis://HOST:PORT/DATABASE`", True, is_reference=True)
_POSTGRES_URL = AttributeSpec(
    "url", "where it listens: `postgresql://USER@HOST:PORT/DATABASE`", True, is_reference=True
)
_HEALTH = AttributeSpec("health", "the path whose GET says whether it is well: `/health`")
_LISTENS = ("host", "port")

COMMON: tuple[AttributeSpec, ...] = (
    AttributeSpec("logs", "its log files; `*` stands for any name", is_list=True),
    AttributeSpec("env_file", "the file its settings come from (.env)"),
    AttributeSpec("service", "who starts and stops it: `supervisor:NAME`, `systemd:UNIT`"),
    AttributeSpec("command", "words that its command line holds, to find its process"),
    AttributeSpec("pid_file", "the file that holds its process id"),
    AttributeSpec("timezone", "the zone of its logs when their stamps name none: `Europe/Berlin`, `UTC`"),
    AttributeSpec("via", "where one must stand to see it; `local` unless said"),
    AttributeSpec("depends", "the targets it needs", is_list=True),
    AttributeSpec("roles", "which of them fills which role of a guide"),
    AttributeSpec("touch", "a table of its own: what may be touched, and by which means"),
)

# The keys of `[targets.NAME.touch]`. What stands in none of them, and in no key above, no action touches.
TOUCH: tuple[AttributeSpec, ...] = (
    AttributeSpec(
        "supervisor",
        "the settings file of its supervisord, or its socket; without it, a supervisord.conf beside the system file, in "
        "`supervisor/` or `etc/` there, or in `/etc`",
        is_path=True,
    ),
    AttributeSpec("settings_file", "another settings file of it: TOML, YAML or an env file", is_path=True),
    AttributeSpec(
        "may_delete", "files that may be deleted for space; `*` stands for any name", is_list=True, is_path=True
    ),
    AttributeSpec(
        "calls", 'requests that may be sent: `"POST /maintenance/on undo POST /maintenance/off"`', is_list=True
    ),
    AttributeSpec("rate_setting", "the setting of ours that limits the rate of calls to a provider"),
    AttributeSpec("fallback_setting", "the setting of ours that chooses the provider"),
    AttributeSpec("fallback_value", "its value for the fallback"),
    AttributeSpec("folder", "where declared commands are run; the folder of the system file unless said", is_path=True),
    AttributeSpec(
        "migrate", 'the command that brings its schema up to date: `["alembic", "upgrade", "head"]`', is_list=True
    ),
    AttributeSpec("migrate_back", 'the command that goes back: `["alembic", "downgrade", "{revision}"]`', is_list=True),
)

_KINDS = (
    TargetKind("http", "a service of yours that speaks HTTP", (_URL, _KEY, _KEY_HEADER, _METRICS, _HEALTH), _LISTENS),
    TargetKind("provider", "someone else's HTTP API", (_URL, _KEY, _KEY_HEADER, _PROBE), _LISTENS),
    TargetKind(
        "sqlite",
        "a database in one file",
        (
            AttributeSpec("path", "the database file", True, is_reference=True),
            AttributeSpec("backups", "its copies; `*` stands for any name: `/backup/app-*.db`", is_reference=True),
        ),
    ),
    TargetKind("redis", "a Redis or Valkey server", (_REDIS_URL,), _LISTENS),
    TargetKind("postgres", "a PostgreSQL server", (_POSTGRES_URL,), _LISTENS),
    TargetKind(
        "nginx",
        "an nginx that passes requests on",
        (_URL, AttributeSpec("path", "its settings file")),
        _LISTENS,
    ),
    TargetKind(
        "celery",
        "a worker of Celery",
        (
            AttributeSpec("app", "its application, as `-A` names it"),
            AttributeSpec("queues", "the queues it takes from, with commas between; the default one unless said"),
        ),
    ),
    TargetKind(
        "worker",
        "a process without a port",
        (
            _METRICS,
            AttributeSpec("queue", "the key its jobs wait under in Redis; `celery` unless said", default="celery"),
        ),
    ),
    TargetKind("host", "the machine itself", ()),
    TargetKind(
        "tcp",
        "anything that listens",
        (
            AttributeSpec("url", "where it listens; or give host and port", is_reference=True),
            AttributeSpec("host", "its host"),
            AttributeSpec("port", "its port"),
        ),
        _LISTENS,
    ),
)

TARGET_KINDS: Mapping[str, TargetKind] = MappingProxyType({kind.name: kind for kind in _KINDS})
