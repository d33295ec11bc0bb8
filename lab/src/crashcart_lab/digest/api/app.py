"""The wiring: parts, routes, and the order in which they start and stop."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from limits import parse_many
from starlette.responses import RedirectResponse, Response

from crashcart_lab.digest import VERSION
from crashcart_lab.digest.api import errors, health, jobs, page, recent, summaries, webhooks
from crashcart_lab.digest.api.compression import Compression
from crashcart_lab.digest.api.frame import Frame, Limit
from crashcart_lab.digest.checks import Checks
from crashcart_lab.digest.crawl import Guard
from crashcart_lab.digest.jobs.embedded import EmbeddedRunner
from crashcart_lab.digest.jobs.pipeline import Pipeline
from crashcart_lab.digest.metrics import Metrics
from crashcart_lab.digest.service import Runner, Service
from crashcart_lab.digest.settings import JobsRun, Settings
from crashcart_lab.digest.storage import schema
from crashcart_lab.digest.storage.database import Database
from crashcart_lab.digest.storage.deliveries import DeliveryStore
from crashcart_lab.digest.storage.jobs import Job, JobStore, Order
from crashcart_lab.digest.storage.summaries import SummaryStore
from crashcart_lab.digest.summarise.summariser import Summariser
from crashcart_lab.digest.upkeep import backups
from crashcart_lab.digest.upkeep.schedule import Schedule
from crashcart_lab.digest.webhooks.inbox import Inbox
from crashcart_lab.digest.webhooks.sender import Sender

logger = logging.getLogger(__name__)

# Two doors to the same work, which share one allowance.
SUBMITTING = frozenset({"POST /scrape", "POST /page/scrape"})


def build(settings: Settings) -> FastAPI:
    """Wire the service; no file is touched before it starts.

    The application's lifespan raises SchemaDiffers when the database is of another release.
    """
    service = _parts(settings)
    sender = Sender(settings, service.database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(schema.prepare, service.database, may_migrate=settings.migrate_on_start)
        await asyncio.to_thread(backups.found_folder, settings)
        await service.runner.start()
        service.schedule.start()
        tasks = [asyncio.create_task(sender.run()), asyncio.create_task(asyncio.to_thread(service.summariser.warm_up))]
        yield
        service.schedule.close()
        await service.runner.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await service.summariser.close()
        service.database.close()
        logger.info("stopped")

    app = FastAPI(title="digest", version=VERSION, lifespan=lifespan)
    kept = recent.Recent(settings.recent_requests)
    _add_layers(app, settings, service.metrics, kept)
    errors.add(app)
    _add_root(app)
    # Routes are tried in this order, and what is asked most comes first.
    health.add(app, service, Checks(service))
    recent.add(app, kept, settings)
    summaries.add(app, service)
    jobs.add(app, service)
    _add_webhooks(app, service)
    page.add(app, service)
    return app


def _parts(settings: Settings) -> Service:
    database, metrics = Database(settings), Metrics()
    store, summariser = JobStore(database), Summariser(settings)
    runner: Runner
    if settings.jobs_run is JobsRun.CELERY:
        from crashcart_lab.digest.jobs.queued import QueuedRunner  # Celery is slow to load, and few need it

        runner = QueuedRunner(settings, store)
    else:
        runner = EmbeddedRunner(settings, store, Pipeline(settings, database, summariser, metrics))
    metrics.count_jobs(store)
    return Service(
        settings=settings,
        database=database,
        jobs=store,
        summaries=SummaryStore(database),
        summariser=summariser,
        runner=runner,
        guard=Guard(allowed=settings.allowed_networks),
        metrics=metrics,
        schedule=Schedule(settings, database, runner.submit),
    )


def _add_layers(app: FastAPI, settings: Settings, metrics: Metrics, kept: recent.Recent) -> None:
    """Add the layers around the routes; the last one added is the outermost."""
    app.add_middleware(Compression)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Content-Type"],
            expose_headers=["X-Total-Count"],
        )
    limits = []
    if settings.rate_limit is not None:
        limits.append(Limit("all", parse_many(settings.rate_limit)))
    if settings.rate_limit_scrape is not None:
        limits.append(Limit("scrape", parse_many(settings.rate_limit_scrape), SUBMITTING))
    app.add_middleware(Frame, metrics=metrics, limits=limits, recent=kept, debug=settings.debug)


def _add_root(app: FastAPI) -> None:
    about = json.dumps({"name": "digest", "version": VERSION, "page": "/page", "api": "/docs", "health": "/health"})

    async def root(request: Request) -> Response:
        """Say what this is; a browser is sent to the page."""
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/page", 303)
        return Response(about, media_type="application/json")

    # A plain route: there is nothing to validate, and load balancers ask all the time.
    app.add_route("/", root, include_in_schema=False)


def _add_webhooks(app: FastAPI, service: Service) -> None:
    async def submit(order: Order) -> Job:
        return await jobs.submit(service, order)

    inbox, deliveries = Inbox(service.settings, service.database), DeliveryStore(service.database)
    webhooks.add(app, inbox=inbox, deliveries=deliveries, submit=submit)
