"""Accounts: their tier, their people, their contracts, and the use that other systems tell of."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import clocks
from app.actions.success import touch
from app.actions.success.values import remember
from app.errors import Conflict, Invalid, Missing
from app.models import Account, AccountPerson, Agent, Contract, Person, SuccessSetup, Ticket, UsageEvent
from app.rules.success import tiers
from app.rules.success.tiers import Ladder, Worth
from app.rules.threads import UNSOLVED


class NoAccount(Missing):
    """There is no such account."""


class CodeTaken(Conflict):
    """Another account has this code."""


class NoSuchOwner(Invalid):
    """There is no such agent, or they are not active."""


class NoContract(Missing):
    """There is no such contract."""


class ContractTaken(Conflict):
    """This account has a contract with this number already."""


class NoticeAfterRenewal(Invalid):
    """The last day of notice comes after the renewal."""


class NoMember(Missing):
    """There is no such person."""


class WrongLadder(Invalid):
    """High touch has to begin above low touch."""


async def locked(session: AsyncSession, account_id: int) -> Account:
    """NoAccount."""
    found = (await session.scalars(select(Account).where(col(Account.id) == account_id).with_for_update())).first()
    if found is None:
        raise NoAccount
    return found


async def change(
    session: AsyncSession, account_id: int, given: Mapping[str, Any], *, by: int | None, now: datetime
) -> Account:
    """Only what is named changes. A tier is then one by hand, until `tier_until`; an empty one leaves it to the rule."""
    account = await locked(session, account_id)
    await _check(session, account, given)
    for name in ("name", "code", "domain", "note", "goals", "stage", "owner_id"):
        if name in given:
            setattr(account, name, given[name])
    await session.flush()
    if given.get("code"):
        await join(session, [account])
    if "tier" in given:
        account.tier_by = "hand" if given["tier"] else ""
        account.tier_until = given.get("tier_until") if given["tier"] else None
        await set_tier(session, account, given["tier"], by=by, now=now)
    await retier(session, [account], now, by=by)
    await feed.record(session, feed.event("account.changed", now, agent=by, account=account.id))
    return account


async def _check(session: AsyncSession, account: Account, given: Mapping[str, Any]) -> None:
    owner = given.get("owner_id")
    if owner is not None:
        agent = await session.get(Agent, owner)
        if agent is None or not agent.active:
            raise NoSuchOwner
    if code := given.get("code"):
        other = select(col(Account.id)).where(col(Account.code) == code, col(Account.id) != account.id)
        if await session.scalar(other) is not None:
            raise CodeTaken


# -- tiers --------------------------------------------------------------------------------------------------------------


async def set_tier(session: AsyncSession, account: Account, tier: str, *, by: int | None, now: datetime) -> None:
    """What is promised to the account's customers follows."""
    before, account.tier = account.tier, tier
    await session.flush()
    if before == tier:
        return
    await promises_follow(session, [account.id], now, by)
    changed: dict[str, Any] = {"account": account.id, "was": before, "to": tier, "how": account.tier_by}
    await feed.record(session, feed.event("account.tier", now, agent=by, **changed))


async def retier(session: AsyncSession, accounts: Sequence[Account], now: datetime, *, by: int | None = None) -> int:
    """The rule decides where nothing by hand stands. How many have another tier now."""
    setup = await session.get_one(SuccessSetup, 1)
    ladder = Ladder(setup.high_from, setup.low_from, setup.currency)
    ids = [each.id for each in accounts]
    found: dict[int, list[Worth]] = {}
    for each in (await session.scalars(select(Contract).where(col(Contract.account_id).in_(ids)))).all():
        one = Worth(each.value, each.currency, each.starts_on, each.ended_on)
        found.setdefault(each.account_id, []).append(one)
    changed = 0
    for account in accounts:
        if tiers.stands(account.tier_by, account.tier_until, now):
            continue
        account.tier_until = None
        tier = tiers.by_rule(ladder, tiers.worth(found.get(account.id, ()), ladder.currency, now.date()))
        account.tier_by = "rule" if tier else ""
        changed += tier not in ("", account.tier)
        await set_tier(session, account, tier or account.tier, by=by, now=now)
    return changed


async def retier_some(session: AsyncSession, now: datetime, most: int) -> int:
    """A piece of all accounts, each day anew and after the rule has changed. How many were looked at."""
    setup = await session.get_one(SuccessSetup, 1, with_for_update=True)
    if setup.reached is None and setup.looked_on == now.date():
        return 0
    if setup.reached is None:
        setup.reached, setup.looked_on = 0, now.date()
    behind = select(Account).where(col(Account.id) > setup.reached)
    found = (await session.scalars(behind.order_by(col(Account.id)).limit(most).with_for_update())).all()
    setup.reached = found[-1].id if len(found) == most else None
    await retier(session, found, now)
    return len(found)


