"""Posting in a process of its own, through Apprise: an order on standard input, what became of it on standard output."""

from __future__ import annotations

import logging
import sys

import msgspec

from crashcart.redact import Scrubber
from crashcart.report.plain import line
from crashcart.server.work import Posted, PostOrder

_ERROR_LIMIT = 300


def main() -> None:
    """Post what the order says."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=PostOrder)
    sys.stdout.buffer.write(msgspec.json.encode(posted(order)))


def posted(order: PostOrder) -> Posted:
    """Post to each URL; the error says what Apprise said, without the secrets that the URLs hold."""
    from apprise import Apprise, NotifyFormat, NotifyType

    said = _Said()
    logging.getLogger("apprise").addHandler(said)
    scrubber = Scrubber(order.urls)
    failed: dict[int, str] = {}
    for place, url in enumerate(order.urls):
        service = Apprise()
        if not service.add(url):
            failed[place] = f"URL {place + 1} ({url.partition(':')[0]}:...) is none that Apprise knows"
        elif order.title and not service.notify(
            title=order.title, body=order.body, body_format=NotifyFormat.TEXT, notify_type=NotifyType.WARNING
        ):
            why = line(scrubber.text(" ".join(said.texts)), _ERROR_LIMIT)
            failed[place] = why or "Apprise could not post it, and says not why"
        said.texts.clear()
    return Posted(tuple(failed), next(iter(failed.values()), ""))


class _Said(logging.Handler):
    """What Apprise says of a failure: it tells it to its log alone."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


if __name__ == "__main__":
    main()
