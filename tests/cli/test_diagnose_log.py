"""`crashcart diagnose --log`: a log, no running system, mostly no system file either."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crashcart.cli.given import LogsAskedFor, diagnose_logs
from crashcart.model.diagnosis import Verdict

if TYPE_CHECKING:
    from conftest import Ran, Shop

QUIET = "2026-05-04 03:1{minute}:00,120 INFO app.jobs job {minute} done in 0.4{minute}1s"
TRACE = """\
2026-05-04 03:2{minute}:07,{minute}31 ERROR app.jobs job 7f{minute} failed
Traceback (most recent call last):
  File "/srv/app/jobs.py", line 88, in work
    answer = client.ask(text)
{raised}"""


def logged(raised: str) -> str:
    """A quarter of an hour that was well, and five minutes that were not."""
    well = [QUIET.format(minute=minute) for minute in range(10)]
    ill = [TRACE.format(minute=minute, raised=raised) for minute in range(5)]
    return "\n".join([*well, *ill]) + "\n"


@pytest.fixture
def bare(shop: Shop) -> Shop:
    """The command line in a folder without a system file."""
    (shop.folder / "crashcart.toml").unlink()
    return shop


def first(ran: Ran) -> str:
    """The cause that a JSON diagnosis puts first, without its target."""
    return str(json.loads(ran.out)["causes"][0]["cause"]).partition(":")[2]


CAUSES = {
    "http-provider.rate-limited": "openai.RateLimitError: Error code: 429 - Rate limit reached for requests per day",
    "http-provider.quota": "openai.RateLimitError: Error code: 429 - You exceeded your current quota, please check your plan and billing details.",
    "http-provider.key-refused": "openai.AuthenticationError: Error code: 401 - Incorrect API key provided: sk-live-4242424242424242",
    "http-provider.model-unknown": "openai.NotFoundError: Error code: 404 - The model `gpt-6-nano` does not exist or you do not have access to it.",
    "http-provider.errors": "openai.InternalServerError: Error code: 503 - The server is overloaded",
    "http-provider.certificate-expired": "openai.APIConnectionError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
    "sqlite.locked": "sqlite3.OperationalError: database is locked",
    "sqlite.readonly": "sqlite3.OperationalError: attempt to write a readonly database",
    "python-service.pool-exhausted": "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out",
    "postgres.password-refused": 'psycopg.OperationalError: connection failed: FATAL:  password authentication failed for user "app"',
}  # fmt: skip


@pytest.mark.parametrize(("cause", "raised"), CAUSES.items(), ids=list(CAUSES))
def test_what_the_log_shows_is_named_first_from_the_log_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cause: str, raised: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("app.log").write_text(logged(raised))

    found = diagnose_logs(LogsAskedFor(("app.log",), None, "", "", 60.0)).result.diagnosis

    assert found.first is not None
    assert found.first.cause.partition(":")[2] == cause
    assert found.verdict in (Verdict.DECIDED, Verdict.UNDECIDED)


def test_what_was_not_seen_is_said_once(bare: Shop) -> None:
    bare.write("app.log", logged(CAUSES["http-provider.key-refused"]))

    ran = bare.run("diagnose", "--log", "app.log", "jobs fail")

    assert ran.out.startswith("app.log · only read, nothing else was looked at\n")
    assert ran.out.count("only the log was read") == 1
    assert "is not set for target" not in ran.out
    assert len(ran.out.splitlines()) <= 40
    assert "sk-live" not in ran.out


def test_a_quiet_log_is_called_quiet_and_no_more(bare: Shop) -> None:
    bare.write("app.log", "".join(QUIET.format(minute=minute) + "\n" for minute in range(10)))

    ran = bare.run("diagnose", "--log", "app.log")

    assert "Nothing wrong that I can see." in ran.out
    assert ran.code == 0


def test_errors_that_no_guide_knows_are_shown_and_not_explained_away(bare: Shop) -> None:
    """A log full of errors is never called well."""
    bare.write("app.log", logged("app.errors.PaperJam: tray 2 is stuck"))

    ran = bare.run("diagnose", "--log", "app.log")

    assert ran.code == 1
    assert "Nothing wrong" not in ran.out
    assert "app.errors.PaperJam: tray 2 is stuck" in ran.out
    assert ran.out.splitlines()[-1].startswith("Next: crashcart guide suggest app.log")


def test_trouble_that_was_over_long_before_the_log_ends_is_still_found(bare: Shop) -> None:
    later = "".join(f"2026-05-04 09:{minute}:00,000 INFO app.jobs job {minute} done\n" for minute in range(10, 50))
    bare.write("app.log", logged(CAUSES["sqlite.locked"]) + later)

    ran = bare.run("diagnose", "--log", "app.log")

    assert "around its last errors; it goes on until 2026-05-04 09:49:00" in ran.out
    assert "sqlite" in ran.out


def test_since_is_counted_from_the_end_of_the_log(bare: Shop) -> None:
    later = "".join(f"2026-05-04 04:{minute}:00,000 INFO app.jobs job {minute} done\n" for minute in range(10, 50))
    bare.write("app.log", logged(CAUSES["sqlite.locked"]) + later)

    ran = bare.run("diagnose", "--log", "app.log", "--since", "5 min")

    assert "2026-05-04 04:29:00 to 04:49:00 by its own clock counts" in ran.out
    assert "Nothing wrong that I can see." in ran.out


def test_a_log_without_time_stamps_counts_as_a_whole(bare: Shop) -> None:
    text = (
        "INFO starting\nERROR job failed: sqlite3.OperationalError: attempt to write a readonly database\nINFO done\n"
    )
    bare.write("app.log", text)

    ran = bare.run("diagnose", "--log", "app.log", "--json")

    assert first(ran) == "sqlite.readonly"


def test_compressed_and_rotated_logs_are_read(bare: Shop) -> None:
    (bare.folder / "app.log.1.gz").write_bytes(gzip.compress(logged(CAUSES["sqlite.readonly"]).encode()))
    bare.write("app.log", "2026-05-04 03:25:00,000 INFO app.jobs job 99 done\n")

    ran = bare.run("diagnose", "--log", "app.log", "--json")

    assert first(ran) == "sqlite.readonly"


def test_json_lines_are_read(bare: Shop) -> None:
    line = {"timestamp": "2026-05-04T03:20:00+00:00", "level": "ERROR", "message": "write failed", "exception": ""}
    rows = [{**line, "exception": f"Traceback ...\n{CAUSES['sqlite.readonly']}"} for _ in range(3)]
    bare.write("app.log", "".join(json.dumps(row) + "\n" for row in rows))

    ran = bare.run("diagnose", "--log", "app.log", "--json")

    assert first(ran) == "sqlite.readonly"


def test_a_log_that_is_not_there_is_an_error_with_a_hint(bare: Shop) -> None:
    ran = bare.run("diagnose", "--log", "gone.log")

    assert ran.code == 2
    assert "gone.log: no such file" in ran.err
    assert "Traceback" not in ran.err


def test_why_explains_a_diagnosis_from_a_log(bare: Shop) -> None:
    bare.write("app.log", logged(CAUSES["http-provider.model-unknown"]))
    bare.run("diagnose", "--log", "app.log")

    ran = bare.run("why", "model-unknown")

    assert "app.log:" in ran.out
    assert "does not exist or you do not have access" in ran.out


# --- with a system file: its targets and its own guides, and still nothing but the log is looked at


def test_with_a_system_file_its_own_guides_read_the_log(shop: Shop) -> None:
    shop.write("yesterday.log", logged("ERROR order 17 failed\nERROR warehouse said 403"))

    ran = shop.run("diagnose", "--log", "shop=yesterday.log", "--json")

    assert first(ran) == "shop.warehouse-refuses"


def test_with_a_system_file_nothing_running_is_asked(shop: Shop) -> None:
    shop.write("yesterday.log", logged("order 17 failed"))

    ran = shop.run("diagnose", "--log", "shop=yesterday.log")

    assert 'Should hold and does not: "no errors in the log" (shop)' in ran.out
    assert "GET /health" not in ran.out.partition("Could not be seen")[0].partition("What would decide")[0]
    assert ran.out.count("only the log was read") == 1


def test_whose_log_it_is_is_told_by_its_name_or_by_there_being_one(shop: Shop, tmp_path: Path) -> None:
    system = (shop.folder / "crashcart.toml").read_text()
    more = system[system.index("[targets.shop]") :].replace("shop", "depot").replace("depot.md", "shop.md")
    (tmp_path / "copies").mkdir()
    shop.write("crashcart.toml", f"{system}\n{more}")
    copy = tmp_path / "copies" / "depot.log"
    copy.write_text(logged("order 17 failed\nwarehouse said 403"))

    known = shop.run("diagnose", "--log", str(copy), "--json")
    unknown = shop.run("diagnose", "--log", "shop.md")

    assert json.loads(known.out)["causes"][0]["cause"] == "depot:shop.warehouse-refuses"
    assert unknown.code == 2
    assert 'whose log is "shop.md"?' in unknown.err
    assert "depot=shop.md" in unknown.err
