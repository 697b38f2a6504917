"""Routing on both databases: work finds its agent or waits with a reason (R1-R5, R7)."""

from typing import Any

import pytest
from sqlalchemy import insert

from app.actions import desk, hours, presence, reply, routing
from app.models import (
    Agent,
    AgentSkill,
    Call,
    CallState,
    Decision,
    Event,
    Inbox,
    Mode,
    Person,
    Presence,
    Requirement,
    Skill,
    Status,
    Strategy,
    Tag,
    Ticket,
    TicketTag,
)  # fmt: skip
from tests.actions.floor import Floor
from tests.actions.test_hours import SPEC
from tests.actions.world import at, ring, said
from tests.cast import START

# -- push ---------------------------------------------------------------------------------------------------------------


async def test_r1_a_new_ticket_goes_to_the_longest_idle_and_the_log_says_why(floor: Floor) -> None:
    first, second = await floor.ask(1), await floor.ask(2)
    assert await floor.look(at(3)) == 2
    assert [await floor.assignee(first), await floor.assignee(second)] == [floor.hanako, floor.jiro]
    decision = await floor.world.one(Decision, ticket_id=first)
    assert (decision.outcome, decision.why, decision.at) == ("assigned", Strategy.LONGEST_IDLE, at(3))
    assert [each["agent"] for each in decision.reasons["candidates"]] == [floor.hanako, floor.jiro]
    event = (await floor.world.all(Event, kind="ticket.assigned", ticket_id=first))[0]
    assert (event.agent_id, event.params["to"], event.params["reason"]) == (None, floor.hanako, "routed")
    assert await floor.look(at(4)) == 0


async def test_r1_teams_that_are_off_are_left_to_people(floor: Floor) -> None:
    await floor.plan(mode=Mode.OFF)
    number = await floor.ask(1)
    assert await floor.look(at(2)) == 0
    assert await floor.assignee(number) is None
    assert await floor.world.all(Decision) == []


async def test_r1_why_it_waits_is_written_once_until_the_reasons_are_others(floor: Floor) -> None:
    await floor.be(floor.hanako, Presence.BREAK, at(0))
    await floor.be(floor.jiro, Presence.BREAK, at(0))
    number = await floor.ask(1)
    for second in (2, 3, 4):
        await floor.look(at(second))
    assert await floor.log(number) == [("waiting", "nobody", None)]
    await floor.be(floor.jiro, Presence.TRAINING, at(5))
    await floor.look(at(6))
    assert len(await floor.log(number)) == 2
    await floor.be(floor.hanako, Presence.AVAILABLE, at(7))
    await floor.look(at(8))
    assert await floor.assignee(number) == floor.hanako, "who becomes available gets what waits"


async def test_r4_nobody_gets_more_than_their_capacity_and_freed_capacity_is_used(floor: Floor) -> None:
    await floor.world.set(Agent, floor.jiro, active=False)
    await floor.world.set(Agent, floor.hanako, capacity=30)
    numbers = [await floor.ask(n) for n in range(1, 5)]
    await floor.look(at(10))
    assert [await floor.assignee(n) for n in numbers] == [floor.hanako, floor.hanako, None, None]
    assert (await floor.log(numbers[2]))[-1][:2] == ("waiting", "nobody")
    await floor.world.status(numbers[0], Status.PENDING, now=at(11))
    await floor.look(at(12))
    assert [await floor.assignee(n) for n in numbers[2:]] == [floor.hanako, None]


async def test_r4_an_answered_ticket_that_stays_quiet_frees_its_weight_by_itself(floor: Floor) -> None:
    await floor.world.set(Agent, floor.jiro, active=False)
    await floor.world.set(Agent, floor.hanako, capacity=15)
    first, second = await floor.ask(1), await floor.ask(2)
    await floor.look(at(3))
    async with floor.world.database.write() as session:
        ticket = await desk.locked(session, first)
        agent = await session.get_one(Agent, floor.hanako)
        await reply.reply(session, ticket, agent, reply.Draft(text="承知しました"), now=at(10))
    await floor.look(at(11))
    assert await floor.assignee(second) is None
    await floor.look(at(611))
    assert await floor.assignee(second) == floor.hanako


