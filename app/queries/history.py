"""A ticket's log with the messages that it speaks of, for whoever tells its episodes, resolutions and calls again."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Event, Message, Thread, Ticket
from app.queries import worked
from app.rules.call_history import CallTold, Was, repeats, tell_call
from app.rules.history import Happened, Told, tell


async def retold(session: AsyncSession, number: int, *, before: int | None = None) -> Told:
    """From the log and the messages alone; of the ticket's row only what it was born with. It must be there.

    `before`: as it was before it was put into another one, by the merge's number. Merges that were undone are not told.
    """
    ticket = await session.get_one(Ticket, number)
    log = await _log(session, number, before)
    born = next(each for each in log if each.kind == "ticket.opened")
    moved = next((each for each in log if each.kind == "ticket.team"), None)
    messages = await _messages(session, [each.message_id for each in log if each.message_id])
    told = Told(
        created_at=born.at, inbox_id=born.params["inbox"], channel=born.params["channel"],
        team_id=moved.params["was"] if moved else ticket.team_id, between=await worked.between(session),
    )  # fmt: skip
    approved = {each.message_id for each in log if each.kind in ("message.approved", "message.refused")}
    parts = {each.id: await _part(session, each) for each in log if each.kind == "ticket.merged"}
    happened = [
        Happened(each.kind, each.at, each.agent_id, each.params, _message(messages, each, approved), parts.get(each.id))
        for each in log
    ]
    return tell(told, happened)


async def _log(session: AsyncSession, number: int, before: int | None) -> list[Event]:
    query = select(Event).where(col(Event.ticket_id) == number).order_by(col(Event.id))
    log = (await session.scalars(query)).all()
    ends = [each.id for each in log if each.kind == "ticket.merged" and each.params["merge"] == before]
    return [each for each in log if not ends or each.id < ends[0]]


async def _part(session: AsyncSession, merged: Event) -> Told | None:
    """What was put into this ticket; None where this ticket was put into another one."""
    number = merged.params.get("number")
    return await retold(session, number, before=merged.params["merge"]) if number is not None else None


async def _messages(session: AsyncSession, numbers: list[int]) -> dict[int, dict[str, Any]]:
    columns = (col(Message.id), col(Message.auto), col(Message.state), col(Message.sent_at), col(Message.inbox_id))
    query = select(*columns, col(Thread.channel)).join(Thread, col(Thread.id) == col(Message.thread_id))
    found = (await session.execute(query.where(col(Message.id).in_(numbers)))).mappings()
    return {each["id"]: dict(each) for each in found}


def _message(messages: dict[int, dict[str, Any]], each: Event, approved: set[int | None]) -> dict[str, Any] | None:
    """Held is what it was when it came."""
    found = messages.get(each.message_id or 0)
    if found is None:
        return None
    held = each.kind == "message.received" and (found["state"] == "held" or found["id"] in approved)
    return {**found, "held": held}


async def calls_retold(session: AsyncSession, number: int) -> dict[int, CallTold]:
    """A ticket's calls by their messages, from the log and the messages alone; their agents' presence is in the log, too."""
    query = select(col(Message.id), col(Message.sent_at), col(Message.direction))
    mine = col(Message.ticket_id) == number, col(Message.kind) == "call"
    found: Any = (await session.execute(query.where(*mine).order_by(col(Message.id)))).all()
    log = (
        await session.scalars(
            select(Event).where(col(Event.message_id).in_([each[0] for each in found])).order_by(col(Event.id))
        )
    ).all()
    presence = await _presence(session)
    return {
        message: tell_call(
            begun,
            direction,
            [Happened(e.kind, e.at, e.agent_id, e.params) for e in log if e.message_id == message],
            presence,
        )
        for message, begun, direction in found
    }


async def _presence(session: AsyncSession) -> list[Was]:
    query = select(col(Event.at), col(Event.params)).where(col(Event.kind) == "agent.presence").order_by(col(Event.id))
    found: Any = (await session.execute(query)).all()
    return [Was(params["who"], at, params["presence"]) for at, params in found]


async def repeats_retold(session: AsyncSession) -> set[int]:
    """The messages of those incoming calls that were repeats."""
    query = (
        select(col(Ticket.person_id), col(Message.sent_at), col(Message.id))
        .join(Ticket, col(Ticket.id) == col(Message.ticket_id))
        .where(col(Message.kind) == "call", col(Message.direction) == "in")
    )
    found: Any = (await session.execute(query)).all()
    return repeats(tuple(each) for each in found)
