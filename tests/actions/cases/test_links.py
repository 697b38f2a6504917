"""Tickets that have to do with each other: said once, seen from both sides, one parent and one level."""

import asyncio

import pytest

from app.actions import desk
from app.actions.cases import links
from app.actions.cases.links import Kin
from app.models import Event, TicketLink
from app.queries import cases as queries
from tests.actions.cases.test_merge import Cases
from tests.actions.world import World, at, mail


@pytest.fixture
async def cases(world: World) -> Cases:
    for n in (1, 2, 3, 4):
        await world.take(mail(n, who=f"kyaku{n}"), now=at(n), inbox=world.email)
    return Cases(world)


async def link(cases: Cases, number: int, other: int, kin: Kin = "related") -> TicketLink:
    async with cases.world.database.write() as session:
        return await links.link(session, number, other, kin, agent=cases.world.cast.hanako.agent, now=at(50))


async def unlink(cases: Cases, number: int, link_id: int) -> None:
    async with cases.world.database.write() as session:
        await links.unlink(session, number, link_id, agent=cases.world.cast.hanako.agent, now=at(60))


async def kin(cases: Cases, number: int) -> list[tuple[str, int]]:
    async with cases.world.database.read() as session:
        return [(each["kind"], each["ticket"]["number"]) for each in await queries.links(session, number)]


async def told(cases: Cases, kind: str) -> list[tuple[int | None, int, str]]:
    found = await cases.world.all(Event, kind=kind)
    return sorted((each.ticket_id, each.params["other"], each.params["kin"]) for each in found)


async def test_a_link_is_seen_from_both_sides_and_said_once(cases: Cases) -> None:
    first = await link(cases, 2, 1)
    assert (await link(cases, 1, 2)).id == first.id
    assert await kin(cases, 1) == [("related", 2)]
    assert await kin(cases, 2) == [("related", 1)]
    assert await told(cases, "ticket.linked") == [(1, 2, "related"), (2, 1, "related")]


async def test_children_know_their_parent(cases: Cases) -> None:
    await link(cases, 1, 2, "child")
    await link(cases, 3, 1, "parent")
    assert await kin(cases, 1) == [("child", 2), ("child", 3)]
    assert await kin(cases, 2) == [("parent", 1)]
    assert (3, 1, "parent") in await told(cases, "ticket.linked")
    assert (1, 3, "child") in await told(cases, "ticket.linked")


async def test_one_parent_and_one_level(cases: Cases) -> None:
    await link(cases, 2, 1, "parent")
    with pytest.raises(links.HasParent):
        await link(cases, 2, 3, "parent")
    with pytest.raises(links.NestedCase):
        await link(cases, 1, 3, "parent")
    with pytest.raises(links.NestedCase):
        await link(cases, 1, 2, "parent")  # a circle
    with pytest.raises(links.HasParent):
        await link(cases, 3, 2, "child")
    with pytest.raises(links.NestedCase):
        await link(cases, 2, 3, "child")
    assert len(await cases.world.all(TicketLink)) == 1


async def test_two_at_once_give_one_parent(cases: Cases) -> None:
    done = await asyncio.gather(
        *[link(cases, 2, parent, "parent") for parent in (1, 3, 4)],
        *[link(cases, parent, 2, "parent") for parent in (1, 3, 4)],
        return_exceptions=True,
    )
    assert sum(isinstance(each, TicketLink) for each in done) >= 1
    assert all(isinstance(each, TicketLink | links.HasParent | links.NestedCase) for each in done)
    found = await cases.world.all(TicketLink)
    parents = {each.other_id for each in found}
    children = [each.ticket_id for each in found]
    assert not parents & set(children)
    assert len(children) == len(set(children))


async def test_what_was_merged_stands_for_its_master(cases: Cases) -> None:
    await cases.merge(2, 1, at(40), other=True)
    with pytest.raises(links.LinksToItself):
        await link(cases, 2, 1)
    with pytest.raises(links.LinksToItself):
        await link(cases, 3, 3)
    with pytest.raises(desk.NoTicket):
        await link(cases, 3, 999)
    await link(cases, 3, 2)
    assert await kin(cases, 1) == [("related", 3)]


async def test_a_link_is_taken_away_by_its_own_tickets_only(cases: Cases) -> None:
    made = await link(cases, 1, 2, "child")
    with pytest.raises(links.NoLink):
        await unlink(cases, 3, made.id)
    await unlink(cases, 2, made.id)
    assert await kin(cases, 1) == []
    assert await told(cases, "ticket.unlinked") == [(1, 2, "child"), (2, 1, "parent")]
    with pytest.raises(links.NoLink):
        await unlink(cases, 1, made.id)
