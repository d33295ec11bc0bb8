"""The page as HTTP answers: forms taken and refused, lists turned over, and strangers' text shown as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from crashcart_lab.digest.api.app import build
from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.jobs import Job, JobStore, Order, Status, finish
from crashcart_lab.digest.storage.summaries import Method, SummaryStore

HOSTILE = "<img src=x onerror=\"document.title='hurt'\"><script>document.title='hurt'</script>"
FORM = {"url": "http://127.0.0.1:9/", "max_pages": "10", "max_depth": "3", "tags": ""}


class Stores:
    """The service's own database, filled by hand."""

    def __init__(self, settings: Settings) -> None:
        self._database = Database(settings)
        self.jobs = JobStore(self._database)
        self._summaries = SummaryStore(self._database)

    def begun(self, url: str = "http://docs.example/", tags: tuple[str, ...] = ()) -> Job:
        job = self.jobs.claim(self.jobs.add(Order(url, 10, 3, tags)).id, "a test")
        assert job
        return job

    def end(self, job: Job, status: Status) -> None:
        with self._database.writing() as db:
            finish(db, job, status, "the job failed, see the log")

    def summary(
        self,
        title: str,
        text: str = "One.\n\nTwo.",
        *,
        method: Method = Method.MODEL,
        url: str = "http://docs.example/",
        tags: tuple[str, ...] = (),
    ) -> int:
        job = self.begun(url, tags)
        with self._database.writing() as db:
            number = self._summaries.store(db, job, title=title, summary=text, method=method)
        assert number
        return number

    def spoil(self) -> None:
        with self._database.writing() as db:
            db.exec_driver_sql("ALTER TABLE jobs RENAME TO gone")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    values = {"database_path": tmp_path / "summaries.db", "backup_folder": tmp_path / "backups", "shutdown_grace_s": 0}
    # The address of the form is one where nobody listens.
    return Settings.model_validate(values | {"openai_api_key": "sk-test", "allowed_networks": "127.0.0.0/8"})


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return build(settings)


@pytest.fixture
def http(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, follow_redirects=False) as http:
        yield http


@pytest.fixture
def stores(http: TestClient, settings: Settings) -> Stores:
    return Stores(settings)


def test_an_empty_service_says_what_to_do(http: TestClient):
    text = http.get("/page").text

    assert "No jobs yet." in text
    assert "No summaries yet. Enter the address of a documentation site" in text


def test_everything_that_strangers_wrote_is_escaped_and_nothing_is_inline(http: TestClient, stores: Stores):
    url, tags = f"javascript:alert({HOSTILE!r})", ('"><b>',)
    number = stores.summary(HOSTILE, HOSTILE, url=url, tags=tags)
    job = stores.begun(url, tags)

    addresses = ["/page", f"/page?q={HOSTILE}&tag={HOSTILE}", f"/page/jobs/{job.id}", f"/page/summaries/{number}"]
    for answer in map(http.get, addresses):
        assert answer.status_code == 200
        assert "&lt;img src=x" in answer.text
        assert not re.search(r"<img src=x|<b>|<style|\sstyle=|\son\w+=\"|<script(?! src=\"/static/)", answer.text)
        assert not re.search(r"href=\"(?!/|https?://|#)", answer.text)
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_links_to_other_sites_tell_them_nothing(http: TestClient, stores: Stores):
    text = http.get(f"/page/summaries/{stores.summary('Guide', url='https://docs.example/guide/')}").text

    assert '<a href="https://docs.example/guide/" rel="noopener noreferrer nofollow">' in text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://testserver"}, 303),
        ({"origin": "http://testserver"}, 303),
        ({}, 303),
    ],
)
def test_forms_are_taken_from_the_page_itself_alone(
    http: TestClient, stores: Stores, headers: dict[str, str], status: int
):
    job = stores.begun()

    submitted = http.post("/page/scrape", data=FORM, headers=headers)
    cancelled = http.post(f"/page/jobs/{job.id}/cancel", headers=headers)

    assert (submitted.status_code, cancelled.status_code) == (status, status)
    assert len(stores.jobs.page(status=None, limit=9, offset=0)) == (2 if status == 303 else 1)
    now = stores.jobs.get(job.id)
    assert now
    assert (now.status is Status.CANCELLED) == (status == 303)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("url", "  ", "Enter the address of a documentation site."),
        ("url", "ftp://docs.example/", "This is not a web address."),
        ("url", "http://10.0.0.1/", "http://10.0.0.1/ is refused: "),
        ("max_pages", "51", "Enter a whole number from 1 to 50."),
        ("max_pages", "ninety <b>", "Enter a whole number from 1 to 50."),
        ("max_depth", "0", "Enter a whole number from 1 to 10."),
        ("tags", "fine not/fine", "Use up to 10 tags"),
    ],
)
def test_wrong_input_comes_back_as_typed_with_a_message_beside_its_field(
    http: TestClient, field: str, typed: str, message: str
):
    answer = http.post("/page/scrape", data={**FORM, field: typed})

    assert answer.status_code == 422
    assert f'value="{typed.replace("<", "&lt;").replace(">", "&gt;")}"' in answer.text
    assert f'<p class="wrong" id="{field}-wrong">{message}' in answer.text
    assert f'aria-describedby="{field}-wrong"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 1
    assert "1 field to correct" in answer.text


