"""What agents decide about single messages."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.actions import held, reply, rereading
from app.api.door import Here, Now, Reading, Writing, having, json_response
from app.api.files import download
from app.api.shapes import MessageOut
from app.errors import Missing
from app.models import Agent, Message, RawHook
from app.parts import Parts
from app.queries import messages
from app.text import clean_html
from channels.contract import Hook
from channels.reach import Rereads

router = APIRouter(prefix="/api/v1", tags=["messages"])
Replier = Annotated[Agent, Depends(having("ticket.reply"))]
Worker = Annotated[Agent, Depends(having("ticket.work"))]
RawReader = Annotated[Agent, Depends(having("raw.read"))]


class NoRaw(Missing):
    """The original bytes are not there."""


class CharsetIn(BaseModel):
    charset: str = Field(max_length=40)


class Settle(BaseModel):
    """For an unconfirmed message: did it arrive?"""

    sent: bool


@router.post("/messages/{message_id}/retry", response_model=MessageOut)
async def retry(session: Writing, agent: Replier, now: Now, message_id: int) -> Response:
    await reply.decide(session, message_id, "retry", agent=agent, now=now)
    return json_response((await messages.shown(session, [message_id]))[0])


@router.post("/messages/{message_id}/settle", response_model=MessageOut)
async def settle(session: Writing, agent: Replier, now: Now, message_id: int, said: Settle) -> Response:
    await reply.decide(session, message_id, "sent" if said.sent else "retry", agent=agent, now=now)
    return json_response((await messages.shown(session, [message_id]))[0])


@router.post("/messages/{message_id}/discard", response_model=MessageOut)
async def discard(session: Writing, agent: Replier, now: Now, message_id: int) -> Response:
    await reply.decide(session, message_id, "discard", agent=agent, now=now)
    return json_response((await messages.shown(session, [message_id]))[0])


@router.post("/messages/{message_id}/approve", response_model=MessageOut)
async def approve(session: Writing, agent: Replier, now: Now, message_id: int) -> Response:
    """A held reply (E7) is let in, and who wrote it joins the conversation."""
    await held.approve(session, message_id, agent=agent, now=now)
    return json_response((await messages.shown(session, [message_id]))[0])


@router.post("/messages/{message_id}/refuse", response_model=MessageOut)
async def refuse(session: Writing, agent: Replier, now: Now, message_id: int) -> Response:
    await held.refuse(session, message_id, agent=agent, now=now)
    return json_response((await messages.shown(session, [message_id]))[0])


@router.get("/messages/{message_id}/charsets", response_model=list[str])
async def charsets(session: Reading, agent: Worker, here: Here, message_id: int) -> Response:
    """In which charsets it can be read anew; none for what no charset was read of."""
    message = await session.get(Message, message_id)
    opened = await here.inboxes.by_id(message.inbox_id or 0) if message and message.raw_id else None
    channel = opened.channel if opened else None
    return json_response(list(channel.charsets) if isinstance(channel, Rereads) else [])


@router.post("/messages/{message_id}/charset", response_model=MessageOut)
async def read_anew(
    session: Reading, agent: Worker, here: Here, now: Now, message_id: int, asked: CharsetIn
) -> Response:
    """E14: the same bytes in another charset."""
    found, body = await _kept(session, here, message_id)
    opened = await here.inboxes.by_id(found.inbox_id)
    channel = opened.channel if opened else None
    if not isinstance(channel, Rereads):
        raise rereading.CannotReread
    if asked.charset not in channel.charsets:
        raise rereading.UnknownCharset(charsets=list(channel.charsets))
    hook = Hook(route=found.route, body=body, received_at=found.received_at, headers=found.headers, method=found.method)
    said = await asyncio.to_thread(_read, channel, hook, asked.charset)
    async with here.database.write() as writing:
        await rereading.reread(writing, message_id, said, agent=agent, now=now)
        shown = (await messages.shown(writing, [message_id]))[0]
    return json_response(shown)


def _read(channel: Rereads, hook: Hook, charset: str) -> rereading.Reading:
    """It may take a while for a large mail: not while others wait to write."""
    said = channel.reread(hook, charset)
    if said is None:
        raise rereading.CannotReread
    folded = said.meta.get("folded_at")
    return rereading.Reading(charset=charset, text=said.text, html=clean_html(said.html), folded_at=folded)


async def _kept(session: AsyncSession, here: Parts, message_id: int) -> tuple[RawHook, bytes]:
    """A message's bytes as they came. Raises NoRaw."""
    message = await session.get(Message, message_id)
    found = await session.get(RawHook, message.raw_id) if message and message.raw_id else None
    if found is None or (found.body is None and not found.file_key):
        raise NoRaw
    return found, await here.files.get(found.file_key) if found.file_key else (found.body or b"")


@router.get("/messages/{message_id}/raw")
async def raw(session: Reading, agent: RawReader, here: Here, message_id: int) -> Response:
    """The bytes as they came, as a download."""
    found, body = await _kept(session, here, message_id)
    mail = found.route in ("mime", "smtp", "imap")
    return download(body, f"message-{message_id}.{'eml' if mail else 'json'}", "application/octet-stream")
