"""Renewals of a period: those that are still to be decided, from the contracts, and those that have been."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, Contract, Renewal
from app.rules.success import renewals as rules

MOST = 2000
CONTRACT = ("code", "product", "auto_renews", "term_months")
ABOUT = ("category", "note", "outcome", "renewed_amount", "reason", "automatic", "decided_by", "decided_at")
UNSAID: Mapping[str, Any] = {
    "category": "", "note": "", "outcome": "", "renewed_amount": 0, "reason": "", "automatic": False, "decided_by": None,
    "decided_at": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose renewals of which days."""

    first: date
    last: date
    owner: int | None = None
    account: int | None = None
    most: int = MOST


async def listing(session: AsyncSession, asked: Asked, today: date) -> list[dict[str, Any]]:
    """By their day."""
    whose: list[Any] = []
    if asked.owner is not None:
        whose.append(col(Account.owner_id) == asked.owner)
    if asked.account is not None:
        whose.append(col(Account.id) == asked.account)
    said = and_(col(Renewal.contract_id) == col(Contract.id), col(Renewal.due_on) == col(Contract.renews_on))
    waiting = (
        select(Account, Contract, Renewal)
        .join(Contract, col(Contract.account_id) == col(Account.id))
        .outerjoin(Renewal, said)
        .where(*whose, col(Contract.renews_on).between(asked.first, asked.last))
        .where(or_(col(Contract.ended_on).is_(None), col(Contract.ended_on) > col(Contract.renews_on)))
        .where(or_(col(Renewal.id).is_(None), col(Renewal.outcome) == ""))
    )
    decided = (
        select(Account, Contract, Renewal)
        .join(Contract, col(Contract.account_id) == col(Account.id))
        .join(Renewal, col(Renewal.contract_id) == col(Contract.id))
        .where(*whose, col(Renewal.due_on).between(asked.first, asked.last), col(Renewal.outcome) != "")
    )
    rows: list[dict[str, Any]] = []
    for query, on in ((waiting, col(Contract.renews_on)), (decided, col(Renewal.due_on))):
        found = await session.execute(query.order_by(on, col(Contract.id)).limit(asked.most))
        rows += [shown(account, contract, renewal, today) for account, contract, renewal in found]
    return sorted(rows, key=lambda each: (each["due_on"], each["contract_id"]))[: asked.most]


def shown(account: Account, contract: Contract, renewal: Renewal | None, today: date) -> dict[str, Any]:
    over = renewal is not None and bool(renewal.outcome)
    due_on = renewal.due_on if renewal is not None else contract.renews_on
    assert due_on is not None
    days = (due_on - today).days
    return {
        "contract_id": contract.id,
        "account": {name: getattr(account, name) for name in ("id", "name", "tier", "stage", "owner_id")},
        **{name: getattr(contract, name) for name in CONTRACT},
        "due_on": due_on,
        "notice_on": None if over else rules.notice(contract.notice_on, contract.renews_on, contract.notice_days),
        "days": days,
        "mark": None if over else rules.mark(days),
        "amount": renewal.amount if renewal is not None and over else contract.value,
        "currency": renewal.currency if renewal is not None and over else contract.currency,
        **({name: getattr(renewal, name) for name in ABOUT} if renewal is not None else UNSAID),
    }


def totals(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("due_on", "currency", "amount", "category", "outcome", "renewed_amount")
    return rules.totals(rules.Counted(**{name: each[name] for name in names}) for each in rows)


async def of_itself(session: AsyncSession, today: date, most: int) -> list[int]:
    """Contracts that go on by themselves, whose day has come, and that nobody has decided about."""
    decided = select(col(Renewal.contract_id)).where(
        col(Renewal.due_on) == col(Contract.renews_on), col(Renewal.outcome) != "",
        col(Renewal.contract_id) == col(Contract.id),
    )  # fmt: skip
    query = (
        select(col(Contract.id))
        .where(col(Contract.renews_on) <= today, col(Contract.auto_renews), ~decided.correlate(Contract).exists())
        .where(or_(col(Contract.ended_on).is_(None), col(Contract.ended_on) > today))
    )
    return list((await session.scalars(query.order_by(col(Contract.id)).limit(most))).all())