def test_a_form_becomes_the_order_that_was_typed(http: TestClient, stores: Stores):
    form = {"url": " 127.0.0.1:9/docs ", "max_pages": "7", "max_depth": "2", "tags": "a, b  c"}

    answer = http.post("/page/scrape", data=form)

    job = stores.jobs.get(answer.headers["location"].rpartition("/")[2])
    assert answer.headers["location"].startswith("/page/jobs/")
    assert job
    assert job.order == Order("https://127.0.0.1:9/docs", 7, 2, ("a", "b", "c"))


def test_summaries_are_turned_over_page_by_page_and_stay_filtered(http: TestClient, stores: Stores):
    for number in range(23):
        stores.summary(f"Title {number:02}", tags=("even" if number % 2 == 0 else "odd",))

    first, last = http.get("/page").text, http.get("/page?page=3").text
    filtered = http.get("/page?tag=even&q=title").text

    assert re.findall(r"Title \d\d", first) == [f"Title {number:02}" for number in range(22, 12, -1)]
    assert re.findall(r"Title \d\d", last) == ["Title 02", "Title 01", "Title 00"]
    assert 'href="/page?page=2#summaries">Older' in first
    assert "Newer" not in first
    assert 'href="/page?page=2#summaries">Newer' in last
    assert "Older" not in last
    assert "12 summaries with" in filtered
    assert 'href="/page?q=title&amp;tag=even&amp;page=2#summaries">Older' in filtered
    assert "There is no page 9" in http.get("/page?page=9").text


def test_a_search_finds_summaries_by_all_of_its_words(http: TestClient, stores: Stores):
    stores.summary("Shelves", "How to build a shelf.")
    stores.summary("Boxes", "How to fold a box.")

    found, nothing = http.get("/page?q=fold+how").text, http.get('/page?q=fold+"shelf').text

    assert "Boxes" in found
    assert "Shelves" not in found
    assert 'value="fold how"' in found
    assert "Nothing was found." in nothing


def test_each_state_of_a_job_is_told_in_a_sentence(http: TestClient, stores: Stores):
    queued, running, failed = stores.jobs.add(Order("http://docs.example/", 10, 3)), stores.begun(), stores.begun()
    stores.jobs.note_pages(running, 4)
    stores.end(failed, Status.FAILED)

    def text(job: Job) -> str:
        return http.get(f"/page/jobs/{job.id}").text

    assert "Waiting for its turn." in text(queued)
    assert "4 pages so far, 10 at most." in text(running)
    assert '<noscript><meta http-equiv="refresh"' in text(running)
    assert f"No summary was made: the job failed, see the log (job {failed.id})." in text(failed)
    assert "refresh" not in text(failed)
    home = http.get("/page").text
    assert all(f"/page/jobs/{job.id}" in home for job in (queued, running, failed))


def test_an_extractive_summary_says_so(http: TestClient, stores: Stores):
    number = stores.summary("Guide", method=Method.EXTRACTIVE)

    text = http.get(f"/page/summaries/{number}").text

    assert "The provider failed; these are the site's own sentences." in text
    assert re.findall(r'<p dir="auto">(.+)</p>', text) == ["One.", "Two."]


@pytest.mark.parametrize(
    "path", ["nothing", "jobs/none", "summaries/999", "summaries/first", f"summaries/{10**30}", "?page=0"]
)
def test_what_is_not_there_is_a_page_below_page_and_data_elsewhere(http: TestClient, path: str):
    answer = http.get(f"/page/{path}" if not path.startswith("?") else f"/page{path}")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<h1>Not found</h1>" in answer.text
    assert http.get("/jobs/none").json()["error"] == "Not Found"


def test_a_database_that_fails_is_told_as_a_page(http: TestClient, stores: Stores):
    stores.spoil()

    answer = http.get("/page")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "The database does not answer." in answer.text


def test_static_files_are_kept_by_browsers_and_their_address_changes_with_them(http: TestClient):
    addresses = re.findall(r"/static/[^\"]+", http.get("/page").text)

    assert len(addresses) >= 2
    for address in addresses:
        assert re.fullmatch(r"/static/[\w.]+\?v=[0-9a-f]{12}", address)
        assert "immutable" in http.get(address).headers["cache-control"]
