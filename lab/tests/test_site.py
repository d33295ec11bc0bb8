"""The site and its small troubles, met by the service's own crawler."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from crashcart_lab import ports, processes, supervise
from crashcart_lab.digest.crawl import Guard, Limits, Page, crawl
from crashcart_lab.waiting import until
from crashcart_lab.world import answers


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    [port] = ports.free(1)
    argv = [*supervise.PYTHON, "crashcart_lab.site", "--port", str(port), "--gone", "roadmap.html"]
    argv += ["--slow", "boxes.html", "--slow-s", "3"]
    process = processes.spawn(argv, env=supervise.clean_environment(), log=tmp_path / "out")
    url = f"http://127.0.0.1:{port}/"
    with httpx.Client(trust_env=False) as http:
        until(lambda: answers(http, url), timeout_s=20, what="the site", hint=str(tmp_path / "out"))
    yield url
    processes.end(process)


def read(url: str, *, max_pages: int, max_depth: int) -> list[Page]:
    limits = Limits(max_pages, max_depth, page_timeout_s=1.5)
    guard = Guard(allowed=[ip_network("127.0.0.0/8")])

    async def collect() -> list[Page]:
        return [page async for page in crawl(url, limits=limits, guard=guard)]

    return asyncio.run(collect())


def test_a_slow_page_is_read_in_the_end_and_a_missing_one_is_left_out(site: str, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.WARNING):
        pages = read(site, max_pages=50, max_depth=10)

    assert {page.url.rpartition("/")[2] for page in pages} == {
        *("", "index.html", "install.html", "quickstart.html", "boxes.html", "routes.html", "retries.html"),
        *("storage.html", "testing.html"),
    }
    assert all(page.title for page in pages)
    assert [record.getMessage() for record in caplog.records if record.name.startswith("crashcart_lab")] == [
        f"page {site}boxes.html is slow, trying once more",
        f"page {site}roadmap.html skipped: it answered 404",
    ]


def test_pages_and_depth_are_limits(site: str):
    assert len(read(site, max_pages=3, max_depth=10)) == 3
    assert len(read(site, max_pages=50, max_depth=1)) == 1


def test_ordinary_pages_never_lead_into_trouble(site: str):
    with httpx.Client(base_url=site, trust_env=False) as http:
        assert http.get("/trouble/").status_code == 200

    assert not [page.url for page in read(site, max_pages=50, max_depth=10) if "trouble" in page.html + page.url]
