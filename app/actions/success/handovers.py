"""Handing a case to customer success, and what becomes of it. Each step is an event: the ticket's log, webhooks, screens."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk
from app.errors import Conflict, Invalid, Missing
from app.models import Account, Agent, Handover, Notification, Role, Status, Ticket, TouchDecision
from app.models.handover import OPEN
from app.queries.sla import staff
from app.queries.success import handovers as queries
from app.rules import policies
from app.rules.success.causes import Trigger
from app.rules.success.handover import LONGEST, OUTCOMES, WRITTEN, Held, NeedsReason, NotYourVoice, check, may_write


class NoHandover(Missing):
    """There is no such hand-over."""


class HandedOverAlready(Conflict):
    """This case is handed over for this cause already, or somebody else writes to its customer."""


class NotOfSuccess(Invalid):
    """A case is handed to somebody of the success team."""


async def offer(
    session: AsyncSession, ticket: Ticket, given: Mapping[str, Any], *, by: Agent | None, now: datetime
) -> Handover:
    """`given`: cause, form, reason, to_id, package, evidence, pool. The ticket is locked.

    Raises HandedOverAlready, NotOfSuccess.
    """
    if await duplicate(session, ticket.id, given["cause"], given["form"]):
        raise HandedOverAlready
    account = await session.get(Account, ticket.account_id) if ticket.account_id is not None else None
    to = given.get("to_id") or (None if given.get("pool") else await _manager(session, account))
    if given.get("to_id") is not None and not await _of_success(session, given["to_id"]):
        raise NotOfSuccess
    setup = await queries.setup(session)
    package = await queries.draft(session, ticket, now) | words(given.get("package") or {})
    package |= {"evidence": given["evidence"]} if given.get("evidence") else {}
    made = Handover(
        ticket_id=ticket.id, account_id=ticket.account_id, cause=given["cause"], form=given["form"], to_id=to,
        reason=given.get("reason", ""), package=package, offered_by=by.id if by else None, offered_at=now,
        due_at=now + timedelta(seconds=setup.accept_s),
    )  # fmt: skip
    session.add(made)
    await session.flush()
    people = await (await session.connection()).run_sync(staff)
    await _tell(
        session, made, "offered", policies.told(["success"], people, assignee=None, team=None, owner=to), by, now
    )
    return made


def words(package: Mapping[str, Any]) -> dict[str, Any]:
    """What people may write over: the rest is the desk's."""
    return {name: str(package[name])[:LONGEST] for name in WRITTEN if name in package}


async def duplicate(session: AsyncSession, number: int, cause: str, form: str) -> bool:
    """Whether there is an open one of this cause; and a case has one who writes to its customer."""
    held = (await session.scalars(select(Handover).where(col(Handover.ticket_id) == number, OPEN))).all()
    return any(each.cause == cause or (form == each.form == "transfer") for each in held)


async def _manager(session: AsyncSession, account: Account | None) -> int | None:
    owner = account.owner_id if account else None
    return owner if owner is not None and await _of_success(session, owner) else None


async def _of_success(session: AsyncSession, agent_id: int) -> bool:
    agent = await session.get(Agent, agent_id)
    return agent is not None and agent.active and agent.role != Role.AGENT


async def locked(session: AsyncSession, handover_id: int) -> Handover:
    """NoHandover."""
    query = select(Handover).where(col(Handover.id) == handover_id).with_for_update()
    found = (await session.scalars(query)).first()
    if found is None:
        raise NoHandover
    return found


async def move(
    session: AsyncSession,
    handover: Handover,
    to: str,
    *,
    agent: Agent,
    now: datetime,
    answer: str = "",
    outcome: str = "",
) -> None:
    """Accepted, declined, returned or closed. Raises NotSo, NotForYou, NeedsReason."""
    held = Held(handover.form, handover.state, handover.to_id, handover.taken_by)
    check(held, to, agent=agent.id, role=agent.role)
    if to != "accepted" and (not answer.strip() or (to == "closed" and outcome not in OUTCOMES)):
        raise NeedsReason
    handover.state = to
    if to == "accepted":
        handover.accepted_at, handover.taken_by = now, agent.id
    else:
        handover.ended_at, handover.answer, handover.outcome = now, answer.strip(), outcome if to == "closed" else ""
    ticket = await session.get_one(Ticket, handover.ticket_id)
    ticket.updated_at = now
    await session.flush()
    if handover.form == "transfer":
        await _pass_on(session, ticket, handover, now)
    back = {each for each in (handover.offered_by, ticket.assignee_id) if each is not None and each != agent.id}
    await _tell(session, handover, to, sorted(back), agent, now)


