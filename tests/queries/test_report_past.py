"""What was counted stays counted: promises by whose they were, wrap-up, and who comes again about the same."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from app.actions import calls, desk, presence, timers
from app.models import Attainment, Call, Person, RoutingSetup, Tag, Team, Ticket, TicketTag
from app.queries.reports import lists
from app.rules.routing import WEIGHTS
from channels.contract import CallUpdate
from tests.actions.promised import Promised
from tests.actions.told import assert_calls_retold
from tests.actions.world import World, at, mail, ring, said
from tests.cast import START
from tests.queries.test_reports import DAY, Days, asking, figures, parts

JULY_2, LATER = {"last": DAY}, {"first": DAY + timedelta(days=1)}
A_DAY = 86400


async def test_SLA4_a_kept_solution_stays_kept_in_its_period_when_the_ticket_is_opened_again(world: World) -> None:
    """Solved in time on Wednesday, opened again on Thursday and solved too late: one kept, then one broken."""
    await Promised(world).policy()
    days = Days(world)
    ticket = await days.comes(said(0))
    await days.answers(ticket, 300, then="resolved")
    before = await figures(world, asking(**JULY_2))
    assert parts(before, "sla_resolution") == (1, 1) and parts(before, "reopen_rate") == (0, 1)
    await days.comes(said(A_DAY))
    assert parts(await figures(world, asking(**JULY_2)), "sla_resolution") == (1, 1)
    await days.answers(ticket, A_DAY + 4000, then="resolved")
    wednesday, thursday = await figures(world, asking(**JULY_2)), await figures(world, asking(**LATER))
    assert parts(wednesday, "sla_resolution") == (1, 1), "history is not written again"
    assert parts(wednesday, "reopen_rate") == (1, 1), "reopening counts as reopening"
    assert parts(thursday, "sla_resolution") == (0, 1)


async def test_SLA2_attainment_is_the_teams_and_the_agents_who_had_it_then(world: World) -> None:
    """The next team and agent answer for what they do, not for what was before them."""
    await Promised(world).policy()
    days, cast = Days(world), world.cast
    one, two = await days.comes(said(0, who="ichi")), await days.comes(said(1, who="ni"))
    async with world.database.write() as session:
        other = Team(name="二課", created_at=START)
        session.add(other)
        await session.flush()
        for number in (one, two):
            await desk.set_team(session, await desk.locked(session, number), cast.team.id, by=1, now=at(5))
    for number in (one, two):
        await days.gives(number, cast.hanako.id, 10)
    await days.answers(one, 300)
    async with world.database.write() as session:
        assert await timers.ring(session, at(700)) > 0
        for number in (one, two):
            await desk.set_team(session, await desk.locked(session, number), other.id, by=1, now=at(800))
    for number in (one, two):
        await days.gives(number, cast.jiro.id, 900)
    await days.answers(two, 1000, "jiro")

    async def attained(**whose: Any) -> tuple[float, float]:
        return parts(await figures(world, asking(**whose)), "sla_first_response")

    assert await attained() == (1, 2)
    assert await attained(team=cast.team.id) == await attained(agent=cast.hanako.id) == (1, 2)
    assert await attained(team=other.id) == await attained(agent=cast.jiro.id) == (0, 0)
    async with world.database.read() as session:
        missed, _ = await lists.page(session, "sla_first_response", asking(), which="miss", cursor=None, limit=9)
    assert [(each["ticket"]["number"], each["agent_id"]) for each in missed] == [(two, cast.hanako.id)]


async def test_SLA3_a_breach_that_was_none_is_taken_back(world: World) -> None:
    """The deadline was noticed first, then an answer is told that had been in time."""
    await Promised(world).policy()
    ticket = await Days(world).comes(said(0))
    async with world.database.write() as session:
        await timers.ring(session, at(700))
    assert [each.kept for each in await world.all(Attainment)] == [False]
    async with world.database.write() as session:
        found, hanako = await desk.locked(session, ticket), world.cast.hanako.id
        await desk.answered(session, found, at=at(500), agent_id=hanako, message_id=1)
    assert [(each.kept, each.decided_at) for each in await world.all(Attainment)] == [(True, at(500))]


async def settle(world: World, now: Any) -> None:
    async with world.database.write() as session:
        await presence.settle(session, await presence.due(session, now), now)


async def test_ACW_is_the_agents_wrap_up_after_the_call_and_is_told_again_from_the_log(world: World) -> None:
    """Two calls, one with a wrap-up and one whose agent was free at once."""
    hanako = world.cast.hanako
    async with world.database.write() as session:
        session.add(RoutingSetup(id=1, weights=dict(WEIGHTS), wrap_up_s=120))
        await presence.declare(session, hanako.id, "available", by=hanako.id, now=at(-60))
    for number, begin in (("1", 0), ("2", 600)):
        await world.take(ring(number, sent_at=at(begin)), now=at(begin), inbox=world.phone)
        async with world.database.write() as session:
            call = await session.get_one(Call, int(number))
            await calls.answer(session, call.id, hanako.agent, via="browser", now=at(begin + 5))
        await settle(world, at(begin + 6))
        for event, second in (("connected", begin + 20), ("ended", begin + 80)):
            word = CallUpdate(call=f"CA{number}", at=at(second), event=event, reason="completed")
            await world.take(word, now=at(second), inbox=world.phone)
            await settle(world, at(second + 1))
        async with world.database.write() as session:
            spent = 46 if number == "1" else 0
            await presence.declare(session, hanako.id, "available", by=hanako.id, now=at(begin + 81 + spent))
    found = await figures(world, asking())
    assert parts(found, "talk") == (120, 2) and parts(found, "wrap_up") == (46, 2) and parts(found, "aht") == (166, 2)
    assert parts(found, "repeat_rate") == (1, 2), "the same customer ten minutes later"
    async with world.database.read() as session:
        tickets = (await session.scalars(select(col(Call.ticket_id)).distinct())).all()
        assert sum([await assert_calls_retold(session, number) for number in tickets]) == 2


async def test_FCR_is_broken_by_the_same_person_coming_again_about_the_same_within_7_days(world: World) -> None:
    """一次解決率: the same subject, the same tag, or a call about which nothing is known; not another matter, nor later."""
    days = Days(world)
    again = {"subject": "Re: 注文 の件", "tag": "別の件", "other": "別の件", "late": "注文の件"}
    persons = {}
    for number, name in enumerate(again):
        ticket = await days.comes(mail(number, who=name), inbox=world.email)
        await days.answers(ticket, 60 + number, then="resolved")
        persons[name] = ticket
    first = await figures(world, asking())
    assert parts(first, "one_contact") == (4, 4)
    made = {}
    for number, (name, subject) in enumerate(again.items(), 10):
        seconds = 8 * A_DAY if name == "late" else A_DAY + number
        made[name] = await days.comes(
            mail(f"n{number}", who=name, subject=subject, sent_at=at(seconds)), inbox=world.email
        )
    async with world.database.write() as session:
        tag = Tag(name="配送")
        session.add(tag)
        await session.flush()
        session.add_all([TicketTag(ticket_id=number, tag_id=tag.id) for number in (persons["tag"], made["tag"])])
        await session.flush()
    found = await figures(world, asking(last=DAY))
    assert parts(found, "one_contact") == (2, 4)
    async with world.database.read() as session:
        missed, _ = await lists.page(session, "one_contact", asking(last=DAY), which="miss", cursor=None, limit=9)
    assert {each["ticket"]["number"] for each in missed} == {persons["subject"], persons["tag"]}
    caller = (await world.ticket(persons["other"])).person_id
    await world.take(ring("x", who="caller", sent_at=at(2 * A_DAY)), now=at(2 * A_DAY), inbox=world.phone)
    async with world.database.write() as session:
        call = (await session.scalars(select(Ticket).order_by(col(Ticket.id).desc()).limit(1))).one()
        call.person_id = caller
        await session.execute(update(Person).where(col(Person.id) == caller).values(name="other"))
        await session.flush()
    assert parts(await figures(world, asking(last=DAY)), "one_contact") == (1, 4)
