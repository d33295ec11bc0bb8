"""Announcing the end of a job, in the very transaction that ends it."""

from __future__ import annotations

import json
import uuid

from sqlalchemy.engine import Connection

from crashcart_lab.digest.settings import Settings
from crashcart_lab.digest.storage import deliveries


def announce(db: Connection, settings: Settings, event: str, *, job_id: str, summary_id: int | None) -> bool:
    """Have *event* sent once the caller's transaction is committed; False when nobody wants to be told.

    Every attempt carries `sent_at` beside these fields: a receiver may refuse what is old, and a retry is not old.
    """
    if settings.webhook_url is None:
        return False
    delivery_id = uuid.uuid4().hex
    body = {"id": delivery_id, "event": event, "job_id": job_id, "summary_id": summary_id}
    deliveries.add(db, delivery_id=delivery_id, url=str(settings.webhook_url), body=json.dumps(body))
    return True
