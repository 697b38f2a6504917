"""Promises in the life of a ticket: SLA1-SLA5 by name, on both databases."""

from collections.abc import AsyncIterator

import pytest

from app.actions import desk, hours, policies, reply, timers
from app.models import Account, AccountPerson, Clock, ClockEntry, Tag, Ticket
from app.models.columns import NEVER
from channels.contract import CallUpdate
from tests.actions.promised import OFFICE, Promised, agrees, every
from tests.actions.world import World, arrival, at, mail, ring, said
from tests.cast import START

HOUR = 3600


@pytest.fixture
async def desk_of(world: World) -> AsyncIterator[Promised]:
    """Whatever a test did to its clocks: in the end their ledgers tell the same (SLA2)."""
    yield Promised(world)
    await agrees(world)


async def entries(world: World, clock_id: int) -> list[tuple[str, str]]:
    """What happened to it after its start."""
    first, *more = await world.all(ClockEntry, clock_id=clock_id)
    assert first.kind == "started" and first.since is not None and first.due_at is not None
    return [(each.kind, each.reason) for each in more]


# -- SLA1 -----------------------------------------------------------------------------------------------------------------


async def test_SLA1_a_desk_without_policies_keeps_its_inboxes_promise(world: World, desk_of: Promised) -> None:
    await world.take(said(0))
    (clock,) = await world.clocks()
    assert (clock.metric, clock.due_at, clock.policy_id, clock.calendar_id) == ("first_response", at(HOUR), None, None)
    await desk_of.priority("urgent", at(5))
    assert (await world.ticket()).due_at == at(HOUR) and not await desk_of.told("clock.retargeted")


async def test_SLA1_the_first_policy_that_fits_promises(world: World, desk_of: Promised) -> None:
    vip = await desk_of.policy(
        "特別", conditions=[{"field": "tier", "any": ["high"]}], targets={"resolution": every(60)}
    )
    mails = await desk_of.policy("メール", conditions=[{"field": "channel", "any": ["email"]}])
    rest = await desk_of.policy("ほか", targets={"first_response": every(6000)})
    async with world.database.write() as session:
        session.add(Account(name="三河屋", tier="high", domain="customer.example", created_at=START))
    await world.take(said(0))
    await world.take(mail(1, who="suzuki"), inbox=world.email)
    async with world.database.write() as session:
        session.add(AccountPerson(account_id=1, person_id=1))
    await world.take(said(2, conversation="group:1"))  # the same person, known by now to be theirs
    async with world.database.write() as session:
        (await session.get_one(Account, 1)).tier = ""
    await world.take(mail(3, who="tanaka"), inbox=world.email)
    assert [ticket.policy_id for ticket in await world.tickets()] == [rest.id, vip.id, vip.id, mails.id]
    assert [clock.metric for clock in await world.all(Clock, ticket_id=2)] == ["resolution"]


async def test_SLA1_the_order_is_what_the_lead_says_and_one_put_away_takes_no_more(
    world: World, desk_of: Promised
) -> None:
    first, second = await desk_of.policy("一"), await desk_of.policy("二")
    async with world.database.write() as session:
        await policies.order(session, [second.id, first.id], agent_id=world.cast.lead.id, now=START)
    await world.take(said(0))
    await desk_of.change(second, archived=True)
    await world.take(said(1, who="suzuki"))
    assert [ticket.policy_id for ticket in await world.tickets()] == [second.id, first.id]
    await desk_of.answer(at(5))
    await world.take(said(6))
    assert (await desk_of.clock("next_response")).policy_id == second.id  # what it has keeps it


# -- SLA2 -----------------------------------------------------------------------------------------------------------------


async def test_SLA2_a_changed_policy_leaves_what_was_promised_until_somebody_applies_it(
    world: World, desk_of: Promised
) -> None:
    policy = await desk_of.policy()
    await world.take(said(0))
    await desk_of.change(policy, targets={"first_response": every(1200), "resolution": every(7200)})
    await world.take(said(1, who="suzuki"))
    old, new = await world.all(Clock, metric="first_response")
    assert [(c.due_at, c.policy_version) for c in (old, new)] == [(at(600), 1), (at(1200), 2)]
    await desk_of.priority("high", at(2))  # the same policy: its version stays with the clock
    assert (await desk_of.clock("first_response")).policy_version == 2
    assert (await world.all(Clock, id=old.id))[0].policy_version == 1
    assert await desk_of.recount(at(10)) == 2
    (applied,) = [c for c in await world.clocks() if c.id == old.id]
    assert (applied.due_at, applied.policy_version) == (at(1200), 2)
    assert (await world.ticket(1)).due_at == at(1200)
    assert [e.params["reason"] for e in await desk_of.told("clock.retargeted")] == ["policy", "policy"]


