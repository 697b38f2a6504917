"""The success home: accounts with their health and renewal, and today's signals in one list."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, Agent, Alert, Health, Rhythm
from app.queries.success import accounts, handovers, health, playbooks, renewals
from app.rules.success.signals import Signal, ordered

MOST_SIGNALS, MOST_ACCOUNTS = 100, 300
NOTICE_DAYS, RENEWAL_DAYS, TASK_DAYS = 30, 60, 3
RENEWAL_AHEAD = 400  # notice may end long before the renewal


async def home(session: AsyncSession, agent: Agent, now: datetime, *, mine: bool) -> dict[str, Any]:
    """Mine: the accounts that this agent looks after, and what is for them or for nobody in particular."""
    query = select(col(Account.id)).outerjoin(Health, col(Health.account_id) == col(Account.id))
    if mine:
        query = query.where(col(Account.owner_id) == agent.id)
    worst = query.where(col(Account.stage) != "churned").order_by(col(Health.score).is_(None), col(Health.score))
    ids = list((await session.scalars(worst.order_by(col(Account.name)).limit(MOST_ACCOUNTS))).all())
    shapes = await health.latest(session, ids)
    rows = [
        each | {"health": {name: getattr(shapes[each["id"]], name) for name in ("score", "colour", "trend")}}
        for each in await accounts.rows(session, ids, now.date())
    ]
    counts = {
        colour: sum(each["health"]["colour"] == colour for each in rows) for colour in ("red", "yellow", "blue", "grey")
    }
    return {"accounts": rows, "colours": counts, "signals": await signals(session, agent, now, mine=mine)}


async def signals(session: AsyncSession, agent: Agent, now: datetime, *, mine: bool) -> list[dict[str, Any]]:
    owner = agent.id if mine else None
    found = [
        *await _alerts(session, owner), *await _rhythms(session, owner), *await _renewals(session, owner, now),
        *await _tasks(session, agent, now, mine=mine), *await _handovers(session, agent, mine=mine),
    ]  # fmt: skip
    first = ordered(found, now)[:MOST_SIGNALS]
    names = await _named(session, {each.account for each in first if each.account is not None})
    return [asdict(each) | {"account": names.get(each.account or 0), "late": each.at < now} for each in first]


async def _named(session: AsyncSession, ids: set[int]) -> Mapping[int, dict[str, Any]]:
    query = select(col(Account.id), col(Account.name), col(Account.tier)).where(col(Account.id).in_(ids))
    return {number: {"id": number, "name": name, "tier": tier} for number, name, tier in await session.execute(query)}


def _of(owner: int | None) -> list[Any]:
    return [col(Account.owner_id) == owner] if owner is not None else []


async def _alerts(session: AsyncSession, owner: int | None) -> list[Signal]:
    query = select(Alert).join(Account, col(Account.id) == col(Alert.account_id)).where(col(Alert.state) == "open")
    found = await session.scalars(query.where(*_of(owner)).order_by(col(Alert.due_at)).limit(MOST_SIGNALS))
    return [
        Signal(
            kind="alert", account=each.account_id, at=each.due_at, ref=each.id,
            about={"rule": each.rule, "lead_days": each.lead_days},
        )
        for each in found
    ]  # fmt: skip


async def _rhythms(session: AsyncSession, owner: int | None) -> list[Signal]:
    waits = col(Rhythm.state).in_(("hint", "overdue")), col(Rhythm.settled_at).is_(None)
    query = select(Rhythm).join(Account, col(Account.id) == col(Rhythm.account_id)).where(*waits, *_of(owner))
    found = await session.scalars(query.order_by(col(Rhythm.expected_at)).limit(MOST_SIGNALS))
    return [
        Signal(
            kind="rhythm", account=each.account_id, at=each.overdue_at, ref=each.id,
            about={"item": each.item, "every": round(each.every_days), "last_at": each.last_at},
        )
        for each in found
    ]  # fmt: skip


async def _renewals(session: AsyncSession, owner: int | None, now: datetime) -> list[Signal]:
    today = now.date()
    asked = renewals.Asked(today - timedelta(days=90), today + timedelta(days=RENEWAL_AHEAD), owner)
    found = []
    for each in await renewals.listing(session, asked, today):
        if each["outcome"]:
            continue
        notice = each["notice_on"]
        about = {name: each[name] for name in ("due_on", "notice_on", "amount", "currency", "category", "auto_renews")}
        where = {"account": each["account"]["id"], "ref": each["contract_id"], "about": about}
        if notice is not None and today <= notice <= today + timedelta(days=NOTICE_DAYS):
            found.append(Signal(kind="notice", at=_end_of(notice), **where))
        elif each["days"] <= RENEWAL_DAYS:
            found.append(Signal(kind="renewal", at=_end_of(each["due_on"]), **where))
    return found


def _end_of(day: date) -> datetime:
    """The day's last minute in Japan: nearly everywhere it is shown as the same day."""
    return datetime.combine(day, time(14, 59), UTC)


async def _tasks(session: AsyncSession, agent: Agent, now: datetime, *, mine: bool) -> list[Signal]:
    """Work that is due in these days. A milestone of an onboarding that is late says so: it has stalled (C12)."""
    found = []
    for each in await playbooks.tasks(session, agent, mine=mine):
        if each["due_at"] > now + timedelta(days=TASK_DAYS):
            continue
        stalled = each["playbook_kind"] == "onboarding" and each["mark"] and each["due_at"] < now
        about = {name: each[name] for name in ("title", "playbook", "playbook_kind")} | {"step": each["kind"]}
        found.append(
            Signal(
                kind="stalled" if stalled else "task", account=each["account"]["id"], at=each["due_at"], ref=each["id"],
                about=about,
            )
        )  # fmt: skip
    return found


async def _handovers(session: AsyncSession, agent: Agent, *, mine: bool) -> list[Signal]:
    rows, _ = await handovers.listing(session, agent=agent.id, mine=mine, done=False, before=None, limit=MOST_SIGNALS)
    return [
        Signal(
            kind="hint" if each["cause"] == "expansion" else "handover", account=each["account_id"], at=each["due_at"],
            ref=each["id"],
            about={
                "ticket": each["ticket_id"], "cause": each["cause"], "state": each["state"], "reason": each["reason"],
            },
        )
        for each in rows
    ]  # fmt: skip
