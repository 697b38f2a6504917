"""One row that raises is set aside, marked and tried again later; the others go on without it. On both databases."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from app.actions import automations
from app.jobs.automate import Automate
from app.jobs.route import Route
from app.jobs.watch import Watch
from app.models import Automation, AutomationRun, Decision, Mode, Offer, Presence, Stumble, TeamRouting
from app.parts import Parts
from tests.actions.promised import Promised
from tests.actions.world import World, at, said
from tests.conftest import Hands

Poison = Callable[[str, str, str], Awaitable[None]]


@pytest.fixture
def poison(world: World) -> Poison:
    async def made(when: str, table: str, condition: str) -> None:
        """Whoever writes such a row fails. `when`: "INSERT" or "UPDATE"."""
        async with world.database.write() as session:
            if world.database.url.startswith("sqlite"):
                body = "BEGIN SELECT RAISE(ABORT, 'poison'); END"
                await session.execute(text(f"CREATE TRIGGER poison BEFORE {when} ON {table} WHEN {condition} {body}"))
                return
            body = "BEGIN RAISE EXCEPTION 'poison'; END"
            await session.execute(text(f"CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
            each = f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION poison()"
            await session.execute(text(f"CREATE TRIGGER poison BEFORE {when} ON {table} {each}"))

    return made


async def mended(world: World, table: str) -> None:
    on = "" if world.database.url.startswith("sqlite") else f" ON {table}"
    async with world.database.write() as session:
        await session.execute(text(f"DROP TRIGGER poison{on}"))


async def marked(world: World) -> list[Stumble]:
    async with world.database.read() as session:
        return list((await session.scalars(select(Stumble).order_by(col(Stumble.kind), col(Stumble.row_id)))).all())


async def test_sla2_a_clock_that_raises_keeps_no_other_waiting(
    world: World, parts: Parts, hands: Hands, poison: Poison
) -> None:
    await Promised(world).policy()
    for number in range(3):
        await world.take(said(number, who=f"p{number}"), now=at(0))
    bad = (await world.clocks())[2]
    await poison("UPDATE", "clock", f"NEW.id = {bad.id} AND NEW.breached_at IS NOT NULL")
    watch, hands.now = Watch(parts), at(605)
    await watch.step()
    late = {each.id for each in await world.clocks() if each.breached_at is not None}
    due = {each.id for each in await world.clocks() if each.metric == "first_response"}
    assert len(due) == 3 and late == due - {bad.id}
    (first,) = await marked(world)
    assert (first.kind, first.row_id, first.attempts, first.retry_at) == ("clock", bad.id, 1, at(615))
    assert "poison" in first.error
    assert await watch.step() == 0, "it is left alone meanwhile"
    hands.now = at(616)
    await watch.step()
    assert [(each.attempts, each.retry_at) for each in await marked(world)] == [(2, at(636))], "later and later"
    await mended(world, "clock")
    hands.now = at(640)
    await watch.step()
    assert {each.id for each in await world.clocks() if each.breached_at == each.due_at} == due
    assert await marked(world) == []


async def test_r1_a_ticket_and_an_offer_that_raise_keep_no_other_waiting(
    world: World, parts: Parts, hands: Hands, poison: Poison
) -> None:
    hanako = world.cast.hanako
    async with world.database.write() as session:
        session.add(TeamRouting(team_id=world.cast.team.id, mode=Mode.OFFER, offer_timeout_s=20))
    await world.set(type(hanako.agent), hanako.id, presence=Presence.AVAILABLE)
    numbers = [(await world.take(said(n, who=f"p{n}"), now=at(0)))[0].ticket for n in range(3)]
    await poison("INSERT", "decision", f"NEW.ticket_id = {numbers[0]}")
    route, hands.now = Route(parts), at(1)
    await route.step()
    assert sorted(each.ticket_id for each in await world.all(Offer)) == numbers[1:]
    assert [(each.kind, each.row_id) for each in await marked(world)] == [("ticket", numbers[0])]
    await mended(world, "decision")
    hands.now = at(12)
    await route.step()
    assert sorted(each.ticket_id for each in await world.all(Offer, state="open")) == numbers
    if not world.database.url.startswith("sqlite"):
        async with world.database.write() as session:
            await session.execute(text("DROP FUNCTION poison"))
    await poison("INSERT", "decision", f"NEW.ticket_id = {numbers[1]} AND NEW.outcome = 'expired'")
    hands.now = at(22)
    await route.step()
    states = {each.ticket_id: each.state for each in await world.all(Offer)}
    assert (states[numbers[1] or 0], states[numbers[2] or 0]) == ("open", "expired")
    assert [(each.kind, each.row_id) for each in await marked(world)] == [
        ("offer", (await world.one(Offer, ticket_id=numbers[1])).id)
    ]  # fmt: skip
    assert await world.all(Decision, ticket_id=numbers[2], outcome="expired") != []


async def test_a_rule_that_raises_is_tried_again_and_keeps_no_other_waiting(
    world: World, parts: Parts, hands: Hands, poison: Poison
) -> None:
    async with world.database.write() as session:
        session.add(
            Automation(
                name="r", position=1, active=True, trigger={"on": ["ticket.opened"]}, conditions={"all": []},
                actions=[{"do": "priority", "to": "urgent"}], since=at(-10), created_at=at(-10),
            )
        )  # fmt: skip
        await automations.readers.start(session, automations.READER, anew=True)
    await poison("INSERT", "automation_run", "NEW.ticket_id = 1")
    for number in range(2):
        await world.take(said(number, who=f"p{number}"), now=at(0))
    automate, hands.now = Automate(parts), at(1)
    while await automate.step():
        pass
    assert [each.ticket_id for each in await world.all(AutomationRun)] == [2]
    assert [each.priority for each in await world.tickets()] == ["normal", "urgent"]
    assert [(each.kind, each.attempts) for each in await marked(world)] == [("rule_event", 1)]
    await mended(world, "automation_run")
    hands.now = at(15)
    while await automate.step():
        pass
    assert sorted(each.ticket_id or 0 for each in await world.all(AutomationRun)) == [1, 2]
    assert await marked(world) == []
