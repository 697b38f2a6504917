"""L34: who is writing is asked of LINE, and asked again until it has answered; on both databases, against demo LINE."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from app.config import Settings
from app.jobs.fetch import AskNames
from app.models import Event, Identity, Person
from app.parts import assemble
from app.rules.retry import SEND_S
from tests.cast import Cast
from tests.conftest import Hands
from tests.jobs.rig import LineDesk, line_desk


class Desk(LineDesk):
    async def ask(self) -> int:
        return await AskNames(self.parts).step()

    @property
    def asked(self) -> int:
        return sum("/profile/" in call.path for call in self.cloud.calls)

    async def known(self) -> tuple[str, str, bool]:
        """The identity's name, its person's, and whether it will be asked about again."""
        async with self.parts.database.read() as session:
            identity = (await session.scalars(select(Identity))).one()
            person = await session.get_one(Person, identity.person_id)
        return identity.name, person.name, identity.ask_at is not None


@pytest.fixture
async def desk(settings: Settings, cast: Cast) -> AsyncIterator[Desk]:
    async with line_desk(settings, cast) as opened:
        yield Desk(opened.parts, opened.inbox, opened.http, opened.cast, opened.cloud)


async def test_L34_a_name_is_asked_once(desk: Desk) -> None:
    await desk.wrote()
    assert [await desk.ask(), await desk.ask()] == [1, 0]
    assert await desk.known() == (desk.customer.name, desk.customer.name, False)
    assert desk.asked == 1
    async with desk.parts.database.read() as session:
        told = select(col(Event.ticket_id)).where(col(Event.kind) == "person.changed")
        assert (await session.scalars(told)).all() == [1]


@pytest.mark.parametrize("status", [500, 429, 401])
async def test_L34_a_failure_that_passes_is_no_answer(desk: Desk, hands: Hands, status: int) -> None:
    await desk.wrote()
    desk.cloud.next_status(status, times=2, path="/profile/")
    for wait in SEND_S[:2]:
        assert await desk.ask() == 1
        assert await desk.known() == ("", "", True)
        hands.now += timedelta(seconds=wait - 1)
        assert await desk.ask() == 0, "it is left in peace until then"
        hands.now += timedelta(seconds=1)
    assert await desk.ask() == 1
    assert await desk.known() == (desk.customer.name, desk.customer.name, False)


async def test_L34_after_two_days_of_silence_nobody_asks_any_more(desk: Desk, hands: Hands) -> None:
    await desk.wrote()
    desk.cloud.next_status(503, times=len(SEND_S) + 2, path="/profile/")
    for wait in SEND_S:
        assert await desk.ask() == 1
        hands.now += timedelta(seconds=wait)
    assert await desk.ask() == 1
    assert await desk.known() == ("", "", False)
    hands.now += timedelta(days=30)
    assert await desk.ask() == 0


async def test_L34_no_profile_is_an_answer(desk: Desk, hands: Hands) -> None:
    await desk.wrote()
    desk.customer.following = False
    assert await desk.ask() == 1
    assert await desk.known() == ("", "", False)
    hands.now += timedelta(days=1)
    assert await desk.ask() == 0


async def test_L34_who_only_followed_has_a_name_too(desk: Desk) -> None:
    assert await desk.cloud.follow(desk.customer.id) == 200
    await desk.parts.inboxes.refresh()
    assert await desk.ask() == 1
    assert await desk.known() == (desk.customer.name, desk.customer.name, False)


async def test_L34_two_processes_ask_once(desk: Desk) -> None:
    await desk.wrote()
    other = assemble(desk.parts.settings)
    assert sorted(await asyncio.gather(desk.ask(), AskNames(other).step())) == [0, 1]
    assert desk.asked == 1
    await other.stop()


async def test_a_process_that_died_while_it_asked_leaves_the_question(desk: Desk, hands: Hands) -> None:
    await desk.wrote()
    desk.cloud.drop_answer(path="/profile/")
    asking = asyncio.create_task(desk.ask())
    while not desk.asked:
        await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert await desk.ask() == 0, "it is somebody's for a minute"
    hands.now += timedelta(minutes=1)
    assert await desk.ask() == 1
    assert (await desk.known())[0] == desk.customer.name
