"""Begun answers are kept for their writers: through a reload, another device, a reassignment, a merge."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Missing
from app.models import Agent, KeptDraft, Ticket


class NoDraft(Missing):
    """There is no shared draft of theirs any more."""


async def keep(
    session: AsyncSession, ticket: Ticket, agent: Agent, *, text: str, note: str, shared: bool, now: datetime
) -> KeptDraft | None:
    """The draft as it is now; None, and nothing is kept, when nothing is written. Whether it is shared is told to all screens."""
    kept = await session.get(KeptDraft, (ticket.id, agent.id))
    was_shared = kept is not None and kept.shared
    empty = not text.strip() and not note.strip()
    if kept is None and not empty:
        kept = KeptDraft(ticket_id=ticket.id, agent_id=agent.id, updated_at=now)
        session.add(kept)
    if kept is not None and empty:
        await session.delete(kept)
        kept = None
    if kept is not None:
        kept.text, kept.note, kept.shared, kept.updated_at = text, note, shared, now
    await session.flush()
    if (is_shared := kept is not None and kept.shared) != was_shared:
        kind = "draft.shared" if is_shared else "draft.unshared"
        await feed.record(session, feed.event(kind, now, ticket=ticket.id, agent=agent.id))
    return kept


async def take(session: AsyncSession, ticket: Ticket, owner_id: int, agent: Agent, *, now: datetime) -> KeptDraft:
    """A colleague's shared draft becomes one's own, after what one has written oneself. Raises NoDraft."""
    theirs = await session.get(KeptDraft, (ticket.id, owner_id))
    if theirs is None or not theirs.shared or owner_id == agent.id:
        raise NoDraft
    mine = await _joined(session, theirs, ticket.id, agent.id, now)
    await feed.record(session, feed.event("draft.taken", now, ticket=ticket.id, agent=agent.id, owner=owner_id))
    return mine


async def carry(session: AsyncSession, part_id: int, master_id: int, now: datetime) -> None:
    """A merged ticket's drafts go where their writers now answer."""
    for each in (await session.scalars(select(KeptDraft).where(col(KeptDraft.ticket_id) == part_id))).all():
        await _joined(session, each, master_id, each.agent_id, now)


async def _joined(session: AsyncSession, draft: KeptDraft, ticket_id: int, agent_id: int, now: datetime) -> KeptDraft:
    """The draft, moved behind what this agent has begun on that ticket."""
    found = await session.get(KeptDraft, (ticket_id, agent_id))
    if found is None:
        found = KeptDraft(ticket_id=ticket_id, agent_id=agent_id, updated_at=now)
        session.add(found)
    found.text = "\n\n".join(filter(None, (found.text, draft.text)))
    found.note = "\n\n".join(filter(None, (found.note, draft.note)))
    found.updated_at = now
    await session.delete(draft)
    await session.flush()
    return found
