"""Level, logger and message of single lines, as the libraries write them."""

from __future__ import annotations

import argparse
import json
import logging

import click
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from crashcart.logs.shape.fields import fields_of
from crashcart.logs.shape.levels import Level

RECORD = logging.LogRecord("app.jobs", logging.ERROR, "x.py", 7, "job %d failed: no key", (7,), None)


def short(line: str) -> tuple[str, Level, str, str]:
    found = fields_of(line)
    return found.shape, found.level, found.logger, found.message


@pytest.mark.parametrize(
    "template",
    [
        "%(asctime)s - %(name)s - %(levelname)s - %(message)s",
        "%(asctime)s %(levelname)s %(name)s: %(message)s",
        "%(asctime)s [%(levelname)s] %(name)s: %(message)s",
        "%(asctime)s %(levelname)-8s [%(name)s]: %(message)s",
        logging.BASIC_FORMAT,
    ],
)
def test_the_usual_formats_of_the_logging_module_are_read(template):
    assert short(logging.Formatter(template).format(RECORD)) == (
        "python", Level.ERROR, "app.jobs", "job 7 failed: no key"
    )  # fmt: skip


def test_lines_of_uvicorn_are_read():
    uvicorn = pytest.importorskip("uvicorn.logging")
    access = logging.LogRecord(
        "uvicorn.access", logging.INFO, "", 0, '%s - "%s %s HTTP/%s" %d', ("1.2.3.4:5", "GET", "/x", "1.1", 500), None
    )

    written = uvicorn.DefaultFormatter("%(levelprefix)s %(message)s", use_colors=False).format(RECORD)
    asked = uvicorn.AccessFormatter(
        '%(levelprefix)s %(client_addr)s - "%(request_line)s" %(status_code)s', use_colors=False
    )

    assert short(written) == ("uvicorn", Level.ERROR, "", "job 7 failed: no key")
    assert short(asked.format(access)) == (
        "uvicorn",
        Level.INFO,
        "",
        '1.2.3.4:5 - "GET /x HTTP/1.1" 500 Internal Server Error',
    )


