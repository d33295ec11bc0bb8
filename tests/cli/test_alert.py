"""`crashcart diagnose --alert` as a user runs it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest


def payload(url: str, *, status: str = "firing", summary: str = "orders fail") -> str:
    began = datetime.now(UTC) - timedelta(minutes=3)
    alert = {
        "status": status, "labels": {"alertname": "OrdersFail", "instance": url.removeprefix("http://")},
        "annotations": {"summary": summary}, "startsAt": began.isoformat(), "fingerprint": "01",
    }  # fmt: skip
    return json.dumps({"version": "4", "groupKey": "{}", "alerts": [alert]})


def test_an_alert_gives_onset_words_and_target_and_the_cause_comes_out(shop, run) -> None:
    shop.log("ERROR order 17 failed", "ERROR warehouse said 403")
    shop.write("alert.json", payload(shop.url))

    ran = run("diagnose", "--alert", "alert.json")

    assert ran.code == 1
    assert "the warehouse refuses us (shop)" in ran.out
    assert "(3 min ago)" in ran.out
    assert "1 of 1 alerts firing (shop: instance" in ran.err


def test_nothing_wrong_is_no_answer_to_an_alert_that_fires(shop, run) -> None:
    shop.write("alert.json", payload(shop.url))
    shop.write("resolved.json", payload(shop.url, status="resolved"))

    fires, resolved = run("diagnose", "--alert", "alert.json"), run("diagnose", "--alert", "resolved.json")

    assert (fires.code, "Nothing wrong" in fires.out) == (1, False)
    assert (resolved.code, "Nothing wrong" in resolved.out) == (0, True)
    assert "trouble is not taken for granted" in resolved.err


@pytest.mark.parametrize(
    ("form", "begins"),
    [("--markdown", "# "), ("--json", "{"), ("--html=-", "<!doctype"), ("--budget=60", "shop · test")],
)
def test_the_report_comes_out_in_every_form(shop, run, form: str, begins: str) -> None:
    shop.log("ERROR order 17 failed", "ERROR warehouse said 403")
    shop.write("alert.json", payload(shop.url))

    ran = run("diagnose", "--alert", "alert.json", form)

    assert ran.code == 1
    assert ran.out.startswith(begins)
    assert "the warehouse refuses us" in ran.out


def test_a_persons_own_time_and_words_go_first(shop, run) -> None:
    shop.write("alert.json", payload(shop.url))

    ran = run("diagnose", "buying is impossible", "--since", "20 min", "--alert", "alert.json", "--json")

    document = json.loads(ran.out)
    assert document["complaint"] == "buying is impossible; Orders Fail: orders fail"
    told = datetime.fromisoformat(document["now"]) - datetime.fromisoformat(document["onset"])
    assert told == timedelta(minutes=20)


def test_a_secret_in_an_alert_reaches_neither_report_nor_case(shop, run) -> None:
    shop.write("alert.json", payload(shop.url, summary="login failed: password=hunter22secret"))

    ran = run("diagnose", "--alert", "alert.json", "--save", "case.json")

    kept = (shop.folder / "case.json").read_text()
    assert "hunter22secret" not in ran.out + ran.err + kept
    assert "[redacted]" in kept


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", 'neither "alerts" nor "event"'),
        ('{"version": "4", "alerts": []}', "holds no alert"),
        ("no json", "no JSON"),
    ],
)
def test_what_is_no_alert_ends_with_2_and_says_why(shop, run, text: str, says: str) -> None:
    shop.write("alert.json", text)

    ran = run("diagnose", "--alert", "alert.json")

    assert ran.code == 2
    assert says in ran.err
    assert "alert.json" in ran.err


def test_an_alert_file_that_is_not_there_is_told(shop, run) -> None:
    ran = run("diagnose", "--alert", "nowhere.json")

    assert (ran.code, "nowhere.json" in ran.err) == (2, True)


def test_the_case_of_an_alert_replays_to_the_same_bytes(shop, run) -> None:
    shop.write("alert.json", payload(shop.url))
    live = run("diagnose", "--alert", "alert.json", "--json", "--save", "case.json")

    again = run("replay", "case.json", "--json")

    assert "no alert fires: Orders Fail: orders fail" in live.out
    assert again.out == live.out
