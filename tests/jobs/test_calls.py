"""Words of the provider that never come (T6): the clock asks, and no call stays where it was (T16, T18)."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import pytest

from app import clock
from app.actions import calls
from app.config import Settings
from app.jobs.run import Clocks
from app.models import Attachment, Call, CallState, Delivery
from channels.contract import CallUpdate
from channels.phone.words import WORDS
from demo.telephone_leg import FINAL
from tests.cast import Cast
from tests.telephone import AGENT, Desk, open_desk

JA = WORDS["ja"]


@pytest.fixture
async def desk(settings: Settings, cast: Cast) -> AsyncIterator[Desk]:
    async with open_desk(settings, cast) as opened:
        yield opened
        assert opened.cloud.alerts == [], "Twilio's debugger would show these"


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Moves the product's clock on; it goes on from there."""
    utcnow, shift = clock.utcnow, [timedelta()]

    def now() -> datetime:
        return utcnow() + shift[0]

    def move(**by: float) -> None:
        shift[0] += timedelta(**by)

    monkeypatch.setattr(clock, "utcnow", now)
    return move


async def ringing(desk: Desk, via: str = "phone") -> dict[str, int]:
    """A caller waits and an agent is rung: the call's id and its ticket."""
    await desk.waiting()
    ticket = (await desk.get("/tickets"))["items"][0]["number"]
    call = (await desk.call(ticket))["id"]
    assert (await desk.post(f"/calls/{call}/answer", {"via": via})).status_code == 200
    return {"call": call, "ticket": ticket}


async def test_T6_a_call_whose_end_was_never_told(desk: Desk, later: Callable[..., None]) -> None:
    caller = await desk.waiting()
    ticket = (await desk.get("/tickets"))["items"][0]["number"]
    assert await desk.follow() == 0  # just heard of
    later(seconds=61)
    await desk.follow()
    assert (await desk.call(ticket))["state"] == "waiting"  # it still waits
    async with desk.unheard():
        await caller.hang_up()
    later(seconds=61)
    assert await desk.follow() == 1
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["reason"]) == ("ended", "missed", "completed")
    assert over["duration_s"] is not None
    later(seconds=61)
    assert await desk.follow() == 0  # ended calls are nobody's question


async def test_T6_a_call_that_twilio_does_not_know_has_failed(desk: Desk, later: Callable[..., None]) -> None:
    caller = await desk.waiting()
    ticket = (await desk.get("/tickets"))["items"][0]["number"]
    del desk.cloud.legs[caller.sid]
    later(seconds=61)
    await desk.follow()
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["reason"]) == ("ended", "missed", "failed")
    desk.cloud.legs[caller.sid] = caller


@pytest.mark.parametrize("fault", [(500, 20500), (401, 20003), (0, 0)])
async def test_T6_a_provider_that_does_not_answer_ends_nothing(
    desk: Desk, later: Callable[..., None], fault: tuple[int, int]
) -> None:
    caller = await desk.waiting()
    ticket = (await desk.get("/tickets"))["items"][0]["number"]
    async with desk.unheard():
        await caller.hang_up()
    later(seconds=61)
    desk.cloud.faults.append(fault)
    assert await desk.follow() == 1
    assert (await desk.call(ticket))["state"] == "waiting"
    later(seconds=61)
    assert await desk.follow() == 1
    assert (await desk.call(ticket))["state"] == "ended"


async def test_T13_a_message_whose_two_words_were_lost_is_found(
    settings: Settings, cast: Cast, later: Callable[..., None]
) -> None:
    async with open_desk(settings, cast, voicemail_after_s=1) as desk:
        await leave_a_message(desk, later)


async def leave_a_message(desk: Desk, later: Callable[..., None]) -> None:
    caller = await desk.cloud.dial()
    await caller.until(lambda: caller.doing == "Record")
    async with desk.unheard():
        caller.speak(4)
        await caller.hang_up()
    ticket = (await desk.get("/tickets"))["items"][0]["number"]
    assert (await desk.call(ticket))["state"] == "voicemail"
    (recording,) = desk.cloud.recordings.values()
    later(seconds=61)
    await desk.follow()
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["voicemail_s"]) == ("ended", "voicemail", 4)
    (message,) = (await desk.get(f"/tickets/{ticket}/messages"))["items"]
    (file,) = message["attachments"]
    async with desk.parts.database.read() as session:
        kept = await session.get(Attachment, 1)
    assert kept is not None
    assert (kept.remote, kept.public_id) == (f"recording:{recording.url}", file["id"])


