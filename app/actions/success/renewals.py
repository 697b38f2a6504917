"""What is expected of a renewal, what became of it, and what contracts were worth over time."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.success.values import remember
from app.errors import Conflict, Invalid, Missing
from app.models import Account, Contract, Renewal
from app.rules.success import renewals as rules


class NoRenewal(Missing):
    """There is no such contract, or it has no day of renewal."""


class RenewalMoved(Conflict):
    """This contract's renewal is on another day by now, or has been decided."""


class WhyLost(Invalid):
    """Say why it was lost."""


class RenewsBackwards(Invalid):
    """The next renewal has to come after this one."""


async def forecast(
    session: AsyncSession, contract_id: int, due_on: date, given: Mapping[str, Any], *, by: int, now: datetime
) -> Renewal:
    """`given`: category, note. NoRenewal, RenewalMoved."""
    contract = await _locked(session, contract_id, due_on)
    renewal = await _renewal(session, contract, due_on, now)
    renewal.category, renewal.note, renewal.changed_at = given["category"], given["note"], now
    await session.flush()
    await _tell(session, renewal, "changed", now, by)
    return renewal


async def decide(
    session: AsyncSession, contract_id: int, due_on: date, given: Mapping[str, Any], *, by: int | None, now: datetime
) -> Renewal:
    """`given`: outcome, amount, reason, renews_on. NoRenewal, RenewalMoved, WhyLost, RenewsBackwards."""
    contract = await _locked(session, contract_id, due_on)
    lost = given["outcome"] == "lost"
    if lost and not given["reason"].strip():
        raise WhyLost
    if given.get("renews_on") is not None and given["renews_on"] <= due_on:
        raise RenewsBackwards
    renewal = await _renewal(session, contract, due_on, now)
    amount = contract.value if given.get("amount") is None else int(given["amount"])
    renewal.amount, renewal.currency, renewal.outcome = contract.value, contract.currency, given["outcome"]
    renewal.renewed_amount, renewal.reason = 0 if lost else amount, given["reason"].strip()
    renewal.decided_at, renewal.decided_by, renewal.automatic, renewal.changed_at = now, by, by is None, now
    await _apply(session, contract, renewal, given.get("renews_on"))
    await session.flush()
    await _tell(session, renewal, "decided", now, by)
    return renewal


async def _apply(session: AsyncSession, contract: Contract, renewal: Renewal, to: date | None) -> None:
    """The contract goes on for another term, or ends on its day."""
    if renewal.outcome == "lost":
        contract.ended_on = renewal.due_on
        return
    held = {"term_months": contract.term_months, "notice_on": contract.notice_on}
    for name, value in rules.next_term(held, renewal.due_on, to).items():
        setattr(contract, name, value)
    contract.value = renewal.renewed_amount
    await remember(session, [contract], renewal.due_on)


async def renew_of_themselves(session: AsyncSession, contracts: Collection[int], now: datetime) -> int:
    """Nobody cancelled in time: they go on at what they were worth."""
    done = 0
    for number in sorted(contracts):
        contract = await session.get(Contract, number, with_for_update=True)
        if contract is not None and contract.auto_renews and contract.renews_on and contract.renews_on <= now.date():
            given = {"outcome": "renewed", "amount": None, "reason": ""}
            await decide(session, number, contract.renews_on, given, by=None, now=now)
            done += 1
    return done


async def _locked(session: AsyncSession, contract_id: int, due_on: date) -> Contract:
    contract = await session.get(Contract, contract_id)
    if contract is None or contract.renews_on is None:
        raise NoRenewal
    await session.get_one(Account, contract.account_id, with_for_update=True)
    await session.refresh(contract)
    if contract.renews_on != due_on or (contract.ended_on is not None and contract.ended_on <= due_on):
        raise RenewalMoved(renews_on=str(contract.renews_on))
    return contract


async def _renewal(session: AsyncSession, contract: Contract, due_on: date, now: datetime) -> Renewal:
    mine = col(Renewal.contract_id) == contract.id, col(Renewal.due_on) == due_on
    found = (await session.scalars(select(Renewal).where(*mine).with_for_update())).first()
    if found is None:
        found = Renewal(
            account_id=contract.account_id, contract_id=contract.id, due_on=due_on, amount=contract.value,
            currency=contract.currency, changed_at=now,
        )  # fmt: skip
        session.add(found)
    elif found.outcome:
        raise RenewalMoved(outcome=found.outcome)
    return found


async def _tell(session: AsyncSession, renewal: Renewal, what: str, now: datetime, by: int | None) -> None:
    params: dict[str, Any] = {
        "account": renewal.account_id, "contract": renewal.contract_id, "due_on": str(renewal.due_on),
        "category": renewal.category, "outcome": renewal.outcome, "amount": renewal.renewed_amount,
    }  # fmt: skip
    await feed.record(session, feed.event(f"renewal.{what}", now, agent=by, **params))
