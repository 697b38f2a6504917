"""Splitting: another matter gets a ticket of its own, whose promises begin with its message (SLA2-SLA5); the original keeps
its own, replies come to the right one, and nothing is counted twice. On both databases."""

import pytest

from app.actions.cases import split
from app.actions.cases.split import CannotSplit, NoSuchMessage
from app.models import Event, Message, Ticket
from app.queries import cases as queries
from app.queries import history
from tests.actions.cases.test_merge import Cases
from tests.actions.world import World, at, mail, ring, said


@pytest.fixture
def cases(world: World) -> Cases:
    return Cases(world)


async def divide(cases: Cases, message: int, second: float, number: int = 1, **more: bool) -> Ticket:
    async with cases.world.database.write() as session:
        agent = cases.world.cast.hanako.agent
        return await split.split(session, number, message, agent=agent, now=at(second), **more)


async def texts(cases: Cases, number: int) -> list[str]:
    found = await cases.world.all(Message, ticket_id=number)
    return [each.text for each in found]


async def agrees(cases: Cases, *numbers: int) -> None:
    """Told again from the log, the tickets' turns are those of the rows that reports count."""
    for number in numbers:
        async with cases.world.database.read() as session:
            told = await history.retold(session, number)
        rows = [each for each in await cases.world.episodes() if each.ticket_id == number and not each.void]
        assert [(e.message_id, e.opened_at, e.answered_at) for e in told.episodes if not e.void] == [
            (e.message_id, e.opened_at, e.answered_at) for e in rows
        ]


async def test_SLA4_a_split_message_begins_its_own_promises_and_the_original_keeps_its_own(cases: Cases) -> None:
    world = cases.world
    await cases.policy()
    await world.take(said(0, "醤油が届きません"), now=at(0))
    await world.take(said(100, "別件です。請求書をください"), now=at(100))
    await cases.assign(world.cast.hanako.id, at(110))
    made = await divide(cases, 2, 200)
    hanako, team = world.cast.hanako.id, world.cast.team.id
    assert (made.subject, made.assignee_id, made.team_id) == ("別件です。請求書をください", hanako, team)
    starts = {n: {m: c.started_at for m, c in (await cases.active(n)).items()} for n in (1, 2)}
    assert starts == {
        1: {"first_response": at(0), "resolution": at(0)}, 2: {"first_response": at(100), "resolution": at(100)}
    }  # fmt: skip
    assert [each.needs_reply_since for each in await world.tickets()] == [at(0), at(100)]
    assert [each.preview for each in await world.tickets()] == ["醤油が届きません", "別件です。請求書をください"]
    assert [(await cases.waiting(n))[0].message_id for n in (1, 2)] == [1, 2]
    await agrees(cases, 1, 2)
    async with world.database.read() as session:
        assert [each["kind"] for each in await queries.links(session, 1)] == ["related"]
    told = {each.ticket_id: each.params for each in await world.all(Event, kind="ticket.split")}
    assert (told[1]["number"], told[2]["origin"]) == (2, 1)


async def test_SLA4_the_originals_turn_goes_on_from_what_is_left_or_ends(cases: Cases) -> None:
    world = cases.world
    await cases.policy()
    await world.take(said(0), now=at(0))
    await cases.reply(1, at(10))
    await world.take(said(20, "別件です"), now=at(20))
    await world.take(said(30, "まだ届きません"), now=at(30))
    await divide(cases, 3, 40)
    ticket = await world.ticket(1)
    assert ticket.needs_reply_since == at(30) and (await cases.active(1))["next_response"].started_at == at(30)
    assert (await cases.active(2))["first_response"].started_at == at(20)
    await agrees(cases, 1, 2)
    await divide(cases, 4, 50)
    assert (await world.ticket(1)).needs_reply_since is None
    assert "next_response" not in await cases.active(1) and not await cases.waiting(1)
    await agrees(cases, 1, 2, 3)


async def test_what_the_customer_says_next_comes_to_the_right_ticket(cases: Cases) -> None:
    world = cases.world
    await world.take(said(0, "一"), said(1, "二"), said(2, "三"), now=at(2))
    await divide(cases, 2, 10, following=True)
    assert (await texts(cases, 1), await texts(cases, 2)) == (["一"], ["二", "三"])
    await world.take(said(20, "四"), now=at(20))  # on LINE: where their latest word is
    assert await texts(cases, 2) == ["二", "三", "四"]
    sent = await cases.reply(1, at(30))
    assert (sent.ticket_id, (await world.threads())[0].ticket_id) == (1, 1)
    await world.take(said(40, "五"), now=at(40))
    assert (await texts(cases, 2))[-1] == "五"


async def test_a_mail_comes_to_the_ticket_of_what_it_answers(cases: Cases) -> None:
    world = cases.world
    await world.take(mail(1), now=at(1), inbox=world.email)
    await world.take(mail(2, answers=["m1"]), now=at(2), inbox=world.email)
    made = await divide(cases, 2, 10)
    await world.take(mail(20, answers=["m2"]), now=at(20), inbox=world.email)
    await world.take(mail(30, answers=["m1"]), now=at(30), inbox=world.email)
    assert [each.ticket_id for each in await world.messages()] == [1, made.id, made.id, 1]


async def test_what_cannot_be_a_ticket_of_its_own_is_refused_with_the_reason(cases: Cases) -> None:
    world = cases.world
    await world.take(said(0), now=at(0))
    await cases.reply(1, at(5))
    await world.take(ring(), now=at(6), inbox=world.phone)
    for message, number, why in ((1, 1, "only"), (2, 1, "not_customers"), (3, 2, "phone")):
        with pytest.raises(CannotSplit) as refused:
            await divide(cases, message, 10, number)
        assert refused.value.params["reason"] == why
    with pytest.raises(NoSuchMessage):
        await divide(cases, 3, 10, 1)
    assert len(await world.tickets()) == 2


async def test_split_twice_is_one_ticket(cases: Cases) -> None:
    await cases.world.take(said(0), said(1), now=at(1))
    await divide(cases, 2, 10)
    with pytest.raises(NoSuchMessage):
        await divide(cases, 2, 11)
    assert len(await cases.world.tickets()) == 2