async def test_SLA2_a_changed_calendar_leaves_deadlines_too(world: World, desk_of: Promised) -> None:
    calendar = await desk_of.calendar()
    await desk_of.policy(hours="business", calendar_id=calendar.id)
    await world.take(said(0))  # noon in Tokyo
    async with world.database.write() as session:
        later = {**OFFICE, "week": [[["15:00", "18:00"]]] * 7}
        await hours.change(session, calendar.id, agent_id=world.cast.lead.id, now=START, spec=later)
    await desk_of.priority("high", at(1))
    assert (await desk_of.clock("first_response")).due_at == at(600)
    await world.take(said(1, who="suzuki"))
    assert (await world.ticket(2)).due_at == at(3 * HOUR + 600)
    await desk_of.recount(at(5))
    assert (await world.ticket(1)).due_at == at(3 * HOUR + 600)


# -- SLA3 -----------------------------------------------------------------------------------------------------------------


async def test_SLA3_waiting_for_the_customer_pauses_the_solution_and_not_the_answer(
    world: World, desk_of: Promised
) -> None:
    await desk_of.policy()
    await world.take(said(0))
    await world.status(1, "pending", now=at(100))
    assert await desk_of.states() == {"first_response": "running", "resolution": "paused"}
    assert (await world.ticket()).due_at == at(600)
    await desk_of.answer(at(200))
    assert (await world.ticket()).due_at == NEVER  # nothing runs
    await world.take(said(1000), now=at(1000))  # the customer's message resumes it by itself
    clock = await desk_of.clock("resolution")
    assert (clock.state, clock.due_at, clock.left_s) == ("running", at(1000 + 3500), 3500)
    assert await entries(world, clock.id) == [("paused", "pending"), ("resumed", "customer")]
    assert (await desk_of.clock("next_response")).due_at == at(1300) == (await world.ticket()).due_at


async def test_SLA3_a_reply_metric_pauses_only_when_that_is_set(world: World, desk_of: Promised) -> None:
    await desk_of.policy(pauses={"first_response": ["snoozed"]})
    await world.take(said(0))
    await world.status(1, "snoozed", now=at(100), until=at(1000))
    assert await desk_of.states() == {"first_response": "paused", "resolution": "running"}
    async with world.database.write() as session:
        assert await timers.wake(session, at(1000)) == 1
    ticket, clock = await world.ticket(), await desk_of.clock("first_response")
    assert (clock.due_at, ticket.due_at, ticket.status) == (at(1500), at(1500), "open")
    assert await entries(world, clock.id) == [("paused", "snoozed"), ("resumed", "snooze_over")]


async def test_SLA3_the_next_answer_is_promised_from_the_oldest_unanswered_message(
    world: World, desk_of: Promised
) -> None:
    await desk_of.policy()
    await world.take(said(0))
    await desk_of.answer(at(10))
    await world.take(said(100), said(160), now=at(165))
    await world.take(said(130), now=at(170))
    await world.take(said(150), now=at(180))
    assert (await desk_of.clock("next_response")).due_at == at(400)
    await world.take(said(50, "遅れて届いた"), now=at(200))
    clock, ticket = await desk_of.clock("next_response"), await world.ticket()
    assert (clock.started_at, clock.due_at, ticket.due_at, ticket.needs_reply_since) == (
        at(50),
        at(350),
        at(350),
        at(50),
    )
    await world.take(said(50, "遅れて届いた"), now=at(210))  # twice
    await desk_of.answer(at(349))
    clock = await desk_of.clock("next_response")
    assert (clock.state, clock.met_at, clock.breached_at) == ("met", at(349), None)


async def test_SLA3_machines_and_notes_meet_nothing(world: World, desk_of: Promised) -> None:
    await desk_of.policy()
    await world.take(mail(0), inbox=world.email)
    await world.take(mail(5, answers=("m0",), auto=True), inbox=world.email)
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        await reply.note(session, ticket, world.cast.hanako.agent, reply.Draft(text="調査中"), now=at(6))
    assert await desk_of.states() == {"first_response": "running", "resolution": "running"}
    await world.take(mail("auto", who="robot", auto=True), inbox=world.email)
    assert not [clock for clock in await world.clocks() if clock.ticket_id == 2]  # a machine is promised nothing


async def test_SLA3_an_answer_that_is_told_late_is_met_at_its_time(world: World, desk_of: Promised) -> None:
    await desk_of.policy()
    await world.take(said(0))
    assert await desk_of.ring(at(700)) == 1
    await desk_of.answer(at(599))
    clock = await desk_of.clock("first_response")
    assert (clock.met_at, clock.breached_at) == (at(599), None)
    assert await entries(world, clock.id) == [("breached", ""), ("kept", ""), ("met", "answered")]
    await desk_of.answer(at(650))  # again
    assert len(await entries(world, clock.id)) == 3


