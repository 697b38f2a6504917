"""Whole calls, over real HTTP on both sides: the SDK talks to the demonstration's Twilio, which talks to the channel."""

import io
import random
import wave

import pytest

from channels.contract import CallUpdate, Inbound, TryAgain, Unconfirmed, Undeliverable
from channels.phone.words import WORDS
from demo.telephone_leg import FINAL, Leg
from tests.channels.phone.rig import Desk, open_desk

JA = WORDS["ja"]


async def waiting(desk: Desk, caller: str = "+819011112222") -> Leg:
    call = await desk.cloud.dial(caller)
    await call.until(lambda: call.doing == "Pause")
    return call


async def talking(desk: Desk, agent: str = "client:agent-7") -> tuple[Leg, Leg]:
    """A customer and an agent in one room, by the order of docs/phone.md."""
    call = await waiting(desk)
    await desk.phone.send(desk.order("connect", call.sid, agent))
    leg = desk.cloud.agent_legs[-1]
    if not agent.startswith("client:"):
        await call.until(lambda: leg.status == "ringing")
        leg.answer()
        await call.until(lambda: leg.doing == "Gather")
        leg.press("1")
    await call.until(lambda: "agent_joined" in desk.events(call.sid))
    await desk.phone.send(desk.order("join", call.sid))
    await call.until(lambda: call.with_sids)
    return call, leg


async def test_a_caller_is_greeted_and_waits(desk: Desk) -> None:
    call = await waiting(desk)
    assert call.heard == [desk.phone.config.greeting("ja"), JA["recording"], JA["hold"]]
    inbound = desk.items[0]
    assert isinstance(inbound, Inbound)
    assert (inbound.external_id, inbound.sender.value) == (call.sid, "+819011112222")


async def test_an_agent_answers_in_the_browser_and_hangs_up(desk: Desk) -> None:
    call, leg = await talking(desk)
    assert leg.with_sids == {call.sid}
    leg.speak(2, "もしもし")
    assert call.heard[-1] == "もしもし"
    await leg.hang_up()
    await desk.phone.send(desk.order("hangup", call.sid))
    assert call.status == "completed"
    await desk.cloud.settle()
    left, ended = desk.update("agent_left"), desk.update("ended")
    assert (left.leg, left.order, left.reason) == (leg.sid, "order-1", "completed")
    assert (ended.call, ended.reason) == (call.sid, "completed")
    assert desk.update("left_queue").reason == "redirected"


async def test_T14_an_agent_answers_by_telephone_after_pressing_1(desk: Desk) -> None:
    call, leg = await talking(desk, "090-5555-6666")
    assert (leg.to, leg.from_) == ("+819055556666", desk.phone.config.number)
    assert leg.heard == [JA["press"]]
    await call.hang_up()
    await call.until(lambda: leg.status == "completed")  # the customer's leaving ends the room (T15)
    await desk.cloud.settle()
    assert desk.events(call.sid).index("agent_joined") < desk.events(call.sid).index("connected")


async def test_T14_a_telephone_that_answers_without_pressing_1_gets_nobody(desk: Desk) -> None:
    call = await waiting(desk)
    await desk.phone.send(desk.order("connect", call.sid, "+819055556666"))
    (leg,) = desk.cloud.agent_legs
    await call.until(lambda: leg.status == "ringing")
    leg.answer()
    await call.until(lambda: leg.status in FINAL)
    await desk.cloud.settle()
    assert "agent_joined" not in desk.events(call.sid)
    assert desk.update("agent_left").leg == leg.sid


@pytest.mark.parametrize(("ring_s", "reason"), [(120, "busy"), (5, "no-answer")])
async def test_T17_an_agent_who_does_not_answer(ring_s: int, reason: str) -> None:
    async with open_desk(ring_s=ring_s) as desk:
        call = await waiting(desk)
        await desk.phone.send(desk.order("connect", call.sid, "+819055556666"))
        (leg,) = desk.cloud.agent_legs
        if reason == "busy":
            await call.until(lambda: leg.status == "ringing")
            leg.decline()
        await call.until(lambda: leg.status in FINAL)
        await desk.cloud.settle()
        assert desk.update("agent_left").reason == reason
        assert desk.cloud.alerts == []


