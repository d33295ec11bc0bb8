"""The page in a real browser: a site submitted, watched, read and found, by keyboard, on a phone, without scripts."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest

from crashcart_lab import client as user
from crashcart_lab.world import World

from .browser import PHONE, Browser, Tab, launched

HOSTILE = "<img src=x onerror=\"document.title='hurt'\"><script>document.title='hurt'</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def slow_world(mended_world: World) -> Iterator[World]:
    """A world in which a job takes long enough to be seen running."""
    mended_world.set_rules([{"kind": "latency", "seconds": 1.2}])
    yield mended_world
    mended_world.set_rules([])


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: kept where somebody asks for them, else thrown away with the test."""
    folder = Path(os.environ.get("DIGEST_SCREENSHOTS") or tmp_path / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def picture(tab: Tab, folder: Path, name: str) -> None:
    tab.page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_a_site_is_submitted_by_keyboard_watched_to_its_end_read_found_and_printed(
    slow_world: World, browser: Browser, pictures: Path
):
    tab = browser.tab()
    page = tab.page

    page.goto(f"{slow_world.digest_url}/page")
    page.keyboard.press("Tab")  # to the name of the service
    page.keyboard.press("Tab")
    page.keyboard.type(slow_world.site_url)
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.type("shelf, docs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/page/jobs/*")
    page.evaluate("window.isSamePage = true")
    page.get_by_role("status").filter(has_text="Reading the site").wait_for()
    picture(tab, pictures, "job-running")
    page.get_by_role("link", name="Read the summary").wait_for()
    assert re.fullmatch(r"Done: \d+ pages read and summarised\.", page.get_by_role("status").inner_text())
    assert page.evaluate("window.isSamePage")
    assert page.title().startswith("Completed: ")
    picture(tab, pictures, "job-completed")

    page.get_by_role("link", name="Read the summary").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Pigeonhole"
    words = page.locator(".prose p").first.inner_text()
    picture(tab, pictures, "summary")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")

    page.get_by_role("link", name="Back to all summaries").click()
    word = max(re.findall(r"[a-z]+", words), key=len)
    page.get_by_role("searchbox").fill(word)
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    assert page.locator("#found h3").first.inner_text() == "Pigeonhole"
    page.get_by_role("link", name="shelf", exact=True).first.click()
    page.wait_for_url("**tag=shelf*")
    assert page.locator("#found h3").first.inner_text() == "Pigeonhole"
    assert tab.complaints == []


def test_without_scripts_the_page_of_a_job_renews_itself_all_the_same(slow_world: World, browser: Browser):
    tab = browser.tab(has_scripts=False)

    tab.page.goto(f"{slow_world.digest_url}/page")
    tab.page.get_by_label("Address").fill(slow_world.site_url)
    tab.page.get_by_role("button", name="Summarise").click()
    tab.page.get_by_role("button", name="Cancel the job").wait_for()

    tab.page.get_by_role("link", name="Read the summary").wait_for()
    assert tab.complaints == []


def test_a_job_is_cancelled_and_tried_again(slow_world: World, browser: Browser):
    tab = browser.tab()
    slow_world.set_rules([{"kind": "hang"}])

    tab.page.goto(f"{slow_world.digest_url}/page")
    tab.page.get_by_label("Address").fill(slow_world.site_url)
    tab.page.get_by_label("Pages at most").fill("2")
    tab.page.get_by_role("button", name="Summarise").click()
    tab.page.get_by_role("button", name="Cancel the job").click()
    tab.page.get_by_role("status").filter(has_text="Cancelled").wait_for()
    slow_world.set_rules([])
    tab.page.get_by_role("button", name="Try again").click()

    tab.page.get_by_role("link", name="Read the summary").wait_for()
    assert tab.page.get_by_role("status").inner_text() == "Done: 2 pages read and summarised."
    assert tab.complaints == []


def test_a_service_that_is_gone_for_a_while_is_told_and_found_again(slow_world: World, browser: Browser):
    page = browser.tab().page
    slow_world.set_rules([{"kind": "hang"}])
    page.goto(f"{slow_world.digest_url}/page")
    page.get_by_label("Address").fill(slow_world.site_url)
    page.get_by_role("button", name="Summarise").click()
    page.get_by_role("button", name="Cancel the job").focus()

    page.context.set_offline(True)
    page.get_by_role("status").filter(has_text="The service does not answer.").wait_for()
    page.context.set_offline(False)

    page.get_by_role("status").filter(has_text="No summary was made").wait_for()
    # Not on the button that has taken the other one's place.
    assert page.evaluate("document.activeElement.tagName") == "H1"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_that_a_machine_can_find(
    mended_world: World, browser: Browser, scheme: Literal["light", "dark"]
):
    done = user.scrape(mended_world.digest_url, mended_world.site_url)
    tab = browser.tab(scheme=scheme)

    for path in ("", f"/jobs/{done.job_id}", "/summaries/1", "/nothing"):
        tab.page.goto(f"{mended_world.digest_url}/page{path}")
        assert tab.barriers() == []
    tab.page.goto(f"{mended_world.digest_url}/page")
    tab.page.get_by_role("button", name="Summarise").click()
    tab.page.get_by_text("1 field to correct").wait_for()
    assert tab.barriers() == []


def test_a_hostile_title_is_shown_as_text_whatever_the_screen(mended_world: World, browser: Browser, pictures: Path):
    assert user.scrape(mended_world.digest_url, mended_world.site_url).succeeded
    with closing(sqlite3.connect(mended_world.database)) as db, db:
        db.execute("UPDATE summaries SET title = ? WHERE id = (SELECT max(id) FROM summaries)", (HOSTILE,))
        (number,) = db.execute("SELECT max(id) FROM summaries").fetchone()

    for name, tab in {
        "light": browser.tab(),
        "dark": browser.tab(scheme="dark"),
        "phone": browser.tab(size=PHONE),
    }.items():
        tab.page.goto(f"{mended_world.digest_url}/page")
        assert tab.page.locator("#found h3").first.inner_text() == HOSTILE
        assert tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        picture(tab, pictures, f"home-{name}")
        tab.page.goto(f"{mended_world.digest_url}/page/summaries/{number}")
        assert tab.page.get_by_role("heading", level=1).inner_text() == HOSTILE
        assert tab.page.title() == f"{HOSTILE} · digest"
        assert tab.page.locator("main img, main script").count() == 0
        picture(tab, pictures, f"summary-{name}")
        assert tab.complaints == []
