"""Waiting calls go through routing (R1, R4, R6, T17): one after the other, wider as time passes, never with the wrong one."""

from datetime import datetime

import pytest

from app.actions import calls, ringing
from app.models import (
    Agent,
    AgentSkill,
    Call,
    Decision,
    Mode,
    Offer,
    Presence,
    Requirement,
    Skill,
    Team,
    TeamMember,
    TeamRouting,
    Ticket,
)
from tests.actions.floor import Floor
from tests.actions.test_call_words import word
from tests.actions.world import at, ring, said


async def skill(floor: Floor, *agents: int) -> None:
    async with floor.world.database.write() as session:
        english = Skill(name="英語", created_at=at(0))
        session.add(english)
        await session.flush()
        session.add(Requirement(skill_id=english.id, team_id=floor.team))
        session.add_all([AgentSkill(agent_id=each, skill_id=english.id, level=3) for each in agents])


async def decline(floor: Floor, call: Call, who: Agent, now: datetime) -> None:
    async with floor.world.database.write() as session:
        await calls.decline(session, call.id, who, now)


async def test_r1_a_call_rings_with_the_one_who_is_chosen_and_the_decision_has_reasons(floor: Floor) -> None:
    await skill(floor, floor.jiro)
    call = await floor.call(1)
    await floor.look(at(2))
    assert await floor.rings(call) == [floor.jiro], "Hanako was idle for longer, but cannot"
    made = await floor.world.one(Decision, ticket_id=call.ticket_id)
    assert (made.outcome, made.why, made.agent_id) == ("offered", "longest_idle", floor.jiro)
    verdicts = {each["agent"]: each["no"] for each in made.reasons["candidates"]}
    assert verdicts[floor.jiro] == [] and verdicts[floor.hanako][0].startswith("skill:")
    assert not await floor.look(at(3)) and await floor.rings(call) == [floor.jiro], "and it rings on"


async def test_r1_whoever_it_does_not_ring_with_cannot_answer_but_a_lead_can(floor: Floor) -> None:
    call = await floor.call(1)
    await floor.look(at(2))
    with pytest.raises(ringing.RingsElsewhere) as refused:
        await floor.answer(call, floor.world.cast.jiro.agent, at(3))
    assert refused.value.params == {"agents": [floor.hanako]}
    assert (await floor.world.one(Call)).state == "waiting"
    taken = await floor.answer(call, floor.world.cast.lead.agent, at(4))
    assert (taken.state, taken.agent_id) == ("connecting", floor.world.cast.lead.id)
    assert (await floor.log(call.ticket_id))[-1] == ("assigned", "took_over", floor.world.cast.lead.id)
    assert [each.state for each in await floor.world.all(Offer)] == ["withdrawn"]


async def test_r1_before_anybody_was_chosen_nobody_but_a_lead_answers(floor: Floor) -> None:
    call = await floor.call(1)
    with pytest.raises(ringing.RingsElsewhere):
        await floor.answer(call, floor.world.cast.hanako.agent, at(1))


async def test_t17_declined_or_not_heard_it_rings_with_the_next(floor: Floor) -> None:
    call = await floor.call(1)
    await floor.look(at(2))
    await decline(floor, call, floor.world.cast.jiro.agent, at(3))  # it does not ring there
    await decline(floor, call, floor.world.cast.hanako.agent, at(3))
    await floor.look(at(4))
    assert await floor.rings(call) == [floor.jiro]
    await floor.look(at(23))
    assert await floor.rings(call) == [floor.jiro]
    await floor.look(at(24))  # 20 s are over, and so is not what Hanako declined
    assert (await floor.world.one(Agent, id=floor.jiro)).presence == Presence.AWAY
    assert await floor.rings(call) == []
    await floor.look(at(34))
    assert await floor.rings(call) == [floor.hanako], "after half a minute she is asked again"
    done = [entry[0] for entry in await floor.log(call.ticket_id)]
    assert done == ["offered", "declined", "offered", "expired", "waiting", "offered"]


async def test_r4_a_call_fills_an_agent_while_it_rings_and_mail_does_not_keep_it_away(floor: Floor) -> None:
    await floor.world.set(Agent, floor.jiro, active=False)
    for number in range(1, 8):
        await floor.ask(number)
    await floor.look(at(8))  # six LINE tickets are nearly all that she can hold
    assert len(await floor.world.all(Ticket, assignee_id=floor.hanako)) == 6
    call = await floor.call(10)
    await floor.look(at(11))
    assert await floor.rings(call) == [floor.hanako], "what is written may lie while she talks"
    second = await floor.call(12)
    await floor.look(at(13))
    assert await floor.rings(second) == [], "but one rings already"
    number = await floor.ask(20)
    await floor.look(at(21))
    assert await floor.assignee(number) is None


async def test_r4_a_chat_keeps_a_call_away(floor: Floor) -> None:
    await floor.world.set(Agent, floor.jiro, active=False)
    await floor.world.take(said(1, who="guest"), inbox=floor.world.chat, now=at(1))
    await floor.look(at(2))
    call = await floor.call(3)
    await floor.look(at(4))
    assert await floor.rings(call) == []
    assert (await floor.log(call.ticket_id))[-1][:2] == ("waiting", "nobody")


