"""Taking webhooks from others, and looking after those of ours that never arrived."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import FastAPI, HTTPException, Path, Query, Request
from pydantic import BaseModel

from crashcart_lab.digest.storage.deliveries import Delivery, DeliveryStore
from crashcart_lab.digest.storage.jobs import Job, Order
from crashcart_lab.digest.webhooks.inbox import Event, Inbox, Refused
from crashcart_lab.digest.webhooks.signing import HEADER

DeliveryId = Annotated[str, Path(max_length=64)]
Submit = Callable[[Order], Awaitable[Job]]


class Accepted(BaseModel):
    accepted: bool
    job_id: str | None


class DeadLetter(BaseModel):
    """A message of ours that was given up."""

    id: str
    event: str
    job_id: str
    summary_id: int | None
    attempts: int
    error: str | None
    created_at: str


class Revived(BaseModel):
    id: str
    status: str


def add(app: FastAPI, *, inbox: Inbox, deliveries: DeliveryStore, submit: Submit) -> None:
    @app.post("/webhook")
    async def receive(request: Request) -> Accepted:
        body = await request.body()
        try:
            event = await asyncio.to_thread(inbox.accept, body, request.headers.get(HEADER))
        except Refused as err:
            raise HTTPException(err.status, err.reason) from err
        return Accepted(accepted=True, job_id=await _obey(event, inbox, submit))

    @app.get("/webhooks/dead")
    def list_dead(
        limit: Annotated[int, Query(ge=1, le=100)] = 10, offset: Annotated[int, Query(ge=0, le=10**9)] = 0
    ) -> list[DeadLetter]:
        return [_view(delivery) for delivery in deliveries.dead_letters(limit=limit, offset=offset)]

    @app.post("/webhooks/dead/{delivery_id}/retry", status_code=202)
    def retry(delivery_id: DeliveryId) -> Revived:
        if not deliveries.revive(delivery_id):
            raise HTTPException(404, f"no dead letter {delivery_id}")
        return Revived(id=delivery_id, status="pending")


async def _obey(event: Event, inbox: Inbox, submit: Submit) -> str | None:
    if event.order is None:
        return None
    try:
        return (await submit(event.order)).id
    except Exception:
        await asyncio.to_thread(inbox.forget, event)
        raise


def _view(delivery: Delivery) -> DeadLetter:
    facts = json.loads(delivery.body)
    return DeadLetter(
        id=delivery.id,
        event=facts["event"],
        job_id=facts["job_id"],
        summary_id=facts["summary_id"],
        attempts=delivery.attempts,
        error=delivery.error,
        created_at=delivery.created_at,
    )
