"""Summaries as PDF, read by a program that did not write them (poppler's)."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from reportlab.platypus import Flowable

from crashcart_lab.digest import pdf
from crashcart_lab.digest.storage.summaries import Summary

SUMMARY = Summary(
    id=7,
    url="http://docs.test/guide?part=1&page=2",
    title="Boxes & receivers",
    summary="A box holds messages.\nIts receiver empties it.\n\nNothing is lost.",
    status="completed",
    created_at="2026-03-04T05:06:07.890+00:00",
    method="model",
    tags=("queue", "small"),
)
VERA = pdf.load((pdf.OWN / "Vera.ttf",))
HAS_DEJAVU = pdf.PLAIN[0].exists()
HAS_CJK = pdf.PLAIN[1].exists()
Read = Callable[[bytes], str]

pytestmark = pytest.mark.skipif(
    not (shutil.which("pdftotext") and shutil.which("pdfinfo")),
    reason="needs pdftotext and pdfinfo (Debian: poppler-utils)",
)


def _poppler(program: str, *arguments: str) -> str:
    done = subprocess.run([program, *arguments], check=True, capture_output=True, encoding="utf-8")
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "summary.pdf"


@pytest.fixture
def read(file: Path) -> Read:
    def text_of(document: bytes) -> str:
        file.write_bytes(document)
        return _poppler("pdftotext", "-raw", str(file), "-")

    return text_of


def pages(file: Path) -> int:
    return int(info(file)["Pages"])


def info(file: Path) -> dict[str, str]:
    lines = (line.split(":", 1) for line in _poppler("pdfinfo", str(file)).splitlines())
    return {name: value.strip() for name, value in lines}


def joined(text: str) -> str:
    """Return the text as if there were no lines and pages."""
    return "".join(line.strip("\f") for line in text.splitlines() if not line.startswith("Page "))


def test_everything_a_summary_has_is_on_the_page(read: Read, file: Path):
    assert read(pdf.render(SUMMARY)).split("\n") == [
        "Boxes & receivers",
        "Address: http://docs.test/guide?part=1&page=2",
        "Date: 2026-03-04 05:06 UTC",
        "Tags: queue, small",
        "Method: written by a language model",
        "A box holds messages.",
        "Its receiver empties it.",
        "Nothing is lost.",
        "Page 1",
        "\f",
    ]
    assert pages(file) == 1
    assert info(file)["Title"] == SUMMARY.title
    assert info(file)["Subject"] == SUMMARY.url


@pytest.mark.parametrize(
    ("method", "line"),
    [("extractive", "Method: sentences of the site itself"), ("by hand", "Method: by hand")],
)
def test_the_method_is_told_in_words(read: Read, method: str, line: str):
    assert line in read(pdf.render(replace(SUMMARY, method=method)))


def test_no_tags_no_line_of_tags(read: Read):
    assert "Tags" not in read(pdf.render(replace(SUMMARY, tags=())))


def test_no_file_is_left_in_the_working_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)

    assert pdf.render(SUMMARY).startswith(b"%PDF-")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [
        "<b>not bold</b>",
        "a & b < c > d",
        "&lt; &amp; &#65; &nosuch;",
        "<br/><para><font name='x'>",
        "<![CDATA[ x ]]> <!-- y -->",
        "</font></para> \"quoted\" 'too'",
        "<img src='file:///etc/passwd'/>",
        "{{ 7 * 7 }} %s %(name)s \\n",
    ],
)
def test_markup_is_shown_and_not_obeyed(read: Read, text: str):
    document = pdf.render(replace(SUMMARY, title=text, summary=text, url=text, tags=(text,)))

    lines = read(document).splitlines()
    assert lines.count(text) == 2
    assert f"Address: {text}" in lines
    assert f"Tags: {text}" in lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("nul \0 and escape \x1b[31m", "nul [U+0000] and escape [U+001B][31m"),
        ("lost half \ud800 of a pair", "lost half \N{REPLACEMENT CHARACTER} of a pair" if HAS_DEJAVU else "lost half"),
        ("fly \N{ROCKET} \N{GRINNING FACE}", "fly [rocket] [grinning face]"),
        ("private \ue000 and rare \U00020000", "private [U+E000] and rare [U+20000]"),
        ("soft\N{SOFT HYPHEN}ly \N{RIGHT-TO-LEFT OVERRIDE}turned\N{ZERO WIDTH JOINER}", "softly turned"),
        ("heart\N{VARIATION SELECTOR-16}", "heart"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "café"),
        ("tab\tand\N{NO-BREAK SPACE}space", "tab and space"),
    ],
)
def test_what_has_no_picture_is_named(read: Read, text: str, shown: str):
    lines = read(pdf.render(replace(SUMMARY, title=text, summary=text))).splitlines()

    assert [line.startswith(shown) for line in lines].count(True) == 2


@pytest.mark.skipif(not HAS_DEJAVU, reason="needs DejaVu (Debian: fonts-dejavu-core)")
@pytest.mark.parametrize("text", ["Žluťoučký kůň", "Добрый день", "Καλημέρα", "→ ✓ “so” … €"])
def test_other_alphabets_are_shown(read: Read, text: str):
    assert read(pdf.render(replace(SUMMARY, title=text, summary=text))).splitlines().count(text) == 2


@pytest.mark.skipif(not HAS_CJK, reason="needs a font with Chinese, Japanese and Korean (Debian: fonts-wqy-microhei)")
@pytest.mark.parametrize("text", ["文档摘要", "日本語のテキスト", "한국어 문서", "mixed 文 with Latin"])
def test_chinese_japanese_and_korean_are_shown(read: Read, text: str):
    assert read(pdf.render(replace(SUMMARY, title=text, summary=text))).splitlines().count(text) == 2


def test_without_system_fonts_the_own_one_names_what_it_lacks(read: Read):
    document = pdf.render(replace(SUMMARY, title="Größe 文", summary="день ✓"), plain=VERA, bold=VERA)

    lines = read(document).splitlines()
    assert "Größe [U+6587]" in lines
    assert "[U+0434][U+0435][U+043D][U+044C] [check mark]" in lines


@pytest.mark.parametrize("char", ["Q", "文", "<", "\0"])
def test_words_longer_than_a_page_are_broken_and_whole(read: Read, file: Path, char: str):
    text = char * 2000
    long = Summary(1, text, text, text, "completed", SUMMARY.created_at, "model", (text,))

    document = pdf.render(long, plain=VERA, bold=VERA)

    shown = {"文": "[U+6587]", "\0": "[U+0000]"}.get(char, char)
    assert joined(read(document)).count(shown) == 4 * 2000
    assert pages(file) > 2


def test_pages_are_numbered(read: Read, file: Path):
    lines = "\n".join(f"This is line {number} of a long summary." for number in range(200))

    text = read(pdf.render(replace(SUMMARY, summary=lines)))

    count = pages(file)
    assert count > 3
    assert [line for line in text.splitlines() if line.startswith("Page ")] == [
        f"Page {number}" for number in range(1, count + 1)
    ]
    assert all(f"line {number} of" in text for number in range(200))


def test_one_endless_paragraph_loses_no_word(read: Read):
    words = [f"word{number}" for number in range(3000)]

    assert set(words) <= set(read(pdf.render(replace(SUMMARY, summary=" ".join(words)))).split())


def test_an_empty_summary_is_a_page_all_the_same(read: Read):
    text = read(pdf.render(replace(SUMMARY, title="", summary="", tags=())))

    assert text.splitlines()[0].startswith("Address:")


def test_documents_are_written_one_at_a_time(monkeypatch: pytest.MonkeyPatch, read: Read):
    """They share fonts that two writers disturb: about one document in a hundred then failed with a KeyError."""
    write = pdf._Document.build
    both = Barrier(2)
    met: list[bool] = []

    def build(self: pdf._Document, story: list[Flowable]) -> None:
        with contextlib.suppress(BrokenBarrierError):
            both.wait(timeout=0.2)
            met.append(True)
        write(self, story)

    monkeypatch.setattr(pdf._Document, "build", build)
    titles = ["Title one", "Title two"]

    with ThreadPoolExecutor(2) as pool:
        documents = list(pool.map(lambda title: pdf.render(replace(SUMMARY, title=title)), titles))

    assert met == []
    assert [read(document).splitlines()[0] for document in documents] == titles