# -- SLA4 -----------------------------------------------------------------------------------------------------------------


async def test_SLA4_a_change_of_priority_counts_from_the_start_and_subtracts_pauses(
    world: World, desk_of: Promised
) -> None:
    await desk_of.policy()
    await world.take(said(0))
    await world.status(1, "pending", now=at(60))
    await world.status(1, "open", now=at(160))
    await desk_of.priority("urgent", at(200))
    resolution, first = await desk_of.clock("resolution"), await desk_of.clock("first_response")
    assert (resolution.due_at, resolution.target_s, resolution.by_change) == (at(460), 360, False)
    assert (first.due_at, first.breached_at, first.by_change) == (at(60), at(200), True)
    (breach,) = await desk_of.told("clock.breached")
    assert (breach.at, breach.params["reason"]) == (at(200), "by_change")
    assert (await world.ticket()).due_at == at(60)
    assert await desk_of.ring(at(300)) == 0
    await desk_of.priority("low", at(300))
    assert (await desk_of.clock("resolution")).due_at == at(3700)
    assert (await desk_of.clock("first_response")).breached_at == at(200)  # changing back undoes no breach


async def test_SLA4_team_tag_and_what_is_promised_no_more_or_only_now(world: World, desk_of: Promised) -> None:
    calendar = await desk_of.calendar("午後", week=[[["15:00", "18:00"]]] * 7)
    team = await desk_of.team("午後", calendar)
    fallback = await desk_of.calendar()
    async with world.database.write() as session:
        session.add(Tag(name="急ぎ"))
    await desk_of.policy("急ぎ", conditions=[{"field": "tag", "any": [1]}], targets={"resolution": every(60)})
    await desk_of.policy(hours="business", calendar_id=fallback.id, by_team=True)
    await world.take(said(0))
    await desk_of.do(lambda s, t: desk.set_team(s, t, team.id, by=1, now=at(60)))
    assert (await world.ticket()).due_at == at(3 * HOUR + 600)
    await desk_of.do(lambda s, t: desk.set_tags(s, t, {1}, by=1, now=at(90)))
    resolution = await desk_of.clock("resolution")
    assert await desk_of.states() == {"first_response": "cancelled", "resolution": "running"}
    assert (resolution.due_at, resolution.breached_at, resolution.by_change) == (at(60), at(90), True)
    await desk_of.do(lambda s, t: desk.set_tags(s, t, set(), by=1, now=at(95)))
    again = await desk_of.clock("first_response")
    assert (again.state, again.due_at) == ("running", at(3 * HOUR + 600))


@pytest.mark.parametrize("reopen", ["resume", "restart"])
async def test_SLA4_opened_again(world: World, desk_of: Promised, reopen: str) -> None:
    await desk_of.policy(reopen=reopen)
    await world.take(said(0))
    await desk_of.answer(at(100))
    await world.status(1, "resolved", now=at(1000))
    met = await desk_of.clock("resolution")
    assert (met.state, met.met_at, met.breached_at) == ("met", at(1000), None)
    await world.take(said(5000), now=at(5000))
    clocks = [clock for clock in await world.clocks() if clock.metric == "resolution"]
    states = [(clock.state, clock.due_at) for clock in clocks]
    if reopen == "resume":
        assert states == [("running", at(5000 + 2600))]
        assert await entries(world, met.id) == [("met", "resolved"), ("resumed", "reopened")]
    else:
        assert states == [("met", at(3600)), ("running", at(8600))]
    assert (await desk_of.clock("next_response")).due_at == at(5300)
    assert len(await world.all(Clock, metric="first_response")) == 1  # the first response never starts again
    await desk_of.priority("urgent", at(5010))
    due = at(5000 + 360) if reopen == "restart" else at(360)
    assert (await desk_of.clock("resolution")).due_at == due


async def test_SLA4_resolved_without_an_answer_and_opened_again_promises_the_next_one(
    world: World, desk_of: Promised
) -> None:
    await desk_of.policy()
    await world.take(said(0))
    await world.status(1, "resolved", now=at(10))
    assert await desk_of.states() == {"first_response": "cancelled", "resolution": "met"}
    await world.take(said(100), now=at(100))
    assert await desk_of.states() == {
        "first_response": "cancelled",
        "resolution": "running",
        "next_response": "running",
    }


