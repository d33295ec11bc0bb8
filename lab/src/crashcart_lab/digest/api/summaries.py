"""Reading summaries: by page, by tag, by words, one by one, and as PDF."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query, Response
from pydantic import BaseModel, Field

from crashcart_lab.digest.api.jobs import Tag
from crashcart_lab.digest.service import Service
from crashcart_lab.digest.storage.summaries import Summary, Wanted

# What SQLite can hold as an id.
SummaryId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class Tags(BaseModel):
    tags: tuple[Tag, ...] = Field(max_length=10)


def add(app: FastAPI, service: Service) -> None:
    @app.get("/summaries")
    def list_summaries(
        response: Response,
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
        tag: Annotated[str | None, Query(max_length=40)] = None,
        q: Annotated[str | None, Query(max_length=200, description="words that all occur")] = None,
    ) -> list[Summary]:
        wanted = Wanted(tag=tag or None, words=(q or "").strip() or None)
        response.headers["X-Total-Count"] = str(service.summaries.count(wanted))
        return service.summaries.page(wanted, limit=limit, offset=offset)

    @app.get("/summaries/{summary_id}")
    def show_summary(summary_id: SummaryId) -> Summary:
        return known(service, summary_id)

    @app.put("/summaries/{summary_id}/tags")
    def set_tags(summary_id: SummaryId, asked: Tags) -> Summary:
        service.summaries.set_tags(summary_id, asked.tags)
        return known(service, summary_id)

    @app.delete("/summaries/{summary_id}", status_code=204)
    def remove_summary(summary_id: SummaryId) -> None:
        if not service.summaries.remove(summary_id):
            raise HTTPException(404, f"no summary {summary_id}")

    @app.get("/summaries/{summary_id}/export/pdf", response_class=Response)
    def export_pdf(summary_id: SummaryId) -> Response:
        from crashcart_lab.digest.pdf import render  # slow to load, and few ask for it

        headers = {"Content-Disposition": f'attachment; filename="summary-{summary_id}.pdf"'}
        return Response(render(known(service, summary_id)), media_type="application/pdf", headers=headers)


def known(service: Service, summary_id: int) -> Summary:
    """Return a summary.

    Raises:
        HTTPException: 404, there is none.
    """
    summary = service.summaries.get(summary_id)
    if summary is None:
        raise HTTPException(404, f"no summary {summary_id}")
    return summary
