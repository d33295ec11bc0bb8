"""What is being looked at right now, why, and how much time is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crashcart.drive.diagnose import Progress
from crashcart.model.diagnosis import NextLook
from crashcart.model.net import Net
from crashcart.report.plain import line
from crashcart.report.text import look_words

if TYPE_CHECKING:
    from rich.text import Text

Tell = Callable[[Progress], None]
SHOWN = 6


@contextmanager
def progress(net: Net, *, is_wanted: bool) -> Iterator[Tell]:
    """Yield a function that shows progress on standard error; on something that is no terminal it shows nothing."""
    if not is_wanted:
        yield lambda state: None
        return
    from rich.console import Console
    from rich.live import Live

    screen = _Screen({cause.id: cause.title for cause in net.causes})
    with Live(get_renderable=screen.draw, console=Console(stderr=True), transient=True, refresh_per_second=4):
        yield screen.tell


class _Screen:
    """The last state told; drawn anew several times a second, so that the time left counts down."""

    def __init__(self, titles: Mapping[str, str]) -> None:
        self._titles = titles
        self._state: Progress | None = None
        self._told_at = 0.0

    def tell(self, state: Progress) -> None:
        """Keep a state."""
        self._state, self._told_at = state, time.monotonic()

    def draw(self) -> Text:
        """Return the screen."""
        from rich.text import Text

        return Text("\n".join(self._lines()), no_wrap=True, overflow="ellipsis")

    def _lines(self) -> list[str]:
        state = self._state
        if state is None:
            return ["reading the guides ..."]
        left_s = max(0.0, state.left_s - (time.monotonic() - self._told_at))
        looks = [(look, entry) for entry, found in state.waiting for look in found]
        shown = [f"  {line(look_words(look), 44):<44}  {self._why(entry)}" for look, entry in looks[:SHOWN]]
        more = [f"  and {len(looks) - SHOWN} more"] if len(looks) > SHOWN else []
        doing = "under way:" if looks else "weighing"
        return [f"{left_s:3.0f} s left · {state.taken} looks taken · {doing}", *shown, *more]

    def _why(self, entry: NextLook) -> str:
        if not entry.separates:
            return "to see what is broken"
        return "is it: " + " / ".join(line(self._name(cause), 36) for cause in entry.separates)

    def _name(self, cause: str) -> str:
        if cause.startswith("unknown"):
            return "something no guide covers"
        return "all is well" if cause == "nothing" else self._titles.get(cause, cause)
