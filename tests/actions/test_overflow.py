"""What time does with routed tickets: overflow, and back from who does nothing or is not here (R6)."""

from app.actions import desk, people, reply
from app.models import (
    Agent,
    Decision,
    Mode,
    Presence,
    Requirement,
    Skill,
    Status,
    Strategy,
    Team,
    TeamMember,
    TeamRouting,
    Ticket,
)  # fmt: skip
from tests.actions.floor import Floor
from tests.actions.world import at, mail
from tests.cast import START


async def test_r6_waiting_too_long_widens_skills_and_then_goes_to_the_next_team(floor: Floor) -> None:
    world = floor.world
    async with world.database.write() as session:
        rare, second = Skill(name="ワイン", created_at=START), Team(name="二次対応", created_at=START)
        session.add_all([rare, second])
        await session.flush()
        session.add(Requirement(skill_id=rare.id, team_id=floor.team))
        session.add(TeamRouting(team_id=second.id, mode=Mode.PUSH))
        session.add(TeamMember(team_id=second.id, agent_id=world.cast.lead.id))
    await floor.plan(overflow=[{"after_s": 30, "widen": True}, {"after_s": 60, "team_id": second.id}])
    first = await floor.ask(1)
    await floor.look(at(2))
    await floor.look(at(31))
    assert await floor.log(first) == [("waiting", "nobody", None)]
    await floor.look(at(32))
    assert await floor.assignee(first) == floor.hanako
    for agent in (floor.hanako, floor.jiro):
        await floor.be(agent, Presence.OFFLINE, at(40))
    other = await floor.ask(50)
    for moment in (51, 81, 111):
        await floor.look(at(moment))
    ticket = await world.ticket(other)
    assert (ticket.team_id, ticket.assignee_id) == (second.id, None)
    assert [each[:2] for each in await floor.log(other)] == [
        ("waiting", "nobody"), ("overflowed", "widened"), ("waiting", "nobody"), ("overflowed", "team"),
        ("waiting", "nobody"),
    ]  # fmt: skip
    await floor.be(world.cast.lead.id, Presence.AVAILABLE, at(112))
    await floor.look(at(113))
    assert await floor.assignee(other) == world.cast.lead.id


async def test_r6_overflow_leaves_alone_what_somebody_has_or_what_is_done(floor: Floor) -> None:
    await floor.plan(overflow=[{"after_s": 30, "widen": True}])
    for agent in (floor.hanako, floor.jiro):
        await floor.be(agent, Presence.OFFLINE, at(0))
    taken, done = await floor.ask(1), await floor.ask(2)
    await floor.look(at(3))
    async with floor.world.database.write() as session:
        await desk.claim(session, await desk.locked(session, taken), floor.world.cast.lead.agent, at(4))
    await floor.world.status(done, Status.RESOLVED, now=at(5))
    await floor.look(at(40))
    assert [each[0] for n in (taken, done) for each in await floor.log(n)] == ["waiting", "waiting"]
    assert [each.overflow_at for each in await floor.queued()] == [None]


async def test_r6_a_ticket_on_which_nobody_acts_goes_back_and_to_somebody_else(floor: Floor) -> None:
    await floor.plan(return_after_s=60)
    number = await floor.ask(1)
    await floor.look(at(2))
    await floor.look(at(61))
    assert await floor.assignee(number) == floor.hanako
    await floor.look(at(62))
    assert [each[0] for each in await floor.log(number)] == ["assigned", "returned", "assigned"]
    assert await floor.assignee(number) == floor.jiro


async def test_r6_whoever_has_done_something_keeps_the_ticket(floor: Floor) -> None:
    await floor.plan(return_after_s=60)
    number = await floor.ask(1)
    await floor.look(at(2))
    async with floor.world.database.write() as session:
        ticket, agent = await desk.locked(session, number), await session.get_one(Agent, floor.hanako)
        await reply.note(session, ticket, agent, reply.Draft(text="倉庫に確認中", audience="internal"), now=at(30))
    await floor.look(at(62))
    await floor.look(at(500))
    assert await floor.assignee(number) == floor.hanako


async def test_r6_who_is_not_here_keeps_no_customer_waiting_while_colleagues_are(floor: Floor) -> None:
    await floor.plan(return_after_s=60)
    number = await floor.ask(1)
    async with floor.world.database.write() as session:
        await desk.claim(session, await desk.locked(session, number), floor.world.cast.hanako.agent, at(2))
    await floor.be(floor.hanako, Presence.OFFLINE, at(3))
    await floor.look(at(60))
    assert await floor.assignee(number) == floor.hanako
    await floor.look(at(61))
    assert await floor.assignee(number) == floor.jiro
    assert await floor.log(number) == [
        ("returned", "absent", floor.hanako), ("assigned", Strategy.LONGEST_IDLE, floor.jiro)
    ]  # fmt: skip


