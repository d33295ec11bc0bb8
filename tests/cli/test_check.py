"""`crashcart check` as a user runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jsonschema_rs
import pytest

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"

WARNED = """
**Healthy**
- warn: it says which version it is `http {self} GET /health => body contains "version"`
- it writes a log `log {self} "started" => seen`
- nobody can tell `env {self} "MODE" => set`
"""


@pytest.fixture
def careful(shop):
    """The shop with a guide that passes one item, warns of one and cannot see one."""
    text = (shop.folder / "shop.md").read_text(encoding="utf-8")
    head, rest = text.split("**Healthy**", 1)
    shop.write("shop.md", head + WARNED.lstrip() + "\n" + rest.split("\n\n", 1)[1])
    return shop


def test_a_healthy_system_passes_and_the_exit_code_is_0(shop, run) -> None:
    ran = run("check")

    assert (ran.code, ran.err) == (0, "")
    assert "pass    it answers" in ran.out
    assert "status = 200" in ran.out


def test_what_fails_is_told_with_what_should_be_and_where_it_stands(shop, run) -> None:
    shop.write(
        "shop.md",
        (shop.folder / "shop.md").read_text().replace("GET /health => status = 200", "GET /health => status = 204"),
    )

    ran = run("check")

    assert ran.code == 1
    assert "FAIL    it answers" in ran.out
    assert "http shop GET /health: status = 200; should be: status = 204" in ran.out
    assert "shop.md:9" in ran.out
    assert "Next: crashcart diagnose" in ran.out


def test_a_warning_and_a_blind_spot_do_not_fail(careful, run) -> None:
    ran = run("check", "--json")

    marks = {item["says"]: item["mark"] for item in json.loads(ran.out)["items"]}
    assert ran.code == 0
    assert marks["it says which version it is"] == "warn"
    assert marks["it writes a log"] == "pass"
    assert marks["nobody can tell"] == "unseen"


def test_when_nothing_can_be_seen_the_exit_code_is_2(shop, run) -> None:
    more = '\n[targets.gone]\nkind = "tcp"\nurl = "env:NOT_SET"\n'
    shop.write("crashcart.toml", (shop.folder / "crashcart.toml").read_text() + more)

    ran = run("check", "--only", "gone")

    assert ran.code == 2
    assert "NOT_SET is not set" in ran.out


def test_only_some_targets_are_looked_at_and_a_wrong_name_gets_the_nearest(shop, run) -> None:
    more = '\n[targets.spare]\nkind = "http"\nurl = "http://127.0.0.1:1"\n'
    shop.write("crashcart.toml", (shop.folder / "crashcart.toml").read_text() + more)

    both, one, wrong = run("check"), run("check", "--only", "shop"), run("check", "--only", "shpo")

    assert (both.code, one.code, wrong.code) == (1, 0, 2)
    assert "spare" not in one.out
    assert 'try "shop"' in wrong.err


def test_json_is_what_the_published_schema_says(careful, run) -> None:
    document = json.loads(run("check", "--json").out)

    schema = json.loads((SCHEMAS / "check-v1.json").read_bytes())
    jsonschema_rs.Draft202012Validator(schema).validate(document)
    assert set(document) == set(schema["$defs"]["HealthJson"]["properties"])
    own = sorted(item["mark"] for item in document["items"] if item["source"]["guide"] == "shop")
    assert own == ["pass", "unseen", "warn"]
    assert document["counts"]["warn"] == 1


def test_junit_and_prometheus_are_written_beside_the_page(careful, run) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    ran = run("check", "--junit", "check.xml", "--prometheus", "check.prom")

    suites = ElementTree.parse(careful.folder / "check.xml").getroot()
    cases = {case.get("name"): [child.tag for child in case] for case in suites.iter("testcase")}
    assert (suites.get("failures"), suites.get("tests")) == ("0", str(len(cases)))
    assert cases["it says which version it is"] == ["system-out"]
    assert cases["nobody can tell"] == ["skipped"]
    assert cases["it writes a log"] == []
    families = {
        family.name: family for family in text_string_to_metric_families((careful.folder / "check.prom").read_text())
    }
    ok = {sample.labels["says"]: sample.value for sample in families["crashcart_health_item_ok"].samples}
    assert ok["it says which version it is"] == 0
    assert "nobody can tell" not in ok
    assert ran.out.startswith("shop")


def test_standard_output_takes_one_format_only(shop, run) -> None:
    ran = run("check", "--json", "--prometheus", "-")

    assert ran.code == 2
    assert "two formats" in ran.err


def test_a_file_that_cannot_be_written_is_an_error_that_says_so(shop, run) -> None:
    ran = run("check", "--junit", "no/such/folder/check.xml")

    assert ran.code == 2
    assert "error[usage]: the file cannot be written" in ran.err


def test_a_broken_cause_does_not_keep_the_health_from_being_checked(shop, run) -> None:
    """Health is asked when things are bad: a guide with a slip in its causes still says what healthy means."""
    shop.write("shop.md", (shop.folder / "shop.md").read_text().replace("warehouse said 403", '403" and '))

    ran = run("check")

    assert ran.code == 0
    assert "it answers" in ran.out


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """Return the first line of its output that holds these words."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"it ended without {words!r}")


def test_watching_tells_what_changes_and_ctrl_c_ends_it(shop) -> None:
    guide = (shop.folder / "shop.md").read_text()
    shop.write("shop.md", guide.replace("`http {self} GET /health => status = 200`", '`log {self} "order" => unseen`'))

    with ended(shop.start("check", "--watch", "--every", "0.2")) as process:
        first = read_until(process, "it answers")
        shop.log("ERROR order 17 failed")
        changed = read_until(process, "shop: it answers")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    assert "  pass    it answers" in first
    assert "pass -> fail" in changed
    assert process.returncode == 1


def test_watching_writes_one_json_document_a_line(shop) -> None:
    with ended(shop.start("check", "--watch", "--every", "0.2", "--json")) as process:
        rounds = [json.loads(read_until(process, "{")) for _ in range(2)]

    assert [document["mark"] for document in rounds] == ["pass", "pass"]
    assert rounds[0]["now"] < rounds[1]["now"]


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that is over afterwards, whatever happens."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_save_keeps_a_sweep_that_changes_can_compare_with(shop, run) -> None:
    shop.write("crashcart.toml", (shop.folder / "crashcart.toml").read_text() + 'env_file = ".env"\n')
    shop.write(".env", "MODE=dev\n")

    before = run("changes")
    kept = run("check", "--save")
    same = run("changes")
    shop.write(".env", "MODE=prod\n")
    after = run("changes")

    assert (before.code, kept.code, same.code, after.code) == (2, 0, 0, 1), kept.err
    assert "crashcart check --save" in before.out
    assert "the same: shop" in same.out
    assert "setting MODE changed" in after.out


def test_save_refuses_when_something_fails_unless_it_is_forced(shop, run) -> None:
    """A bad day that is kept as the good one would hide, later, exactly what is wrong."""
    shop.write("shop.md", (shop.folder / "shop.md").read_text().replace("=> status = 200", "=> status = 204"))

    refused = run("check", "--save")
    was_kept = (shop.folder / "known-good.json").exists()
    forced = run("check", "--save", "--force")

    assert (refused.code, was_kept) == (1, False)
    assert "something fails" in refused.err
    assert forced.code == 0
    assert (shop.folder / "known-good.json").exists()


def test_a_partial_sweep_is_no_known_good_one(shop, run) -> None:
    ran = run("check", "--save", "--only", "shop")

    assert ran.code == 2
    assert "whole system" in ran.err