async def test_T18_the_customer_hangs_up_while_the_agent_picks_up(desk: Desk) -> None:
    call = await waiting(desk)
    await desk.phone.send(desk.order("connect", call.sid, "+819055556666"))
    (leg,) = desk.cloud.agent_legs
    await call.until(lambda: leg.status == "ringing")
    await call.hang_up()
    await desk.cloud.settle()
    assert desk.update("left_queue").reason == "hangup"
    assert desk.update("ended").reason == "completed"
    desk.facts[call.sid] = {"state": "ended"}
    leg.answer()
    await call.until(lambda: leg.status in FINAL)
    assert leg.heard == [JA["gone"]]
    with pytest.raises(Undeliverable) as caught:
        await desk.phone.send(desk.order("join", call.sid))
    assert caught.value.code == "call_over"
    await desk.phone.send(desk.order("hangup", call.sid))  # over already: nothing to do


async def test_T13_nobody_answers_and_the_caller_leaves_a_message() -> None:
    async with open_desk(voicemail_after_s=2, language="en") as shop:
        call = await shop.cloud.dial()
        await call.until(lambda: call.doing == "Record")
        assert call.heard[-1] == WORDS["en"]["voicemail"]
        call.speak(3)
        call.press("#")
        await call.until(lambda: call.status in FINAL)
        await shop.cloud.settle()
        assert call.heard[-1] == WORDS["en"]["goodbye"]
        told = [i for i in shop.items if isinstance(i, CallUpdate) and i.event == "recorded"]
        assert len(told) == 2  # the action and the callback
        part = told[0].recording
        assert part is not None
        assert part == told[1].recording
        assert part.duration_ms == 3000
        fetched = await shop.phone.fetch(part)
        assert (fetched.media_type, fetched.name) == ("audio/wav", part.name)
        with wave.open(io.BytesIO(fetched.content)) as sound:
            assert sound.getnframes() / sound.getframerate() == 3
        assert shop.cloud.alerts == []


async def test_T13_hanging_up_ends_the_message_too(desk: Desk) -> None:
    call = await desk.cloud.dial()
    desk.facts[call.sid] = {"state": "voicemail"}
    await call.until(lambda: call.doing == "Record")
    call.speak(4)
    await call.hang_up()
    await desk.cloud.settle()
    recording = desk.update("recorded").recording
    assert recording is not None
    assert recording.duration_ms == 4000


async def test_T13_saying_nothing_leaves_no_message(desk: Desk) -> None:
    call = await desk.cloud.dial()
    desk.facts[call.sid] = {"state": "voicemail"}
    await call.until(lambda: call.status in FINAL)
    await desk.cloud.settle()
    assert call.heard[-1] == JA["goodbye"]
    assert "recorded" not in desk.events(call.sid)
    assert desk.update("ended").reason == "completed"


async def test_T8_a_caller_who_hides_the_number(desk: Desk) -> None:
    call = await waiting(desk, "+266696687")
    inbound = desk.items[0]
    assert isinstance(inbound, Inbound)
    assert (inbound.sender.value, inbound.sender.scope) == ("anonymous", call.sid)


async def talked(desk: Desk) -> tuple[Leg, Leg]:
    """A whole call whose status callbacks are kept back."""
    desk.cloud.hold_callbacks()
    call, leg = await talking(desk)
    await leg.hang_up()
    await desk.phone.send(desk.order("hangup", call.sid))
    await desk.cloud.settle()
    return call, leg


@pytest.mark.parametrize("seed", range(4))
async def test_T6_callbacks_shuffled_and_doubled_tell_the_same(desk: Desk, seed: int) -> None:
    call, leg = await talked(desk)
    desk.items.clear()
    mixed = [*range(11), *range(11)]
    random.Random(seed).shuffle(mixed)
    assert await desk.cloud.release_callbacks(mixed) == 11  # agent's leg 4, room 6, customer's leg 1
    told = [(i.event, i.leg, i.reason, i.sequence) for i in desk.items if isinstance(i, CallUpdate)]
    once = [
        ("agent_left", leg.sid, "completed", 3),
        ("agent_ringing", leg.sid, "", 1),
        ("ended", "", "completed", 0),
    ]
    assert sorted(told) == sorted(once * 2)
    assert all(i.call == call.sid for i in desk.items if isinstance(i, CallUpdate))


async def test_T6_when_every_callback_is_lost_the_flow_itself_still_told_who_talked(desk: Desk) -> None:
    call, leg = await talked(desk)
    await desk.cloud.release_callbacks([])
    assert set(desk.events(call.sid)) == {"waiting", "agent_joined", "left_queue", "connected"}
    assert desk.update("agent_joined").leg == leg.sid


async def test_connect_twice_is_two_rings_so_a_doubt_is_for_a_person(desk: Desk) -> None:
    """L20 for calls: Twilio knows no idempotency key."""
    call = await waiting(desk)
    order = desk.order("connect", call.sid, "client:agent-7")
    desk.cloud.lose_next_answer()
    with pytest.raises(Unconfirmed):
        await desk.phone.send(order)
    assert len(desk.cloud.agent_legs) == 1
    with pytest.raises(Unconfirmed):
        await desk.phone.send(desk.order("connect", call.sid, "client:agent-7", attempt=2))
    assert len(desk.cloud.agent_legs) == 1