async def test_r7_a_call_goes_to_whom_the_caller_knows_but_does_not_wait_for_them(floor: Floor) -> None:
    first = await floor.call(1)
    await floor.look(at(2))
    await floor.answer(first, floor.world.cast.hanako.agent, at(3))
    await floor.world.take(word("ended", 20, reason="completed"), inbox=floor.world.phone, now=at(20))
    await floor.world.set(Agent, floor.hanako, given_at=at(30))  # Jiro is idle for longer
    (again,) = await floor.world.take(ring(40, who="caller1"), inbox=floor.world.phone, now=at(40))
    call = await floor.world.one(Call, message_id=again.message)
    await floor.look(at(41))
    assert await floor.rings(call) == [floor.hanako]


async def test_r6_time_widens_it_then_rings_with_everybody_at_work(floor: Floor) -> None:
    await skill(floor)
    await floor.plan(overflow=[{"after_s": 30, "widen": True}])
    await floor.be(floor.jiro, Presence.WRAP_UP, at(0))
    call = await floor.call(1)
    await floor.look(at(2))
    await floor.look(at(31))
    assert await floor.rings(call) == []
    await floor.look(at(32))
    await floor.look(at(33))
    assert await floor.rings(call) == [floor.hanako], "skills no longer count; Jiro wraps up"
    await floor.look(at(60))
    assert (await floor.world.one(Agent, id=floor.hanako)).presence == Presence.AVAILABLE, "nobody alone let it ring"
    await floor.look(at(92))
    assert sorted(await floor.rings(call)) == sorted([floor.hanako, floor.jiro])
    assert (await floor.answer(call, floor.world.cast.jiro.agent, at(93))).agent_id == floor.jiro
    assert {(each.agent_id, each.state) for each in await floor.world.all(Offer)} == {
        (floor.hanako, "withdrawn"), (floor.jiro, "accepted")
    }  # fmt: skip


async def test_r6_a_queue_that_is_too_long_rings_in_the_next_team(floor: Floor) -> None:
    lead = floor.world.cast.lead.id
    async with floor.world.database.write() as session:
        second = Team(name="二次対応", created_at=at(0))
        session.add(second)
        await session.flush()
        session.add_all([TeamMember(team_id=second.id, agent_id=lead), TeamRouting(team_id=second.id, mode=Mode.PUSH)])
    await floor.be(lead, Presence.AVAILABLE, at(0))
    await floor.plan(crowd_over=2, crowd_team_id=second.id)
    waiting = [await floor.call(number) for number in (1, 2, 3)]
    await floor.look(at(4))
    await floor.look(at(5))
    assert [await floor.rings(each) for each in waiting] == [[floor.hanako], [floor.jiro], [lead]]
    assert ("overflowed", "crowd_team", None) in await floor.log(waiting[2].ticket_id)
    assert (await floor.world.ticket(waiting[2].ticket_id)).team_id == floor.team, "the ticket stays where it is"


@pytest.mark.parametrize("how", ["hung_up", "voicemail", "gone"])
async def test_t18_a_ring_ends_with_its_reason(floor: Floor, how: str) -> None:
    call = await floor.call(1)
    await floor.look(at(2))
    if how == "gone":
        await floor.be(floor.hanako, Presence.BREAK, at(3))
    else:
        left = word("left_queue", 3, reason="hangup" if how == "hung_up" else "leave")
        await floor.world.take(left, inbox=floor.world.phone, now=at(3))
    await floor.look(at(4))
    assert await floor.rings(call) == ([floor.jiro] if how == "gone" else [])
    assert (await floor.world.all(Offer, agent_id=floor.hanako))[0].state == "withdrawn"
    await floor.world.take(word("ended", 5, reason="completed"), inbox=floor.world.phone, now=at(5))
    await floor.look(at(6))
    await floor.look(at(7))
    assert await floor.world.all(Offer, state="open") == []


async def test_t17_who_was_not_reached_after_all_is_not_asked_again_at_once(floor: Floor) -> None:
    call = await floor.call(1)
    await floor.look(at(2))
    key = (await floor.answer(call, floor.world.cast.hanako.agent, at(3))).order_key
    await floor.world.take(word("agent_left", 9, order=key, reason="no-answer"), inbox=floor.world.phone, now=at(9))
    await floor.look(at(10))
    assert await floor.rings(call) == [floor.jiro]
    assert ("returned", "no_pick_up", floor.hanako) in await floor.log(call.ticket_id)


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.PULL])
async def test_r2_where_people_choose_every_member_may_answer_and_nobody_else(floor: Floor, mode: str) -> None:
    await floor.plan(mode=mode)
    call = await floor.call(1)
    await floor.look(at(2))
    assert await floor.world.all(Offer) == []
    stranger = Agent(email="s@mikawaya.example", name="s", created_at=at(0), presence=Presence.AVAILABLE)
    async with floor.world.database.write() as session:
        session.add(stranger)
    with pytest.raises(ringing.RingsElsewhere):
        await floor.answer(call, stranger, at(3))
    assert (await floor.answer(call, floor.world.cast.jiro.agent, at(4))).agent_id == floor.jiro