async def test_r6_who_is_let_go_leaves_nothing_behind_even_where_nothing_is_routed(floor: Floor) -> None:
    await floor.plan(mode=Mode.OFF)
    number, waits = await floor.ask(1), await floor.ask(2)
    for each in (number, waits):
        async with floor.world.database.write() as session:
            await desk.claim(session, await desk.locked(session, each), floor.world.cast.hanako.agent, at(2))
    await floor.world.status(waits, Status.PENDING, now=at(3))
    async with floor.world.database.write() as session:
        await people.change_agent(session, floor.hanako, {"active": False}, now=at(5))
    await floor.look(at(6))
    assert [await floor.assignee(each) for each in (number, waits)] == [None, None]
    assert await floor.log(number) == [("returned", "left", floor.hanako)]


async def test_a_ticket_that_is_released_begins_to_wait_anew(floor: Floor) -> None:
    await floor.plan(overflow=[{"after_s": 30, "widen": True}])
    number = await floor.ask(1)
    await floor.look(at(2))
    for agent in (floor.hanako, floor.jiro):
        await floor.be(agent, Presence.BREAK, at(3))
    async with floor.world.database.write() as session:
        ticket = await desk.locked(session, number)
        await desk.assign(session, ticket, agent_id=None, by=floor.hanako, reason="released", now=at(100))
    await floor.look(at(101))
    assert (await floor.queued())[0].since == at(101)
    await floor.look(at(130))
    assert (await floor.log(number))[-1][0] == "waiting"


async def test_mails_weigh_less_than_lines(floor: Floor) -> None:
    await floor.world.set(Agent, floor.jiro, active=False)
    await floor.world.set(Agent, floor.hanako, capacity=20)
    for n in range(1, 4):
        await floor.world.take(mail(n, who=f"m{n}"), inbox=floor.world.email, now=at(n))
    await floor.look(at(5))
    assert [each.assignee_id for each in await floor.world.tickets()] == [floor.hanako, floor.hanako, None]


async def test_r6_when_too_many_wait_those_behind_go_to_the_next_team_at_once(floor: Floor) -> None:
    world = floor.world
    async with world.database.write() as session:
        second = Team(name="応援", created_at=START)
        session.add(second)
        await session.flush()
        session.add(TeamRouting(team_id=second.id, mode=Mode.PUSH))
    await floor.plan(crowd_over=2, crowd_team_id=second.id)
    for agent in (floor.hanako, floor.jiro):
        await floor.be(agent, Presence.OFFLINE, at(0))
    first, late, urgent = await floor.ask(1), await floor.ask(2), await floor.ask(3)
    async with world.database.write() as session:
        policy_due = {first: 100, late: 300, urgent: 50}
        for number, second_due in policy_due.items():
            (await session.get_one(Ticket, number)).due_at = at(second_due)
    await floor.look(at(4))
    teams = {number: (await world.ticket(number)).team_id for number in (first, late, urgent)}
    assert teams == {
        first: floor.team,
        urgent: floor.team,
        late: second.id,
    }  # the latest deadline went, not the latest word
    (decision,) = await world.all(Decision, ticket_id=late, outcome="overflowed")
    assert (decision.why, decision.reasons) == ("crowd_team", {"over": 2, "size": 3, "from": floor.team})
    await floor.look(at(5))
    assert not await world.all(Decision, ticket_id=urgent, outcome="overflowed")
    assert [each.team_id for each in await floor.queued() if each.ticket_id == late] == [second.id]


async def test_r6_a_crowd_is_who_is_left_when_everybody_free_has_work_and_skills_stop_counting_for_it(
    floor: Floor,
) -> None:
    world = floor.world
    async with world.database.write() as session:
        rare = Skill(name="ワイン", created_at=START)
        session.add(rare)
        await session.flush()
        session.add(Requirement(skill_id=rare.id, team_id=floor.team))
    await floor.plan(crowd_over=1)
    tickets = [await floor.ask(number) for number in (1, 2, 3)]
    await floor.look(at(4))
    widened = {each.ticket_id: each.widened for each in await floor.queued()}
    assert widened == {tickets[0]: False, tickets[1]: True, tickets[2]: True}
    await floor.look(at(5))  # without the skill they are for anybody
    assert [await floor.assignee(each) is not None for each in tickets] == [False, True, True]
    assert [each[:2] for each in await floor.log(tickets[1])] == [
        ("waiting", "nobody"), ("overflowed", "crowd"), ("assigned", Strategy.LONGEST_IDLE),
    ]  # fmt: skip
    await floor.look(at(6))
    assert [each[:2] for each in await floor.log(tickets[0])] == [("waiting", "nobody")]


async def test_r6_nobody_overflows_a_queue_that_free_agents_empty(floor: Floor) -> None:
    await floor.plan(crowd_over=1)
    tickets = [await floor.ask(number) for number in (1, 2, 3)]
    await floor.look(at(4))
    assert not await floor.world.all(Decision, outcome="overflowed")
    assert all([await floor.assignee(each) for each in tickets])