async def test_r4_r5_a_call_fills_an_agent_and_a_switched_off_channel_is_respected(floor: Floor) -> None:
    await floor.world.take(ring(0), inbox=floor.world.phone)
    call = await floor.world.one(Call)
    await floor.look(at(0))
    assert await floor.assignee(call.ticket_id) is None, "a caller on the line rings by itself"
    await floor.world.set(Call, call.id, state=CallState.CONNECTED, agent_id=floor.hanako)
    async with floor.world.database.write() as session:
        await presence.declare(session, floor.jiro, None, by=floor.jiro, now=at(0), channels_off=["line"])
    number = await floor.ask(1)
    await floor.look(at(2))
    assert await floor.assignee(number) is None
    candidates = (await floor.world.all(Decision, ticket_id=number))[-1].reasons["candidates"]
    assert {each["agent"]: each["no"] for each in candidates} == {
        floor.hanako: ["not_there:busy", "full"], floor.jiro: ["channel_off"]
    }  # fmt: skip


async def test_r1_skills_of_team_inbox_and_tag_and_the_inboxs_language_are_needed(floor: Floor) -> None:
    world = floor.world
    async with world.database.write() as session:
        allergy, english = (
            Skill(name="アレルギー", created_at=START),
            Skill(name="English", kind="language", code="en", created_at=START),
        )
        tag = Tag(name="アレルギー")
        session.add_all([allergy, english, tag])
        await session.flush()
        session.add(Requirement(skill_id=allergy.id, level=3, tag_id=tag.id))
        session.add_all([
            AgentSkill(agent_id=floor.hanako, skill_id=allergy.id, level=2),
            AgentSkill(agent_id=floor.jiro, skill_id=allergy.id, level=3),
            AgentSkill(agent_id=floor.hanako, skill_id=english.id, level=4),
        ])  # fmt: skip
        await session.flush()
    tagged = await floor.ask(1)
    async with world.database.write() as session:
        session.add(TicketTag(ticket_id=tagged, tag_id=tag.id))
    await floor.look(at(2))
    assert await floor.assignee(tagged) == floor.jiro, "Hanako's level does not reach"
    await world.set(Inbox, world.line.id, language="en")
    foreign = await floor.ask(3)
    await floor.look(at(4))
    assert await floor.assignee(foreign) == floor.hanako, "Jiro has not said that he speaks English"


async def test_r1_the_customers_language_counts_where_it_is_known_else_the_inboxs(floor: Floor) -> None:
    world = floor.world
    async with world.database.write() as session:
        english = Skill(name="English", kind="language", code="en", created_at=START)
        session.add(english)
        await session.flush()
        session.add(AgentSkill(agent_id=floor.jiro, skill_id=english.id, level=4))
    number = await floor.ask(1)
    await world.set(Person, (await world.ticket(number)).person_id, language="en-GB")
    await floor.look(at(2))
    assert await floor.assignee(number) == floor.jiro, "the inbox is Japanese, the customer is not"
    await world.set(Inbox, world.line.id, language="en")
    japanese = await floor.ask(3)
    await world.set(Person, (await world.ticket(japanese)).person_id, language="ja")
    await floor.look(at(4))
    assert await floor.assignee(japanese) == floor.hanako, "the inbox is English, the customer is not"


async def test_r1_who_has_working_hours_of_their_own_gets_work_by_those(floor: Floor) -> None:
    shut = {**SPEC, "week": [[], [], [["09:00", "10:00"]], [], [], [], []]}
    async with floor.world.database.write() as session:
        closed = await hours.add(session, name="朝", spec=shut, agent_id=floor.world.cast.lead.id, now=START)
        hanako = await session.get_one(Agent, floor.hanako)
        await hours.choose(session, hanako, closed.id)
        await session.flush()
    number = await floor.ask(1)
    await floor.look(at(2))
    assert await floor.assignee(number) == floor.jiro, "Hanako's day is over at noon"
    (made,) = (each for each in await floor.world.all(Decision, ticket_id=number) if each.outcome == "assigned")
    assert {each["agent"]: each["no"] for each in made.reasons["candidates"]}[floor.hanako] == ["off_shift"]
    with pytest.raises(hours.CalendarInUse) as refused:
        async with floor.world.database.write() as session:
            await hours.change(session, closed.id, agent_id=floor.world.cast.lead.id, now=START, archived=True)
    assert refused.value.params["agents"] == [floor.world.cast.hanako.agent.name]


