"""Health again and again: a page that is drawn anew on a terminal, a line for each change elsewhere."""

from __future__ import annotations

from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, Self

import click

from crashcart.guides.health import changed
from crashcart.model.health import Health, Mark
from crashcart.report.check import Row, change_lines, health_rows

if TYPE_CHECKING:
    from rich.text import Text

_KEPT = 6  # changes that stay on the page
_STYLES = {Mark.FAIL: "bold red", Mark.WARN: "bold yellow", Mark.UNSEEN: "cyan", Mark.PASS: "green"}


def tell_changes(health: Health, before: Health | None) -> None:
    """Write the whole page in the first round, then what changed; nothing when nothing did."""
    if before is None:
        click.echo("\n".join(row.text for row in health_rows(health)))
    else:
        for change in change_lines(before, health):
            click.echo(change)


class Screen:
    """The page on a terminal: what changed since the round before stands out, and the last changes stay below."""

    def __init__(self, every_s: float) -> None:
        from rich.live import Live

        self._every_s = every_s
        self._changes: deque[str] = deque(maxlen=_KEPT)
        self._live = Live(auto_refresh=False, vertical_overflow="visible")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def tell(self, health: Health, before: Health | None) -> None:
        """Draw a round."""
        from rich.text import Text

        if before is not None:
            self._changes.extend(change_lines(before, health))
        rows = health_rows(health, changed(before, health) if before else ())
        page = Text("\n", no_wrap=True, overflow="ellipsis").join(_drawn(row) for row in rows)
        for change in self._changes:
            page.append(f"\n{change}", style="dim")
        page.append(f"\n\nagain every {self._every_s:g} s; Ctrl-C ends it", style="dim")
        self._live.update(page, refresh=True)


def _drawn(row: Row) -> Text:
    from rich.text import Text

    text = Text(row.text)
    if row.mark is not None:
        text.stylize(_STYLES[row.mark], 2, 8)
    if row.is_changed:
        text.stylize("reverse")
    return text
