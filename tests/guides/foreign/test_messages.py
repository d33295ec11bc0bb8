"""Titles that are the message itself, errors by their names, and items that stand in a list of problems."""

from __future__ import annotations

from crashcart.guides.foreign import ForeignGuide, read


def titles(guide: ForeignGuide) -> list[str]:
    return [problem.title for problem in guide.problems]


def signs(guide: ForeignGuide) -> list[tuple[int, str]]:
    return [(signature.line, signature.raw) for signature in guide.signatures]


GERMAN = """\
# Lagerdienst

## Fehlerbehebung

### Häufige Fehlermeldungen

#### Could not open the shelf / Shelf is locked by another picker
Ein zweiter Dienst hält das Regal. Beende ihn.

#### Shelf [number] not found when counting
Lege das Regal neu an.

### Starte den Dienst von Hand
Mit `shelfd --once`.
"""


def test_titles_under_error_messages_are_the_messages() -> None:
    guide = read(GERMAN)

    assert titles(guide) == [
        "Could not open the shelf / Shelf is locked by another picker",
        "Shelf [number] not found when counting",
    ]
    assert signs(guide) == [
        (7, "Could not open the shelf"),
        (7, "Shelf is locked by another picker"),
        (10, "Shelf [number] not found"),
    ]


CHINESE = """\
# 仓库服务

## 登录之后的故障

### dial gate: i/o timeout

网络问题，请先重启网关，然后再试一次。

### 无法登录

请检查用户名以及密码是否正确。
"""


def test_an_english_title_in_a_guide_of_another_script_is_a_message() -> None:
    assert signs(read(CHINESE)) == [(5, "dial gate: i/o timeout")]


ITEMS = """\
# Troubleshooting

This page is about

- Errors at the gate
- Frequently asked questions

## Errors at the gate

- **Error: `GATE_KEY_UNKNOWN`, or `GATE_KEY_STALE`**
  - **Cause:** the key was turned.
  - **Solution:** ask for another.

- **Error: Gate not found (when the gate is `open`).**
  - **Cause:** it was moved.
  - **Solution:** say where it is.

## Frequently asked questions

- **Q: How do I hire a picker?**
  - A: With a form.

- **Q: Why does a picker never arrive?**
  - A: Nobody called it.
"""


def test_items_that_name_an_error_are_problems_of_their_own_and_contents_and_how_to_are_none() -> None:
    guide = read(ITEMS)

    assert titles(guide) == [
        "GATE_KEY_UNKNOWN, or GATE_KEY_STALE",
        "Gate not found (when the gate is open).",
        "Q: Why does a picker never arrive?",
    ]
    assert signs(guide) == [(10, "GATE_KEY_STALE"), (10, "GATE_KEY_UNKNOWN"), (14, "Gate not found")]


EVEN = """\
# Troubleshooting

## The gate fails to open
Turn the key.

## Pickers crash at noon
Give them water.

## Boxes are lost
Count them.

## The clerk always sends everybody to the back door
Tell the clerk.

## How to call for help
Ring the bell.
"""


def test_among_problems_a_title_that_names_no_trouble_is_one_as_well() -> None:
    assert titles(read(EVEN))[3:] == ["The clerk always sends everybody to the back door"]


def test_alone_among_chapters_such_a_title_is_none() -> None:
    chapters = EVEN.replace("## Pickers crash at noon", "## Pickers").replace("## Boxes are lost", "## Boxes")

    assert titles(read(chapters)) == ["The gate fails to open"]


STATUSES = """\
# Troubleshooting

## Shop `/cart` → 404
- The shop was moved.

## No shelf left (503) error
- Add one.

## The shelf's count is high
| Reason | Keys |
| --- | --- |
| `shelf_limited` | `maxShelves` |
| `label_too_long` | `maxLabel` |
| `shelf_count` | `maxCount` |
"""


def test_statuses_behind_an_arrow_or_in_brackets_and_errors_named_in_snake_case() -> None:
    guide = read(STATUSES)

    assert len(titles(guide)) == 3
    assert signs(guide) == [(3, "404"), (6, "503"), (12, "shelf_limited"), (13, "label_too_long")]
