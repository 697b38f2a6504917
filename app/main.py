"""The only place where the parts meet."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from app.api import (
    automations,
    board,
    calls,
    cases,
    chat,
    desk,
    drafts,
    files,
    health,
    hours,
    live,
    longpoll,
    macros,
    messages,
    notifications,
    pages,
    people,
    plans,
    presence,
    rate,
    report_mails,
    reports,
    routing,
    search,
    session,
    settings,
    sla,
    surveys,
    tickets,
    views,
    webhooks,
)  # fmt: skip
from app.api.door import KNOWN_ERRORS, render
from app.api.hooks import HooksDoor
from app.api.knowledge import articles
from app.api.knowledge import backlog as article_backlog
from app.api.knowledge import capture as article_capture
from app.api.knowledge import figures as article_figures
from app.api.knowledge import flow as article_flow
from app.api.knowledge import help as help_centre
from app.api.knowledge import offers as article_offers
from app.api.limits import BodyLimit
from app.api.success import accounts as success_accounts
from app.api.success import alerts as success_alerts
from app.api.success import background as success_background
from app.api.success import figures as success_figures
from app.api.success import handovers, renewals, touch, whisper
from app.api.success import health as success_health
from app.api.success import home as success_home
from app.api.success import playbooks as success_playbooks
from app.api.success import review as success_review
from app.api.success import usage as success_usage
from app.api.throttle import Throttle
from app.api.visit import Brakes
from app.config import Settings
from app.jobs.run import Clocks
from app.live import Tail
from app.parts import Parts, assemble
from app.version import VERSION

ROOMS = (
    health, session, desk, tickets, cases, messages, calls, people, files, settings, hours, presence, routing, plans,
    sla, notifications, automations, macros, webhooks, board, reports, search, surveys, rate, articles, article_flow,
    article_backlog,
    article_capture,
    views,
    success_health,
    success_alerts,
    whisper,
    article_figures,
    article_offers,
    help_centre, live, chat, longpoll, success_accounts, success_usage, handovers, success_playbooks,
    report_mails,
    success_background,
    touch,
    renewals,
    success_figures,
    success_home,
    drafts,
    success_review,
    pages,
)  # fmt: skip
Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class Product:
    """The product as one ASGI application: the hooks door in front, FastAPI behind."""

    def __init__(self, parts: Parts, *, clocks: bool, mounts: Sequence[tuple[str, Asgi]] = ()) -> None:
        self.parts = parts
        self.clocks = Clocks(parts) if clocks else None
        self.api = create_api(parts, self.clocks)
        self._hooks = HooksDoor(parts)
        self._mounts = tuple(mounts)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            path = scope["path"]
            if path.startswith("/hooks/") and scope["type"] == "http":
                await self._hooks(scope, receive, send)
                return
            for prefix, app in self._mounts:
                if path == prefix or path.startswith(f"{prefix}/"):
                    await app(scope, receive, send)
                    return
        await self.api(scope, receive, send)


def create_api(parts: Parts, clocks: Clocks | None = None) -> FastAPI:
    """The FastAPI application. Its lifespan opens and closes the parts, and runs the clocks when they live here."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await parts.start()
        await app.state.tail.start()
        await app.state.visitors.start()
        if clocks:
            await clocks.start()
        try:
            yield
        finally:
            if clocks:
                await clocks.stop()
            await app.state.tail.stop()
            await parts.stop()

    app = FastAPI(
        title="Mikawaya", version=VERSION, lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/api/openapi.json", generate_unique_id_function=lambda route: route.name,
    )  # fmt: skip
    app.state.parts = parts
    app.state.tail = Tail(parts)
    app.state.pictures = board.Pictures(parts)
    app.state.viewers = live.Viewers(app.state.tail)
    app.state.connected = live.Connected(parts.database)
    app.state.visitors = chat.Visitors(app.state.tail)
    app.state.lines = longpoll.Lines(app.state.visitors)
    app.state.throttle = Throttle(session.WINDOW_S)
    app.state.brakes = Brakes()
    app.state.rates = Throttle(rate.WINDOW_S)
    app.state.helped = Throttle(help_centre.WINDOW_S)
    for error in KNOWN_ERRORS:
        app.add_exception_handler(error, render)
    app.add_middleware(BodyLimit, most_upload=parts.settings.max_upload_mb * 1024 * 1024)
    for room in ROOMS:
        app.include_router(room.router)
    return app


def create_app(given: Settings, *, clocks: bool = True, mounts: Sequence[tuple[str, Asgi]] = ()) -> Product:
    """The whole product of one process."""
    return Product(assemble(given), clocks=clocks, mounts=mounts)
