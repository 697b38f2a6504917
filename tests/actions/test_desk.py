"""What agents do with a ticket, and the facts that it leaves for the reports."""

from datetime import timedelta

import pytest

from app.actions import desk, people, timers
from app.models import Assignment, Event, Login, Tag, Ticket, TicketTag
from app.models.columns import NEVER
from app.rules.lifecycle import SnoozeNeedsTime, UnknownStatus
from tests.actions.world import World, arrival, at, said


async def kinds(world: World) -> list[str]:
    return [e.kind for e in await world.all(Event)]


async def test_claim_assign_release_leave_their_reasons(world: World) -> None:
    await world.take(said(0))
    hanako, jiro = world.cast.hanako, world.cast.jiro
    async with world.database.write() as session:
        await desk.claim(session, await desk.locked(session, 1), hanako.agent, at(5))
    async with world.database.write() as session:
        await desk.claim(session, await desk.locked(session, 1), hanako.agent, at(6))  # again: nothing
    with pytest.raises(desk.AlreadyAssigned) as refused:
        async with world.database.write() as session:
            await desk.claim(session, await desk.locked(session, 1), jiro.agent, at(7))
    assert refused.value.params == {"agent_id": hanako.id}
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        await desk.assign(session, ticket, agent_id=jiro.id, by=hanako.id, reason="assigned", now=at(8))
        await desk.assign(session, ticket, agent_id=None, by=jiro.id, reason="released", now=at(9))
    made = [(a.agent_id, a.by_agent_id, a.reason, a.at) for a in await world.all(Assignment)]
    assert made == [
        (hanako.id, hanako.id, "claimed", at(5)), (jiro.id, hanako.id, "assigned", at(8)), (None, jiro.id, "released", at(9)),
    ]  # fmt: skip


async def test_nobody_is_assigned_who_was_let_go(world: World) -> None:
    await world.take(said(0))
    for gone in (world.cast.outsider.id, 999):
        with pytest.raises(desk.NoSuchAgent):
            async with world.database.write() as session:
                ticket = await desk.locked(session, 1)
                await desk.assign(session, ticket, agent_id=gone, by=1, reason="assigned", now=at(1))
    assert (await world.ticket()).assignee_id is None


async def test_unknown_things_are_refused_and_nothing_is_kept(world: World) -> None:
    await world.take(said(0))
    for refused, call in (
        (desk.NoSuchTeam, lambda s, t: desk.set_team(s, t, 999, by=1, now=at(1))),
        (desk.NoSuchTag, lambda s, t: desk.set_tags(s, t, {999}, by=1, now=at(1))),
        (desk.UnknownPriority, lambda s, t: desk.set_priority(s, t, "enormous", by=1, now=at(1))),
        (UnknownStatus, lambda s, t: desk.set_status(s, t, "asleep", agent_id=1, now=at(1))),
        (SnoozeNeedsTime, lambda s, t: desk.set_status(s, t, "snoozed", agent_id=1, now=at(1))),
        (SnoozeNeedsTime, lambda s, t: desk.set_status(s, t, "snoozed", agent_id=1, now=at(1), until=at(1))),
    ):
        with pytest.raises(refused):
            async with world.database.write() as session:
                ticket = await desk.locked(session, 1)
                await desk.set_subject(session, ticket, "changed", by=1, now=at(1))
                await call(session, ticket)
    assert (await world.ticket()).subject == "醤油が届きません"
    with pytest.raises(desk.NoTicket):
        async with world.database.write() as session:
            await desk.locked(session, 999)


async def test_tags_are_set_as_a_whole_and_the_log_tells_the_difference(world: World) -> None:
    await world.take(said(0))
    async with world.database.write() as session:
        session.add_all([Tag(name="返品"), Tag(name="配送"), Tag(name="急ぎ")])
    for tags in ({1, 2}, {2, 3}, {2, 3}, set()):
        async with world.database.write() as session:
            await desk.set_tags(session, await desk.locked(session, 1), tags, by=1, now=at(1))
    async with world.database.read() as session:
        assert (await session.get(TicketTag, (1, 2))) is None
    told = [(e.kind, e.params["tag"]) for e in await world.all(Event) if "tag" in e.params]
    assert sorted(told) == sorted([(kind, tag) for kind in ("ticket.tagged", "ticket.untagged") for tag in (1, 2, 3)])


async def test_the_same_again_says_nothing(world: World) -> None:
    await world.take(said(0))
    before = await kinds(world)
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        await desk.set_status(session, ticket, "open", agent_id=1, now=at(1))
        await desk.set_priority(session, ticket, "normal", by=1, now=at(1))
        await desk.set_team(session, ticket, world.cast.team.id, by=1, now=at(1))
        await desk.set_subject(session, ticket, ticket.subject, by=1, now=at(1))
        await desk.set_tags(session, ticket, set(), by=1, now=at(1))
        await desk.assign(session, ticket, agent_id=None, by=1, reason="released", now=at(1))
    assert await kinds(world) == before


# -- the life of a ticket -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["resolved", "closed", "spam"])
async def test_what_needs_no_answer_any_more_promises_nothing(world: World, status: str) -> None:
    await world.take(said(0))
    await world.status(1, status, now=at(10))
    ticket, (clock,), (episode,) = await world.ticket(), await world.clocks(), await world.episodes()
    assert (ticket.needs_reply_since, ticket.due_at) == (None, NEVER)
    assert (clock.state, clock.breached_at, episode.void, episode.answered_at) == ("cancelled", None, True, None)


