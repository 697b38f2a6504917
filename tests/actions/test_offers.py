"""Offers: taken once, declined, run out, withdrawn (R1, R4)."""

import pytest

from app.actions import desk, offers
from app.models import (
    Agent,
    Mode,
    Offer,
    Presence,
    Status,
    Strategy,
)  # fmt: skip
from tests.actions.floor import Floor
from tests.actions.world import at


async def offered(floor: Floor, number: int) -> Offer:
    return (await floor.world.all(Offer, ticket_id=number))[-1]


async def test_r1_an_offer_is_accepted_once(floor: Floor) -> None:
    await floor.plan(mode=Mode.OFFER)
    number = await floor.ask(1)
    await floor.look(at(2))
    offer = await offered(floor, number)
    assert (offer.agent_id, offer.state, offer.expires_at) == (floor.hanako, "open", at(32))
    assert await floor.assignee(number) is None
    hanako, jiro = floor.world.cast.hanako.agent, floor.world.cast.jiro.agent
    async with floor.world.database.write() as session:
        with pytest.raises(offers.NoOffer):
            await offers.accept(session, offer.id, jiro, at(3))
    for second in (4, 5):
        async with floor.world.database.write() as session:
            assert await offers.accept(session, offer.id, hanako, at(second)) == number
    assert await floor.log(number) == [
        ("offered", Strategy.LONGEST_IDLE, floor.hanako), ("assigned", "accepted", floor.hanako)
    ]  # fmt: skip


async def test_r1_a_declined_offer_goes_to_the_next_and_not_back_at_once(floor: Floor) -> None:
    await floor.plan(mode=Mode.OFFER)
    number = await floor.ask(1)
    await floor.look(at(2))
    for who, second in ((floor.world.cast.hanako, 3), (floor.world.cast.jiro, 5)):
        offer = await offered(floor, number)
        assert offer.agent_id == who.id
        async with floor.world.database.write() as session:
            await offers.decline(session, offer.id, who.agent, at(second))
        await floor.look(at(second + 1))
    assert (await floor.log(number))[-1] == ("waiting", "nobody", None)
    await floor.look(at(130))
    assert (await offered(floor, number)).state == "open", "after a while they are asked again"


async def test_r1_an_offer_that_runs_out_goes_on_and_its_agent_is_away(floor: Floor) -> None:
    await floor.plan(mode=Mode.OFFER, offer_timeout_s=20)
    number = await floor.ask(1)
    await floor.look(at(2))
    await floor.look(at(21))
    assert (await offered(floor, number)).agent_id == floor.hanako
    await floor.look(at(22))
    assert [(each.agent_id, each.state) for each in await floor.world.all(Offer)] == [
        (floor.hanako, "expired"), (floor.jiro, "open")
    ]  # fmt: skip
    away = await floor.world.one(Agent, id=floor.hanako)
    assert (away.presence, away.presence_reason) == (Presence.AWAY, "unanswered")


async def test_r4_an_open_offer_fills_capacity(floor: Floor) -> None:
    await floor.plan(mode=Mode.OFFER)
    await floor.world.set(Agent, floor.jiro, active=False)
    await floor.world.set(Agent, floor.hanako, capacity=20)
    first, second = await floor.ask(1), await floor.ask(2)
    await floor.look(at(3))
    assert [len(await floor.world.all(Offer, ticket_id=n)) for n in (first, second)] == [1, 0]


@pytest.mark.parametrize("how", ["taken", "solved", "left"])
async def test_r1_an_offer_ends_when_nobody_needs_it_or_nobody_is_there(floor: Floor, how: str) -> None:
    await floor.plan(mode=Mode.OFFER)
    number = await floor.ask(1)
    await floor.look(at(2))
    if how == "taken":
        async with floor.world.database.write() as session:
            await desk.claim(session, await desk.locked(session, number), floor.world.cast.lead.agent, at(3))
    elif how == "solved":
        await floor.world.status(number, Status.RESOLVED, now=at(3))
    else:
        await floor.be(floor.hanako, Presence.OFFLINE, at(3))
    await floor.look(at(4))
    first = (await floor.world.all(Offer))[0]
    assert first.state == "withdrawn"
    async with floor.world.database.write() as session:
        with pytest.raises(offers.OfferOver):
            await offers.accept(session, first.id, floor.world.cast.hanako.agent, at(5))
