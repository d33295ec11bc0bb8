"""Compiling a guide, beside a Markdown parser that only parses: what checking every word costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from markdown_it import MarkdownIt

from crashcart.app import catalogue
from crashcart.guides.compile import compile_guide
from crashcart.guides.show import show_guide
from crashcart.packs import shipped

ROUNDS = 15
LINES = 2000


def long_guide() -> str:
    """Return a guide of about LINES lines: one shipped problem, repeated under other ids."""
    text = shipped()["http-provider"]
    head, _, body = text.partition("\n## ")
    parts = [head]
    number = 0
    while sum(part.count("\n") for part in parts) < LINES:
        number += 1
        parts.append("\n## " + body.replace("{#", f"{{#n{number}-"))
    return "".join(parts)


def median_s(run: Callable[[], object]) -> float:
    """Return the median time of a call."""
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def main() -> None:
    """Print times and their ratio."""
    text = long_guide()
    kinds = catalogue()
    guide = compile_guide(text, kinds)
    peer = median_s(lambda: MarkdownIt("commonmark").parse(text))
    ours = median_s(lambda: compile_guide(text, kinds))
    back = median_s(lambda: show_guide(guide, kinds))
    print(f"guide of {text.count(chr(10))} lines, {sum(len(p.causes) for p in guide.problems)} causes")
    print(f"  markdown-it parse {peer * 1000:7.1f} ms")
    print(f"  compile           {ours * 1000:7.1f} ms  ({ours / peer:.2f} x markdown-it)")
    print(f"  show              {back * 1000:7.1f} ms")


if __name__ == "__main__":
    main()
