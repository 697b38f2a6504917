"""What other systems tell of accounts' use: taken once each, in any order, also of accounts that nobody knows yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.rows import put, row
from app.models import Account, AccountPerson, Identity, UsageEvent


async def take(session: AsyncSession, given: Sequence[Mapping[str, Any]], now: datetime) -> tuple[int, int, int]:
    """How many were new, how many were here already, and how many of the new ones are of no account that we know."""
    fresh = {each["key"]: each for each in reversed(given)}  # twice in one request: the first counts
    known = select(col(UsageEvent.key)).where(col(UsageEvent.key).in_(fresh))
    for key in (await session.scalars(known)).all():
        del fresh[key]
    accounts = await _accounts(session, {each["account_code"] for each in fresh.values()})
    people = await _people(session, {each["member"].lower() for each in fresh.values() if "@" in each["member"]})
    made = []
    for each in fresh.values():
        person = people.get(each["member"].lower())
        one = row(
            UsageEvent, received_at=now, person_id=person, account_id=accounts.get(each["account_code"]), **each,
        )  # fmt: skip
        one.pop("id")
        made.append(one)
    await put(session, UsageEvent, made)
    await _introduce(session, made)
    if made:
        heard = sorted({each["account_id"] for each in made if each["account_id"] is not None})
        told = [feed.event("account.used", now, account=account) for account in heard]
        await feed.record(session, *told, clocks=frozenset())
    return len(made), len(given) - len(made), sum(each["account_id"] is None for each in made)


async def _accounts(session: AsyncSession, codes: set[str]) -> dict[str, int]:
    query = select(col(Account.code), col(Account.id)).where(col(Account.code).in_(codes), col(Account.code) != "")
    return {each[0]: each[1] for each in await session.execute(query)}


async def _people(session: AsyncSession, addresses: set[str]) -> dict[str, int]:
    query = select(col(Identity.value), col(Identity.person_id)).where(col(Identity.kind) == "email")
    found = await session.execute(query.where(col(Identity.value).in_(addresses)))
    return {each[0]: each[1] for each in found}


async def _introduce(session: AsyncSession, made: Sequence[Mapping[str, Any]]) -> None:
    """`identify` says that somebody whom we know belongs to the account."""
    pairs = {(e["account_id"], e["person_id"]) for e in made if e["kind"] == "identify" and e["person_id"] is not None}
    for account, person in sorted(pair for pair in pairs if pair[0] is not None):
        if await session.get(AccountPerson, (account, person)) is None:
            session.add(AccountPerson(account_id=account, person_id=person, role="user"))
    await session.flush()
