"""The visitors' socket: /chat. What a visitor says is committed before it is echoed; order and gaps are told by `seq` (W4).

Where no WebSocket gets through, the same frames go over HTTP: longpoll.py.
"""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Sequence
from typing import Any, TypeGuard

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.requests import HTTPConnection

from app import clock, log
from app.actions import uploads, visitors
from app.api.door import parts_of
from app.api.knowledge import widget
from app.api.throttle import peer_of
from app.api.visit import TOKEN, Brakes, Visit
from app.errors import TooMany
from app.live import Tail
from app.models import Attachment, Event
from app.queries import visitors as reads
from app.queries.knowledge import visits as articles
from app.queries.visitors import Conversation
from channels.contract import Forged, Hook
from channels.embedding import Embeds

router = APIRouter(include_in_schema=False)
logger = log.get("chat")
LONGEST = 10_000  # characters of one message
LARGEST_SEQ = 2**31
MOVES = frozenset({"ticket.merged", "ticket.unmerged"})
STATES = frozenset({"ticket.status", "ticket.reopened", "message.seen"})  # a visitor is told where it stands
NAME = re.compile(r"^[0-9a-f]{16}$")
ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")


class Visitors:
    """The open visits of this process, by thread; a listener of the log tells them what is new."""

    def __init__(self, tail: Tail) -> None:
        self.tail = tail
        self._visits: dict[int, set[Visit]] = {}
        self._tickets: dict[int, set[int]] = {}  # ticket -> its threads, of open visits

    async def start(self) -> None:
        self.tail.listeners.append(self)
        self.tail.parts.bus.subscribe(self._heard)

    def enter(self, visit: Visit) -> None:
        if visit.talk.thread_id is not None:
            self._visits.setdefault(visit.talk.thread_id, set()).add(visit)
            self._tickets.setdefault(visit.talk.ticket_id or 0, set()).add(visit.talk.thread_id)

    def leave(self, visit: Visit) -> None:
        here = self._visits.get(visit.talk.thread_id or 0, set())
        here.discard(visit)
        if not here:
            self._visits.pop(visit.talk.thread_id or 0, None)
            threads = self._tickets.get(visit.talk.ticket_id or 0, set())
            threads.discard(visit.talk.thread_id or 0)
            if not threads:
                self._tickets.pop(visit.talk.ticket_id or 0, None)

    @property
    def wants(self) -> bool:
        return bool(self._visits)

    async def news(self, events: Sequence[Event]) -> None:
        for moved in {e.ticket_id for e in events if e.kind in MOVES and e.ticket_id in self._tickets}:
            await self._follow(self._of(moved))
        here = [e for e in events if e.ticket_id in self._tickets]
        await self._tell_messages([e.message_id for e in here if e.message_id is not None and e.kind != "message.seen"])
        for ticket in {e.ticket_id for e in here if e.kind in STATES}:
            for visit in self._of(ticket):
                await welcome(self, visit, {"thread": visit.talk.name, "last_seq": visit.talk.last_seq})

    def _of(self, ticket: int | None) -> tuple[Visit, ...]:
        return tuple(v for thread in self._tickets.get(ticket or 0, ()) for v in self._visits.get(thread, ()))

    async def _follow(self, visits: Sequence[Visit]) -> None:
        """Their conversations are another ticket's now. A visitor hears nothing of it, unless the sequence begins anew."""
        for visit in visits:
            self.leave(visit)
            async with self.tail.parts.database.read() as session:
                found = await reads.moved(session, visit.opened.row.id, visit.talk)
            if found.thread_id != visit.talk.thread_id:
                visit.tell(op="reset")
            visit.talk = found
            self.enter(visit)

    async def _tell_messages(self, ids: list[int]) -> None:
        if not ids:
            return
        parts = self.tail.parts
        async with parts.database.read() as session:
            found = await reads.shown(session, list(dict.fromkeys(ids)), parts.vault, parts.settings.public_url)
        for message in found:
            thread = message.pop("thread")
            for visit in tuple(self._visits.get(thread, ())):
                visit.tell(op="message", message=message)

    def _heard(self, note: dict[str, Any]) -> None:
        live = note.get("live", {})
        if live.get("op") != "viewers" or not any(a["typing"] for a in live["agents"]):
            return
        for visit in self._of(live["ticket"]):
            visit.tell(op="typing", name="")


@router.websocket("/chat")
async def chat(socket: WebSocket) -> None:
    """Open to everybody whom the inbox's origins admit: the visitor's secret token is their key."""
    await socket.accept()
    visit = None
    room: Visitors = socket.app.state.visitors
    brakes: Brakes = socket.app.state.brakes
    peer = peer_of(socket)
    try:
        brakes.frame(peer)
        hello = read(await asyncio.wait_for(socket.receive_text(), 10))
        visit = await admitted(socket, hello)
        sender = asyncio.create_task(_send(socket, visit))
        try:
            await welcome(room, visit, hello)
            while True:
                frame = read(await socket.receive_text())
                brakes.frame(peer, visit.visitor)
                await hear(room, visit, frame, brakes)
        finally:
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
    except (Refused, TooMany) as refusal:  # "busy": the widget waits longer than after any other loss
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            await socket.send_text(refused(refusal).decode())
            await socket.close(1008)
    except (WebSocketDisconnect, TimeoutError, RuntimeError, KeyError):  # KeyError: bytes instead of text
        pass
    finally:
        if visit is not None:
            room.leave(visit)


