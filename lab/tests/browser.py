"""A headless Chromium that reaches this machine alone and notes whatever goes wrong in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright import sync_api

# As distributions call it; the builds that playwright itself would fetch are not asked for.
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",  # a sandbox of its own is more than most containers grant
    "--disable-gpu",
    # What the browser does on its own account finds no host either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
DESK = (1200, 850)
PHONE = (390, 844)


class Tab:
    """One page, and what it complained about: errors, broken security rules, and requests to strangers."""

    def __init__(self, page: sync_api.Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", self._note_dialog)
        page.context.route("**/*", self._keep_inside)

    def barriers(self) -> list[str]:
        """Return which of axe's rules of accessibility the page breaks, and where. Skips the test without axe."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
        found = axe.Axe().run(self.page).response
        assert found["passes"], "axe looked at nothing"
        return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]

    def _note_message(self, message: sync_api.ConsoleMessage) -> None:
        # Chromium reports a broken content security policy as an error too.
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _note_dialog(self, dialog: sync_api.Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _keep_inside(self, route: sync_api.Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            self.complaints.append(f"request to {route.request.url}")
            route.abort()


class Browser:
    """Opens tabs that share nothing."""

    def __init__(self, launched: sync_api.Browser) -> None:
        self._launched = launched

    def tab(
        self,
        *,
        scheme: Literal["light", "dark"] = "light",
        size: tuple[int, int] = DESK,
        has_scripts: bool = True,
    ) -> Tab:
        context = self._launched.new_context(
            color_scheme=scheme,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=has_scripts,
            service_workers="block",
        )
        context.set_default_timeout(20_000)
        return Tab(context.new_page())


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the machine's Chromium, and end it. Skips the test where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"needs a browser, one of {', '.join(NAMES)}: apt-get install chromium")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(OPTIONS))
        try:
            yield Browser(chromium)
        finally:
            chromium.close()
