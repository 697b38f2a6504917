"""The visitors' line over plain HTTP, for networks that let no WebSocket through (W5): the same frames as /chat, long polled.

A line lives in the memory of one process: behind a balancer its requests must come to the same one. When it is gone, the
widget begins another with its last `seq`, as after any lost connection, and gets what it missed (W4).
"""

import asyncio
import contextlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from app import clock
from app.api.chat import Refused, Visitors, admitted, hear, read, refused, welcome
from app.api.throttle import peer_of
from app.api.visit import Brakes, Visit
from app.errors import Missing, TooMany

router = APIRouter(prefix="/chat/line", include_in_schema=False)
WAIT_S = 25.0  # as often as a socket is pinged: proxies end what is silent for longer
IDLE_S = 60.0  # a line that nobody asks is over
MOST = 2000  # lines; a new one ends the oldest
JSON = "application/json"


class NoLine(Missing):
    """This line is over."""


class Said(BaseModel):
    """What the widget would have sent through its socket, in order."""

    frames: list[dict[str, Any]] = Field(max_length=50)


@dataclass(slots=True, eq=False)
class Line:
    """`number` counts the answers; the latest is kept until the next question shows that it arrived."""

    visit: Visit
    asked_at: float
    number: int = 0
    unsure: list[bytes] = field(default_factory=list)
    waiting: asyncio.Future[Any] | None = None
    hearing: asyncio.Lock = field(default_factory=asyncio.Lock)  # two posts of one line keep their order

    async def answer(self, after: int) -> bytes:
        """The frames behind answer `after`, waiting for the first. Raises NoLine when the visitor fell too far behind."""
        if self.waiting is not None:
            self.waiting.cancel()  # the widget asks anew: the former question's connection is lost
        if after >= self.number:
            frames = await self._next()
            if self.visit.ear.lost:
                raise NoLine
            self.number, self.unsure = self.number + bool(frames), frames or []
        return b'{"number":%d,"frames":[%s]}' % (self.number, b",".join(self.unsure))

    async def _next(self) -> list[bytes]:
        queue = self.visit.ear.frames
        found = []
        if queue.empty():
            mine = self.waiting = asyncio.ensure_future(queue.get())
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                found.append(await asyncio.wait_for(mine, WAIT_S))
            if self.waiting is not mine:
                return []  # somebody asks anew: what comes is theirs
            self.waiting = None
        while not queue.empty():
            found.append(queue.get_nowait())
        self.asked_at = clock.monotonic()
        return [frame for frame in found if frame is not None]


class Lines:
    """The open lines of this process."""

    def __init__(self, room: Visitors) -> None:
        self.room = room
        self._open: dict[str, Line] = {}

    def open(self, visit: Visit) -> str:
        self._end_idle()
        for oldest in list(self._open)[: max(0, len(self._open) + 1 - MOST)]:
            self.end(oldest)
        name = secrets.token_urlsafe(24)
        self._open[name] = Line(visit, clock.monotonic())
        return name

    def get(self, name: str) -> Line:
        """Raises NoLine."""
        self._end_idle()
        if name not in self._open:
            raise NoLine
        line = self._open[name]
        line.asked_at = clock.monotonic()
        return line

    def end(self, name: str) -> None:
        if line := self._open.pop(name, None):
            self.room.leave(line.visit)

    def _end_idle(self) -> None:
        at = clock.monotonic()
        for name in [n for n, line in self._open.items() if at - line.asked_at > IDLE_S and line.waiting is None]:
            self.end(name)


@router.post("")
async def begin(request: Request) -> Response:
    """`hello`; open to everybody whom the inbox's origins admit, as /chat is."""
    lines: Lines = request.app.state.lines
    brakes: Brakes = request.app.state.brakes
    hello = read(await request.body())
    try:
        brakes.frame(peer_of(request))
        visit = await admitted(request, hello)
        brakes.frame(visit.peer, visit.visitor)
    except (Refused, TooMany) as refusal:
        return Response(refused(refusal), 429 if isinstance(refusal, TooMany) else 403, media_type=JSON)
    name = lines.open(visit)
    await welcome(lines.room, visit, hello)
    return Response(orjson.dumps({"line": name}), 201, media_type=JSON)


@router.get("/{name}")
async def wait(request: Request, name: str, after: int = 0) -> Response:
    """What is new, within 25 seconds; an empty list when nothing is. The name is the line's key."""
    lines: Lines = request.app.state.lines
    line = lines.get(name)
    try:
        return Response(await line.answer(after), media_type=JSON, headers={"Cache-Control": "no-store"})
    except NoLine:
        lines.end(name)
        raise


@router.post("/{name}", status_code=204)
async def say(request: Request, name: str, said: Said) -> Response:
    """What the visitor does. The name is the line's key."""
    lines: Lines = request.app.state.lines
    line = lines.get(name)
    brakes: Brakes = request.app.state.brakes
    async with line.hearing:
        for frame in said.frames:
            brakes.frame(line.visit.peer, line.visit.visitor)
            await hear(lines.room, line.visit, frame, brakes)
    return Response(status_code=204)


@router.post("/{name}/end", status_code=204)
async def end(request: Request, name: str) -> Response:
    """The page goes away; a beacon can only post."""
    request.app.state.lines.end(name)
    return Response(status_code=204)