async def expire(session: AsyncSession, now: datetime, most: int) -> int:
    """Tiers by hand whose day has come."""
    over = col(Account.tier_by) == "hand", col(Account.tier_until) <= now
    query = select(Account).where(*over).order_by(col(Account.id)).limit(most).with_for_update()
    found = (await session.scalars(query)).all()
    await retier(session, found, now)
    return len(found)


async def set_ladder(session: AsyncSession, ladder: Ladder, *, by: int, now: datetime) -> None:
    """Raises WrongLadder."""
    if ladder.high_from is not None and ladder.low_from is not None and ladder.high_from <= ladder.low_from:
        raise WrongLadder
    setup = await session.get_one(SuccessSetup, 1, with_for_update=True)
    setup.high_from, setup.low_from, setup.currency = ladder.high_from, ladder.low_from, ladder.currency
    setup.reached = 0
    await session.flush()
    await feed.record(session, feed.event("success.ladder", now, agent=by))


async def promises_follow(session: AsyncSession, accounts: Collection[int], now: datetime, by: int | None) -> None:
    mine = col(Ticket.account_id).in_(accounts), col(Ticket.status).in_(UNSOLVED)
    query = select(col(Ticket.id)).where(*mine).order_by(col(Ticket.id)).with_for_update()
    if numbers := list((await session.scalars(query)).all()):
        await clocks.rematch(session, numbers, "account", now=now, agent=by)
        await touch.again(session, numbers, by=by, now=now)


# -- people -------------------------------------------------------------------------------------------------------------


async def set_member(
    session: AsyncSession, account_id: int, person_id: int, role: str | None, *, by: int, now: datetime
) -> None:
    """Their role in the account, None: no longer of it. Their tickets follow. Raises NoAccount, NoMember."""
    await locked(session, account_id)
    if await session.get(Person, person_id) is None:
        raise NoMember
    link = await session.get(AccountPerson, (account_id, person_id))
    if role is None:
        mine = col(AccountPerson.account_id) == account_id, col(AccountPerson.person_id) == person_id
        await session.execute(delete(AccountPerson).where(*mine))
        was, to = account_id, None
    else:
        if link is None:
            session.add(AccountPerson(account_id=account_id, person_id=person_id, role=role))
        else:
            link.role = role
        was, to = None, account_id
    await session.flush()
    await tickets_follow(session, {person_id: to}, was=was, by=by, now=now)
    await feed.record(session, feed.event("account.changed", now, agent=by, account=account_id))


async def tickets_follow(
    session: AsyncSession, people: Mapping[int, int | None], *, was: int | None, by: int | None, now: datetime
) -> None:
    """Tickets of these people that belonged to the account `was`, or to none, belong to theirs now."""
    moved = []
    for person, account in sorted(people.items()):
        held = col(Ticket.account_id).is_(None) if was is None else col(Ticket.account_id) == was
        mine = col(Ticket.person_id) == person, held
        query = select(col(Ticket.id), col(Ticket.status)).where(*mine).order_by(col(Ticket.id)).with_for_update()
        rows = (await session.execute(query)).all()
        if rows:
            await session.execute(update(Ticket).where(*mine).values(account_id=account))
            moved += [number for number, status in rows if status in UNSOLVED]
    if moved:
        await clocks.rematch(session, sorted(moved), "account", now=now, agent=by)
        await touch.again(session, moved, by=by, now=now)


# -- contracts ----------------------------------------------------------------------------------------------------------


async def put_contract(
    session: AsyncSession,
    account_id: int,
    given: Mapping[str, Any],
    *,
    by: int,
    now: datetime,
    number: int | None = None,
) -> Contract:
    """A new one, or the one with this number changed. Raises NoAccount, NoContract, ContractTaken, NoticeAfterRenewal."""
    account = await locked(session, account_id)
    code = given.get("code")
    taken = select(col(Contract.id)).where(col(Contract.account_id) == account_id, col(Contract.code) == code)
    if code is not None and await session.scalar(taken) not in (None, number):
        raise ContractTaken
    contract = await session.get(Contract, number) if number is not None else None
    if number is not None and (contract is None or contract.account_id != account_id):
        raise NoContract
    if contract is None:
        contract = Contract(account_id=account_id, created_at=now, **given)
        session.add(contract)
    for name, value in given.items():
        setattr(contract, name, value)
    if contract.notice_on and contract.renews_on and contract.notice_on > contract.renews_on:
        raise NoticeAfterRenewal
    await remember(session, [contract], now.date())
    await retier(session, [account], now, by=by)
    await feed.record(session, feed.event("account.changed", now, agent=by, account=account_id))
    return contract


# -- use ----------------------------------------------------------------------------------------------------------------


async def join(session: AsyncSession, accounts: Sequence[Account]) -> None:
    """What was told of these accounts before they appeared is theirs."""
    for each in accounts:
        waits = col(UsageEvent.account_code) == each.code, col(UsageEvent.account_id).is_(None)
        if each.code:
            await session.execute(update(UsageEvent).where(*waits).values(account_id=each.id))