def test_lines_of_celery_are_read():
    defaults = pytest.importorskip("celery.app.defaults")
    log = pytest.importorskip("celery.utils.log")
    RECORD.processName, RECORD.task_name, RECORD.task_id = "ForkPoolWorker-1", "app.jobs.run", "7f2c"

    worker = log.ColorFormatter(defaults.DEFAULT_PROCESS_LOG_FMT, use_color=False).format(RECORD)
    task = log.ColorFormatter(defaults.DEFAULT_TASK_LOG_FMT, use_color=False).format(RECORD)

    assert short(worker) == ("celery", Level.ERROR, "ForkPoolWorker-1", "job 7 failed: no key")
    assert short(task) == ("celery", Level.ERROR, "ForkPoolWorker-1", "app.jobs.run[7f2c]: job 7 failed: no key")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("[2024-05-01 12:00:00 +0000] [7] [CRITICAL] WORKER TIMEOUT (pid:8)",
         ("gunicorn", Level.CRITICAL, "", "WORKER TIMEOUT (pid:8)")),
        ("2024/05/01 12:00:00 [error] 31#31: *88 connect() failed (111: Connection refused), client: 1.2.3.4",
         ("nginx", Level.ERROR, "", "connect() failed (111: Connection refused), client: 1.2.3.4")),
        ('1.2.3.4 - ann [01/May/2024:12:00:00 +0000] "GET /error HTTP/1.1" 502 157 "-" "curl/8"',
         ("access", Level.UNKNOWN, "", '"GET /error HTTP/1.1" 502 157 "-" "curl/8"')),
        ("2024-05-01 12:00:00.000 UTC [7] FATAL:  sorry, too many clients already",
         ("postgres", Level.CRITICAL, "", "sorry, too many clients already")),
        ('2024-05-01 12:00:00.000 UTC [7] app@db ERROR:  relation "x" does not exist at character 15',
         ("postgres", Level.ERROR, "", 'relation "x" does not exist at character 15')),
        ("2024-05-01 12:00:00.000 UTC [7] LOG:  checkpoint complete", ("postgres", Level.INFO, "", "checkpoint complete")),
        ("7:M 01 May 2024 12:00:00.000 # Out Of Memory", ("redis", Level.WARNING, "", "Out Of Memory")),
        ("7:M 01 May 2024 12:00:00.000 * Ready to accept connections",
         ("redis", Level.INFO, "", "Ready to accept connections")),
        ("<11>May  1 12:00:00 host app[7]: it broke", ("syslog", Level.ERROR, "app", "it broke")),
        ("May  1 12:00:00 host kernel: Out of memory", ("syslog", Level.UNKNOWN, "kernel", "Out of memory")),
        ('<34>1 2024-05-01T12:00:00.003Z host app 7 ID47 [x@1 a="b"] it broke', ("syslog", Level.CRITICAL, "app", "it broke")),
        ("2024-05-01 12:00:00.000 | ERROR    | app.jobs:run:7 - it broke", ("loguru", Level.ERROR, "app.jobs:run:7", "it broke")),
        ("2024-05-01 12:00:00 [error    ] it broke       job=7", ("structlog", Level.ERROR, "", "it broke       job=7")),
        ("INFO 2024-05-01 12:00:00,000 it runs", ("plain", Level.INFO, "", "INFO 2024-05-01 12:00:00,000 it runs")),
        ('level=error ts=2024-05-01T12:00:00Z logger=a msg="no \\"key\\""', ("logfmt", Level.ERROR, "a", 'no "key"')),
        ("api-1  | 2024-05-01 12:00:00,000 ERROR app: x", ("python", Level.ERROR, "app", "x")),
        ("2024-05-01T12:00:00.1Z stderr F ERROR:app:x", ("python", Level.ERROR, "app", "x")),
        ("2024-05-01T12:00:00Z it broke", ("stamp", Level.UNKNOWN, "", "it broke")),
        ("an error happened", ("plain", Level.UNKNOWN, "", "an error happened")),
        ("", ("plain", Level.UNKNOWN, "", "")),
    ],
)  # fmt: skip
def test_lines_in_documented_formats_are_read(line, expected):
    assert short(line) == expected


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"level": "error"}, Level.ERROR),
        ({"levelname": "CRITICAL"}, Level.CRITICAL),
        ({"severity": "WARNING"}, Level.WARNING),
        ({"log.level": "info"}, Level.INFO),
        ({"level": 40}, Level.ERROR),
        ({"level": True}, Level.UNKNOWN),
        ({"level": ["error"]}, Level.UNKNOWN),
        ({}, Level.UNKNOWN),
    ],
)
def test_json_lines_name_their_level_in_several_ways(fields, level):
    line = json.dumps({**fields, "logger": "app", "event": "it broke", "exc_info": "Traceback ..."})

    assert short(line) == ("json", level, "app", "it broke")
    assert fields_of(line).exception == "Traceback ..."


@pytest.mark.parametrize("name", ["api", None])
def test_a_command_that_refuses_to_go_on_says_an_error(name, capsys):
    click.UsageError("no such option: -x").show()
    with pytest.raises(SystemExit):
        argparse.ArgumentParser(name).parse_args(["-x"])
    *_, of_argparse = lines = capsys.readouterr().err.splitlines()

    assert [line for line in lines if fields_of(line).level is Level.ERROR] == [
        "Error: no such option: -x",
        of_argparse,
    ]


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate], deadline=None, max_examples=300)
@given(st.text(max_size=80) | st.text(alphabet='{}"=[]:<>| 2024-05-01T12:00:00Z ERROR \n\\', max_size=80))
def test_any_line_has_fields(line):
    found = fields_of(line)

    assert found.message in line or found.shape in ("json", "logfmt")


def test_a_long_line_takes_no_time():
    for line in ("2024-05-01 12:00:00.000 UTC [7] " + "a " * 50_000, "a=b " * 20_000 + "x", "[" * 50_000, '"' * 50_000):
        assert fields_of(line).level is Level.UNKNOWN
