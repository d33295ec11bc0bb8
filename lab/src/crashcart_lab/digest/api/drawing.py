"""Templates filled in and sent as HTML, and the style sheet and script that they use.

What the templates show was written by strangers: everything is escaped, and only web addresses become links.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from crashcart_lab.digest import VERSION

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


def draw(template: str, context: Mapping[str, object], status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    """Fill a template in. A browser asks again each time: what is shown changes while it looks."""
    return HTMLResponse(_ENVIRONMENT.get_template(template).render(context), status, {"Cache-Control": "no-cache"})


def add_static(app: FastAPI) -> None:
    app.mount("/static", _Lasting(directory=STATIC), name="static")


class _Lasting(StaticFiles):
    """Files that browsers keep: another content has another address."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def _static(name: str) -> str:
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


def _is_web_address(text: str) -> bool:
    """Say whether a link may lead there; `javascript:` and its kin may not."""
    try:
        split = urlsplit(text)
    except ValueError:
        return False
    return split.scheme in ("http", "https") and bool(split.netloc)


def _short_address(url: str) -> str:
    """Leave out what says nothing to a reader: the scheme and a last slash."""
    return re.sub(r"^https?://", "", url).removesuffix("/")


def _moment(stored: str) -> str:
    return datetime.fromisoformat(stored).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _took(began: str, ended: str) -> str:
    seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def _paragraphs(text: str) -> Sequence[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _counted(count: int, noun: str, plural: str | None = None) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.tests["web_address"] = _is_web_address
    made.filters.update(
        counted=_counted, moment=_moment, paragraphs=_paragraphs, short_address=_short_address, took=_took
    )
    made.globals.update(version=VERSION, static={name: _static(name) for name in ("page.css", "page.js", "icon.svg")})
    return made


_ENVIRONMENT = _environment()
