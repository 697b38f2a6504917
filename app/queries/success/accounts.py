"""Accounts as the success team sees them, and the short card that everybody else does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, AccountPerson, Agent, Contract, Identity, Person, SuccessSetup, Ticket, UsageEvent
from app.models.people import READABLE
from app.models.ticket import UNSOLVED
from app.queries import tickets

FIELDS = (
    "id",
    "code",
    "name",
    "tier",
    "tier_by",
    "tier_until",
    "stage",
    "owner_id",
    "domain",
    "note",
    "goals",
    "created_at",
)
CONTRACT = (
    "id", "code", "product", "seats", "value", "currency", "starts_on", "renews_on", "notice_on", "ended_on",
    "auto_renews", "notice_days", "term_months",
)  # fmt: skip
USAGE = ("id", "key", "kind", "name", "account_code", "account_id", "member", "person_id", "at", "properties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which accounts."""

    text: str = ""
    tier: str | None = None
    stage: str | None = None
    owner: int | None = None
    renews_before: date | None = None
    after: tuple[str, int] | None = None  # the name and number of the last one that was shown
    limit: int = 50


def _running(today: date) -> Any:
    return or_(col(Contract.ended_on).is_(None), col(Contract.ended_on) > today)


def _next(column: Any, today: date) -> Any:
    """The next such day of an account's contracts that run."""
    mine = col(Contract.account_id) == col(Account.id), _running(today), column >= today
    return select(func.min(column)).where(*mine).correlate(Account).scalar_subquery()


async def listing(session: AsyncSession, asked: Asked, today: date) -> tuple[list[dict[str, Any]], bool]:
    """By name; whether there are more."""
    renewal = _next(col(Contract.renews_on), today)
    wanted: list[Any] = []
    for column, value in ((Account.tier, asked.tier), (Account.stage, asked.stage), (Account.owner_id, asked.owner)):
        if value is not None:
            wanted.append(col(column) == value)
    if asked.text:
        like = asked.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        named = col(Account.name).ilike(f"%{like}%", escape="\\")
        wanted.append(or_(named, col(Account.code) == asked.text, col(Account.domain) == asked.text.lower()))
    if asked.renews_before is not None:
        wanted.append(renewal <= asked.renews_before)
    if asked.after is not None:
        name, number = asked.after
        same = and_(col(Account.name) == name, col(Account.id) > number)
        wanted.append(or_(col(Account.name) > name, same))
    query = select(col(Account.id)).where(*wanted).order_by(col(Account.name), col(Account.id)).limit(asked.limit + 1)
    ids = list((await session.scalars(query)).all())
    return await rows(session, ids[: asked.limit], today), len(ids) > asked.limit


async def rows(session: AsyncSession, ids: Sequence[int], today: date) -> list[dict[str, Any]]:
    """Accounts by their numbers, in this order."""
    currency = (await session.get_one(SuccessSetup, 1)).currency
    counted = and_(col(Contract.account_id) == col(Account.id), _running(today))
    value = select(func.coalesce(func.sum(col(Contract.value)), 0)).where(counted, col(Contract.currency) == currency)
    waits = select(func.count()).where(col(Ticket.account_id) == col(Account.id), UNSOLVED)
    known = select(func.count()).where(col(AccountPerson.account_id) == col(Account.id))
    query: Select[Any] = select(
        Account,
        value.correlate(Account).scalar_subquery().label("value"),
        _next(col(Contract.renews_on), today).label("renews_on"),
        _next(col(Contract.notice_on), today).label("notice_on"),
        waits.correlate(Account).scalar_subquery().label("open_tickets"),
        known.correlate(Account).scalar_subquery().label("people"),
    ).where(col(Account.id).in_(ids))
    more = ("value", "renews_on", "notice_on", "open_tickets", "people")
    found = {
        each.Account.id: {name: getattr(each.Account, name) for name in FIELDS}
        | {name: getattr(each, name) for name in more}
        | {"currency": currency, "value": int(each.value)}
        for each in await session.execute(query)
    }
    return [found[number] for number in ids if number in found]


