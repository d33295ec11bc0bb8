"""What every page is: one file that stands alone, no script, nothing fetched, every word from outside made harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from crashcart.report.page.style import STYLE
from crashcart.report.plain import line, plain

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def document(title: str, body: Sequence[str], *, engine: str, tone: str, style: str = "") -> str:
    """Return the page around its body, which is markup already. `style` comes behind that of all pages."""
    sheet = f"{STYLE}\n{style}" if style else STYLE
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f'<meta name="generator" content="crashcart {safe(engine)}">\n<title>{safe(title)}</title>\n'
        f"<style>\n{sheet}\n</style>\n</head>\n"
        f'<body class="{tone}">\n<main>\n' + "\n".join(body) + "\n</main>\n</body>\n</html>\n"
    )


def safe(text: str, limit: int = 0) -> str:
    """Return text on one line that is neither markup nor acts on whoever shows it."""
    return escape(line(text, limit))


def safe_block(text: str) -> str:
    """Return harmless text with its lines kept."""
    return escape(plain(text))


def card(title: str, rows: Sequence[str], kind: str = "") -> Iterator[str]:
    if rows:
        yield f'<section class="card{" " + kind if kind else ""}"><h2>{title}</h2>'
        yield from rows
        yield "</section>"
