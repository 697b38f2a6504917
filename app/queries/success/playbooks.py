"""Playbooks, their runs, and what a run's conditions ask of an account."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Account,
    Agent,
    Alert,
    Calendar,
    Contract,
    Message,
    Playbook,
    PlaybookRun,
    PlaybookStep,
    PlaybookVersion,
    Renewal,
    Role,
    Ticket,
    UsageEvent,
)
from app.models.playbook import RUNNING
from app.queries import hours as calendars
from app.queries.success.health import latest as health_of
from app.rules.hours import Hours
from app.rules.success.playbooks import Facts
from app.rules.success.workdays import plain

RUN = (
    "id", "playbook_id", "version", "account_id", "kind", "state", "cause", "cause_id", "cause_on", "started_by",
    "position", "wait_until", "met", "reason", "started_at", "ended_at",
)  # fmt: skip
STEP = (
    "id", "run_id", "key", "place", "kind", "mark", "owner_id", "state", "opened_at", "due_at", "ended_at", "ended_by", "note",
)  # fmt: skip
BEGAN_LATELY = timedelta(days=30)  # a contract whose beginning is further back starts nothing any more


class Begin(NamedTuple):
    """What starts by itself: a playbook for an account, because of a contract's day."""

    playbook: int
    account: int
    kind: str
    cause: tuple[str, int, date]


async def desk_hours(session: AsyncSession, zone: str) -> Hours:
    """The hours whose days are the success team's business days: the first calendar's, else Monday to Friday."""
    query = select(col(Calendar.id)).where(col(Calendar.archived_at).is_(None)).order_by(col(Calendar.id)).limit(1)
    number = await session.scalar(query)
    found = await calendars.current(session, number) if number is not None else None
    return found[1] if found else plain(zone)


async def listing(session: AsyncSession, *, archived: bool = False) -> list[dict[str, Any]]:
    """By kind and name, with the present spec and how many accounts go through each."""
    counted = select(col(PlaybookRun.playbook_id), func.count()).where(RUNNING).group_by(col(PlaybookRun.playbook_id))
    counts = dict((await session.execute(counted)).all())
    same = and_(
        col(PlaybookVersion.playbook_id) == col(Playbook.id), col(PlaybookVersion.version) == col(Playbook.version)
    )
    query = select(Playbook, col(PlaybookVersion.spec)).join(PlaybookVersion, same)
    if not archived:
        query = query.where(col(Playbook.archived_at).is_(None))
    found = await session.execute(query.order_by(col(Playbook.kind), col(Playbook.name), col(Playbook.id)))
    return [shown(playbook, spec, counts.get(playbook.id, 0)) for playbook, spec in found]


def shown(playbook: Playbook, spec: Mapping[str, Any], running: int = 0) -> dict[str, Any]:
    fields = ("id", "name", "kind", "version", "enabled", "archived_at")
    return {name: getattr(playbook, name) for name in fields} | {"spec": spec, "running": running}


async def spec_of(session: AsyncSession, playbook_id: int, version: int) -> dict[str, Any]:
    return (await session.get_one(PlaybookVersion, (playbook_id, version))).spec


async def runs(session: AsyncSession, account_id: int, most: int = 20) -> list[dict[str, Any]]:
    """The account's, what runs first, each with its playbook's words and its steps."""
    query = select(PlaybookRun).where(col(PlaybookRun.account_id) == account_id)
    latest = query.order_by(col(PlaybookRun.ended_at).is_not(None), col(PlaybookRun.id).desc()).limit(most)
    return await told(session, (await session.scalars(latest)).all())


