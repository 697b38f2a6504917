"""The touch-point matrix is written, switched on, and decides: when a ticket is opened, and when what it goes by changes."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk, policies
from app.actions.policies import UnusablePolicy
from app.actions.rows import row
from app.actions.success import handovers
from app.actions.writing import Sets
from app.errors import Missing
from app.models import Account, Agent, Audit, Notification, SuccessSetup, Ticket, TouchDecision, TouchVersion
from app.queries.sla import UNSEEN
from app.queries.success import touch as queries
from app.queries.success.touch import Matrix
from app.rules.success import touch as rules
from app.rules.success.touch import Case, Cell, WrongMatrix
from app.rules.threads import UNSOLVED

Row = dict[str, Any]
GOES_BY = ("id", "account_id", "channel", "team_id", "created_at")


class NoVersion(Missing):
    """There is no such version of the matrix."""


async def save(
    session: AsyncSession, cells: Sequence[Cell], note: str, *, by: int | None, now: datetime
) -> TouchVersion:
    """A new version; the one that holds still does. Raises WrongMatrix."""
    await sound(session, cells)
    made = TouchVersion(note=note, cells=[dict(each) for each in cells], made_at=now, made_by=by)
    session.add(made)
    await session.flush()
    session.add(Audit(at=now, agent_id=by, code="touch.saved", subject=str(made.id)))
    await session.flush()
    return made


async def sound(session: AsyncSession, cells: Sequence[Cell]) -> None:
    """WrongMatrix with every place that does not fit."""
    found = rules.faults(cells, **await queries.words(session))
    found += [(at, "unknown") for at in await queries.unknown(session, cells)]
    if found:
        raise WrongMatrix.of(found)


async def switch(session: AsyncSession, version_id: int | None, *, by: int | None, now: datetime) -> None:
    """From now on this version decides, or none. What was decided stands until something changes. Raises NoVersion."""
    setup = await session.get_one(SuccessSetup, 1, with_for_update=True)
    version = await session.get(TouchVersion, version_id) if version_id is not None else None
    if version_id is not None and version is None:
        raise NoVersion
    if version is not None:
        await sound(session, version.cells)
    setup.touch_id = version_id
    session.add(Audit(at=now, agent_id=by, code="touch.switched", subject=str(version_id or "")))
    await session.flush()
    await feed.record(session, feed.event("touch.switched", now, agent=by, version=version_id))


# -- what is opened -----------------------------------------------------------------------------------------------------


def opened(connection: Connection, sets: Sets, now: datetime) -> None:
    """Of tickets that are about to be written: the decision is written with them, and their team and policy follow."""
    if not any(each["account_id"] is not None for each in sets.tickets):
        return
    matrix = queries.active(connection)
    if matrix is None:
        return
    found = queries.cases(connection, sets.tickets)
    for ticket in sets.tickets:
        if ticket["id"] in found:
            made = _decision(ticket["id"], matrix, found[ticket["id"]], now)
            ticket["team_id"] = made["cell"].get("team_id") or ticket["team_id"]
            ticket["forced_policy_id"] = made["policy_id"]
            sets.decided.append(made)
            sets.events.append(_told(made, None, now))


def _decision(number: int, matrix: Matrix, case: Case, now: datetime) -> Row:
    """A transfer is left to success for as long as it may take to accept: then the desk's queue has it again."""
    cell = rules.choose(matrix.cells, case) or {}
    held = cell.get("form") == "transfer"
    return row(
        TouchDecision, ticket_id=number, version_id=matrix.version, cell=dict(cell), facts=case.shown(), at=now,
        policy_id=cell.get("policy_id"), held_until=now + timedelta(seconds=matrix.accept_s) if held else None,
    )  # fmt: skip


def _told(decision: Row, by: int | None, now: datetime) -> Row:
    cell = decision["cell"]
    params: Row = {
        "version": decision["version_id"], "facts": decision["facts"], "owner": cell.get("owner", "support"),
        "form": cell.get("form", ""), "copy": cell.get("copy", False),
    }  # fmt: skip
    return feed.event("touch.decided", now, ticket=decision["ticket_id"], agent=by, **params)


