"""A ticket's log with the messages that it speaks of, for whoever tells its episodes and resolutions again."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Event, Message, Thread, Ticket
from app.queries import worked
from app.rules.history import Happened, Told, tell


async def retold(session: AsyncSession, number: int) -> Told:
    """From the log and the messages alone; of the ticket's row only what it was born with. It must be there."""
    ticket = await session.get_one(Ticket, number)
    log = (await session.scalars(select(Event).where(col(Event.ticket_id) == number).order_by(col(Event.id)))).all()
    born = next(each for each in log if each.kind == "ticket.opened")
    moved = next((each for each in log if each.kind == "ticket.team"), None)
    messages = await _messages(session, number)
    told = Told(
        created_at=born.at, inbox_id=born.params["inbox"], channel=born.params["channel"],
        team_id=moved.params["was"] if moved else ticket.team_id, between=await worked.between(session),
    )  # fmt: skip
    approved = {each.message_id for each in log if each.kind in ("message.approved", "message.refused")}
    happened = [
        Happened(each.kind, each.at, each.agent_id, each.params, _message(messages, each, approved)) for each in log
    ]
    return tell(told, happened)


async def _messages(session: AsyncSession, number: int) -> dict[int, dict[str, Any]]:
    columns = (col(Message.id), col(Message.auto), col(Message.state), col(Message.sent_at), col(Message.inbox_id))
    query = select(*columns, col(Thread.channel)).join(Thread, col(Thread.id) == col(Message.thread_id))
    found = (await session.execute(query.where(col(Message.ticket_id) == number))).mappings()
    return {each["id"]: dict(each) for each in found}


def _message(messages: dict[int, dict[str, Any]], each: Event, approved: set[int | None]) -> dict[str, Any] | None:
    """Held is what it was when it came."""
    found = messages.get(each.message_id or 0)
    if found is None:
        return None
    held = each.kind == "message.received" and (found["state"] == "held" or found["id"] in approved)
    return {**found, "held": held}
