"""Remarks on what a guide says about other people's software, where it is known to be otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crashcart.guides.shell import FenceKind, Remark

from .nouns import Text, flat

_LONGEST = 400  # characters of a line of a fence that these rules look at: some take their square
# The messages of errno on Linux, where services run; macOS and Windows number them otherwise.
_ERRNO = {
    "address already in use": 98,
    "cannot assign requested address": 99,
    "network is unreachable": 101,
    "connection reset by peer": 104,
    "no buffer space available": 105,
    "connection timed out": 110,
    "connection refused": 111,
    "no route to host": 113,
}
_NUMBERED = re.compile(r"\bErrno (\d{1,5})\]?:?\s+([A-Za-z][a-z A-Z]{5,60})")
_OPEN = re.compile(r"\b(?:to be confirmed|to be determined|to be decided|TBD|TBC|FIXME|TODO(?=[:(]|$))(?!\w)")
_EVICTS = re.compile(r"maxmemory-policy[\s\"'=:]{1,5}(allkeys-\w+|volatile-\w+)", re.IGNORECASE)
_TASKS = re.compile(r"celery[^\n]{0,80}redis|redis[^\n]{0,80}celery|CELERY_BROKER_URL\s*=\s*[\"']?redis", re.IGNORECASE)
_ALERT = re.compile(r"^\s*-?\s*alert:\s*[\"']?([\w-]{1,100})")
_COMPARED = re.compile(r"^\s*expr:\s*([^>]{1,300})>\s*(?:0?\.\d+|\d+\s*%)[\"']?\s*$")
_ERRORS = re.compile(r"5\.\.|5xx|4xx|error|fail", re.IGNORECASE)
_SCRAPES = re.compile(r"targets:\s*\[\s*[\"'](?:localhost|127\.0\.0\.1):9090[\"']\s*\]")
_JOB = re.compile(r"job_name:\s*[\"']?([\w.-]{1,80})")
_SERVES = re.compile(r"\bstart_http_server\(\s*(?:port\s*=\s*)?(\d{2,5})")
_ASKED = re.compile(
    r"\bport:\s*(\d{2,5})|(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d{2,5})/(?:\w+/)*(?:health\w*|ready|live\w*)"
)
_REPLICAS = re.compile(r"^\s*replicas:\s*(\d+)", re.MULTILINE)
_FILE_VALUE = re.compile(
    r"^\s*(?:value:\s*|-?\s*\w+=)[\"']?(?:sqlite:/{2,4})?/?[\w./-]{1,100}\.(?:db|sqlite3?)[\"']?\s*$", re.MULTILINE
)
_CREDENTIALS = re.compile(r"\b(?:supports|allow)_credentials\s*=\s*True\b")
_ORIGINS = re.compile(r"origins?\b[^\n]{0,100}[\"']\*[\"']", re.IGNORECASE)
_NEAR = 4  # lines between the origins and the credentials of one call
_QDRANT = re.compile(r"curl\b[^\n]{0,200}-X\s*PUT\b[^\n]{0,200}/collections/[^/\s\"']{1,80}/config\b")


def errno_of_another(text: Text) -> Iterator[Remark]:
    """A number of macOS or Windows in a text that nobody will see on the server."""
    for number, line in enumerate(text.lines, start=1):
        for found in _NUMBERED.finditer(line) if "rrno" in line else ():
            known = _ERRNO.get(found.group(2).strip().casefold())
            if known is not None and known != int(found.group(1)):
                yield Remark(
                    "errno-of-another", number, flat(line), f"on Linux it is Errno {known}; {found.group(1)} is another system's number",
                    f"write {known}, or leave the number out",
                )  # fmt: skip


def open_ends(text: Text) -> Iterator[Remark]:
    """Something that the writer still wanted to find out."""
    for number, line in enumerate(text.lines, start=1):
        found = _OPEN.search(line)
        if found:
            yield Remark(
                "open-end",
                number,
                flat(line),
                f'"{found.group()}": something is missing here',
                "find it out, or say that nobody knows",
            )


def evicted_tasks(text: Text) -> Iterator[Remark]:
    """Celery keeps waiting tasks in Redis as keys, and a policy of eviction may throw them away."""
    if not any(_TASKS.search(line) for line in text.lines):
        return
    for number, line in enumerate(text.lines, start=1):
        found = _EVICTS.search(line)
        if found and found.group(1).casefold().startswith("allkeys"):
            yield Remark(
                "evicts-tasks", number, flat(line), f"Celery's waiting tasks are keys of this Redis too, and {flat(found.group(1), 30)} may evict them",
                "give the broker a server of its own with `noeviction`",
            )  # fmt: skip


def configurations(text: Text) -> Iterator[Remark]:
    """What a configuration says that cannot be meant."""
    asked = {int(port) for line in text.lines for found in _ASKED.finditer(line) for port in found.groups() if port}
    for fence in text.guide.fences:
        numbers = range(fence.lines.first, fence.lines.last + 1)
        lines = [(number, line) for number in numbers if len(line := text.line(number)) <= _LONGEST]
        yield from _rates(lines)
        yield from _self_scrapes(lines)
        yield from _served_twice(lines, asked)
        yield from _wrong_method(lines)
        yield from _any_origin(lines)
        if text.kinds[fence.lines.first] is FenceKind.CONFIG:
            yield from _shared_file(fence.text, lines)


def _rates(lines: list[tuple[int, str]]) -> Iterator[Remark]:
    name = ""
    for number, line in lines:
        alert = _ALERT.match(line)
        name = alert.group(1) if alert else name
        compared = _COMPARED.match(line) if "rate(" in line else None
        is_share = compared is None or "/" in compared.group(1) or not _ERRORS.search(compared.group(1))
        if not is_share and re.search(r"rate|ratio|percent", name, re.IGNORECASE):
            yield Remark(
                "rate-no-share", number, flat(line), "rate() counts errors in a second, whatever the traffic: it is no share of the requests",
                "divide it by the rate of all requests",
            )  # fmt: skip


def _self_scrapes(lines: list[tuple[int, str]]) -> Iterator[Remark]:
    job = ""
    for number, line in lines:
        found = _JOB.search(line)
        job = found.group(1) if found else job
        if _SCRAPES.search(line) and job and "prometheus" not in job.casefold():
            yield Remark(
                "scrapes-itself", number, flat(line), f"9090 is the port of Prometheus itself, so {flat(job, 40)} is not what is scraped",
                "name the port on which the service shows its metrics",
            )  # fmt: skip


def _served_twice(lines: list[tuple[int, str]], asked: set[int]) -> Iterator[Remark]:
    for number, line in lines:
        found = _SERVES.search(line)
        if found and int(found.group(1)) in asked:
            yield Remark(
                "port-twice", number, flat(line), f"the service itself listens on {found.group(1)}, and two cannot listen on one port",
                "give the metrics a port of their own",
            )  # fmt: skip


def _wrong_method(lines: list[tuple[int, str]]) -> Iterator[Remark]:
    for number, line in lines:
        if "/collections/" in line and _QDRANT.search(line):
            yield Remark(
                "wrong-method", number, flat(line), "Qdrant changes a collection by PATCH /collections/NAME; it has no PUT below it for its configuration",
                "use -X PATCH on the collection itself",
            )  # fmt: skip


def _any_origin(lines: list[tuple[int, str]]) -> Iterator[Remark]:
    """Every origin, and credentials with it: browsers refuse the two, or the library lets any page act for its user."""
    with_credentials = [number for number, line in lines if _CREDENTIALS.search(line)]
    for number, line in lines:
        if not _ORIGINS.search(line):
            continue
        is_whole_call = not re.match(r"\s*\w*origins\s*=", line) and line.count("(") == line.count(")") > 0
        near = 0 if is_whole_call else _NEAR
        if any(abs(number - other) <= near for other in with_credentials):
            yield Remark(
                "any-origin", number, flat(line), "every origin may send credentials: a foreign page acts for whoever is logged in, or browsers refuse",
                "name the origins, and have no default",
            )  # fmt: skip


def _shared_file(body: str, lines: list[tuple[int, str]]) -> Iterator[Remark]:
    copies = _REPLICAS.search(body)
    if copies is None or int(copies.group(1)) < 2 or not _FILE_VALUE.search(body):
        return
    number = next(number for number, line in lines if _REPLICAS.match(line))
    yield Remark(
        "shared-sqlite", number, flat(copies.group()), f"{copies.group(1)} copies of the service open one SQLite file, or each has another one",
        "one copy, or a database server",
    )  # fmt: skip