async def page(session: AsyncSession, account_id: int, now: datetime) -> dict[str, Any] | None:
    """One account with everything known. None when there is no such account."""
    found = await rows(session, [account_id], now.date())
    if not found:
        return None
    held = (
        select(Contract)
        .where(col(Contract.account_id) == account_id)
        .order_by(col(Contract.renews_on), col(Contract.id))
    )
    mine = select(col(Ticket.id)).where(col(Ticket.account_id) == account_id)
    unsolved = (
        await session.scalars(mine.where(UNSOLVED).order_by(col(Ticket.due_at), col(Ticket.id)).limit(50))
    ).all()
    return {
        "account": found[0],
        "contracts": [contract(each) for each in (await session.scalars(held)).all()],
        "members": await members(session, account_id),
        "tickets": await tickets.rows(session, list(unsolved)),
        "usage": await usage(session, account_id, now),
    }


def contract(each: Contract) -> dict[str, Any]:
    return {name: getattr(each, name) for name in CONTRACT}


async def members(session: AsyncSession, account_id: int) -> list[dict[str, Any]]:
    query = (
        select(Person, col(AccountPerson.role))
        .join(AccountPerson, col(AccountPerson.person_id) == col(Person.id))
        .where(col(AccountPerson.account_id) == account_id)
        .order_by(col(Person.id))
        .limit(500)
    )
    found: dict[int, dict[str, Any]] = {
        p.id: {"id": p.id, "name": p.name, "role": role, "addresses": []} for p, role in await session.execute(query)
    }
    known = select(col(Identity.person_id), col(Identity.kind), col(Identity.value), col(Identity.name))
    for person, kind, value, name in await session.execute(known.where(col(Identity.person_id).in_(found))):
        found[person]["addresses"].append({"kind": kind, "value": value if kind in READABLE else name})
        found[person]["name"] = found[person]["name"] or name
    return list(found.values())


async def usage(session: AsyncSession, account_id: int, now: datetime) -> dict[str, Any]:
    """How much was done lately."""
    mine, done = col(UsageEvent.account_id) == account_id, col(UsageEvent.kind) == "track"
    month = now - timedelta(days=30)
    query = select(col(UsageEvent.name), func.count(), func.max(col(UsageEvent.at))).where(mine, done)
    lately = (
        query.where(col(UsageEvent.at) > month).group_by(col(UsageEvent.name)).order_by(func.count().desc()).limit(20)
    )
    people = select(func.count(col(UsageEvent.member).distinct())).where(mine, done, col(UsageEvent.at) > month)
    return {
        "last_at": await session.scalar(select(func.max(col(UsageEvent.at))).where(mine, done)),
        "members_30d": await session.scalar(people) or 0,
        "done_30d": [{"name": n, "count": c, "last_at": at} for n, c, at in await session.execute(lately)],
    }


async def unjoined(session: AsyncSession, most: int = 200) -> list[dict[str, Any]]:
    """What was told of accounts that nobody knows, by their code."""
    query = (
        select(col(UsageEvent.account_code), func.count(), func.min(col(UsageEvent.at)), func.max(col(UsageEvent.at)))
        .where(col(UsageEvent.account_id).is_(None))
        .group_by(col(UsageEvent.account_code))
        .order_by(func.count().desc())
        .limit(most)
    )
    return [{"code": code, "count": n, "first_at": a, "last_at": b} for code, n, a, b in await session.execute(query)]


async def tiers_due(session: AsyncSession, now: datetime) -> bool:
    """Whether some tier has to be looked at: one by hand whose day has come, or all of them by another day or rule."""
    setup = await session.get_one(SuccessSetup, 1)
    if setup.reached is not None or setup.looked_on != now.date():
        return True
    over = select(col(Account.id)).where(col(Account.tier_by) == "hand", col(Account.tier_until) <= now).limit(1)
    return await session.scalar(over) is not None


async def card(session: AsyncSession, account_id: int) -> dict[str, Any] | None:
    """What an agent needs to know of an account (C16): no money, no goals, no use."""
    query = select(Account, col(Agent.name)).outerjoin(Agent, col(Agent.id) == col(Account.owner_id))
    found = (await session.execute(query.where(col(Account.id) == account_id))).first()
    if found is None:
        return None
    account, manager = found
    return {
        "id": account.id, "name": account.name, "tier": account.tier, "stage": account.stage,
        "manager": {"id": account.owner_id, "name": manager} if account.owner_id is not None else None,
    }  # fmt: skip
