"""One reader of the log for all sockets of this process: rows are read once, encoded once, sent to many.

Writes go to one socket after the other, never in a `gather`; one that cannot keep up is closed and resumes from its
cursor (performance.md, sockets).
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection

from app import feed, log
from app.models import Event, Role
from app.parts import Parts
from app.queries import detail, messages, tickets
from app.rules.permissions import may_hear

logger = log.get("live")
PAUSE_S = 0.005  # under load, commits are shown in one frame when they come closer than this
UNSEEN_PAUSE_S = 0.025  # the same while no agent looks
LOOK_S = 1.0  # the floor: the bus may lose a word
BEHIND = 200  # frames a socket may be behind


class Ear:
    """One socket's queue of ready frames; an agent's, of this role."""

    def __init__(self, role: str = "") -> None:
        self.role = role
        self.frames: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=BEHIND)
        self.lost = False

    def put(self, frame: bytes) -> None:
        if self.lost:
            return
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.lost = True  # the sender closes it: the browser comes back with its cursor


class Listener(Protocol):
    """Somebody who is told of everything new, while they want to be."""

    @property
    def wants(self) -> bool: ...

    async def news(self, events: Sequence[Event]) -> None: ...


class Tail:
    """Follows the log from now on and tells listeners; agents' sockets get whole frames."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.ears: set[Ear] = set()
        self.listeners: list[Listener] = []
        self.cursor = "0"
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    async def start(self) -> None:
        async with self.parts.database.read() as session:
            self.cursor = await feed.now_cursor(session)
        self._unsubscribe = self.parts.bus.subscribe(self._heard)
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        self._unsubscribe()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _heard(self, note: dict[str, Any]) -> None:
        if "log" in note or "news" in note:
            self._news.set()
        elif "live" in note:
            self.tell(orjson.dumps(note["live"]))

    def tell(self, frame: bytes) -> None:
        for ear in tuple(self.ears):
            ear.put(frame)

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_S)
            self._news.clear()
            try:
                while await self._step():
                    pass
                await asyncio.sleep(PAUSE_S if self.ears else UNSEEN_PAUSE_S)
            except Exception as bug:
                logger.error("live.failed", error=type(bug).__name__, detail=str(bug)[:200])
                await asyncio.sleep(LOOK_S)

    def _wanted(self) -> bool:
        return bool(self.ears) or any(listener.wants for listener in self.listeners)

    async def _step(self) -> bool:
        if not self._wanted():
            async with self.parts.database.read() as session:
                cursor = await feed.now_cursor(session)
            if self._wanted():  # who came meanwhile may have read before what this would leap over
                return True
            self.cursor = cursor
            return False
        looked = partial(news, cursor=self.cursor, whole=bool(self.ears))
        events, cursor, frames = await self.parts.database.look(looked)
        if events and not frames and self.ears:  # somebody came meanwhile, who wants the frame
            return True
        self.cursor = cursor
        if any(event.kind == "inbox.changed" for event in events):
            self.parts.inboxes.expire()
        for ear in tuple(self.ears if frames else ()):
            ear.put(frames[ear.role])
        for listener in self.listeners if events else ():
            await listener.news(events)
        return len(events) >= feed.MANY


def news(connection: Connection, *, cursor: str, whole: bool) -> tuple[Sequence[Event], str, dict[str, bytes]]:
    """What is behind the cursor, the cursor behind that, and, when `whole`, the frame of each role."""
    events, cursor = feed.behind(connection, cursor)
    return events, cursor, frames_of(connection, events, cursor) if events and whole else {}


def frames_of(connection: Connection, events: Sequence[Event], cursor: str) -> dict[str, bytes]:
    """For each role what it may hear. Most of the time that is the same frame, which is made once."""
    made: dict[int, bytes] = {}  # by how many are heard: of the same events, that many are the same ones
    frames = {}
    for role in Role:
        heard = [event for event in events if may_hear(role, event.kind)]
        frames[role.value] = made.get(len(heard)) or frame_of(connection, heard, cursor)
        made[len(heard)] = frames[role.value]
    return frames


def frame_of(connection: Connection, events: Sequence[Event], cursor: str) -> bytes:
    """The events, and the rows that they touch as they are now."""
    numbers = list(dict.fromkeys(e.ticket_id for e in events if e.ticket_id is not None))
    ids = list(dict.fromkeys(e.message_id for e in events if e.message_id is not None))
    frame = {
        "op": "news",
        "cursor": cursor,
        "events": [detail.event(e) for e in events],
        "tickets": tickets.rows_of(connection, numbers),
        "messages": messages.shown_of(connection, ids),
    }
    return orjson.dumps(frame, option=orjson.OPT_UTC_Z)