async def test_spam_promises_nothing_and_no_spam_does_again(world: World, desk_of: Promised) -> None:
    await desk_of.policy()
    await world.take(said(0))
    await world.status(1, "spam", now=at(10))
    assert set((await desk_of.states()).values()) == {"cancelled"}
    assert (await world.ticket()).due_at == NEVER
    await world.status(1, "open", now=at(20))
    assert (await desk_of.clock("resolution")).state == "cancelled"  # nobody waits, nothing was ever answered
    await world.take(said(30), now=at(30))
    assert (await world.ticket()).due_at == at(630)


# -- assignment and call-back ----------------------------------------------------------------------------------------------


async def test_an_assignee_is_promised_from_the_opening_and_from_a_release(world: World, desk_of: Promised) -> None:
    await desk_of.policy(targets={"assignment": every(300)})
    await world.take(said(0))
    assert (await world.ticket()).due_at == at(300)
    await desk_of.assign(world.cast.hanako.id, at(299))
    await desk_of.assign(world.cast.jiro.id, at(310))
    await desk_of.assign(None, at(400))
    clocks = [(c.state, c.started_at, c.due_at, c.met_at) for c in await world.clocks()]
    assert clocks == [("met", at(0), at(300), at(299)), ("running", at(400), at(700), None)]
    assert (await world.ticket()).due_at == at(700)
    await world.status(1, "resolved", now=at(500))
    assert (await desk_of.clock("assignment")).state == "cancelled"


async def test_a_missed_call_is_owed_until_they_talk(world: World, desk_of: Promised) -> None:
    await desk_of.policy(targets={"first_response": every(600), "callback": every(1800)})
    await world.take(ring(1), inbox=world.phone)
    over = CallUpdate(call="CA1", at=at(60), event="ended", reason="no-answer")
    await world.take(over, inbox=world.phone, now=at(61))
    await world.take(over, inbox=world.phone, now=at(62))  # twice
    assert await desk_of.states() == {"first_response": "running", "callback": "running"}
    assert (await desk_of.clock("callback")).due_at == at(60 + 1800)
    await desk_of.answer(at(100))  # a written answer is none to a call
    assert await desk_of.states() == {"first_response": "met", "callback": "running"}
    talk = lambda s, t: desk.answered(s, t, at=at(900), agent_id=1, message_id=1, by_call=True)  # noqa: E731
    await desk_of.do(talk)
    clock = await desk_of.clock("callback")
    assert (clock.state, clock.met_at, clock.breached_at) == ("met", at(900), None)


async def test_a_call_that_was_answered_is_not_owed_when_its_word_comes_late(world: World, desk_of: Promised) -> None:
    await desk_of.policy(targets={"callback": every(1800)})
    await world.take(ring(1), inbox=world.phone)
    await world.take(CallUpdate(call="CA1", at=at(60), event="ended"), inbox=world.phone, now=at(60))
    await world.take(CallUpdate(call="CA1", at=at(20), event="connected"), inbox=world.phone, now=at(61))
    clock = await desk_of.clock("callback")
    assert (clock.state, clock.met_at) == ("cancelled", None)
    assert await entries(world, clock.id) == [("cancelled", "not_missed")]


async def test_a_ticket_that_the_desk_opens_promises_when_the_customer_answers(world: World, desk_of: Promised) -> None:
    await desk_of.policy()
    await world.take(mail(0), inbox=world.email)
    await world.set(Ticket, 1, origin="outbound", status="pending", first_response_at=START, needs_reply_since=None)
    await desk_of.do(lambda s, t: desk.set_status(s, t, "resolved", agent_id=1, now=at(1)))
    await world.take(mail(50, answers=("m0",)), inbox=world.email, now=at(50))
    assert (await desk_of.clock("next_response")).due_at == at(350)


async def test_a_batch_of_many_turns_is_the_same_as_one_by_one(world: World, desk_of: Promised) -> None:
    """In a batch everything is judged at once: opened, waiting longer, opened again."""
    await desk_of.policy()
    await world.batch([arrival(world.line, said(n, who=f"p{n}")) for n in range(20)])
    for number in range(1, 21):
        await desk_of.answer(at(30), number)
    await world.status(5, "pending", now=at(40))
    await world.status(6, "resolved", now=at(40))
    again = [arrival(world.line, said(100 + n, who=f"p{n}"), said(200 + n, who=f"p{n}")) for n in range(20)]
    await world.batch(again, now=at(300))
    nexts = [clock for clock in await world.clocks() if clock.metric == "next_response"]
    assert [clock.due_at for clock in nexts] == [at(400 + n) for n in range(20)]
    assert [ticket.due_at for ticket in await world.tickets()] == [at(400 + n) for n in range(20)]
    solutions = {c.ticket_id: c.due_at for c in await world.clocks() if c.metric == "resolution"}
    assert (solutions[5], solutions[6], solutions[7]) == (at(3600 + 260), at(3600 + 260), at(3600))
