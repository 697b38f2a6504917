"""The only place where the parts meet."""

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from app import log
from app.api import (
    approvals,
    board,
    calls,
    cases,
    chat,
    desk,
    drafts,
    files,
    health,
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
    routing,
    search,
    sending,
    session,
    settings,
    sla,
    tickets,
    views,
)  # fmt: skip
from app.api.door import KNOWN_ERRORS, problem, render
from app.api.hooks import HooksDoor
from app.api.knowledge import articles
from app.api.knowledge import backlog as article_backlog
from app.api.knowledge import capture as article_capture
from app.api.knowledge import flow as article_flow
from app.api.knowledge import help as help_centre
from app.api.knowledge import offers as article_offers
from app.api.limits import BodyLimit
from app.api.success import accounts as success_accounts
from app.api.success import background as success_background
from app.api.success import handovers, harassment, touch, whisper
from app.api.throttle import Throttle
from app.api.visit import Brakes
from app.config import Settings
from app.jobs.run import Clocks
from app.live import Tail
from app.parts import Parts, assemble
from app.version import VERSION

ROOMS = (
    health,
    session,
    desk,
    tickets,
    cases,
    messages,
    approvals,
    sending,
    calls,
    people,
    files,
    settings,
    presence,
    routing,
    plans,
    sla,
    notifications,
    macros,
    board,
    search,
    views,
    rate,
    articles,
    article_flow,
    article_backlog,
    article_capture,
    article_offers,
    whisper,
    harassment,
    help_centre,
    live,
    chat,
    longpoll,
    success_accounts,
    success_background,
    handovers,
    touch,
    drafts,
    pages,
)
# Rooms with a path of their own, which most requests never enter: loaded with the first one that does. A server at rest
# does without 6 MB, and a start without 0.4 s.
LATER: Mapping[str, tuple[str, ...]] = {
    "/api/v1/automations": ("app.api.automations",),
    "/api/v1/calendars": ("app.api.hours",),
    "/api/v1/knowledge/figures": ("app.api.knowledge.figures",),
    "/api/v1/report-mails": ("app.api.report_mails",),
    "/api/v1/reports": ("app.api.reports",),
    "/api/v1/success": (
        "app.api.success.alerts",
        "app.api.success.figures",
        "app.api.success.health",
        "app.api.success.home",
        "app.api.success.outreach",
        "app.api.success.playbooks",
        "app.api.success.renewals",
        "app.api.success.review",
    ),
    "/stop": ("app.api.success.stop",),
    "/api/v1/surveys": ("app.api.surveys",),
    "/api/v1/usage-events": ("app.api.success.usage",),
    "/api/v1/webhooks": ("app.api.webhooks",),
}
DOCUMENT = "/api/openapi.json"
Asgi = Callable[[Any, Any, Any], Awaitable[None]]
logger = log.get("main")


class Product:
    """The product as one ASGI application: the hooks door in front, FastAPI behind."""

    def __init__(self, parts: Parts, *, clocks: bool, mounts: Sequence[tuple[str, Asgi]] = ()) -> None:
        self.parts = parts
        self.clocks = Clocks(parts) if clocks else None
        self.api = create_api(parts, self.clocks, later=True)
        self._later = dict(LATER)
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
            try:
                await self._open(path)
            except Exception as broken:  # nothing was added: the next request tries anew
                await self._not_there(scope, receive, send, broken)
                return
        await self.api(scope, receive, send)

    async def _not_there(self, scope: Any, receive: Any, send: Any, broken: Exception) -> None:
        """A room that cannot be loaded: what the caller hears is a problem like any other."""
        logger.error("room.failed", path=scope["path"], error=type(broken).__name__, detail=str(broken)[:300])
        if scope["type"] == "http":
            await problem(500, "room_failed", "This part of the product cannot be loaded.")(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1011})

    async def _open(self, path: str) -> None:
        """Loads the rooms below whose path this is; all of them for the document that describes them."""
        for prefix in [each for each in self._later if path == DOCUMENT or f"{path}/".startswith(f"{each}/")]:
            for name in LATER[prefix]:
                await asyncio.to_thread(importlib.import_module, name)
            if prefix in self._later:  # else another request came first
                enter(self.api, prefix)
                del self._later[prefix]


def enter(app: FastAPI, prefix: str) -> None:
    """Adds the rooms of a path, before the pages, which answer whatever else is asked for."""
    for name in LATER[prefix]:
        app.include_router(importlib.import_module(name).router)
        app.router.routes.insert(-1, app.router.routes.pop())
    app.openapi_schema = None


def create_api(parts: Parts, clocks: Clocks | None = None, *, later: bool = False) -> FastAPI:
    """The FastAPI application. Its lifespan opens and closes the parts, and runs the clocks when they live here.

    `later`: without the rooms that are loaded when first asked for.
    """

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
        openapi_url=DOCUMENT, generate_unique_id_function=lambda route: route.name,
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
    for prefix in () if later else LATER:
        enter(app, prefix)
    return app


def create_app(given: Settings, *, clocks: bool = True, mounts: Sequence[tuple[str, Asgi]] = ()) -> Product:
    """The whole product of one process."""
    return Product(assemble(given), clocks=clocks, mounts=mounts)
