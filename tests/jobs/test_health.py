"""Health follows what happens: within two looks, once, with its past, and never over what was heard meanwhile."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from app.actions.success import accounts, usage
from app.actions.success import health as verbs
from app.jobs import health as job
from app.jobs.health import ComputeHealth, FollowHealth
from app.models import Account, AccountPerson, Contract, Event, HealthFormula, HealthPast, Identity, Person
from app.parts import Parts
from app.queries.success import health as queries
from app.rules.success.formula import faults
from tests.cast import Cast
from tests.conftest import Hands


async def turn(parts: Parts) -> None:
    """Both clocks, until neither has anything to do."""
    follow, compute = FollowHealth(parts), ComputeHealth(parts)
    while await follow.step() + await compute.step():
        pass


async def account(parts: Parts, now: datetime, name: str = "割烹たなか") -> int:
    async with parts.database.write() as session:
        made = Account(name=name, code=name, tier="high", stage="steady", created_at=now)
        session.add(made)
        await session.flush()
        session.add(Contract(
            account_id=made.id, code="K", seats=2, created_at=now, starts_on=now.date() - timedelta(days=300),
            renews_on=now.date() + timedelta(days=65),
        ))  # fmt: skip
        return made.id


async def used(parts: Parts, now: datetime, *days: float, code: str = "割烹たなか", name: str = "発注") -> None:
    async with parts.database.write() as session:
        await usage.take(session, [
            {"key": f"{code}-{name}-{member}-{day}-{now}", "kind": "track", "name": name, "account_code": code,
             "member": member, "at": now - timedelta(days=day), "properties": {}}
            for day in days for member in ("一", "二")
        ], now)  # fmt: skip


async def shape(parts: Parts, number: int) -> queries.Shape:
    async with parts.database.read() as session:
        return (await queries.latest(session, [number]))[number]


async def told(parts: Parts) -> list[dict[str, Any]]:
    async with parts.database.read() as session:
        query = select(col(Event.params)).where(col(Event.kind) == "health.changed").order_by(col(Event.id))
        return list((await session.scalars(query)).all())


async def test_use_that_falls_off_turns_the_colour_and_says_so_once(parts: Parts, cast: Cast, hands: Hands) -> None:
    number = await account(parts, hands.now)
    assert (await shape(parts, number)).colour == "grey"
    await used(parts, hands.now, *range(1, 100, 3))
    await used(parts, hands.now, 2, 5, name="在庫の確認")
    await used(parts, hands.now, 2, 5, name="請求の確認")
    await turn(parts)
    good = await shape(parts, number)
    assert (good.colour, good.trend) == ("blue", None)
    assert {part["code"] for part in good.contributions if "lost" in part} >= {"usage.trend", "usage.breadth"}
    hands.advance(days=26)
    await turn(parts)
    bad = await shape(parts, number)
    assert bad.score is not None and good.score is not None
    assert bad.score < good.score and bad.colour == "red"
    assert bad.trend is not None and bad.trend < 0
    said = [(each["account"], each["from"], each["to"]) for each in await told(parts)]
    assert said[0] == (number, "grey", "blue") and said[-1][2] == "red" and len(said) == len(set(said)) <= 3
    async with parts.database.read() as session:
        past = (await session.scalars(select(HealthPast).order_by(col(HealthPast.id)))).all()
    assert past[0].score == good.score and past[-1].score == bad.score and all(each.formula_id for each in past)


async def test_an_unpaid_bill_is_red_after_thirty_days_and_not_once_it_is_paid(
    parts: Parts, cast: Cast, hands: Hands
) -> None:
    number = await account(parts, hands.now)
    await used(parts, hands.now, *range(1, 100, 3))
    await used(parts, hands.now, 31, name="invoice.unpaid")
    await turn(parts)
    found = await shape(parts, number)
    assert (found.colour, found.hard) == ("red", [{"code": "unpaid", "days": 31, "most": "red"}])
    await used(parts, hands.now, 0, name="invoice.paid")
    await turn(parts)
    assert (await shape(parts, number)).hard == []


async def test_a_champion_whom_nothing_reaches_any_more_is_yellow_at_most(
    parts: Parts, cast: Cast, hands: Hands
) -> None:
    number = await account(parts, hands.now)
    await used(parts, hands.now, *range(1, 100, 3))
    async with parts.database.write() as session:
        one = Person(name="節子", created_at=hands.now)
        session.add(one)
        await session.flush()
        session.add(AccountPerson(account_id=number, person_id=one.id, role="champion"))
        session.add(Identity(
            person_id=one.id, key="email::a@b.example", kind="email", value="a@b.example", reachable=False,
            created_at=hands.now,
        ))  # fmt: skip
        await accounts.change(session, number, {"note": "異動"}, by=cast.success.id, now=hands.now)
    await turn(parts)
    assert [each["code"] for each in (await shape(parts, number)).hard] == ["champion_gone"]
    assert (await shape(parts, number)).colour != "blue"


async def test_what_is_heard_while_a_score_is_computed_is_not_lost(parts: Parts, cast: Cast, hands: Hands) -> None:
    number = await account(parts, hands.now)
    await turn(parts)
    async with parts.database.write() as session:
        await verbs.mark(session, [number], hands.now)
    read = await parts.database.look(lambda connection: job.look(connection, hands.now))
    async with parts.database.write() as session:
        await verbs.mark(session, [number], hands.now)
    found = job.judge(read, hands.now)
    assert await parts.database.bulk(lambda connection: verbs.write(connection, found, hands.now)) == 0
    assert await ComputeHealth(parts).step() == 1
    assert await ComputeHealth(parts).step() == 0


async def test_two_processes_that_computed_the_same_write_it_once(parts: Parts, cast: Cast, hands: Hands) -> None:
    await account(parts, hands.now)
    async with parts.database.write() as session:
        await verbs.mark_all(session, hands.now)
    read = await parts.database.look(lambda connection: job.look(connection, hands.now))
    found = job.judge(read, hands.now)
    wrote = [await parts.database.bulk(lambda connection: verbs.write(connection, found, hands.now)) for _ in range(2)]
    assert wrote == [1, 0]


async def test_the_formulas_that_come_with_the_product_are_possible(parts: Parts) -> None:
    async with parts.database.read() as session:
        specs = (await session.scalars(select(col(HealthFormula.spec)))).all()
    assert len(specs) == 2 and [faults(spec) for spec in specs] == [[], []]


async def test_one_of_each_segment_is_in_use(parts: Parts, hands: Hands) -> None:
    second = HealthFormula(version=2, spec={}, active=True, created_at=hands.now)
    with pytest.raises(IntegrityError):
        async with parts.database.write() as session:
            session.add(second)
            await session.flush()
