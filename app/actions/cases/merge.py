"""One ticket is put into another: its conversations go on there, and it stays as a record that says so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import approvals, desk, drafts
from app.actions.cases import moves, promises
from app.actions.cases.promises import CaseClocks
from app.actions.success import merging
from app.errors import Conflict, Invalid
from app.models import Agent, Episode, Merge, Message, Resolution, Status, Thread, Ticket
from app.queries import cases as queries
from app.rules.cases import earliest, status_after_merge


class MergesIntoItself(Invalid):
    """A ticket cannot be merged into itself, nor into what was merged into it."""


class AlreadyMerged(Conflict):
    """This ticket was merged into another one already."""


class MergesSpam(Conflict):
    """What is spam is merged with nothing."""


class OtherCustomer(Conflict):
    """The two tickets are of different customers: say that you want it."""


async def merge(
    session: AsyncSession, number: int, into: int, *, agent: Agent, now: datetime, other_customer: bool = False
) -> Merge:
    """Puts a ticket into another, or into what that one was merged into. The same again is the same merge.

    Raises NoTicket, MergesIntoItself, AlreadyMerged, MergesSpam, OtherCustomer.
    """
    part, master = await _locked(session, number, into)
    if part.merged_into_id is not None:
        same = await _standing(session, part.id)
        if same is not None and await queries.root(session, part.id) == master.id:
            return same
        raise AlreadyMerged(merged_into=part.merged_into_id)
    if Status.SPAM in (part.status, master.status):
        raise MergesSpam
    if part.person_id != master.person_id and not other_customer:
        raise OtherCustomer
    made = Merge(ticket_id=part.id, into_id=master.id, at=now, agent_id=agent.id, was=await _was(session, part, master))
    session.add(made)
    await session.flush()
    await _join(session, part, master, made, agent, now)
    told: dict[str, Any] = {"merge": made.id}
    await feed.record(
        session,
        feed.event("ticket.merged", now, ticket=part.id, agent=agent.id, into=master.id, **told),
        feed.event("ticket.merged", now, ticket=master.id, agent=agent.id, number=part.id, **told),
    )
    return made


async def _locked(session: AsyncSession, number: int, into: int) -> tuple[Ticket, Ticket]:
    """Both, with the master the one that stands at the end of its own merges."""
    await moves.alone(session)
    master = await queries.root(session, into)
    if master == number:
        raise MergesIntoItself
    found = await moves.pair(session, number, master)
    if len(found) < 2:
        raise desk.NoTicket
    return found[number], found[master]


async def _standing(session: AsyncSession, number: int) -> Merge | None:
    query = select(Merge).where(col(Merge.ticket_id) == number, col(Merge.undone_at).is_(None))
    return (await session.scalars(query)).first()


async def _was(session: AsyncSession, part: Ticket, master: Ticket) -> dict[str, Any]:
    """What is to be put back when it is undone."""
    threads = select(col(Thread.id)).where(col(Thread.ticket_id) == part.id).order_by(col(Thread.id))
    notes = select(col(Message.id)).where(col(Message.ticket_id) == part.id, col(Message.thread_id).is_(None))
    return {
        "threads": list((await session.scalars(threads)).all()),
        "notes": list((await session.scalars(notes.order_by(col(Message.id)))).all()),
        "status": part.status,
        "since": _said(part.needs_reply_since),
        "own_since": _said(master.needs_reply_since),
        "snoozed_until": _said(part.snoozed_until),
        "own_first_response_at": _said(master.first_response_at),
    }


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


async def _join(session: AsyncSession, part: Ticket, master: Ticket, made: Merge, agent: Agent, now: datetime) -> None:
    was, since = dict(made.was), earliest(part.needs_reply_since, master.needs_reply_since)
    status = status_after_merge(master.status, part.status, waits=since is not None)
    was |= await _one_waits(session, part, master)
    await moves.carry(session, part.id, master.id, was["threads"], was["notes"])
    await drafts.carry(session, part.id, master.id, now)
    await approvals.carry(session, part.id, master.id)
    was["success"] = await merging.carry(session, part, master, agent=agent, now=now)
    was["initial"] = await _one_initial(session, master)
    was["resolutions"] = await _uncounted(session, part)
    was["own_created_at"] = _said(master.created_at)
    if status != master.status:
        await desk.set_status(session, master, status, agent_id=agent.id, now=now)
    if master.assignee_id is None and part.assignee_id is not None:
        await desk.assign(session, master, agent_id=part.assignee_id, by=agent.id, reason="assigned", now=now)
    master.needs_reply_since = since
    master.created_at = min(part.created_at, master.created_at)
    master.first_response_at = earliest(part.first_response_at, master.first_response_at)
    part.needs_reply_since = part.snoozed_until = None
    part.status, part.merged_into_id, part.updated_at = Status.CLOSED, master.id, now
    await moves.freshen(session, master, now)

    def work(clocks: CaseClocks) -> None:
        starts, own = clocks.starts(part.id), clocks.starts(master.id)
        was["starts"] = {metric: at.isoformat() for metric, at in starts.items()}
        was["own"] = {metric: at.isoformat() for metric, at in own.items()}
        clocks.end(part.id)
        clocks.take_over(master.id, starts)

    await promises.apply(session, [part, master], work, now=now, agent=agent.id)
    made.was = was
    await session.flush()


async def _one_waits(session: AsyncSession, part: Ticket, master: Ticket) -> dict[str, Any]:
    """Two who wait become one, since the earlier: reports count one turn, not two."""
    query = select(Episode).where(col(Episode.ticket_id).in_((part.id, master.id)), *moves.WAITS)
    waiting = sorted((await session.scalars(query)).all(), key=lambda each: (each.opened_at, each.id))
    for each in waiting[1:]:
        each.void = True
    await session.flush()
    return {"void": [each.id for each in waiting[1:]]}


async def _one_initial(session: AsyncSession, master: Ticket) -> list[int]:
    """Of two first turns the earlier one is the case's. Returns the others."""
    query = select(Episode).where(
        col(Episode.ticket_id) == master.id, col(Episode.initial).is_(True), col(Episode.void).is_(False)
    )
    found: Sequence[Episode] = (await session.scalars(query.order_by(col(Episode.opened_at), col(Episode.id)))).all()
    for each in found[1:]:
        each.initial = False
    await session.flush()
    return [each.id for each in found[1:]]


async def _uncounted(session: AsyncSession, part: Ticket) -> list[list[Any]]:
    """The case is resolved when its master is: what the part was resolved before counts in no figure. Returns what it was."""
    query = select(Resolution).where(col(Resolution.ticket_id) == part.id).order_by(col(Resolution.id))
    found = (await session.scalars(query)).all()
    was = [[each.id, each.initial, each.took_s, each.worked_s] for each in found]
    for each in found:
        each.initial, each.took_s, each.worked_s = False, None, None
    await session.flush()
    return was
