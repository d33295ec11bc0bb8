"""Each remark is made where it is due, and not where it only looks so."""

from __future__ import annotations

import pytest

from crashcart.app import catalogue, shipped_texts
from crashcart.guides.audit import CODES, Level, Place, audit, is_ours, level_of
from crashcart.guides.compile import outline

FINE = """\
# Shop

- [Orders fail](#orders-fail)

## Orders fail

**Symptoms**
- `order refused by bank`

**Solution**
```bash
sudo systemctl restart shop
```

**Verify**
```bash
curl http://localhost:8000/health
```
"""


def codes(text: str, place: Place | None = None) -> list[str]:
    return [remark.code for remark in audit(text, catalogue(), place=place)]


def problem(fix: str, more: str = "") -> str:
    return f"# Shop\n\n## Problem: orders fail\n\n**Symptoms**\n- `order refused by bank`\n\n**Solution**\n{more}\n```bash\n{fix}\n```\n"


def test_a_good_guide_gets_no_remark() -> None:
    assert codes(FINE) == []


WRONG = {
    "unknown-subcommand": problem("docker rollout undo deployment/shop") + "\nVerify that orders pass.\n",
    "pasted-secret": "# Shop\n\nThe key is sk-" + "a1B2c3D4" * 5 + "\n",
    "no-verify": problem("sudo systemctl restart shop"),
    "no-warning": problem("rm -rf /var/lib/shop/orders"),
    "no-undo": problem("rm -rf /var/lib/shop/orders", "Warning: this loses all orders."),
    "same-signature": FINE + "\n## Mail fails\n\n**Symptoms**\n- `order refused by bank`\n\n**Solution**\n- wait\n",
    "dead-link": FINE.replace("](#orders-fail)", "](#oders-fail)"),
    "broken-characters": FINE.replace("# Shop", "# \u00f0\u0178\u201d\u00a7 Shop"),
    "empty-section": FINE + "\n## More\n\n## Contacts\n\nCall us.\n",
    "wrong-fence-language": "# Shop\n\n```bash\nimport os\nfrom shop import orders\n\ndef main():\n    for order in orders():\n        print(order)\n```\n",
    "hidden-letters": problem("systemctl restart sh\u043ep"),
    "contradicting-thresholds": "# Shop\n\n## Orders are slow\n\n**Symptoms**\n- order response time > 2 seconds\n\n**Solution**\n- wait\n\n## Queue is slow\n\n"
    "Words between.\n\nMore words.\n\nEven more.\n\n**Symptoms**\n- order response time > 5 seconds\n\n**Solution**\n- wait\n",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(WRONG))
def test_what_is_wrong_is_told_with_its_line_the_reason_and_what_to_do(code: str) -> None:
    remarks = [remark for remark in audit(WRONG[code], catalogue()) if remark.code == code]

    assert remarks, codes(WRONG[code])
    for remark in remarks:
        assert 1 <= remark.line <= WRONG[code].count("\n")
        assert remark.why
        assert remark.todo


RIGHT = {
    "no-verify": problem("sudo systemctl restart shop") + "\nOrders should now pass.\n",
    "no-warning": problem("rm -rf /var/lib/shop/orders", "Warning: this loses all orders."),
    "no-undo": problem("rm -rf /var/lib/shop/orders", "Warning: take a backup first."),
    "dead-link": "# \U0001f527 Shop & Co.\n\n[a](#-shop--co) [b](#shop--co) [c](#two) [d](#x)\n\n## Two {#two}\n\n<a id='x'></a> `[e](#nowhere)`\n\n```\n[f](#nowhere)\n```\n",
    "broken-characters": "# Caf\u00e9 \u2013 Z\u00fcrich \u201cok\u201d\n\nna\u00efve, \u00e9\u00e8, 20\u00a0\u20ac\n",
    "empty-section": "# A\n\n## B\n\n### C\n\ntext\n\n```bash\n# not a heading\n# nor this\n```\n",
    "pasted-secret": "# Shop\n\nexport OPENAI_API_KEY=sk-your-key-goes-right-here-1234\n\n`AKIAIOSFODNN7EXAMPLE`\n",
    "contradicting-thresholds": "# Shop\n\n## Disk full\n\n**Symptoms**\n- disk usage > 80% (warning)\n- disk usage > 95% (critical)\n\n**Solution**\n- wait\n",
    "wrong-fence-language": "# Shop\n\n```bash\nsystemctl restart shop\n```\n\n```\nTraceback\n```\n\n```python\nprint(1)\n```\n",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(RIGHT))
def test_what_only_looks_wrong_is_not_told(code: str) -> None:
    assert code not in codes(RIGHT[code])


def test_a_host_that_the_system_file_does_not_know_is_told_once() -> None:
    text = problem("curl http://bank.internal:81/a\ncurl http://bank.internal:81/b\ncurl http://db.internal/x")
    place = Place(frozenset({("db.internal", 80)}), frozenset())

    remarks = [remark for remark in audit(text, catalogue(), place=place) if remark.code == "unknown-host"]

    assert len(remarks) == 1
    assert "bank.internal" in remarks[0].why
    assert "unknown-host" not in codes(text)


OURS = """\
---
guide: shop
for: http
---
# Shop

**Healthy**
- By hand: look at it.

## Orders fail {#orders}

**Symptoms**
- `log {self} "order refused"`

### Cause: the bank {#bank} (common)

**Evidence**
- `log {self} "bank said no"`

### Cause: the clerk {#clerk} (common)

**Evidence**
- `log {self} "bank said no"`

**Fix**
1. By hand: `docker rollout undo shop`
"""


def test_a_guide_in_our_language_is_known_by_its_front_matter() -> None:
    assert is_ours(OURS)
    assert not is_ours("---\ntitle: x\n---\n# Shop\n")
    assert not is_ours(FINE)


def test_in_our_language_the_audit_says_what_lint_says_and_more() -> None:
    found = codes(OURS)

    assert "no-difference" in found
    assert "no-verify" in found
    assert "unknown-subcommand" in found
    assert "thin" in found
    assert codes(OURS.replace('"order refused"', '"order refused')) == ["guide-open-quote"]
    assert level_of("guide-open-quote") is Level.ERROR


def test_the_guides_that_we_ship_get_no_warning() -> None:
    known = dict(outline(text.text) for text in shipped_texts())
    for text in shipped_texts():
        bad = [
            remark for remark in audit(text.text, catalogue(), known=known) if level_of(remark.code) is not Level.NOTE
        ]
        assert not bad, (text.path, bad)


def test_every_code_of_the_table_has_a_level_and_a_sentence() -> None:
    for code, (level, sentence) in CODES.items():
        assert level_of(code) is level
        assert sentence.endswith(".")