# -- what changes, and what follows -------------------------------------------------------------------------------------


async def again(session: AsyncSession, numbers: Collection[int], *, by: int | None, now: datetime) -> None:
    """What the matrix goes by has changed for these tickets, which are locked: those that wait are decided anew."""
    query = select(Ticket).where(col(Ticket.id).in_(numbers), col(Ticket.status).in_(UNSOLVED))
    inbound = col(Ticket.origin) == "inbound", col(Ticket.merged_into_id).is_(None)
    tickets = (await session.scalars(query.where(*inbound).order_by(col(Ticket.id)))).all()
    connection = await session.connection()
    matrix = await connection.run_sync(queries.active)
    if matrix is None or not tickets:
        return
    given = [{name: getattr(each, name) for name in GOES_BY} for each in tickets]
    unseen = any(name in session.info for name in UNSEEN)
    found = await connection.run_sync(lambda c: queries.cases(c, given, unseen=unseen))
    for ticket in tickets:
        if ticket.id in found:
            await _decide(session, ticket, _decision(ticket.id, matrix, found[ticket.id], now), by=by, now=now)


async def _decide(session: AsyncSession, ticket: Ticket, made: Row, *, by: int | None, now: datetime) -> None:
    """Writes it down when it is another than before."""
    before = await session.get(TouchDecision, ticket.id)
    if before is not None and (before.cell, before.facts) == (made["cell"], made["facts"]):
        return
    same, was = before is not None and before.cell == made["cell"], before.policy_id if before else None
    if before is not None and same:
        made["held_until"] = before.held_until
    await session.merge(TouchDecision(**made))
    await session.flush()
    await feed.record(session, _told(made, by, now))
    await _promise(session, ticket, was, made["policy_id"], by=by, now=now)
    if not same:
        await follow(session, ticket, by=by, now=now)


async def _promise(
    session: AsyncSession, ticket: Ticket, was: int | None, to: int | None, *, by: int | None, now: datetime
) -> None:
    """The policy that the cell names, unless somebody has chosen another; one that cannot be the ticket's is left out."""
    if ticket.forced_policy_id != was:
        return
    try:
        await policies.force(session, ticket, to, by=by, now=now)
    except UnusablePolicy:
        await policies.force(session, ticket, None, by=by, now=now)


async def follow(session: AsyncSession, ticket: Ticket, *, by: int | None, now: datetime) -> bool:
    """What the decision asks for: the team, the hand-over, the manager's word. The ticket is locked."""
    decision = await session.get(TouchDecision, ticket.id)
    cell = decision.cell if decision is not None else {}
    if decision is None or not cell:
        return False
    if cell["team_id"] is not None and ticket.assignee_id is None:
        await desk.set_team(session, ticket, cell["team_id"], by=by, now=now)
    offered = bool(cell["form"]) and await handovers.offer_for(
        session, ticket, "matrix", now, form=cell["form"], evidence=dict(decision.facts), pool=cell["owner"] == "pool"
    )
    if cell["copy"]:
        await _copy(session, ticket, decision.version_id, now)
    return offered


async def _copy(session: AsyncSession, ticket: Ticket, version: int, now: datetime) -> None:
    """The account's manager hears of it, once a ticket."""
    account = await session.get(Account, ticket.account_id) if ticket.account_id is not None else None
    owner = await session.get(Agent, account.owner_id) if account is not None and account.owner_id is not None else None
    if owner is None or not owner.active:
        return
    told = select(col(Notification.id)).where(
        col(Notification.ticket_id) == ticket.id, col(Notification.agent_id) == owner.id,
        col(Notification.kind) == "touch.copied",
    )  # fmt: skip
    if await session.scalar(told.limit(1)) is None:
        params: dict[str, Any] = {"version": version, "account": ticket.account_id}
        session.add(
            Notification(agent_id=owner.id, kind="touch.copied", ticket_id=ticket.id, params=params, created_at=now)
        )
        await session.flush()
        await feed.record(session, feed.event("touch.copied", now, ticket=ticket.id, to=[owner.id], **params))
