"""What agents decide about single messages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from app.actions import held, reply
from app.api.door import Here, Now, Reading, Writing, having, json_response
from app.api.files import download
from app.api.shapes import MessageOut
from app.errors import Missing
from app.models import Agent, Message, RawHook
from app.queries import messages

router = APIRouter(prefix="/api/v1", tags=["messages"])
Replier = Annotated[Agent, Depends(having("ticket.reply"))]
RawReader = Annotated[Agent, Depends(having("raw.read"))]


class NoRaw(Missing):
    """The original bytes are not there."""


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


@router.get("/messages/{message_id}/raw")
async def raw(session: Reading, agent: RawReader, here: Here, message_id: int) -> Response:
    """The bytes as they came, as a download."""
    message = await session.get(Message, message_id)
    found = await session.get(RawHook, message.raw_id) if message and message.raw_id else None
    if found is None or (found.body is None and not found.file_key):
        raise NoRaw
    body = await here.files.get(found.file_key) if found.file_key else (found.body or b"")
    mail = found.route in ("mime", "smtp", "imap")
    return download(body, f"message-{message_id}.{'eml' if mail else 'json'}", "application/octet-stream")
