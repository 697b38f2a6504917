"""Which accounts an event of the log is about: their health is to be computed anew."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Event, Ticket

READER = "health"
ALL = frozenset({"account.imported", "health.formula"})
OF_ACCOUNTS = frozenset({"account.changed", "account.used", "account.tier"})
OF_TICKETS = frozenset({
    "ticket.opened", "ticket.status", "ticket.reopened", "ticket.priority", "ticket.merged", "ticket.unmerged",
    "message.received", "message.queued", "message.failed", "survey.answered", "background.changed",
})  # fmt: skip


async def touched(session: AsyncSession, events: Sequence[Event]) -> tuple[set[int], bool]:
    """The accounts; whether it is all of them."""
    named = {each.params.get("account") for each in events if each.kind in OF_ACCOUNTS}
    tickets = {each.ticket_id for each in events if each.kind in OF_TICKETS and each.ticket_id is not None}
    query = select(col(Ticket.account_id)).where(col(Ticket.id).in_(tickets), col(Ticket.account_id).is_not(None))
    theirs = (await session.scalars(query.distinct())).all() if tickets else ()
    known = {each for each in (*named, *theirs) if isinstance(each, int)}
    return known, any(each.kind in ALL for each in events)
