"""The page: sites submitted, jobs watched and summaries read in a browser, with or without scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, FastAPI, Form, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import RedirectResponse, Response

from crashcart_lab.digest.api import jobs, summaries
from crashcart_lab.digest.api.drawing import add_static, draw
from crashcart_lab.digest.api.jobs import JobId, ScrapeRequest
from crashcart_lab.digest.api.summaries import SummaryId
from crashcart_lab.digest.service import Service
from crashcart_lab.digest.storage.jobs import OPEN, Job, Order, Status
from crashcart_lab.digest.storage.summaries import Summary, Wanted

PAGE_SIZE = 10
# Of jobs that ended; those that are open are listed however long ago they began, up to MOST_OPEN of each state.
LATELY = 5
MOST_OPEN = 10
MOST_SEARCH_CHARS = 200
MOST_TAG_CHARS = 40

ADDRESS_MISSING = "Enter the address of a documentation site."
WRONG = {
    "url": "This is not a web address. Write it as in https://docs.example.org/guide/",
    "max_pages": "Enter a whole number from 1 to 50.",
    "max_depth": "Enter a whole number from 1 to 10.",
    "tags": "Use up to 10 tags of up to 40 characters each: letters, digits, dots, dashes and underscores.",
}

WORDS = {
    HTTPStatus.FORBIDDEN: (
        "Refused",
        "This form was not sent from this page. Open the page itself, and send the form from there.",
    ),
    HTTPStatus.NOT_FOUND: ("Not found", "There is nothing at this address. It may have been removed since."),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Not available just now",
        "The database does not answer. Try again in a few seconds; nothing is lost.",
    ),
}


class Typed(BaseModel):
    """What somebody typed into the form, as it was typed."""

    model_config = ConfigDict(frozen=True)

    url: str = ""
    max_pages: str = "10"
    max_depth: str = "3"
    tags: str = ""

    def asked(self) -> ScrapeRequest:
        """Read it. Raises ValidationError."""
        url = self.url.strip()
        return ScrapeRequest.model_validate(
            {
                "url": url if "://" in url else f"https://{url}",
                "max_pages": self.max_pages,
                "max_depth": self.max_depth,
                "tags": tuple(self.tags.replace(",", " ").split()),
            }
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the summaries that are wanted; pages are counted from 1."""

    summaries: Sequence[Summary]
    wanted: Wanted
    total: int
    number: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def is_filtered(self) -> bool:
        return self.wanted.tag is not None or self.wanted.words is not None

    def address(self, number: int) -> str:
        """Return the address of another page of the same listing."""
        asked = {"q": self.wanted.words, "tag": self.wanted.tag, "page": str(number) if number > 1 else None}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/page?{query}#summaries" if query else "/page#summaries"


def add(app: FastAPI, service: Service) -> None:
    """Add the page to an application whose errors are answered already."""
    router = APIRouter(prefix="/page", include_in_schema=False)
    _add_reading(router, service)
    _add_acting(router, service)
    app.include_router(router)
    add_static(app)
    for kind in (AnyHTTPException, RequestValidationError, OperationalError, PoolTimeout):
        app.add_exception_handler(kind, _drawn(app.exception_handlers[kind]))


def _add_reading(router: APIRouter, service: Service) -> None:
    @router.get("")
    def home(page: Annotated[int, Query(ge=1, le=10**6)] = 1, tag: str = "", q: str = "") -> Response:
        wanted = Wanted(tag=tag[:MOST_TAG_CHARS] or None, words=q[:MOST_SEARCH_CHARS].strip() or None)
        return _home(service, _listing(service, wanted, page))

    @router.get("/scrape")
    def form_left() -> Response:
        """Lead back whoever returns to the address that the form was sent to."""
        return RedirectResponse("/page", HTTPStatus.SEE_OTHER)

    @router.get("/jobs/{job_id}")
    def show_job(job_id: JobId) -> Response:
        job = service.jobs.get(job_id)
        if job is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return draw("job.html", {"job": job, "is_open": job.status in OPEN})

    @router.get("/summaries/{summary_id}")
    def show_summary(summary_id: SummaryId) -> Response:
        return draw("summary.html", {"summary": summaries.known(service, summary_id)})