async def _pass_on(session: AsyncSession, ticket: Ticket, handover: Handover, now: datetime) -> None:
    """A ticket that nobody of the desk had is whose that took the transfer; when it comes back, the desk's queue has it."""
    if handover.state == "accepted" and ticket.assignee_id is None:
        await desk.assign(session, ticket, agent_id=handover.taken_by, by=handover.taken_by, reason="transfer", now=now)
    elif handover.state in ("declined", "returned"):
        decision = await session.get(TouchDecision, ticket.id)
        if decision is not None:
            decision.held_until = None
        if ticket.assignee_id is not None and ticket.assignee_id == handover.taken_by:
            await desk.assign(session, ticket, agent_id=None, by=handover.taken_by, reason="transfer", now=now)


async def write(
    session: AsyncSession, handover: Handover, package: Mapping[str, Any], *, agent: Agent, now: datetime
) -> None:
    """The package's words are gone over while it is open."""
    handover.package = {**handover.package, **words(package)}
    await session.flush()
    params: dict[str, Any] = {"handover": handover.id, "cause": handover.cause}
    await feed.record(session, feed.event("handover.edited", now, ticket=handover.ticket_id, agent=agent.id, **params))


async def remind(session: AsyncSession, ids: list[int], now: datetime) -> int:
    """Un-accepted too long: leads hear of it, once."""
    people = await (await session.connection()).run_sync(staff)
    told = 0
    for number in ids:
        handover = await locked(session, number)
        if handover.state != "offered" or handover.overdue_at is not None:
            continue
        handover.overdue_at = now
        ticket = await session.get_one(Ticket, handover.ticket_id)
        leads = policies.told(["leads"], people, assignee=None, team=ticket.team_id, owner=None)
        await _tell(session, handover, "overdue", leads, None, now)
        told += 1
    return told


async def _tell(
    session: AsyncSession, handover: Handover, what: str, to: list[int], by: Agent | None, now: datetime
) -> None:
    kind = f"handover.{what}"
    params: dict[str, Any] = {
        "handover": handover.id, "cause": handover.cause, "form": handover.form, "account": handover.account_id,
        "to_id": handover.to_id, "taken_by": handover.taken_by, "outcome": handover.outcome, "answer": handover.answer,
        "reason": handover.reason,
    }  # fmt: skip
    for each in to:
        if by is None or each != by.id:
            session.add(
                Notification(agent_id=each, kind=kind, ticket_id=handover.ticket_id, params=params, created_at=now)
            )
    await session.flush()
    told = feed.event(kind, now, ticket=handover.ticket_id, agent=by.id if by else None, to=to, **params)
    await feed.record(session, told)


async def check_voice(session: AsyncSession, ticket: Ticket, agent: Agent, *, override: bool) -> None:
    """Only the present owner writes to the customer. Raises NotYourVoice."""
    writer = await queries.writer(session, ticket.id)
    if not may_write(writer, agent=agent.id, role=agent.role, override=override):
        raise NotYourVoice(agent_id=writer)


async def offer_for(
    session: AsyncSession,
    ticket: Ticket,
    cause: str,
    now: datetime,
    *,
    form: str,
    reason: str = "",
    evidence: Mapping[str, Any] | None = None,
    pool: bool = False,
    by: Agent | None = None,
) -> bool:
    """A rule hands over: once while one of this cause is open. False when there is nothing to do. `pool`: to nobody by name."""
    if ticket.status == Status.SPAM or await duplicate(session, ticket.id, cause, form):
        return False
    given = {"cause": cause, "form": form, "reason": reason, "evidence": dict(evidence or {}), "pool": pool}
    await offer(session, ticket, given, by=by, now=now)
    return True


async def by_trigger(session: AsyncSession, ticket: Ticket, found: Trigger, now: datetime) -> bool:
    """A trigger hands over, once an account: while one of its cause is open, or rests, there is no second (C4)."""
    account = await session.get(Account, ticket.account_id, with_for_update=True) if ticket.account_id else None
    if account is None:
        return False
    latest = await queries.latest(session, account.id, found.cause)
    if latest is not None and latest.state in ("offered", "accepted"):
        if latest.ticket_id != ticket.id:
            params: dict[str, Any] = {"handover": latest.id, "cause": found.cause, "number": latest.ticket_id}
            await feed.record(session, feed.event("handover.repeated", now, ticket=ticket.id, **params))
        return False
    if latest is not None and now - latest.offered_at < timedelta(hours=found.rest_h):
        return False
    return await offer_for(
        session, ticket, found.cause, now, form=found.form, reason=found.reason, evidence=found.evidence
    )