async def told(session: AsyncSession, found: Sequence[PlaybookRun]) -> list[dict[str, Any]]:
    names = dict((await session.execute(select(col(Playbook.id), col(Playbook.name)))).all())
    specs = await _specs(session, {(each.playbook_id, each.version) for each in found})
    steps: dict[int, list[dict[str, Any]]] = {}
    held = select(PlaybookStep).where(col(PlaybookStep.run_id).in_([each.id for each in found]))
    for each in (await session.scalars(held.order_by(col(PlaybookStep.place)))).all():
        steps.setdefault(each.run_id, []).append({name: getattr(each, name) for name in STEP})
    return [
        {name: getattr(each, name) for name in RUN}
        | {
            "name": names[each.playbook_id], "steps": steps.get(each.id, []),
            "spec": specs[(each.playbook_id, each.version)],
        }
        for each in found
    ]  # fmt: skip


async def _specs(session: AsyncSession, keys: set[tuple[int, int]]) -> dict[tuple[int, int], dict[str, Any]]:
    wanted = select(PlaybookVersion).where(col(PlaybookVersion.playbook_id).in_({number for number, _ in keys}))
    return {
        (each.playbook_id, each.version): each.spec
        for each in (await session.scalars(wanted)).all()
        if (each.playbook_id, each.version) in keys
    }


async def tasks(session: AsyncSession, agent: Agent, *, mine: bool, most: int = 200) -> list[dict[str, Any]]:
    """Open work of all running playbooks, the most urgent first. Mine: also what nobody in particular does."""
    query = (
        select(PlaybookStep, PlaybookRun, col(Account.name), col(Playbook.name))
        .join(PlaybookRun, col(PlaybookRun.id) == col(PlaybookStep.run_id))
        .join(Account, col(Account.id) == col(PlaybookRun.account_id))
        .join(Playbook, col(Playbook.id) == col(PlaybookRun.playbook_id))
        .where(col(PlaybookStep.state) == "open")
    )
    if mine:
        query = query.where(or_(col(PlaybookStep.owner_id) == agent.id, col(PlaybookStep.owner_id).is_(None)))
    rows = (await session.execute(query.order_by(col(PlaybookStep.due_at), col(PlaybookStep.id)).limit(most))).all()
    specs = await _specs(session, {(run.playbook_id, run.version) for _, run, _, _ in rows})
    return [
        {name: getattr(step, name) for name in STEP}
        | {
            "account": {"id": run.account_id, "name": account}, "playbook": name, "playbook_kind": run.kind,
            "title": _title(specs[(run.playbook_id, run.version)], step.key),
        }
        for step, run, account, name in rows
    ]  # fmt: skip


def _title(spec: Mapping[str, Any], key: str) -> dict[str, str]:
    return next((each["title"] for each in spec["steps"] if each["key"] == key), {})


async def facts(session: AsyncSession, run: PlaybookRun) -> Facts:
    """What the run's conditions ask of its account."""
    account = await session.get_one(Account, run.account_id)
    had = select(col(PlaybookStep.key), col(PlaybookStep.state)).where(col(PlaybookStep.run_id) == run.id)
    steps = dict((await session.execute(had)).all())
    heard = exists().where(
        col(Ticket.account_id) == run.account_id, col(Message.ticket_id) == col(Ticket.id),
        col(Message.direction) == "in", col(Message.auto).is_(False), col(Message.sent_at) > run.started_at,
    )  # fmt: skip
    done = col(UsageEvent.account_id) == run.account_id, col(UsageEvent.kind) == "track"
    used = await session.scalars(
        select(col(UsageEvent.name)).where(*done, col(UsageEvent.at) >= run.started_at).distinct().limit(200)
    )
    decided = col(Renewal.account_id) == run.account_id, col(Renewal.decided_at) >= run.started_at
    latest = select(col(Renewal.outcome)).where(*decided).order_by(col(Renewal.decided_at).desc()).limit(1)
    health = await health_of(session, [account.id])
    return Facts(
        stage=account.stage, tier=account.tier, colour=health[account.id].colour,
        replied=bool(await session.scalar(select(heard))),
        used=frozenset(used.all()), renewed=await session.scalar(latest) or "", steps=steps,
    )  # fmt: skip


