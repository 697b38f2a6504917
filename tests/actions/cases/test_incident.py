"""One answer for all children of an incident: each in its own channel, once, through the one outbox."""

import pytest

from app.actions import desk
from app.actions.cases import incident, links
from app.actions.cases.incident import Answered, NoChildren, WrongText
from app.models import Event, Identity, Message
from app.queries import incident as previews
from tests.actions.cases.test_merge import Cases
from tests.actions.world import World, at, mail, ring, said

TEXT = "{{person.name|お客様}}様、復旧しました。"


@pytest.fixture
async def cases(world: World) -> Cases:
    """Ticket 1 is the parent; children wrote a mail (2), on LINE (3), one is solved (4), and one called (5)."""
    await world.take(mail(1, who="oya"), now=at(1), inbox=world.email)
    await world.take(mail(2, who="sato"), now=at(2), inbox=world.email)
    await world.take(said(3, who="suzuki"), now=at(3))
    await world.take(said(4, who="ito"), now=at(4))
    await world.take(ring(5, who="tanaka"), now=at(5), inbox=world.phone)
    await world.status(4, "resolved", now=at(6))
    async with world.database.write() as session:
        for child in (2, 3, 4, 5):
            await links.link(session, 1, child, "child", agent=world.cast.hanako.agent, now=at(10))
    return Cases(world)


async def answer(
    cases: Cases, second: float, *, number: int = 1, text: str = TEXT, resolve: bool = False
) -> list[Answered]:
    async with cases.world.database.write() as session:
        return await incident.answer_children(
            session, number, text, client_id="12345678", agent=cases.world.cast.hanako.agent, now=at(second),
            resolve=resolve,
        )  # fmt: skip


async def outbox(cases: Cases) -> list[tuple[int, int | None, str]]:
    found = await cases.world.all(Message, direction="out", audience="public")
    return [(each.ticket_id, each.inbox_id, each.state) for each in found]


async def test_each_child_is_answered_in_its_own_channel_once(cases: Cases) -> None:
    world = cases.world
    async with world.database.read() as session:
        shown = await previews.preview(session, 1, TEXT, world.cast.hanako.agent)
    assert [(e["ticket"]["number"], e["channel"], e["why"]) for e in shown] == [
        (2, "email", ""), (3, "line", ""), (4, "line", "resolved"), (5, "phone", "no_thread"),
    ]  # fmt: skip
    found = await answer(cases, 20)
    assert [(each["number"], each["why"]) for each in found] == [(2, ""), (3, ""), (4, "resolved"), (5, "no_thread")]
    queued = [(2, world.email.id, "queued"), (3, world.line.id, "queued")]
    assert await outbox(cases) == queued
    assert await answer(cases, 30) == found and await outbox(cases) == queued  # the same again
    sent = {each.ticket_id: each.text for each in await world.all(Message, direction="out")}
    assert all(sent[each["ticket"]["number"]] == each["text"] for each in shown if not each["why"])
    (told,) = await world.all(Event, kind="ticket.children_answered")
    assert (told.ticket_id, told.params["numbers"]) == (1, [2, 3])
    assert [(await world.ticket(n)).needs_reply_since for n in (2, 3)] == [None, None]
    assert (await world.ticket(1)).needs_reply_since == at(1)  # the parent has its own customer


async def test_children_are_solved_with_the_parent_when_asked_and_only_then(cases: Cases) -> None:
    world = cases.world
    await world.set(Identity, 3, reachable=False, reach_code="blocked")
    found = await answer(cases, 20, resolve=True)
    assert [(each["number"], each["why"]) for each in found[:2]] == [(2, ""), (3, "blocked")]
    assert [(await world.ticket(n)).status for n in (1, 2, 3, 5)] == ["resolved", "resolved", "open", "open"]


async def test_nothing_is_sent_without_children_or_with_a_wrong_variable(cases: Cases) -> None:
    with pytest.raises(NoChildren):
        await answer(cases, 20, number=2)
    with pytest.raises(WrongText):
        await answer(cases, 20, text="{{person.nam}}様")
    with pytest.raises(desk.NoTicket):
        await answer(cases, 20, number=99)
    assert await outbox(cases) == []
