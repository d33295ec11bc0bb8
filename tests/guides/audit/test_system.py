"""What a guide speaks of and the system file does not know is told once, where the file knows such things at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from crashcart.app import catalogue
from crashcart.cli.root import cli
from crashcart.guides.audit import Place, audit

GUIDE = """\
# Shop

## Orders fail

**Solution**
```bash
export BANK_KYE=x
echo $BANK_KEY
TOTAL_ERRORS=$(grep -c error /srv/shop/shop.log)
tail -f /var/log/shop/other.log
sqlite3 shop.db "SELECT 1"
sqlite3 carts.db "SELECT 1"
curl "http://localhost:9090/api/v1/query?query=rate(orders_total[5m])"
```
"""

PLACE = Place(
    hosts=frozenset({("127.0.0.1", 8000)}),
    names=frozenset({"shop"}),
    settings=frozenset({"BANK_KEY", "MODE"}),
    paths=frozenset({"/srv/shop/shop.log", "/srv/shop/shop.db"}),
)


def told(place: Place, code: str) -> list[str]:
    return [remark.why for remark in audit(GUIDE, catalogue(), place=place) if remark.code == code]


def test_a_setting_that_no_env_file_has_is_told_with_the_nearest() -> None:
    remarks = [remark for remark in audit(GUIDE, catalogue(), place=PLACE) if remark.code == "unknown-setting"]

    assert [remark.todo for remark in remarks] == ["perhaps BANK_KEY"]  # what a script computes is no setting
    assert told(Place(), "unknown-setting") == []


def test_a_log_and_a_database_that_no_target_has_are_told() -> None:
    found = told(PLACE, "unknown-path")

    assert len(found) == 2
    assert any("other.log" in why for why in found)
    assert any("carts.db" in why for why in found)
    assert told(Place(), "unknown-path") == []


def test_metrics_are_told_once_when_no_target_has_any() -> None:
    assert len(told(PLACE, "unknown-metric")) == 1
    assert told(Place(has_metrics=True), "unknown-metric") == []


def test_the_command_reads_the_names_of_settings_and_never_shows_a_value(tmp_path: Path) -> None:
    secret = "a1B2c3D4e5F6g7H8i9"
    (tmp_path / "shop.env").write_text(f"BANK_KEY={secret}\nMODE=on\n")
    (tmp_path / "crashcart.toml").write_text(
        '[system]\nname = "shop"\n\n[targets.shop]\nkind = "http"\nurl = "http://127.0.0.1:8000"\nenv_file = "shop.env"\nlogs = ["shop.log"]\n'
    )
    (tmp_path / "runbook.md").write_text(GUIDE)

    done = CliRunner().invoke(
        cli, ["guide", "audit", str(tmp_path / "runbook.md"), "--system", str(tmp_path / "crashcart.toml"), "--json"]
    )

    remarks = json.loads(done.stdout)["guides"][0]["remarks"]
    assert {"unknown-setting", "unknown-path", "unknown-host"} <= {remark["code"] for remark in remarks}
    assert secret not in done.output


OURS = """\
---
guide: shop
for: http
---
# Shop

**Healthy**
- `http {self} GET /health => status = 200`

## Reading fails {#reading}

**Symptoms**
- `log {self} level error`

### Cause: a page is gone {#gone} (common)

**Evidence**
- always: `http {self} GET /health => status = 200`
- always: `log {self} "Too many open files"`
- never: `tcp {self} => ok`

**Fix**
1. By hand: wait.
"""
CASES = Path(__file__).parents[3] / "cases" / "digest"


@pytest.mark.parametrize(
    ("evidence", "is_told"),
    [
        ("- always: `http {self} GET /health => status = 200`", True),
        ("- always, else usually: `http {self} GET /health => status = 200`", False),
        ("- always: `http {self} GET /health => status = 500`", False),
    ],
)
def test_evidence_that_is_true_in_a_healthy_system_fails_the_audit(
    evidence: str, is_told: bool, tmp_path: Path
) -> None:
    """It would blame a cause for what is usual."""
    path = tmp_path / "shop.md"
    path.write_text(OURS.replace("- always: `http {self} GET /health => status = 200`", evidence))

    done = CliRunner().invoke(cli, ["guide", "audit", str(path), "--healthy", str(CASES / "healthy.json"), "--json"])

    codes = [remark["code"] for remark in json.loads(done.stdout)["guides"][0]["remarks"]]
    assert codes.count("true-when-well") == is_told
    assert done.exit_code == is_told


def test_a_case_of_a_broken_system_is_no_measure_of_a_healthy_one(tmp_path: Path) -> None:
    path = tmp_path / "shop.md"
    path.write_text(OURS)

    done = CliRunner().invoke(cli, ["guide", "audit", str(path), "--healthy", str(CASES / "key-missing.json")])

    assert done.exit_code != 0
    assert not done.stdout
