"""The agents' socket: /live. A browser says its last cursor and gets what it missed; then everything as it happens."""

import asyncio
from collections import Counter
from typing import Any

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from app import clock, feed
from app.actions import presence
from app.actions.visitors import read_by_agent
from app.api.door import caller_of, own_origin
from app.db import Database
from app.live import Ear, Tail, frames_of
from app.models import Agent
from app.queries.messages import any_unread
from app.rules.permissions import may

router = APIRouter()
PING_S = 25.0
TELL_S = 20.0  # between two signs of an agent's life, however many windows they have open
VIEW_LIFE_S = 30.0
# The browser went away, or said what is no frame of ours: no JSON object, bytes, a number over 64 bits.
UNUSABLE = (WebSocketDisconnect, TimeoutError, ValueError, AttributeError, RuntimeError, KeyError, OverflowError)


class Connected:
    """Whose browsers are open here: the database is told when they come, while they live, and when the last one goes (R5)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: Counter[int] = Counter()
        self._told: dict[int, float] = {}

    async def join(self, agent_id: int) -> None:
        self._open[agent_id] += 1
        self._told.pop(agent_id, None)
        await self.lives(agent_id)

    async def lives(self, agent_id: int) -> None:
        at = clock.monotonic()
        if at < self._told.get(agent_id, -TELL_S) + TELL_S:
            return
        self._told[agent_id] = at
        async with self._database.write() as session:
            await presence.connected(session, agent_id, clock.utcnow())

    async def leave(self, agent_id: int) -> None:
        self._open[agent_id] -= 1
        if self._open[agent_id] > 0:
            return
        del self._open[agent_id]
        async with self._database.write() as session:
            await presence.disconnected(session, agent_id, clock.utcnow())


class Viewers:
    """Who looks at which ticket now, and who writes in it: ephemeral, per process, told over the bus."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self._seen: dict[tuple[int, int], tuple[float, bool]] = {}  # (ticket, agent) -> (until, typing)

    def look(self, agent: int, ticket: int | None, *, typing: bool) -> None:
        at = clock.monotonic()
        left = [t for (t, a) in self._seen if a == agent and t != ticket]
        for each in left:
            del self._seen[(each, agent)]
            self._tell(each)
        if ticket is not None:
            before = self._seen.get((ticket, agent))
            self._seen[(ticket, agent)] = (at + VIEW_LIFE_S, typing)
            if before is None or before[1] != typing or before[0] < at:
                self._tell(ticket)

    def _tell(self, ticket: int) -> None:
        at = clock.monotonic()
        here = [
            {"id": a, "typing": typing} for (t, a), (until, typing) in self._seen.items() if t == ticket and until > at
        ]
        self.tail.parts.bus.publish({"live": {"op": "viewers", "ticket": ticket, "agents": here}})


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Open to signed-in agents who may read tickets; anybody else is closed with 4401."""
    caller = await caller_of(socket)
    await socket.accept()
    if caller is None or not may(caller.agent.role, "ticket.read") or not own_origin(socket):
        await socket.close(4401)
        return
    tail: Tail = socket.app.state.tail
    viewers: Viewers = socket.app.state.viewers
    connected: Connected = socket.app.state.connected
    ear = Ear(caller.agent.role)
    await connected.join(caller.agent.id)
    try:
        hello = orjson.loads(await asyncio.wait_for(socket.receive_text(), 10))
        await _catch_up(socket, tail, ear, hello.get("cursor"))
        sender = asyncio.create_task(_send(socket, ear, connected))
        try:
            await _listen(socket, caller.agent, viewers)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
    except UNUSABLE:
        pass
    finally:
        tail.ears.discard(ear)
        viewers.look(caller.agent.id, None, typing=False)
        await connected.leave(caller.agent.id)


async def _catch_up(socket: WebSocket, tail: Tail, ear: Ear, cursor: Any) -> None:
    """Listens first, then reads the gap: a row may come twice, never not."""
    tail.ears.add(ear)
    async with tail.parts.database.read() as session:
        if not isinstance(cursor, str):
            await _say(socket, {"op": "ready", "cursor": await feed.now_cursor(session)})
            return
        try:
            events, after = await feed.tail(session, cursor, feed.MANY + 1)
        except ValueError:
            events, after = [], await feed.now_cursor(session)
            await _say(socket, {"op": "reset", "cursor": after})
            return
        if len(events) > feed.MANY:
            await _say(socket, {"op": "reset", "cursor": await feed.now_cursor(session)})
            return
        await _say(socket, {"op": "ready", "cursor": cursor})
        if events:
            frames = await (await session.connection()).run_sync(frames_of, events, after)
            await socket.send_text(frames[ear.role].decode())


async def _say(socket: WebSocket, frame: dict[str, Any]) -> None:
    await socket.send_text(orjson.dumps(frame).decode())


async def _send(socket: WebSocket, ear: Ear, connected: Connected) -> None:
    asked = clock.monotonic()
    while True:
        try:
            frame = await asyncio.wait_for(ear.frames.get(), max(0.0, asked + PING_S - clock.monotonic()))
        except TimeoutError:  # asked again on a busy desk too, where there is always a frame
            if (caller := await caller_of(socket)) is None:  # signed out, let go or expired meanwhile
                await socket.close(4401)
                return
            await connected.lives(caller.agent.id)
            asked, frame = clock.monotonic(), b'{"op":"ping"}'
        if ear.lost or frame is None:
            await socket.close(1013)
            return
        await socket.send_text(frame.decode())


async def _listen(socket: WebSocket, agent: Agent, viewers: Viewers) -> None:
    while True:
        said = orjson.loads(await socket.receive_text())
        if said.get("op") == "view":
            ticket = said.get("ticket")
            number = ticket if isinstance(ticket, int) else None
            viewers.look(agent.id, number, typing=bool(said.get("typing")))
            if number is not None and may(agent.role, "ticket.work"):
                await _read(viewers.tail, number)


async def _read(tail: Tail, number: int) -> None:
    async with tail.parts.database.read() as session:
        if not await any_unread(session, number):
            return
    async with tail.parts.database.write() as session:
        await read_by_agent(session, number, clock.utcnow())
