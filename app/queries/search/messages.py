"""Messages that can be found."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Attachment, Delivery, Event, Inbox, Message, Ticket
from app.models.columns import table_of
from app.queries import messages
from app.rules.search.document import Document, apart
from app.rules.search.snippet import snippet

HIDDEN = (Delivery.HELD, Delivery.REFUSED)  # not let in: nobody reads them by finding them
SCOPE = "ticket.read"


async def documents(session: AsyncSession, numbers: Sequence[int]) -> list[Document]:
    """What customer, agent and machine wrote, with the names of files. What was taken back is no document."""
    message = table_of(Message)
    columns = [
        message.c[name] for name in ("id", "subject", "text", "identity_id", "agent_id", "sent_at", "created_at")
    ]
    channel = func.coalesce(col(Inbox.kind), col(Ticket.channel)).label("channel")
    query = (
        select(*columns, channel)
        .join(Ticket, col(Ticket.id) == message.c.ticket_id)
        .outerjoin(Inbox, col(Inbox.id) == message.c.inbox_id)
        .where(message.c.id.in_(numbers), message.c.unsent_at.is_(None), message.c.state.not_in(HIDDEN))
    )
    rows = (await session.execute(query)).all()
    files = await _files(session, numbers)
    return [
        Document(
            kind="message", number=each.id, text=apart(each.subject, each.text, *files.get(each.id, ())),
            at=min(each.sent_at, each.created_at), scope=SCOPE,
            marks=(f"_c{each.channel}", *_author(each.identity_id, each.agent_id)),
        )
        for each in rows
    ]  # fmt: skip


def _author(identity: int | None, agent: int | None) -> tuple[str, ...]:
    if agent is not None:
        return (agent_mark(agent),)
    return () if identity is None else (identity_mark(identity),)


def identity_mark(number: int) -> str:
    return f"_i{number}"


def agent_mark(number: int) -> str:
    return f"_a{number}"


async def _files(session: AsyncSession, numbers: Sequence[int]) -> dict[int, list[str]]:
    query = select(col(Attachment.message_id), col(Attachment.name)).where(
        col(Attachment.message_id).in_(numbers), col(Attachment.inline).is_(False), col(Attachment.name) != ""
    )
    found: dict[int, list[str]] = {}
    for number, name in await session.execute(query.order_by(col(Attachment.id))):
        found.setdefault(number or 0, []).append(name)
    return found


async def concerned(session: AsyncSession, events: Sequence[Event]) -> set[int]:
    return {each.message_id for each in events if each.message_id is not None}


async def shown(session: AsyncSession, numbers: Sequence[int], marks: Sequence[str]) -> dict[int, dict[str, Any]]:
    """As they are now: what was taken back a moment ago is not shown, even if the index is behind."""
    said = [
        each for each in await messages.shown(session, numbers) if not each["unsent_at"] and each["state"] not in HIDDEN
    ]
    of = select(col(Ticket.id), col(Ticket.subject), col(Ticket.channel), col(Ticket.status))
    tickets = {row.id: row for row in await session.execute(of.where(col(Ticket.id).in_({m["ticket"] for m in said})))}
    return {
        each["id"]: {
            "ticket": each["ticket"],
            "title": [(tickets[each["ticket"]].subject, False)],
            "snippet": snippet(_text(each), marks),
            "at": each["sent_at"],
            "channel": tickets[each["ticket"]].channel,
            "status": tickets[each["ticket"]].status,
            "author": each["author_name"] or "",
            "audience": each["audience"],
        }
        for each in said
    }


def _text(each: dict[str, Any]) -> str:
    return " ".join(filter(None, [each["subject"], each["text"], *(file["name"] for file in each["attachments"])]))
