"""Begun answers are kept on the server: one for each agent and ticket, shared when wanted, carried along by a merge."""

import pytest
from sqlalchemy import select

from app.actions import desk, drafts
from app.actions.cases import merge
from app.models import Event, KeptDraft, Ticket
from app.queries.drafts import of_ticket
from tests.actions.world import World, at, mail, said
from tests.cast import Member


async def write(world: World, text: str, *, by: Member, ticket: int = 1, shared: bool = False, now: float = 10) -> None:
    async with world.database.write() as session:
        found = await desk.workable(session, ticket)
        await drafts.keep(session, found, by.agent, text=text, note="", shared=shared, now=at(now))


async def seen(world: World, by: Member, ticket: int = 1) -> tuple[str | None, list[str]]:
    async with world.database.read() as session:
        found = await of_ticket(session, ticket, by.id)
    return found["own"] and found["own"]["text"], [each["text"] for each in found["shared"]]


async def kept(world: World) -> list[KeptDraft]:
    async with world.database.read() as session:
        return list((await session.scalars(select(KeptDraft))).all())


async def test_a_draft_is_its_writers_until_it_is_shared(world: World) -> None:
    await world.take(said(0))
    hanako, jiro = world.cast.hanako, world.cast.jiro
    await write(world, "途中まで", by=hanako)
    assert (await seen(world, hanako), await seen(world, jiro)) == (("途中まで", []), (None, []))
    await write(world, "途中まで書きました", by=hanako, shared=True)
    assert await seen(world, jiro) == (None, ["途中まで書きました"])
    await write(world, " ", by=hanako, shared=True)
    assert (await seen(world, hanako), await kept(world)) == ((None, []), [])
    kinds = [each.kind for each in await world.all(Event) if each.kind.startswith("draft.")]
    assert kinds == ["draft.shared", "draft.unshared"], "only what colleagues see differently is told"


async def test_a_shared_draft_is_taken_over_once_and_behind_ones_own_words(world: World) -> None:
    await world.take(said(0))
    hanako, jiro = world.cast.hanako, world.cast.jiro
    await write(world, "調べました。", by=hanako, shared=True)
    await write(world, "お待たせしました。", by=jiro)
    async with world.database.write() as session:
        await drafts.take(session, await desk.workable(session, 1), hanako.id, jiro.agent, now=at(20))
    assert await seen(world, jiro) == ("お待たせしました。\n\n調べました。", [])
    assert await seen(world, hanako) == (None, [])
    for owner in (hanako, jiro):
        with pytest.raises(drafts.NoDraft):
            async with world.database.write() as session:
                await drafts.take(session, await desk.workable(session, 1), owner.id, jiro.agent, now=at(21))


async def test_a_private_draft_cannot_be_taken(world: World) -> None:
    await world.take(said(0))
    await write(world, "まだ見せません", by=world.cast.hanako)
    with pytest.raises(drafts.NoDraft):
        async with world.database.write() as session:
            ticket = await desk.workable(session, 1)
            await drafts.take(session, ticket, world.cast.hanako.id, world.cast.jiro.agent, now=at(20))
    assert (await seen(world, world.cast.hanako))[0] == "まだ見せません"


async def test_a_merge_carries_drafts_to_where_their_writers_answer_now(world: World) -> None:
    await world.take(said(0))
    await world.take(mail(1), now=at(5), inbox=world.email)
    await world.set(Ticket, 2, person_id=(await world.ticket(1)).person_id)
    hanako, jiro = world.cast.hanako, world.cast.jiro
    await write(world, "統合前の返事", by=hanako, ticket=2)
    await write(world, "主の返事", by=jiro, ticket=1)
    await write(world, "部の返事", by=jiro, ticket=2)
    async with world.database.write() as session:
        await merge.merge(session, 2, 1, agent=world.cast.lead.agent, now=at(30))
    assert (await seen(world, hanako))[0] == "統合前の返事"
    assert (await seen(world, jiro))[0] == "主の返事\n\n部の返事"
    assert {each.ticket_id for each in await kept(world)} == {1}