async def test_connect_that_was_refused_for_now_may_be_repeated_once_more(desk: Desk) -> None:
    call = await waiting(desk)
    desk.cloud.fail_next(429, 20429)
    with pytest.raises(TryAgain) as caught:
        await desk.phone.send(desk.order("connect", call.sid, "client:agent-7"))
    kept = caught.value.memory
    again = desk.order("connect", call.sid, "client:agent-7", attempt=2, memory=kept)
    sent = await desk.phone.send(again)
    assert sent.external_ids == (desk.cloud.agent_legs[0].sid,)
    assert sent.facts == {"call": call.sid, "leg": desk.cloud.agent_legs[0].sid}
    with pytest.raises(Unconfirmed):  # the second attempt died half way: its memory is the first one's
        await desk.phone.send(desk.order("connect", call.sid, "client:agent-7", attempt=3, memory=kept))


@pytest.mark.parametrize(
    ("status", "code", "connect", "join"),
    [
        (500, 20500, Unconfirmed("answer_lost"), TryAgain("provider_error")),
        (503, 20503, Unconfirmed("answer_lost"), TryAgain("provider_error")),
        (429, 20429, TryAgain("rate_limited"), TryAgain("rate_limited")),
        (401, 20003, Undeliverable("credentials"), Undeliverable("credentials")),
        (403, 20003, Undeliverable("credentials"), Undeliverable("credentials")),
        (403, 21215, Undeliverable("refused"), Undeliverable("refused")),
        (400, 13223, Undeliverable("refused"), Undeliverable("refused")),
    ],
)
async def test_T29_errors_of_twilio(desk: Desk, status: int, code: int, connect: Exception, join: Exception) -> None:
    call = await waiting(desk)
    orders = {"connect": connect, "join": join, "hangup": join}
    for kind, wanted in orders.items():
        desk.cloud.fail_next(status, code)
        with pytest.raises(type(wanted)) as caught:
            await desk.phone.send(desk.order(kind, call.sid, "client:agent-7"))
        assert caught.value.code == wanted.code  # type: ignore[attr-defined]
        if wanted.code == "refused":  # type: ignore[attr-defined]
            assert caught.value.detail == str(code)


async def test_join_and_hangup_whose_answer_was_lost_are_repeated(desk: Desk) -> None:
    call = await waiting(desk)
    for kind in ("join", "hangup"):
        desk.cloud.lose_next_answer()
        with pytest.raises(TryAgain):
            await desk.phone.send(desk.order(kind, call.sid))
    sent = await desk.phone.send(desk.order("hangup", call.sid, attempt=2))
    assert sent.external_ids == (call.sid,)
    assert call.status == "completed"


async def test_nobody_at_the_other_end() -> None:
    async with open_desk() as desk:
        desk.phone.config.api_base = "http://127.0.0.1:9"  # discard: nobody listens there
        with pytest.raises(TryAgain) as caught:
            await desk.phone.send(desk.order("connect", "CA1", "client:agent-7"))
        assert caught.value.memory == {"not_created": 1}
        with pytest.raises(TryAgain):
            await desk.phone.send(desk.order("join", "CA1"))


@pytest.mark.parametrize("kind", ["message", "connect", "join"])
async def test_orders_that_make_no_sense(desk: Desk, kind: str) -> None:
    for params_call, agent in (("", "client:agent-7"), ("CA1", "")):
        with pytest.raises(Undeliverable):
            await desk.phone.send(desk.order(kind, params_call, agent))


async def test_a_wrong_token_is_said_so_and_the_next_one_is_tried() -> None:
    async with open_desk(auth_token="old", next_auth_token="token-of-the-account") as desk:
        call = await waiting(desk)
        assert (await desk.phone.send(desk.order("hangup", call.sid))).external_ids == (call.sid,)
    async with open_desk(auth_token="wrong") as desk:
        with pytest.raises(Undeliverable) as caught:
            await desk.phone.send(desk.order("join", "CA1"))
        assert caught.value.code == "credentials"


async def test_T5_a_desk_that_is_down_is_an_alert_at_twilio() -> None:
    """Without a fallback Twilio says that an error has occurred: that is why the connection test asks for one."""
    async with open_desk() as desk:
        desk.is_down = True
        call = await desk.cloud.dial()
        await call.until(lambda: call.status in FINAL)
        assert call.status == "failed"
        assert next(code for code, _ in desk.cloud.alerts) == 11200
