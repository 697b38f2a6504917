"""Rules on time, on both databases: when their time has come, once in each episode, in business hours where asked."""

import pytest

from app.actions import automations, desk
from app.actions import hours as calendars
from app.db import Database
from app.models import Automation, AutomationWake
from app.parts import Parts
from tests.actions.world import at
from tests.cast import Cast
from tests.conftest import Hands
from tests.jobs.rules_rig import HOUR, URGENT, Shop, open_shop, when


@pytest.fixture
async def shop(database: Database, cast: Cast, parts: Parts, hands: Hands) -> Shop:
    return await open_shop(database, cast, parts, hands)


# -- on time ------------------------------------------------------------------------------------------------------------


async def test_a_rule_on_time_runs_when_its_time_has_come_once_in_each_episode(shop: Shop) -> None:
    quiet = {"all": [when("hours_since_customer", "greater", 2), when("status", "is", "open")]}
    await shop.rule(None, quiet, {"do": "note", "text": "x"})
    await shop.hear(0)
    await shop.run(1)
    (wake,) = await shop.rows(AutomationWake)
    assert wake.at == at(2 * HOUR)
    await shop.run(2 * HOUR - 0.001)
    assert await shop.did() == []
    await shop.run(2 * HOUR)
    assert len(await shop.did()) == 1 and await shop.rows(AutomationWake) == []
    await shop.run(50 * HOUR)
    await shop.change(desk.set_priority, "low", by=shop.world.cast.hanako.id)
    await shop.run(51 * HOUR)
    assert len(await shop.did()) == 1  # the same episode
    await shop.hear(60 * HOUR)
    await shop.run(61 * HOUR)
    assert len(await shop.did()) == 1
    await shop.run(62 * HOUR)
    assert len(await shop.did()) == 2


async def test_a_status_that_does_not_fit_waits_for_nothing_and_one_that_begins_to_fit_is_seen(shop: Shop) -> None:
    old = {"all": [when("hours_since_created", "greater", 1), when("status", "is", "pending")]}
    await shop.rule(None, old, {"do": "status", "to": "resolved"})
    await shop.hear(0)
    await shop.run(1)
    assert await shop.rows(AutomationWake) == []
    shop.hands.now = at(3 * HOUR)
    await shop.change(desk.set_status, "pending", agent_id=shop.world.cast.hanako.id)
    await shop.run()
    assert (await shop.ticket()).status == "resolved"


async def test_a_rule_that_is_switched_on_looks_at_what_is_there(shop: Shop) -> None:
    for n in range(5):
        await shop.hear(n, who=f"p{n}")
    shop.hands.now = at(HOUR)
    await shop.rule(None, {"all": [when("hours_since_created", "greater", 1)]}, URGENT)
    await shop.run(HOUR + 2)
    assert [(await shop.ticket(n)).priority for n in range(1, 6)] == ["urgent"] * 3 + ["normal"] * 2
    await shop.run(HOUR + 10)
    assert len(await shop.did()) == 5 and (await shop.rows(Automation))[0].walked is None


async def test_SLA5_only_open_hours_count_where_a_calendar_is_named(shop: Shop) -> None:
    week = [[["09:00", "18:00"]]] * 5 + [[], []]
    async with shop.world.database.write() as session:
        calendar = await calendars.add(
            session,
            name="標準",
            spec={"zone": "Asia/Tokyo", "week": week, "closures": [], "days": {}, "country": ""},
            agent_id=None,
            now=at(0),
        )
    late = {"all": [when("hours_since_customer", "greater", 8, calendar_id=calendar.id)]}
    await shop.rule(None, late, URGENT)
    await shop.hear(0)  # Wednesday noon: six hours are left today, two tomorrow
    await shop.run(22.99 * HOUR)
    assert await shop.did() == []
    await shop.run(23 * HOUR)
    assert len(await shop.did()) == 1


async def test_what_is_switched_off_does_nothing_any_more(shop: Shop) -> None:
    rule = await shop.rule(None, {"all": [when("hours_since_created", "greater", 1)]}, URGENT)
    await shop.hear(0)
    await shop.run(1)
    async with shop.world.database.write() as session:
        await automations.change(session, rule, {"active": False}, by=None, now=at(2))
    assert await shop.rows(AutomationWake) == []
    await shop.run(2 * HOUR)
    assert await shop.did() == []
