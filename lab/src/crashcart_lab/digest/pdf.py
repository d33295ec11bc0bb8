"""Summaries as PDF. ReportLab takes most of a second to load, so nobody imports this before it is needed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from threading import Lock
from xml.sax.saxutils import escape

import reportlab
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from crashcart_lab.digest.storage.summaries import Method, Summary

MARGIN = 20 * mm
GREY = HexColor("#555555")
SYSTEM = Path("/usr/share/fonts/truetype")
OWN = Path(reportlab.__file__).parent / "fonts"
# A character is set in the first font that has it; fonts that are not installed are done without. Vera comes with
# ReportLab and knows Western European alone; Debian has the others: fonts-dejavu-core and fonts-wqy-microhei.
PLAIN = (SYSTEM / "dejavu/DejaVuSans.ttf", SYSTEM / "wqy/wqy-microhei.ttc", OWN / "Vera.ttf")
BOLD = (SYSTEM / "dejavu/DejaVuSans-Bold.ttf", SYSTEM / "wqy/wqy-microhei.ttc", OWN / "VeraBd.ttf")
# The time that ReportLab takes grows with the square of a paragraph; nobody writes longer ones by intent.
LONGEST_PARAGRAPH = 3000
METHODS: Mapping[str, str] = {
    Method.MODEL: "written by a language model",
    Method.EXTRACTIVE: "sentences of the site itself",
}


@dataclass(frozen=True, slots=True)
class Face:
    """One font as ReportLab knows it, and the code points that it can show."""

    name: str
    glyphs: frozenset[int]


Faces = tuple[Face, ...]


def load(files: tuple[Path, ...]) -> Faces:
    """Make the fonts of *files* known to ReportLab, leaving out those that are not installed."""
    faces = []
    for file in files:
        if file.exists():
            font = TTFont(file.stem, str(file))
            registerFont(font)
            # ReportLab's way back from glyphs to text has room for 16 bits: beyond, readers would copy other letters.
            faces.append(Face(file.stem, frozenset(code for code in font.face.charToGlyph if code <= 0xFFFF)))
    return tuple(faces)


# Here and not at the first call: importing is done once, even by threads that come at the same time.
FACES = load(PLAIN)
BOLD_FACES = load(BOLD)
# All documents share the open fonts, and each font has one place where it reads: two writers would disturb each other.
_WRITING = Lock()


def render(summary: Summary, *, plain: Faces = FACES, bold: Faces = BOLD_FACES) -> bytes:
    """Return the summary as a PDF with numbered pages.

    Its texts are data: markup in them is shown as it is. A character that no installed font has is shown by its
    name if it is a symbol, as in [rocket], and else by its number, as in [U+4E2D]. Invisible ones, such as
    joiners and marks of direction, are left out. Scripts that run from right to left are not reordered.
    """
    sink = BytesIO()
    document = _Document(
        sink,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=_clean(summary.title),
        subject=_clean(summary.url),
        creator="digest",
    )
    with _WRITING:
        document.build(list(_story(summary, plain, bold)))
    return sink.getvalue()


class _Document(SimpleDocTemplate):
    def afterPage(self) -> None:
        """Number the page: after its text, so that the number is also read after it."""
        self.canv.setFont(FACES[0].name, 8)
        self.canv.setFillColor(GREY)
        self.canv.drawCentredString(A4[0] / 2, MARGIN / 2, f"Page {self.canv.getPageNumber()}")


def _story(summary: Summary, plain: Faces, bold: Faces) -> Iterator[Flowable]:
    title = ParagraphStyle("title", fontName=bold[0].name, fontSize=18, leading=23, spaceAfter=8)
    fact = ParagraphStyle("fact", fontName=plain[0].name, fontSize=9, leading=13, textColor=GREY)
    body = ParagraphStyle("body", fontName=plain[0].name, fontSize=11, leading=16, spaceAfter=8)
    yield from _paragraphs(summary.title, bold, title)
    for line in _facts(summary):
        yield from _paragraphs(line, plain, fact)
    yield Spacer(0, 8 * mm)
    for line in _clean(summary.summary).splitlines():
        yield from _paragraphs(line, plain, body)


def _facts(summary: Summary) -> Iterator[str]:
    yield f"Address: {summary.url}"
    yield f"Date: {datetime.fromisoformat(summary.created_at):%Y-%m-%d %H:%M} UTC"
    if summary.tags:
        yield f"Tags: {', '.join(summary.tags)}"
    yield f"Method: {METHODS.get(summary.method, summary.method)}"


def _clean(text: str) -> str:
    """Return *text* composed, without halves of characters, and with one kind of line end."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "\n".join(unicodedata.normalize("NFC", whole).splitlines())


def _paragraphs(text: str, faces: Faces, style: ParagraphStyle) -> Iterator[Paragraph]:
    shown = "".join(_shown(char, faces) for char in _clean(text))
    for part in wrap(shown, LONGEST_PARAGRAPH):
        yield Paragraph(_markup(part, faces), style)


def _markup(text: str, faces: Faces) -> str:
    """Return *text* in ReportLab's markup, each part in a font that has its characters."""
    parts = groupby(text, key=lambda char: _face_of(char, faces).name)
    return "".join(f'<font name="{name}">{escape("".join(chars))}</font>' for name, chars in parts)


def _shown(char: str, faces: Faces) -> str:
    """Return what stands for *char*: itself wherever that can be."""
    category = unicodedata.category(char)
    if char.isspace():
        return " "
    if category == "Cf" or "VARIATION SELECTOR" in unicodedata.name(char, ""):
        return ""
    if category != "Cc" and any(ord(char) in face.glyphs for face in faces):
        return char
    name = unicodedata.name(char, "") if category.startswith("S") else ""
    return f"[{name.lower()}]" if name else f"[U+{ord(char):04X}]"


def _face_of(char: str, faces: Faces) -> Face:
    return next((face for face in faces if ord(char) in face.glyphs), faces[0])