async def test_T16_an_agent_whose_telephone_never_told_gives_the_caller_back(
    desk: Desk, later: Callable[..., None]
) -> None:
    at = await ringing(desk)
    desk.cloud.hold_callbacks()
    await desk.deliver_once()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.status == "ringing")
    agent.decline()
    await agent.until(lambda: agent.status in FINAL)
    later(seconds=61)
    await desk.follow()
    row = await desk.row(at["call"])
    assert (row.state, row.agent_id, row.order_key) == ("waiting", None, "")
    await desk.cloud.release_callbacks([])


async def test_T16_connecting_lasts_no_longer_than_it_rings(desk: Desk, later: Callable[..., None]) -> None:
    """The order to ring went nowhere (a process died): after the ring time and half a minute the caller waits again."""
    at = await ringing(desk)
    ring_s = desk.inbox.config["ring_s"]
    later(seconds=ring_s + 25)
    await desk.follow()
    assert (await desk.row(at["call"])).state == "connecting"
    later(seconds=11)
    await desk.follow()
    assert (await desk.row(at["call"])).state == "waiting"
    await desk.deliver()
    assert desk.cloud.agent_legs == []  # and the order that nobody carried out is withdrawn
    assert await desk.orders(at["call"]) == [("connect", Delivery.DISCARDED)]


async def test_T16_a_caller_who_was_brought_in_is_connected_although_the_word_was_lost(
    desk: Desk, later: Callable[..., None]
) -> None:
    at = await ringing(desk, "browser")
    await desk.deliver()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.with_sids)
    await desk.cloud.settle()
    async with desk.parts.database.write() as session:
        call = await session.get_one(Call, at["call"])
        call.state, call.answered_at = CallState.CONNECTING, None
    later(seconds=desk.inbox.config["ring_s"] + 31)
    await desk.follow()
    row = await desk.row(at["call"])
    assert (row.state, row.agent_id) == ("connected", desk.cast.hanako.id)
    assert agent.with_sids  # nobody was thrown out


async def test_T16_a_customer_alone_in_the_room_is_let_go(desk: Desk, later: Callable[..., None]) -> None:
    at = await ringing(desk, "browser")
    await desk.deliver()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.with_sids)
    await desk.cloud.settle()
    caller = desk.cloud.legs[(await desk.row(at["call"])).external_id]
    desk.cloud.hold_callbacks()
    await agent.hang_up()  # neither /agent-done nor its status comes
    assert caller.status == "in-progress"
    later(seconds=61)
    await desk.follow()
    await desk.deliver()
    await caller.until(lambda: caller.status in FINAL)
    await desk.cloud.release_callbacks([])


@pytest.mark.parametrize("end", ["no-answer", "completed"])
async def test_T6_a_call_back_whose_callbacks_are_all_lost(desk: Desk, later: Callable[..., None], end: str) -> None:
    ticket = await desk.missed()
    agent, customer = await desk.dialled(ticket)
    desk.cloud.hold_callbacks()
    if end == "completed":
        customer.answer()
        await customer.until(lambda: customer.with_sids)
        await customer.hang_up()
        await agent.until(lambda: agent.status in FINAL)
    else:
        await customer.finish(end)
    await desk.cloud.release_callbacks([])
    later(seconds=61)
    assert await desk.follow() == 1
    await desk.deliver()
    await agent.until(lambda: agent.status in FINAL)
    over = await desk.call(ticket)
    wanted = "answered" if end == "completed" else "unreached"
    assert (over["state"], over["outcome"], over["reason"]) == ("ended", wanted, end)
    assert agent.heard == [JA["calling"], *([JA["no-answer"]] if end == "no-answer" else [])]


