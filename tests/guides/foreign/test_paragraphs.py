"""Sentences over several lines."""

from __future__ import annotations

from crashcart.guides.foreign import read
from crashcart.guides.foreign.paragraphs import Paragraphs
from crashcart.guides.foreign.scan import scan

TEXT = "The belt is\nslow.\n\nIt stops.\n**Owner**: ann\n> quoted\n- item\n  goes on\n"


def test_a_line_knows_what_stands_beside_it_in_its_paragraph() -> None:
    paragraphs = Paragraphs(scan(TEXT))

    assert (paragraphs.before(2), paragraphs.behind(1)) == ("The belt is", "slow.")
    assert (paragraphs.before(8), paragraphs.behind(7)) == ("item", "goes on")


def test_blank_lines_labels_and_quotes_end_a_paragraph() -> None:
    paragraphs = Paragraphs(scan(TEXT))

    assert (paragraphs.behind(2), paragraphs.before(5), paragraphs.before(6)) == ("", "", "")
    assert paragraphs.is_quoted(6)
    assert not paragraphs.is_quoted(5)


def test_a_message_may_go_over_the_end_of_a_line() -> None:
    guide = read('## The import crashes\n\nIt ends with the error "bus error: the belt\nwas cut", so mend it.\n')

    assert [(one.line, one.text, one.raw) for one in guide.signatures] == [
        (3, "bus error: the belt was cut", "bus error: the belt")
    ]