async def any_due(session: AsyncSession, now: datetime) -> bool:
    return (
        await session.scalar(select(col(PlaybookRun.id)).where(RUNNING, col(PlaybookRun.wake_at) <= now).limit(1))
        is not None
    )


async def to_start(session: AsyncSession, today: date, most: int) -> list[Begin]:
    """What is to be started by itself, and has not been."""
    found: list[Begin] = []
    for playbook in await listing(session):
        if not playbook["enabled"]:
            continue
        for trigger in playbook["spec"].get("triggers", ()):
            found += await _fits(session, playbook, trigger, today, most)
    return found


async def _fits(
    session: AsyncSession, playbook: Mapping[str, Any], trigger: Mapping[str, Any], today: date, most: int
) -> list[Begin]:
    if trigger["on"] == "alert":
        return await _alerted(session, playbook, trigger, most)
    if trigger["on"] == "renewal":
        on, first, last = col(Contract.renews_on), today, today + timedelta(days=trigger["days"])
    else:
        on, first, last = col(Contract.starts_on), today - BEGAN_LATELY, today
    had = exists().where(
        col(PlaybookRun.playbook_id) == playbook["id"], col(PlaybookRun.account_id) == col(Contract.account_id),
        col(PlaybookRun.cause) == trigger["on"], col(PlaybookRun.cause_id) == col(Contract.id),
        col(PlaybookRun.cause_on) == on,
    )  # fmt: skip
    busy = exists().where(
        col(PlaybookRun.account_id) == col(Contract.account_id), col(PlaybookRun.kind) == playbook["kind"],
        col(PlaybookRun.state) == "running",
    )  # fmt: skip
    query = (
        select(col(Contract.account_id), col(Contract.id), on)
        .join(Account, col(Account.id) == col(Contract.account_id))
        .where(on >= first, on <= last, ~had, ~busy)
        .where(or_(col(Contract.ended_on).is_(None), col(Contract.ended_on) > today))
    )
    if trigger.get("tiers"):
        query = query.where(col(Account.tier).in_(trigger["tiers"]))
    rows = await session.execute(query.order_by(on, col(Contract.id)).limit(most))
    return [
        Begin(playbook["id"], account, playbook["kind"], (trigger["on"], contract, day))
        for account, contract, day in rows if day is not None
    ]  # fmt: skip


async def _alerted(
    session: AsyncSession, playbook: Mapping[str, Any], trigger: Mapping[str, Any], most: int
) -> list[Begin]:
    """Open early warnings of these rules; without rules: of any."""
    mine = col(PlaybookRun.account_id) == col(Alert.account_id)
    had = exists().where(
        mine, col(PlaybookRun.playbook_id) == playbook["id"], col(PlaybookRun.cause) == "alert",
        col(PlaybookRun.cause_id) == col(Alert.id),
    )  # fmt: skip
    busy = exists().where(mine, col(PlaybookRun.kind) == playbook["kind"], col(PlaybookRun.state) == "running")
    query = (
        select(Alert)
        .join(Account, col(Account.id) == col(Alert.account_id))
        .where(col(Alert.state) == "open", ~had, ~busy)
    )
    if trigger.get("rules"):
        query = query.where(col(Alert.rule).in_(trigger["rules"]))
    if trigger.get("tiers"):
        query = query.where(col(Account.tier).in_(trigger["tiers"]))
    found = (await session.scalars(query.order_by(col(Alert.id)).limit(most))).all()
    return [
        Begin(playbook["id"], each.account_id, playbook["kind"], ("alert", each.id, each.found_at.date()))
        for each in found
    ]


async def of_success(session: AsyncSession, agent_id: int | None) -> int | None:
    """The agent, when they may do a success team's work."""
    agent = await session.get(Agent, agent_id) if agent_id is not None else None
    return agent.id if agent is not None and agent.active and agent.role != Role.AGENT else None
