"""A merge is undone: what was moved goes back, and what came since goes to the side that it belongs to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk
from app.actions.cases import moves, promises
from app.actions.cases.promises import CaseClocks
from app.actions.success import merging
from app.errors import Conflict
from app.models import Agent, Episode, Event, Merge, Resolution, Status, Thread, Ticket
from app.queries import cases as queries
from app.rules.cases import earliest, unanswered
from app.rules.lifecycle import SOLVED


class NotMerged(Conflict):
    """This ticket is merged into no other."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The two tickets, and what the merge kept of them."""

    part: Ticket
    master: Ticket
    merge: Merge

    @property
    def was(self) -> dict[str, Any]:
        return self.merge.was

    def at(self, name: str) -> datetime | None:
        return datetime.fromisoformat(self.was[name]) if self.was.get(name) else None

    def starts(self, name: str) -> dict[str, datetime]:
        return {metric: datetime.fromisoformat(at) for metric, at in self.was.get(name, {}).items()}


async def unmerge(session: AsyncSession, number: int, *, agent: Agent, now: datetime) -> Ticket:
    """The ticket is one of its own again. Raises NoTicket, NotMerged."""
    sides = await _locked(session, number)
    sides.merge.undone_at, sides.merge.undone_by = now, agent.id
    await session.flush()
    threads = await _its_threads(session, sides)
    await moves.carry(session, sides.master.id, sides.part.id, threads, sides.was["notes"])
    await merging.give_back(session, sides.was.get("success", {}), sides.part.id, sides.master.id)
    await _restore(session, sides, now)
    await promises.apply(session, [sides.part, sides.master], lambda c: _promise(c, sides), now=now, agent=agent.id)
    told: dict[str, Any] = {"merge": sides.merge.id}
    await feed.record(
        session,
        feed.event("ticket.unmerged", now, ticket=number, agent=agent.id, into=sides.master.id, **told),
        feed.event("ticket.unmerged", now, ticket=sides.master.id, agent=agent.id, number=number, **told),
    )
    return sides.part


async def _locked(session: AsyncSession, number: int) -> Sides:
    """The ticket, and where its conversations are now."""
    await moves.alone(session)
    master = await queries.root(session, number)
    found = await moves.pair(session, number, master)
    if number not in found:
        raise desk.NoTicket
    query = select(Merge).where(col(Merge.ticket_id) == number, col(Merge.undone_at).is_(None))
    merge = (await session.scalars(query)).first()
    if merge is None:
        raise NotMerged
    return Sides(found[number], found[master], merge)


async def _its_threads(session: AsyncSession, sides: Sides) -> list[int]:
    """Those that it had, and those that only its customers can have begun since."""
    query = select(Thread).where(col(Thread.ticket_id) == sides.master.id).order_by(col(Thread.id))
    here = (await session.scalars(query)).all()
    had = {each.id for each in here} & set(sides.was["threads"])
    before = [each for each in here if each.id not in had and each.created_at <= sides.merge.at]
    theirs = {each.identity_id for each in here if each.id in had} - {each.identity_id for each in before}
    since = {each.id for each in here if each.created_at > sides.merge.at and each.identity_id in theirs}
    return sorted(had | since)


async def _restore(session: AsyncSession, sides: Sides, now: datetime) -> None:
    part, master, merged_at = sides.part, sides.master, sides.merge.at
    part.merged_into_id, part.status, part.snoozed_until = None, sides.was["status"], sides.at("snoozed_until")
    await session.execute(update(Episode).where(col(Episode.id).in_(sides.was.get("initial", ()))).values(initial=True))
    for resolution, initial, took, worked in sides.was.get("resolutions", ()):
        counted = update(Resolution).where(col(Resolution.id) == resolution)
        await session.execute(counted.values(initial=initial, took_s=took, worked_s=worked))
    await _begin_again(session, sides)
    master.first_response_at = sides.at("own_first_response_at") or await _first_answer(session, master)
    part.first_response_at = part.first_response_at or await _first_answer(session, part)
    its = unanswered(await queries.words(session, part.id), sides.at("since") or merged_at)
    own = unanswered(await queries.words(session, master.id), sides.at("own_since") or merged_at)
    await moves.turn(session, master, None if master.status in SOLVED else own, now)
    await moves.turn(session, part, its, now)
    if its is not None and part.status != Status.OPEN:
        await _open_again(session, part, now)
    for each in (part, master):
        await moves.freshen(session, each, now)


async def _begin_again(session: AsyncSession, sides: Sides) -> None:
    """What it was merged into, and what that was merged into, begin when they did, or when the earliest part did that is left."""
    await session.flush()
    number: int | None = sides.merge.into_id
    own = sides.at("own_created_at")
    while number is not None:
        ticket = await session.get_one(Ticket, number)
        opened = col(Event.ticket_id) == number, col(Event.kind) == "ticket.opened"
        begun = await session.scalar(select(col(Event.at)).where(*opened).limit(1))
        parts = select(func.min(col(Ticket.created_at))).where(col(Ticket.merged_into_id) == number)
        ticket.created_at = earliest(begun or own, await session.scalar(parts)) or ticket.created_at
        await session.flush()
        number, own = ticket.merged_into_id, None


async def _first_answer(session: AsyncSession, ticket: Ticket) -> datetime | None:
    query = select(col(Episode.answered_at)).where(
        col(Episode.ticket_id) == ticket.id, col(Episode.answered_at).is_not(None)
    )
    return await session.scalar(query.order_by(col(Episode.answered_at)).limit(1))


async def _open_again(session: AsyncSession, part: Ticket, now: datetime) -> None:
    """Somebody wrote while it was a part of the other one, and waits."""
    if part.status == Status.RESOLVED:
        part.reopened += 1
        periods = col(Resolution.ticket_id) == part.id, col(Resolution.reopened_at).is_(None)
        await session.execute(update(Resolution).where(*periods).values(reopened_at=now, reopened_by="customer"))
    part.status, part.resolved_at, part.snoozed_until = Status.OPEN, None, None
    await session.flush()


def _promise(clocks: CaseClocks, sides: Sides) -> None:
    starts: dict[str, datetime] = sides.starts("starts")
    clocks.give_back(sides.master.id, sides.starts("own"), starts)
    clocks.revive(sides.part.id, starts)
