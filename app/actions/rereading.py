"""A message whose charset was guessed wrongly is read anew from its kept bytes (E14). The bytes stay as they are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk
from app.actions.reply import NoMessage
from app.errors import Conflict, Invalid
from app.models import Agent, Message
from app.text import plain, preview


class CannotReread(Conflict):
    """This message cannot be read in another charset."""


class UnknownCharset(Invalid):
    """This charset is not known here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What came out. `html` is clean."""

    charset: str
    text: str
    html: str
    folded_at: int | None


async def reread(session: AsyncSession, message_id: int, said: Reading, *, agent: Agent, now: datetime) -> None:
    """The same again changes nothing. Raises NoMessage, CannotReread."""
    number = await session.scalar(select(col(Message.ticket_id)).where(col(Message.id) == message_id))
    if number is None:
        raise NoMessage
    ticket = await desk.locked(session, number)
    message = (await session.scalars(select(Message).where(col(Message.id) == message_id).with_for_update())).one()
    if message.unsent_at is not None:
        raise CannotReread
    text, chosen = plain(said.text), message.meta.get("charset_chosen")
    if chosen == said.charset and (message.text, message.html) == (text, said.html):
        return
    if ticket.preview == preview(message.text):
        ticket.preview = preview(text)
    message.text, message.html = text, said.html
    known = {"charset": said.charset, "charset_chosen": said.charset, "folded_at": said.folded_at}
    message.meta = {**message.meta, **known, "charset_guessed": False}
    await session.flush()
    event = feed.event("message.reread", now, ticket=number, message=message_id, agent=agent.id, charset=said.charset)
    await feed.record(session, event)
