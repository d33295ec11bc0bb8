"""Importing again keeps what people wrote and shows what the source changed."""

from __future__ import annotations

from crashcart.app import catalogue, compile_text
from crashcart.guides.importing import Change, import_guide, merge
from crashcart.model.case import GuideText
from crashcart.model.guide import Trust

ONE = "## Problem: orders fail\n\n**Symptoms**\n- `order refused by bank`\n\n**Fix**\n- ask the bank\n\n"
TWO = "## Problem: mail hangs\n\n**Symptoms**\n- `mail not sent in time`\n\n**Fix**\n- restart the mailer\n\n"
THREE = "## Problem: disk is full\n\n**Symptoms**\n- `no space left on disk`\n\n**Fix**\n- remove old logs\n\n"
HEAD = "# Shop\n\n"


def draft(text: str) -> str:
    return import_guide(text, catalogue(), source="shop.md").text


def changes(mine: str, source: str) -> dict[str, Change]:
    return dict(merge(mine, draft(source)).changes)


def test_nothing_changes_when_nobody_changed_anything() -> None:
    text = draft(HEAD + ONE + TWO)
    merged = merge(text, text)

    assert merged.text == text
    assert {change for _, change in merged.changes} == {Change.SAME}


def test_what_a_person_wrote_stays() -> None:
    mine = draft(HEAD + ONE + TWO).replace("ask the bank", "call the bank at once")
    merged = merge(mine, draft(HEAD + ONE + TWO))

    assert "call the bank at once" in merged.text
    assert dict(merged.changes) == {"orders-fail": Change.KEPT, "mail-hangs": Change.SAME}


def test_what_only_the_source_changed_is_taken_over() -> None:
    merged = merge(draft(HEAD + ONE + TWO), draft(HEAD + ONE.replace("ask the bank", "ask another bank") + TWO))

    assert "ask another bank" in merged.text
    assert "By hand: ask the bank" not in merged.text
    assert dict(merged.changes)["orders-fail"] is Change.UPDATED


def test_what_both_changed_stays_as_the_person_wrote_it_and_the_difference_is_shown() -> None:
    mine = draft(HEAD + ONE).replace("ask the bank", "call the bank at once")
    merged = merge(mine, draft(HEAD + ONE.replace("ask the bank", "ask another bank")))

    assert "call the bank at once" in merged.text
    assert dict(merged.changes) == {"orders-fail": Change.BOTH}
    ((name, difference),) = merged.differences
    assert name == "orders-fail"
    assert "ask another bank" in difference


def test_new_problems_come_and_gone_ones_go_unless_they_were_edited() -> None:
    text = draft(HEAD + ONE + TWO)

    assert changes(text, HEAD + ONE + THREE) == {
        "orders-fail": Change.SAME,
        "mail-hangs": Change.GONE,
        "disk-is-full": Change.NEW,
    }
    assert changes(text.replace("restart the mailer", "wait"), HEAD + ONE)["mail-hangs"] is Change.ORPHAN


def test_a_merged_draft_compiles_and_merges_again_to_itself() -> None:
    mine = draft(HEAD + ONE + TWO).replace("ask the bank", "call the bank at once")
    merged = merge(mine, draft(HEAD + ONE + THREE)).text

    assert len(compile_text(GuideText("d.md", Trust.DRAFT, merged)).problems) == 2
    assert merge(merged, draft(HEAD + ONE + THREE)).text == merged


def test_a_problem_without_a_mark_counts_as_written_by_a_person() -> None:
    mine = draft(HEAD + ONE) + "\n## Ours {#ours}\n\n### Cause: x {#x} (rare)\n"

    assert changes(mine, HEAD + ONE)["ours"] is Change.ORPHAN


def test_lines_that_only_moved_in_the_source_change_no_edited_problem() -> None:
    mine = draft(HEAD + ONE).replace("ask the bank", "call the bank at once")
    merged = merge(mine, draft(HEAD + "Some words before.\n\n" + ONE))

    assert "call the bank at once" in merged.text
    assert dict(merged.changes) == {"orders-fail": Change.KEPT}