async def test_resolutions_are_periods(world: World) -> None:
    await world.take(said(0))
    for status, when in (("resolved", 10), ("closed", 20), ("open", 30), ("resolved", 40)):
        await world.status(1, status, now=at(when))
    one, two = await world.resolutions()
    assert (one.resolved_at, one.reopened_at, one.reopened_by) == (at(10), at(30), "agent")
    assert (two.resolved_at, two.reopened_at) == (at(40), None)
    ticket = await world.ticket()
    assert (ticket.reopened, ticket.resolved_at) == (1, at(40))


async def test_a_snoozed_ticket_wakes_at_its_time_and_not_before(world: World) -> None:
    await world.take(said(0))
    await world.status(1, "snoozed", now=at(10), until=at(100))
    await world.status(1, "snoozed", now=at(11), until=at(200))
    for now, woken in ((100, 0), (199.9, 0), (200, 1), (201, 0)):
        async with world.database.write() as session:
            assert await timers.wake(session, at(now)) == woken, now
    ticket = await world.ticket()
    assert (ticket.status, ticket.snoozed_until, ticket.updated_at) == ("open", None, at(200))


async def test_a_breach_is_written_at_exactly_the_deadline_however_late(world: World) -> None:
    await world.take(said(0))
    async with world.database.write() as session:
        assert await timers.ring(session, at(3599.9)) == 0
        assert not await timers.anything_due(session, at(3599.9))
    async with world.database.write() as session:
        assert await timers.anything_due(session, at(9999))
        assert await timers.ring(session, at(9999)) == 1
        assert await timers.ring(session, at(9999)) == 0
    (clock,) = await world.clocks()
    assert (clock.state, clock.breached_at, clock.met_at) == ("running", at(3600), None)
    assert (await world.all(Event))[-1].at == at(3600)


async def test_SLA3_met_when_it_was_answered_whenever_that_is_noticed(world: World) -> None:
    """A call answered in time, told late: the watch had written a breach by then."""
    await world.take(said(0))
    async with world.database.write() as session:
        assert await timers.ring(session, at(4000)) == 1
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        await desk.answered(session, ticket, at=at(3000), agent_id=1, message_id=1)
    (clock,) = await world.clocks()
    assert (clock.state, clock.met_at, clock.breached_at) == ("met", at(3000), None)


async def test_answered_too_late_is_a_breach_even_if_nobody_watched(world: World) -> None:
    await world.take(said(0))
    async with world.database.write() as session:
        ticket = await desk.locked(session, 1)
        await desk.answered(session, ticket, at=at(3601), agent_id=world.cast.hanako.id, message_id=1)
    (clock,), (episode,) = await world.clocks(), await world.episodes()
    assert (clock.met_at, clock.breached_at) == (at(3601), at(3600))
    assert (episode.answered_at, episode.agent_id) == (at(3601), world.cast.hanako.id)


async def test_many_breaches_and_wakes_go_in_portions(world: World) -> None:
    await world.batch([arrival(world.line, said(n, who=f"c{n}")) for n in range(30)])
    for number in range(1, 11):
        await world.status(number, "snoozed", now=at(50), until=at(100 + number))
    done = []
    for _ in range(4):
        async with world.database.write() as session:
            done.append(await timers.ring(session, at(1) + timedelta(days=1), most=12))
    assert done == [12, 12, 6, 0]
    async with world.database.write() as session:
        assert await timers.wake(session, at(105)) == 5


# -- people -------------------------------------------------------------------------------------------------------------


async def test_letting_an_agent_go_signs_them_out_and_keeps_their_work(world: World) -> None:
    hanako = world.cast.hanako
    async with world.database.write() as session:
        await people.change_agent(session, hanako.id, {"active": False}, now=at(1))
    assert await world.all(Login, agent_id=hanako.id) == []
    assert len(await world.all(Login, agent_id=world.cast.jiro.id)) == 1


async def test_the_last_owner_stays(world: World) -> None:
    """The outsider is an owner too, but not an active one."""
    for change in ({"role": "agent"}, {"active": False}, {"role": "lead", "active": True}):
        with pytest.raises(people.LastOwner):
            async with world.database.write() as session:
                await people.change_agent(session, world.cast.owner.id, dict(change), now=at(1))
    async with world.database.write() as session:
        await people.change_agent(session, world.cast.lead.id, {"role": "owner"}, now=at(1))
    async with world.database.write() as session:
        await people.change_agent(session, world.cast.owner.id, {"role": "agent"}, now=at(2))


async def test_two_agents_of_one_address_are_refused(world: World) -> None:
    with pytest.raises(people.AgentExists):
        async with world.database.write() as session:
            await people.add_agent(
                session, email=" Hanako@Mikawaya.example ", name="x", password="x" * 10, now=at(1), team_ids=[]
            )


async def test_tickets_are_numbered_without_gaps_by_what_opens_them(world: World) -> None:
    await world.take(said(0), said(1, who="b"), said(2))
    await world.take(said(0), said(3, who="c"))
    assert [t.id for t in await world.all(Ticket)] == [1, 2, 3]
