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
)

_KINDS = (
    TargetKind("http", "a service of yours that speaks HTTP", (_URL, _KEY, _KEY_HEADER, _METRICS), _LISTENS),
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
    TargetKind("worker", "a process without a port", (_METRICS,)),
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
