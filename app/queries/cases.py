"""Tickets that belong together: where a merged one went, what was put into this one, and what it is linked with."""

from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Audience, Call, Delivery, Identity, Merge, Message, Person, Status, Thread, Ticket, TicketLink
from app.queries import tickets
from app.rules.cases import Word

UNSAID = (Delivery.HELD, Delivery.REFUSED, Delivery.DISCARDED, Delivery.FAILED)
MOST = 20


async def root(session: AsyncSession, number: int) -> int:
    """Where a ticket's conversations are: itself, or the ticket that it was merged into, and that one into."""
    while (
        into := await session.scalar(select(col(Ticket.merged_into_id)).where(col(Ticket.id) == number))
    ) is not None:
        number = into
    return number


async def words(session: AsyncSession, number: int) -> list[Word]:
    """The ticket's public messages, as far as they say whose turn it is."""
    columns = (
        col(Message.id), col(Message.sent_at), col(Message.direction), col(Message.author), col(Message.auto),
        col(Call.answered_at),
    )  # fmt: skip
    query = select(*columns).outerjoin(Call, col(Call.message_id) == col(Message.id))
    query = query.where(
        col(Message.ticket_id) == number, col(Message.audience) == Audience.PUBLIC, col(Message.state).not_in(UNSAID)
    )
    return [
        Word(
            each.id,
            each.sent_at,
            asks=each.direction == "in" and not each.auto,
            answers=each.answered_at is not None or (each.direction == "out" and each.author == "agent"),
        )
        for each in await session.execute(query)
    ]


async def of_ticket(session: AsyncSession, number: int) -> dict[str, Any]:
    """What the ticket's screen shows of its company."""
    row = await session.get_one(Ticket, number)
    into = await session.scalar(
        select(Merge).where(col(Merge.ticket_id) == number, col(Merge.undone_at).is_(None)).limit(1)
    )
    return {
        "merged_into": await _merged(session, into, await root(session, number)) if into else None,
        "merged": await _parts(session, number) if row.merged_into_id is None else [],
        "links": await links(session, number),
    }


async def _merged(session: AsyncSession, merge: Merge, master: int) -> dict[str, Any]:
    found = (await tickets.rows(session, [master]))[0]
    return {"number": master, "subject": found["subject"], "at": merge.at, "agent_id": merge.agent_id}


async def _parts(session: AsyncSession, number: int) -> list[dict[str, Any]]:
    """What was put into it, the latest first."""
    query = select(Merge, col(Ticket.subject)).join(Ticket, col(Ticket.id) == col(Merge.ticket_id))
    query = query.where(col(Merge.into_id) == number, col(Merge.undone_at).is_(None)).order_by(col(Merge.id).desc())
    return [
        {"number": merge.ticket_id, "subject": subject, "at": merge.at, "agent_id": merge.agent_id}
        for merge, subject in (await session.execute(query)).all()
    ]


async def links(session: AsyncSession, number: int) -> list[dict[str, Any]]:
    """Each with the ticket at its other end, and what that one is to this: its parent, its child, or related."""
    mine = or_(col(TicketLink.ticket_id) == number, col(TicketLink.other_id) == number)
    found = (await session.scalars(select(TicketLink).where(mine).order_by(col(TicketLink.id)))).all()
    others = {each.id: each.other_id if each.ticket_id == number else each.ticket_id for each in found}
    rows = {row["number"]: row for row in await tickets.rows(session, list(dict.fromkeys(others.values())))}
    return [{"id": each.id, "kind": _kind(each, number), "ticket": rows[others[each.id]]} for each in found]


def _kind(link: TicketLink, number: int) -> str:
    if link.kind == "related":
        return "related"
    return "parent" if link.ticket_id == number else "child"


async def candidates(session: AsyncSession, number: int, text: str) -> list[dict[str, Any]]:
    """Tickets to merge with or to link: those of the same customer first, the latest change first."""
    own = await session.scalar(select(col(Ticket.person_id)).where(col(Ticket.id) == number))
    fits = and_(col(Ticket.id) != number, col(Ticket.merged_into_id).is_(None), col(Ticket.status) != Status.SPAM)
    query = select(col(Ticket.id)).where(fits)
    if text.strip():
        query = query.where(tickets.named(text.strip()))
    latest = col(Ticket.updated_at).desc(), col(Ticket.id).desc()
    mine = (await session.scalars(query.where(col(Ticket.person_id) == own).order_by(*latest).limit(MOST))).all()
    others: list[int] = []
    if text.strip():
        theirs = query.where(col(Ticket.person_id) != own).order_by(*latest)
        others = list((await session.scalars(theirs.limit(MOST - len(mine)))).all())
    return await tickets.rows(session, [*mine, *others])


async def preview(session: AsyncSession, part: Ticket, master: Ticket) -> dict[str, Any]:
    """What merging them would do, before it is done."""
    rows = await tickets.rows(session, [part.id, master.id])
    query = select(Thread, Identity).join(Identity, col(Identity.id) == col(Thread.identity_id))
    found = (await session.execute(query.where(col(Thread.ticket_id) == part.id).order_by(col(Thread.id)))).all()
    person = await session.get_one(Person, part.person_id)
    return {
        "ticket": rows[0],
        "into": rows[1],
        "other_customer": part.person_id != master.person_id,
        "customer": person.name or rows[0]["person"]["name"],
        "threads": [{"channel": thread.channel, "name": identity.name or identity.value} for thread, identity in found],
        "messages": len(await words(session, part.id)),
        "reopens": master.status in (Status.RESOLVED, Status.CLOSED)
        and part.status not in (Status.RESOLVED, Status.CLOSED),
        "waits_since": min(filter(None, (part.needs_reply_since, master.needs_reply_since)), default=None),
    }


async def children(session: AsyncSession, number: int) -> list[int]:
    """The tickets of an incident, the oldest first."""
    query = select(col(TicketLink.ticket_id)).where(col(TicketLink.other_id) == number, col(TicketLink.kind) == "child")
    return list((await session.scalars(query.order_by(col(TicketLink.ticket_id)))).all())


async def said(session: AsyncSession, number: int, client_id: str) -> int | None:
    """The ticket's message that a client named so."""
    query = select(col(Message.id)).where(col(Message.ticket_id) == number, col(Message.client_id) == client_id)
    return await session.scalar(query)
