"""What hands a case over by itself (C4), from what really happens to the row that says so."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from app import clock, feed
from app.actions import timers
from app.models import Clock, Ticket
from tests.api.conftest import Desk
from tests.api.success.shop import Shop


async def set_up(shop: Shop, **change: object) -> None:
    path, owner = "/success/setup/triggers", shop.desk.cast.owner
    now = (await shop.call("GET", path, owner)).json()
    assert (await shop.call("PUT", path, owner, **(now | change))).status_code == 200


async def causes(shop: Shop) -> list[tuple[str, str]]:
    await shop.follow()
    return [(each.cause, each.form) for each in await shop.all()]


async def test_C4_a_competitors_name_in_the_customers_own_words(desk: Desk) -> None:
    shop = await Shop(desk).open()
    await set_up(shop, rivals=["越後屋"])
    await desk.say(2, "他社も見ています")
    assert await causes(shop) == []
    await desk.say(3, "越後屋さんに替えようかと")
    assert await causes(shop) == [("rival", "consult")]


@pytest.mark.parametrize(("score", "expected"), [(2, [("csat", "consult")]), (3, [])])
async def test_C4_a_low_mark(desk: Desk, score: int, expected: list[tuple[str, str]]) -> None:
    shop = await Shop(desk).open()
    async with desk.database.write() as session:
        told = feed.event("survey.answered", clock.utcnow(), ticket=shop.number, score=score, to=[])
        await feed.record(session, told)
    assert await causes(shop) == expected


async def test_C4_a_second_reopening(desk: Desk) -> None:
    shop = await Shop(desk).open()
    for turn in (1, 2):
        path = f"/tickets/{shop.number}"
        assert (await shop.call("PATCH", path, desk.cast.hanako, status="resolved")).status_code == 200
        await desk.say(10 + turn, "まだ直りません")
        assert await causes(shop) == ([] if turn == 1 else [("reopened", "consult")])


async def test_C4_a_breach_hands_over_high_touch_only(desk: Desk) -> None:
    shop = await Shop(desk).open()
    await breach(desk)
    assert await causes(shop) == [("breach", "inform")]


async def test_C4_a_breach_of_another_touch_is_the_desks_own(desk: Desk) -> None:
    shop = await Shop(desk).open()
    await shop.call("PATCH", f"/success/accounts/{shop.account}", desk.cast.owner, tier="low")
    await breach(desk)
    assert await causes(shop) == []


async def breach(desk: Desk) -> None:
    """A deadline of the ticket passes, and is found by the clock that watches them."""
    async with desk.database.write() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        clocks = (await session.scalars(select(Clock).where(col(Clock.ticket_id) == ticket.id))).all()
        assert clocks, "the inbox promises something"
        for each in clocks:
            each.due_at = each.wake_at = clock.utcnow() - timedelta(minutes=1)
    async with desk.database.write() as session:
        assert await timers.ring(session, clock.utcnow())