def read(text: str | bytes) -> dict[str, Any]:
    """A frame; an empty one when it is none."""
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_seq(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and 0 <= value < LARGEST_SEQ


class Refused(Exception):
    """A visitor may not be here; `args[0]` says why: "widget", "origin", "identity"."""


def refused(why: Refused | TooMany) -> bytes:
    return orjson.dumps({"op": "refused", "code": why.args[0] if isinstance(why, Refused) else "busy"})


async def admitted(connection: HTTPConnection, hello: dict[str, Any]) -> Visit:
    """Who is it, and may they be here? Raises Refused."""
    parts = parts_of(connection)
    opened = await parts.inboxes.by_token(str(hello.get("widget", "")))
    if hello.get("op") != "hello" or opened is None or not isinstance(opened.channel, Embeds):
        raise Refused("widget")
    origin = connection.headers.get("origin", "")
    own = origin in ("", parts.settings.public_url, f"http://{connection.headers.get('host', '')}",
                     f"https://{connection.headers.get('host', '')}")  # fmt: skip
    if not own and not opened.channel.admits(origin):
        raise Refused("origin")
    identity = None
    if hello.get("identity"):
        try:
            identity = dict(opened.channel.identify(str(hello["identity"]), clock.utcnow()))
        except Forged as forged:
            raise Refused("identity") from forged
    secret = hello.get("visitor")
    if not isinstance(secret, str) or not TOKEN.fullmatch(secret):
        secret = secrets.token_urlsafe(32)
    language = "en" if hello.get("language") == "en" else "ja"
    page = str(hello.get("page", ""))[:2000]
    return Visit(opened, secret, identity, language, page, Conversation(""), peer_of(connection))


async def welcome(room: Visitors, visit: Visit, hello: dict[str, Any]) -> None:
    """Where the conversation stands: what the client has not seen, whether it has ended, what the agent has read."""
    parts, channel = room.tail.parts, visit.opened.channel
    assert isinstance(channel, Embeds)
    wanted = hello.get("thread")
    seq = hello.get("last_seq")
    async with parts.database.read() as session:
        talk = await reads.latest(
            session, visit.opened.row.id, visit.address.key, now=clock.utcnow(), days=channel.resume_days,
            wanted=wanted if isinstance(wanted, str) else "", named_for_ever=visit.identity is not None,
        )  # fmt: skip
        if talk is None and isinstance(wanted, str) and wanted:
            talk = await reads.latest(
                session, visit.opened.row.id, visit.address.key, now=clock.utcnow(), days=channel.resume_days
            )
        if talk is None and isinstance(wanted, str) and await reads.exists(session, visit.opened.row.id, wanted):
            wanted = None  # too old to be resumed
        visit.talk = talk or Conversation(_new_name(visit, wanted))
        room.enter(visit)  # before the messages are read: what comes meanwhile may come twice, never not
        last = seq if _is_seq(seq) and visit.talk.name == wanted else 0
        if last > visit.talk.last_seq:
            visit.tell(op="reset")
            last = 0
        missed = []
        if visit.talk.thread_id is not None:
            missed = await reads.since(session, visit.talk.thread_id, last, parts.vault, parts.settings.public_url)
        now_true = await _now_true(session, visit)
    for message in missed:
        message.pop("thread")
    visit.tell(
        op="welcome",
        visitor=visit.secret,
        thread=visit.talk.name,
        config={**channel.look(visit.language), **now_true},
        messages=missed,
        last_seq=visit.talk.last_seq,
        ended=visit.talk.ended,
        seen=visit.talk.read_seq,
    )


def _new_name(visit: Visit, wanted: Any) -> str:
    """A conversation not yet begun keeps the name that this visitor's client was given before."""
    mine = visit.address.value
    whose, _, rest = wanted.rpartition(":") if isinstance(wanted, str) else ("", "", "")
    if whose == mine and NAME.fullmatch(rest):
        return str(wanted)
    return f"{mine}:{secrets.token_hex(8)}"


async def hear(room: Visitors, visit: Visit, said: dict[str, Any], brakes: Brakes) -> None:
    match said.get("op"):
        case "hello":
            visit.language = "en" if said.get("language") == "en" else "ja"
            visit.page = str(said.get("page", ""))[:2000]
            room.leave(visit)
            await welcome(room, visit, said)
        case "say":
            await _say(room, visit, said, brakes)
        case "choose":
            await _choose(room, visit, said, brakes)
        case "seen" if _is_seq(said.get("seq")) and visit.talk.thread_id is not None:
            async with room.tail.parts.database.write() as session:
                await visitors.seen(session, visit.talk.thread_id, said["seq"], clock.utcnow())
        case str(op) if op in widget.OPS:
            await widget.hear(room.tail.parts, visit, said, brakes)
        case "typing" if visit.talk.ticket_id is not None and clock.monotonic() - visit.typed_at > 2:
            visit.typed_at = clock.monotonic()
            note = {"op": "typing", "ticket": visit.talk.ticket_id, "thread": visit.talk.thread_id}
            room.tail.parts.bus.publish({"live": note})
        case "new":
            room.leave(visit)
            visit.talk = Conversation(_new_name(visit, None))
            await _again(room, visit)
        case "ping":
            visit.tell(op="pong")


async def _again(room: Visitors, visit: Visit) -> None:
    channel = visit.opened.channel
    assert isinstance(channel, Embeds)
    async with room.tail.parts.database.read() as session:
        now_true = await _now_true(session, visit)
    visit.tell(
        op="welcome", visitor=visit.secret, thread=visit.talk.name, messages=[], last_seq=0, ended=False, seen=0,
        config={**channel.look(visit.language), **now_true},
    )  # fmt: skip


async def _now_true(session: AsyncSession, visit: Visit) -> dict[str, bool]:
    """What the widget shows besides the inbox's settings: whether somebody is there, and articles to read first."""
    return {
        "online": await reads.anybody_there(session),
        "articles": await articles.offers(session, visit.opened.row.id),
    }


async def _say(room: Visitors, visit: Visit, said: dict[str, Any], brakes: Brakes) -> None:
    client_id, text = said.get("client_id"), said.get("text")
    if not isinstance(client_id, str) or not ID.fullmatch(client_id):
        visit.tell(op="error", client_id=None, code="failed")
        return
    if isinstance(text, str) and len(text) > LONGEST:
        visit.tell(op="error", client_id=client_id, code="too_long")
        return
    try:
        brakes.say(visit.peer, visit.visitor)
    except TooMany:
        visit.tell(op="error", client_id=client_id, code="too_many")
        return
    await _take(room, visit, client_id, await _body(room, visit, said))


async def _choose(room: Visitors, visit: Visit, said: dict[str, Any], brakes: Brakes) -> None:
    """A tap. What becomes of it comes back with the log: the message again, with what was chosen."""
    channel = visit.opened.channel
    assert channel is not None
    try:
        brakes.say(visit.peer, visit.visitor)
    except TooMany:
        visit.tell(op="error", client_id=None, code="too_many")
        return
    given = {
        "visitor": visit.address.value,
        "thread": visit.talk.name,
        "data": said.get("data"),
        "verified": visit.identity,
    }
    hook = Hook(route="choice", method="DOOR", body=orjson.dumps(given), received_at=clock.utcnow())
    await room.tail.parts.take(visit.opened.brief, channel, hook)


async def _body(room: Visitors, visit: Visit, said: dict[str, Any]) -> bytes:
    given = said.get("files")
    ids = [each for each in given if isinstance(each, str)][:10] if isinstance(given, list) else []
    files = []
    if ids:
        mine = select(Attachment).where(
            col(Attachment.public_id).in_(ids),
            col(Attachment.message_id).is_(None),
            col(Attachment.agent_id).is_(None),
            col(Attachment.remote) == uploads.from_visitor(visit.visitor),
            col(Attachment.created_at) > clock.utcnow() - uploads.SENDABLE_FOR,
        )
        async with room.tail.parts.database.read() as session:
            found = (await session.scalars(mine)).all()
        files = [{"public_id": f.public_id, "name": f.name, "media_type": f.media_type, "size": f.size} for f in found]
    return orjson.dumps({
        "visitor": visit.address.value, "thread": visit.talk.name, "client_id": said["client_id"],
        "text": said.get("text"), "name": said.get("name"), "email": said.get("email"), "language": visit.language,
        "page": visit.page, "verified": visit.identity, "files": files,
    })  # fmt: skip


async def _take(room: Visitors, visit: Visit, client_id: str, body: bytes) -> None:
    parts, channel = room.tail.parts, visit.opened.channel
    assert channel is not None
    hook = Hook(route="message", method="DOOR", body=body, received_at=clock.utcnow())
    placements = await parts.take(visit.opened.brief, channel, hook)
    placed = placements[0] if placements else None
    if placed is None or placed.message is None or placed.thread is None:
        visit.tell(op="error", client_id=client_id, code="failed")
        return
    if placed.thread != visit.talk.thread_id:
        if visit.talk.thread_id is not None:
            visit.tell(op="reset")  # another ticket under the same name: its sequence begins anew
        room.leave(visit)
        visit.talk = Conversation(visit.talk.name, placed.thread, placed.ticket)
        room.enter(visit)
    async with parts.database.read() as session:
        shown = await reads.shown(session, [placed.message], parts.vault, parts.settings.public_url)
    for message in shown:
        message.pop("thread")
        visit.tell(op="said", client_id=client_id, message=message)


async def _send(socket: WebSocket, visit: Visit) -> None:
    while True:
        frame = await visit.ear.frames.get()
        if visit.ear.lost or frame is None:
            await socket.close(1013)
            return
        await socket.send_text(frame.decode())