async def test_r3_earliest_deadline_first_when_there_is_not_enough_for_all(floor: Floor) -> None:
    await floor.world.set(Agent, floor.jiro, active=False)
    await floor.world.set(Agent, floor.hanako, capacity=15)
    late, soon = await floor.ask(1), await floor.ask(2)
    await floor.world.set(Ticket, soon, due_at=at(60))
    await floor.look(at(3))
    assert [await floor.assignee(late), await floor.assignee(soon)] == [None, floor.hanako]


async def test_r3_a_long_queue_that_nobody_can_take_hides_nothing_behind_it(floor: Floor) -> None:
    """Eighty tickets need what nobody can; the one behind them needs nothing."""
    async with floor.world.database.write() as session:
        rare, tag = Skill(name="フランス語", created_at=START), Tag(name="fr")
        session.add_all([rare, tag])
        await session.flush()
        session.add(Requirement(skill_id=rare.id, tag_id=tag.id))
    hard = [await floor.ask(n) for n in range(1, 81)]
    async with floor.world.database.write() as session:
        await session.execute(insert(TicketTag), [{"ticket_id": n, "tag_id": tag.id} for n in hard])
    easy = await floor.ask(90)
    database = floor.world.database
    after: dict[int, Any] = {}
    for _ in range(8):
        async with database.read() as session:
            numbers, behind = await routing.look(session, at(100), {})
            if not numbers:
                numbers, after = await routing.look(session, at(100), after or behind)
        async with database.write() as session:
            await routing.route(session, numbers, at(100))
    assert await floor.assignee(easy) is not None
    assert {await floor.assignee(n) for n in hard} == {None}


# -- sticky -------------------------------------------------------------------------------------------------------------


async def test_r7_a_new_ticket_of_the_same_person_prefers_their_last_agent(floor: Floor) -> None:
    first = await floor.ask(1)
    await floor.look(at(2))
    assert await floor.assignee(first) == floor.hanako
    await floor.world.status(first, Status.CLOSED, now=at(3))
    again = (await floor.world.take(said(60, who="customer1"), now=at(60)))[0].ticket
    assert again is not None and again != first
    await floor.look(at(61))
    assert await floor.log(again) == [("assigned", "sticky", floor.hanako)]


async def test_r7_it_waits_for_a_busy_last_agent_only_for_a_while(floor: Floor) -> None:
    first = await floor.ask(1)
    await floor.look(at(2))
    await floor.world.status(first, Status.CLOSED, now=at(3))
    await floor.world.set(Agent, floor.hanako, capacity=1)
    again = (await floor.world.take(said(60, who="customer1"), now=at(60)))[0].ticket
    assert again is not None
    await floor.look(at(61))
    waits = (await floor.world.all(Decision, ticket_id=again))[-1]
    assert (waits.outcome, waits.why, waits.reasons["wait_for"]) == ("waiting", "sticky", floor.hanako)
    await floor.look(at(121))
    assert await floor.assignee(again) == floor.jiro


# -- pull ---------------------------------------------------------------------------------------------------------------


async def test_r2_pull_gives_the_next_fitting_ticket_and_only_to_who_asks(floor: Floor) -> None:
    await floor.plan(mode=Mode.PULL)
    late, soon = await floor.ask(1), await floor.ask(2)
    await floor.world.set(Ticket, soon, due_at=at(60))
    await floor.look(at(3))
    assert [await floor.assignee(late), await floor.assignee(soon)] == [None, None]
    got = []
    for who in (floor.world.cast.hanako, floor.world.cast.jiro, floor.world.cast.hanako, floor.world.cast.lead):
        async with floor.world.database.write() as session:
            got.append(await routing.next_ticket(session, who.agent, at(4)))
    assert got == [soon, late, None, None]
    assert (await floor.log(soon))[-1] == ("assigned", "pulled", floor.hanako)
