"""Lines of a log in the room there is."""

from __future__ import annotations

import pytest

from crashcart.report.log_words import brief


@pytest.mark.parametrize(
    ("text", "limit", "told"),
    [
        ("ERROR shop.api.views: it failed", 40, "ERROR shop.api.views: it failed"),
        ("ERROR [pool-1] org.example.rm.Client: no answer from node", 40, "ERROR [pool-1] …Client: no answer from …"),
        ("[error] shop.api.views - no such order <*> in the books", 40, "[error] …views - no such order <*> in t…"),
        ("2026-03-04 10:00:00,123 ERROR pay: no answer from the bank", 40, "ERROR pay: no answer from the bank"),
        ("[2026-03-04T10:00:00Z] ERROR pay: no answer from the bank at all", 40, "ERROR pay: no answer from the bank at a…"),
        ("<*> <*> <*> INFO pay: order <*> of user <*>", 30, "INFO pay: order <*> of user <*>"[:29] + "…"),
        # Names of hosts and files, and what stands in the middle of a sentence, are told as they are.
        ("connection to db.internal.example.com:5432 refused", 46, "connection to db.internal.example.com:5432 re…"),
        ("cannot read /srv/shop.old.d/a.b.c.txt: no such file", 46, "cannot read /srv/shop.old.d/a.b.c.txt: no suc…"),
        ("a\x1b[31m\u202eb", 0, "a\\x1b[31m\\u202eb"),
    ],
)  # fmt: skip
def test_a_long_line_loses_what_tells_least(text: str, limit: int, told: str) -> None:
    assert brief(text, limit or 60) == told
