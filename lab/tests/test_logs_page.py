"""The page of a log in a real browser: on a desk and a phone, light and dark, nothing fetched, nothing in the way."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import pytest

from .browser import DESK, PHONE, Browser, launched

SAID = "<img src=x onerror=\"document.title='hurt'\"><script>document.title='hurt'</script>"


class Quiet(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        """Serve the page; the icon that browsers ask for by themselves is none of it."""
        if self.path == "/favicon.ico":
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def lines() -> Iterator[str]:
    for minute in range(60):
        for second in range(0, 60, 10):
            yield f"2026-05-04 03:{minute:02}:{second:02} INFO app.http GET /a/{minute}{second} took {20 + second}ms"
        if minute < 40:
            yield f"2026-05-04 03:{minute:02}:51 INFO app.sched heartbeat {minute}"
        if 45 <= minute < 50:
            yield from (f"2026-05-04 03:{minute:02}:{n} ERROR app.jobs job {n} failed: {SAID}" for n in range(52, 59))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page as the command writes it, served so that the browser's rules for pages apply."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "app.log").write_text("\n".join(lines()) + "\n")
    command = [sys.executable, "-m", "crashcart", "logs", "app.log", "--html", "out.html"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stderr
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/out.html"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_read_it_and_nothing_acts(
    browser: Browser, address: str, size: tuple[int, int], scheme: Literal["light", "dark"]
) -> None:
    tab = browser.tab(size=size, scheme=scheme)

    tab.page.goto(address)
    tab.page.get_by_text("different statements").click()

    assert tab.page.get_by_role("heading", level=1).inner_text().startswith("35 errors of 1 kind")
    assert tab.page.get_by_role("img", name="Errors over time").is_visible()
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert "hurt" not in tab.page.title()
    assert tab.barriers() == []
    assert tab.complaints == []
