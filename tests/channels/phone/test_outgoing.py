"""Calls that we make (T22, T23) and questions about live ones (T6): parsing, TwiML, and the provider over real HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import CallUpdate, Outbound, Placement, TryAgain, Undeliverable
from channels.phone.numbers import dialled
from channels.phone.words import WORDS
from channels.telephony import Dials, Follows
from demo.telephone_leg import FINAL, Leg
from tests.channels.phone.rig import Desk
from tests.channels.phone.sample import CALL, HOOK_URL, LEG, NOW, NUMBER, ORDER, channel, hook

JA = WORDS["ja"]
OUT = "out:6f1c7f6e-3a0e-4a46-9a86-0d6b8f3f6a11"
OURS = {"call": OUT, "order": ORDER}
CUSTOMER = "+819011112222"


def test_the_phone_says_what_it_can() -> None:
    phone = channel(ring_s=25, dial_s=35)
    assert isinstance(phone, Dials)
    assert isinstance(phone, Follows)
    assert (phone.ring_s, phone.dial_s) == (25, 35)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110", "emergency_number"),
        ("１１９", "emergency_number"),
        ("118", "emergency_number"),
        ("184-110", "emergency_number"),
        ("184119", "emergency_number"),
        ("+81110", "emergency_number"),
        ("0990-504-123", "premium_number"),
        ("+81990504123", "premium_number"),
        ("+19005551234", "premium_number"),
        ("0570-000-123", "costly_number"),
        ("+882161234567", "costly_number"),
        ("117", "wrong_number"),
        ("三河屋", "wrong_number"),
        ("anonymous", "withheld_number"),
        ("+266696687", "withheld_number"),
    ],
)
def test_T22_numbers_that_are_not_dialled(number: str, code: str) -> None:
    with pytest.raises(Undeliverable) as caught:
        dialled(number)
    assert caught.value.code == code


def test_T22_numbers_that_are_dialled() -> None:
    assert dialled("03-1234-5678") == "+81312345678"
    assert dialled("184-090-1234-5678") == "+819012345678"
    assert dialled("0120-123-456") == "+81120123456"
    assert dialled("0570-000-123", costly=True) == "+81570000123"


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20) | st.from_regex(r"\A(18[46])?[-+0-9() ]{1,16}\Z"))
def test_T22_what_is_dialled_is_never_an_emergency_number(written: str) -> None:
    try:
        number = dialled(written, costly=True)
    except Undeliverable:
        return
    assert number[0] == "+"
    assert len(number) > 7


def told(route: str, params: dict[str, str], **query: str) -> list[Any]:
    return channel().parse(hook(route, params, **query))


def test_the_customers_leg_is_parsed() -> None:
    leg = {"CallSid": LEG, "From": NUMBER, "To": CUSTOMER}
    (answered,) = told("customer", leg | {"CallStatus": "in-progress"}, **OURS)
    assert answered == CallUpdate(call=OUT, at=NOW, event="connected", leg=LEG, order=ORDER)
    (rings,) = told("customer-status", leg | {"CallStatus": "ringing", "SequenceNumber": "1"}, **OURS)
    assert (rings.event, rings.call, rings.leg, rings.sequence) == ("customer_ringing", OUT, LEG, 1)
    (over,) = told("customer-status", leg | {"CallStatus": "busy", "CallDuration": "0"}, **OURS)
    assert (over.event, over.reason, over.duration_s, over.order) == ("ended", "busy", 0, ORDER)
    assert told("customer-status", leg | {"CallStatus": "initiated"}, **OURS) == []
    assert told("told", leg, reason="busy") == []


@pytest.mark.parametrize("call", ["", "out:", "out:A", "CA-1", "out:" + "a" * 61, "x:1"])
def test_a_callback_whose_call_is_none_of_ours_is_only_noticed(call: str) -> None:
    (noticed,) = told("customer", {"CallSid": LEG}, call=call, order=ORDER)
    assert noticed.code == "phone.unsupported"


def spoken(route: str, params: dict[str, str], facts: dict[str, Any] | None, **query: str) -> str:
    phone, made = channel(), hook(route, params, **query)
    placements = [Placement(item=item, facts=facts or {}) for item in phone.parse(made)] if facts is not None else []
    return phone.answer(made, placements).body.decode()


ROOM = OUT.replace(":", "-")


def test_the_agent_goes_into_the_room_first_and_hears_that_it_rings() -> None:
    agent = {"CallSid": LEG, "From": NUMBER, "To": "client:agent-7"}
    body = spoken("agent", agent, {"state": "dialling"}, **OURS)
    assert JA["calling"] in body
    assert f">call-{ROOM}</Conference>" in body
    assert 'waitUrl=""' in body
    assert JA["press_to_call"] in spoken("agent", agent | {"To": "+819055556666"}, {"state": "connecting"}, **OURS)
    assert JA["canceled"] in spoken("agent", agent, {"state": "ended"}, **OURS)
    assert JA["calling"] not in spoken("agent", agent, {"state": "connected"}, **OURS)


def test_T17_an_agent_whom_nobody_waits_for_hears_that_it_is_taken() -> None:
    agent = {"CallSid": LEG, "From": NUMBER, "To": "client:agent-7"}
    body = spoken("agent", agent, {"state": "taken"}, call=CALL, order=ORDER)
    assert JA["taken"] in body
    assert "<Hangup" in body
    assert "Conference" not in body


def test_the_customer_joins_the_room_that_ends_with_them() -> None:
    leg = {"CallSid": LEG, "From": NUMBER, "To": CUSTOMER}
    for facts in ({"state": "connected"}, None):  # a failed batch serves them all the same
        body = spoken("customer", leg, facts, **OURS)
        assert f">call-{ROOM}</Conference>" in body
        assert 'endConferenceOnExit="true"' in body
        assert f"{HOOK_URL}/conference?call=out%3A" in body
    for state in ("ended", "dialling", "connecting"):
        body = spoken("customer", leg, {"state": state}, **OURS)
        assert JA["sorry"] in body
        assert "Conference" not in body


@pytest.mark.parametrize(
    ("reason", "word"), [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed"), ("<x>", "failed")]
)
def test_the_agent_is_told_why_nobody_comes(reason: str, word: str) -> None:
    body = spoken("told", {"CallSid": LEG, "To": "client:agent-7"}, {}, reason=reason)
    assert JA[word] in body
    assert "<Hangup" in body


# -- with the provider --------------------------------------------------------------------------------------------------


def dial(desk: Desk, to: str = CUSTOMER, **more: Any) -> Outbound:
    order = desk.order("dial", OUT, **more)
    return Outbound(**{name: getattr(order, name) for name in order.__slots__} | {"params": {"call": OUT, "to": to}})


async def test_T22_dialling_a_customer(desk: Desk) -> None:
    sent = await desk.phone.send(dial(desk, "090-1111-2222", key="order-9"))
    (leg,) = desk.cloud.customer_legs
    assert (leg.to, leg.from_, sent.external_ids) == (CUSTOMER, NUMBER, (leg.sid,))  # T23
    assert leg.ring_s == desk.phone.config.dial_s
    await leg.until(lambda: leg.status == "ringing")
    await desk.cloud.settle()
    assert desk.update("customer_ringing").order == "order-9"
    leg.decline()
    await leg.until(lambda: leg.status in FINAL)
    await desk.cloud.settle()
    assert (desk.update("ended").reason, desk.update("ended").leg) == ("busy", leg.sid)


@pytest.mark.parametrize("to", ["110", "+81990504123", "", "anonymous"])
async def test_T22_the_channel_itself_dials_no_such_number(desk: Desk, to: str) -> None:
    with pytest.raises(Undeliverable):
        await desk.phone.send(dial(desk, to))
    assert desk.cloud.legs == {}


async def in_the_room(desk: Desk) -> Leg:
    desk.facts[OUT] = {"state": "dialling"}
    await desk.phone.send(desk.order("connect", OUT, "client:agent-7"))
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.doing == "Dial")
    return agent


def hang_up(desk: Desk, leg: str, reason: str) -> Outbound:
    order = desk.order("hangup", leg)
    return Outbound(
        **{name: getattr(order, name) for name in order.__slots__} | {"params": {"call": leg, "reason": reason}}
    )


async def test_an_agent_in_the_room_is_told_and_let_go(desk: Desk) -> None:
    agent = await in_the_room(desk)
    desk.cloud.lose_next_answer()
    with pytest.raises(TryAgain):
        await desk.phone.send(hang_up(desk, agent.sid, "no-answer"))
    await desk.phone.send(hang_up(desk, agent.sid, "no-answer"))
    await agent.until(lambda: agent.status in FINAL)
    assert agent.heard[-1] == JA["no-answer"]


async def test_a_telephone_that_still_rings_is_not_told_but_silenced(desk: Desk) -> None:
    await desk.phone.send(desk.order("connect", OUT, "+819055556666"))
    (agent,) = desk.cloud.agent_legs
    await agent.until(lambda: agent.status == "ringing")
    await desk.phone.send(hang_up(desk, agent.sid, "busy"))
    assert agent.status == "canceled"


def asked(**known: Any) -> dict[str, Any]:
    return {"now": NOW, "leg": "", "agent_leg": "", "order": ORDER, "dial": "", "voicemail": False} | known


async def test_T6_following_a_call_that_came_in(desk: Desk) -> None:
    call = await desk.cloud.dial()
    await call.until(lambda: call.doing == "Pause")
    assert await desk.phone.follow(call.sid, asked(leg=call.sid)) == []
    await call.hang_up()
    later = asked(leg=call.sid, now=NOW + timedelta(days=3650))
    (over,) = await desk.phone.follow(call.sid, later)
    assert (over.event, over.reason, over.leg, over.duration_s) == ("ended", "completed", "", call.talk_seconds)
    assert over.at < later["now"]  # when it was over, not when we asked
    (lost,) = await desk.phone.follow("CA1", asked(leg="CA1"))
    assert (lost.event, lost.reason, lost.at) == ("ended", "failed", NOW)


async def test_T6_following_a_call_that_we_make(desk: Desk) -> None:
    agent = await in_the_room(desk)
    await desk.phone.send(dial(desk))
    (customer,) = desk.cloud.customer_legs
    await customer.until(lambda: customer.status == "ringing")
    known = asked(leg=customer.sid, agent_leg=agent.sid, dial="dial-1")
    assert await desk.phone.follow(OUT, known) == []
    desk.facts[OUT] = {"state": "connected"}
    customer.answer()
    await customer.until(lambda: customer.with_sids)
    (answered,) = await desk.phone.follow(OUT, known)
    assert (answered.event, answered.call, answered.leg, answered.order) == ("connected", OUT, customer.sid, "dial-1")
    assert await desk.phone.follow(OUT, known | {"dial": ""}) == []
    await agent.hang_up()
    (left,) = await desk.phone.follow(OUT, known | {"dial": ""})
    assert (left.event, left.leg, left.order, left.reason) == ("agent_left", agent.sid, ORDER, "completed")
    await customer.hang_up()
    (over,) = await desk.phone.follow(OUT, known | {"dial": ""})
    assert (over.event, over.leg, over.call) == ("ended", customer.sid, OUT)


async def test_T13_following_a_voicemail_finds_its_recording(desk: Desk) -> None:
    call = await desk.cloud.dial()
    await call.until(lambda: call.doing)
    kept = desk.cloud.record(call.sid, 3)
    await call.hang_up()
    recorded, over = await desk.phone.follow(call.sid, asked(leg=call.sid, voicemail=True))
    assert (over.event, recorded.event, recorded.duration_s) == ("ended", "recorded", 3)
    assert recorded.recording is not None
    assert recorded.recording.remote == f"recording:{kept.url}"
    assert (await desk.phone.fetch(recorded.recording)).content == kept.content


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [((500, 20500), TryAgain), ((429, 20429), TryAgain), ((0, 0), TryAgain), ((401, 20003), Undeliverable)],
)
async def test_T6_a_question_without_an_answer_ends_nothing(
    desk: Desk, fault: tuple[int, int], wanted: type[Exception]
) -> None:
    desk.cloud.faults.append(fault)
    with pytest.raises(wanted):
        await desk.phone.follow("CA1", asked(leg="CA1"))
