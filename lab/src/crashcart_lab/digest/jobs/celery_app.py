"""The Celery application: one task, named for what it does, over Redis."""

from __future__ import annotations

from celery import Celery

from crashcart_lab.digest.settings import Settings

TASK = "digest.run_job"
QUEUE = "digest"


def application(settings: Settings) -> Celery:
    """Return the application for these settings; nothing connects before it is used."""
    app = Celery("digest", broker=settings.redis_url)
    app.conf.update(
        task_default_queue=QUEUE,
        task_ignore_result=True,  # the result of a job is in the database
        # A task is taken off the queue when it has ended, so that a worker that dies leaves it there.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_concurrency=settings.concurrent_jobs,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            # A worker that was killed outright: its tasks come back after the longest job there can be.
            "visibility_timeout": 3600,
            "socket_timeout": 5.0,
            "socket_connect_timeout": 2.0,
            # Whoever sends a message has somebody waiting; the sweep sends it later.
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.2,
        },
    )
    return app