def _add_acting(router: APIRouter, service: Service) -> None:
    @router.post("/scrape", dependencies=[Depends(_refuse_strangers)])
    async def scrape(typed: Annotated[Typed, Form()]) -> Response:
        try:
            asked = typed.asked()
        except ValidationError as err:
            return await asyncio.to_thread(_home_again, service, typed, _wrong(typed, err))
        order = Order(str(asked.url), asked.max_pages, asked.max_depth, asked.tags)
        try:
            job = await jobs.submit(service, order)
        except HTTPException as err:
            if err.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
                raise
            return await asyncio.to_thread(_home_again, service, typed, {"url": f"{err.detail}."})
        return RedirectResponse(f"/page/jobs/{job.id}", HTTPStatus.SEE_OTHER)

    @router.post("/jobs/{job_id}/cancel", dependencies=[Depends(_refuse_strangers)])
    async def cancel(job_id: JobId) -> Response:
        job = await service.runner.cancel(job_id)
        if job is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return RedirectResponse(f"/page/jobs/{job.id}", HTTPStatus.SEE_OTHER)


def _refuse_strangers(request: Request) -> None:
    """Refuse a form that another site made its visitor's browser send.

    Browsers say where a form came from; other clients say nothing, and nobody can make them act without their will.
    """
    sent_from = request.headers.get("sec-fetch-site")
    if sent_from is not None:
        is_ours = sent_from in ("same-origin", "none")
    else:  # browsers leave it out where a server is neither local nor reached over TLS
        origin = request.headers.get("origin")
        is_ours = origin is None or origin.partition("://")[2] == request.headers.get("host")
    if not is_ours:
        raise HTTPException(HTTPStatus.FORBIDDEN, "the form was sent from another site")


def _wrong(typed: Typed, err: ValidationError) -> dict[str, str]:
    """Return a message for each field that is wrong."""
    wrong = {field: WRONG[field] for field in (str(problem["loc"][0]) for problem in err.errors())}
    return wrong if typed.url.strip() else {**wrong, "url": ADDRESS_MISSING}


def _home_again(service: Service, typed: Typed, wrong: Mapping[str, str]) -> Response:
    return _home(service, _listing(service, Wanted(), 1), typed, wrong)


def _home(
    service: Service, listing: Listing, typed: Typed | None = None, wrong: Mapping[str, str] | None = None
) -> Response:
    listed = _lately(service)
    context = {
        "typed": typed or Typed(),
        "wrong": wrong or {},
        "jobs": listed,
        "has_open": any(job.status in OPEN for job in listed),
        "listing": listing,
    }
    return draw("home.html", context, HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK)


def _listing(service: Service, wanted: Wanted, number: int) -> Listing:
    found = service.summaries.page(wanted, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return Listing(found, wanted, service.summaries.count(wanted), number)


def _lately(service: Service) -> list[Job]:
    """Return the jobs that are open, and those that were submitted last."""
    asked: list[tuple[Status | None, int]] = [*((status, MOST_OPEN) for status in OPEN), (None, LATELY)]
    found = [job for status, limit in asked for job in service.jobs.page(status=status, limit=limit, offset=0)]
    by_id = {job.id: job for job in found}
    return sorted(by_id.values(), key=lambda job: job.created_at, reverse=True)


Answering = Callable[[Request, Exception], Response | Awaitable[Response]]


def _drawn(answering: Answering) -> Answering:
    """Answer errors as before, but below /page with a page."""

    async def answer(request: Request, err: Exception) -> Response:
        answered = answering(request, err)
        before = answered if isinstance(answered, Response) else await answered
        if not f"{request.url.path}/".startswith("/page/"):
            return before
        # An id that cannot be one is, to somebody with a browser, an address where nothing is.
        status = HTTPStatus(before.status_code)
        status = HTTPStatus.NOT_FOUND if status is HTTPStatus.UNPROCESSABLE_ENTITY else status
        heading, text = WORDS.get(status, (status.phrase, "This request cannot be answered."))
        drawn = draw("error.html", {"heading": heading, "text": text}, status)
        if "retry-after" in before.headers:
            drawn.headers["Retry-After"] = before.headers["retry-after"]
        return drawn

    return answer