async def test_T6_a_customer_who_picked_up_unheard_is_connected(desk: Desk, later: Callable[..., None]) -> None:
    """The word of it is in the dead letters: they talk all the same, and must not be cut off."""
    ticket = await desk.missed()
    agent, customer = await desk.talking(ticket)
    async with desk.parts.database.write() as session:
        call = await session.get_one(Call, (await desk.call(ticket))["id"])
        call.state, call.answered_at = CallState.DIALLING, None
    later(seconds=desk.inbox.config["dial_s"] + 31)
    await desk.follow()
    assert (await desk.call(ticket))["state"] == "connected"
    assert customer.with_sids == {agent.sid}


async def test_T22_a_customers_leg_that_never_came_is_given_up(desk: Desk, later: Callable[..., None]) -> None:
    ticket = await desk.missed()
    call = (await desk.post(f"/tickets/{ticket}/calls")).json()["call"]["id"]
    await desk.deliver_once()
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.doing == "Dial")
    later(seconds=desk.inbox.config["dial_s"] + 31)
    await desk.follow()
    await desk.deliver()
    await agent.until(lambda: agent.status in FINAL)
    over = await desk.call(ticket)
    assert (over["state"], over["outcome"], over["reason"]) == ("ended", "canceled", "no-answer")
    assert desk.cloud.customer_legs == []
    assert (await desk.orders(call))[1] == ("dial", Delivery.DISCARDED)


async def test_calls_of_an_inbox_that_cannot_be_asked_end_after_a_day(desk: Desk, later: Callable[..., None]) -> None:
    caller = await desk.waiting()
    ticket = (await desk.get("/tickets"))["items"][0]["number"]
    async with desk.unheard():
        await caller.hang_up()
    async with desk.parts.database.write() as session:
        inbox = await session.get_one(type(desk.inbox), desk.inbox.id)
        inbox.config = {**inbox.config, "number": "no number"}  # settings of an older version
    await desk.parts.inboxes.refresh()
    later(hours=23)
    assert await desk.follow() == 1
    assert (await desk.call(ticket))["state"] == "waiting"
    later(hours=2)
    assert await desk.follow() == 1
    assert (await desk.call(ticket))["state"] == "ended"


async def test_two_processes_do_not_ask_twice(desk: Desk, later: Callable[..., None]) -> None:
    await desk.waiting()
    later(seconds=61)
    asked = [await desk.follow(), await desk.follow()]
    assert asked == [1, 0]


async def test_words_of_a_call_that_nobody_knows_do_no_harm(desk: Desk) -> None:
    async with desk.parts.database.write() as session:
        opened = await desk.parts.inboxes.by_id(desk.inbox.id)
        assert opened is not None
        word = CallUpdate(call="out:nobody", at=clock.utcnow(), event="connected", leg="CA1")
        placed = await calls.progress(session, opened.brief, word, clock.utcnow())
    assert (placed.ticket, placed.facts["state"]) == (None, "ended")


async def test_with_the_clocks_running_a_call_back_needs_nobody_to_turn_them(settings: Settings, cast: Cast) -> None:
    async with open_desk(settings, cast, clocks=True) as desk:
        ticket = await desk.missed()
        begun = await desk.post(f"/tickets/{ticket}/calls", {"via": "phone"})
        assert begun.status_code == 201
        await desk.cloud.until(lambda: desk.cloud.agent_legs and desk.cloud.agent_legs[0].status == "ringing")
        (agent,) = desk.cloud.agent_legs
        assert agent.to == AGENT
        agent.answer()
        await agent.until(lambda: agent.doing == "Gather")
        agent.press("1")
        await desk.cloud.until(lambda: desk.cloud.customer_legs and desk.cloud.customer_legs[0].status == "ringing")
        (customer,) = desk.cloud.customer_legs
        customer.answer()
        await customer.until(lambda: customer.with_sids == {agent.sid})
        agent.speak(2, "お待たせいたしました。")
        assert customer.heard[-1] == "お待たせいたしました。"
        await agent.hang_up()
        await customer.until(lambda: customer.status in FINAL)
        await desk.cloud.settle()
        over = await desk.call(ticket)
        assert (over["state"], over["outcome"]) == ("ended", "answered")
        assert any(loop.name == "calls" for loop in Clocks(desk.parts)._loops)
