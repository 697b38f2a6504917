"""From Twilio's requests to items: T6, T7, T8, T13, T14."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.contract import Address, CallUpdate, Hook, Inbound, Item, Noticed, Part
from tests.channels.phone.sample import ACCOUNT, CALL, LEG, NOW, NUMBER, ORDER, RECORDING, channel, hook, hooks

OURS = {"call": CALL, "order": ORDER}
ROUTES = [
    "voice",
    "wait",
    "left",
    "agent",
    "agent-done",
    "agent-status",
    "join",
    "status",
    "recording",
    "recorded",
    "conference",
]


def one(made: Hook) -> Item:
    (item,) = channel().parse(made)
    return item


def test_a_call_comes_in() -> None:
    assert one(hook("voice", {"ForwardedFrom": "0312345678"})) == Inbound(
        kind="call",
        external_id=CALL,
        conversation=CALL,
        sender=Address(kind="phone", value="+819011112222"),
        sent_at=NOW,
        opens=True,
        reopens=True,
        meta={"to": NUMBER, "forwarded_from": "0312345678"},
    )


def test_T8_a_withheld_number_is_nobodys() -> None:
    item = one(hook("voice", {"From": "anonymous"}))
    assert isinstance(item, Inbound)
    assert item.sender == Address(kind="phone", value="anonymous", scope=CALL)
    assert item.meta["withheld"] is True


@pytest.mark.parametrize("caller", ["client:agent-7", "sip:desk@example.jp"])
def test_our_own_phones_are_no_customers(caller: str) -> None:
    item = one(hook("voice", {"From": caller}))
    assert isinstance(item, Noticed)
    assert item.code == "phone.unsupported"


def test_waiting_and_leaving_the_queue() -> None:
    assert one(hook("wait")) == CallUpdate(call=CALL, at=NOW, event="waiting")
    assert one(hook("left", {"QueueResult": "hangup"})) == CallUpdate(
        call=CALL, at=NOW, event="left_queue", reason="hangup"
    )


def agent(route: str, to: str = "client:agent-7", params: dict[str, str] | None = None, **query: str) -> Item:
    return one(hook(route, {"CallSid": LEG, "From": NUMBER, "To": to} | (params or {}), **(OURS | query)))


def test_T14_a_browser_joins_at_once() -> None:
    assert agent("agent") == CallUpdate(call=CALL, at=NOW, event="agent_joined", leg=LEG, order=ORDER)


def test_T14_a_telephone_joins_after_pressing_1() -> None:
    desk = "+819055556666"
    assert agent("agent", desk).event == "agent_ringing"  # type: ignore[union-attr]
    assert agent("agent", desk, {"Digits": "1"}, accepted="1").event == "agent_joined"  # type: ignore[union-attr]
    assert agent("agent", desk, {"Digits": "2"}, accepted="1").event == "agent_ringing"  # type: ignore[union-attr]
    assert agent("agent", desk, {"Digits": "1"}).event == "agent_ringing"  # type: ignore[union-attr]


@pytest.mark.parametrize("status", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_T7_every_final_status(status: str) -> None:
    timed = {
        "CallStatus": status,
        "CallDuration": "61",
        "SequenceNumber": "3",
        "Timestamp": "Mon, 02 Mar 2026 01:29:00 +0000",
    }
    at = datetime(2026, 3, 2, 1, 29, tzinfo=UTC)
    ended = CallUpdate(call=CALL, at=at, event="ended", reason=status, duration_s=61, sequence=3)
    assert one(hook("status", timed)) == ended
    assert agent("agent-status", params=timed) == replace(ended, event="agent_left", leg=LEG, order=ORDER)


@pytest.mark.parametrize("status", ["queued", "initiated", "ringing", "in-progress"])
def test_T7_a_status_before_the_end_tells_nothing_new_of_the_customer(status: str) -> None:
    assert channel().parse(hook("status", {"CallStatus": status})) == []


def test_the_agents_telephone_rings() -> None:
    assert agent("agent-status", params={"CallStatus": "ringing"}).event == "agent_ringing"  # type: ignore[union-attr]
    assert channel().parse(hook("agent-status", {"CallStatus": "in-progress"}, **OURS)) == []


def test_T6_the_action_and_the_callback_name_the_same_recording() -> None:
    url = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
    told = {"RecordingUrl": url, "RecordingSid": RECORDING, "RecordingDuration": "8"}
    part = Part(name=f"voicemail-{RECORDING}.wav", media_type="audio/wav", remote=f"recording:{url}", duration_ms=8000)
    wanted = CallUpdate(call=CALL, at=NOW, event="recorded", duration_s=8, recording=part)
    assert one(hook("recorded", told | {"Digits": "#"})) == wanted
    assert one(hook("recorded", {"RecordingUrl": url, "RecordingDuration": "8"})) == wanted
    assert one(hook("recording", told | {"RecordingStatus": "completed"})) == wanted
    assert channel().parse(hook("recording", told | {"RecordingStatus": "in-progress"})) == []


def test_T20_an_absent_recording_is_told_with_its_reason() -> None:
    item = one(hook("recording", {"RecordingSid": RECORDING, "RecordingStatus": "absent", "ErrorCode": "13224"}))
    assert isinstance(item, Noticed)
    assert (item.code, item.conversation, item.params["error"]) == ("phone.recording_absent", CALL, "13224")


@pytest.mark.parametrize(
    "made",
    [
        hook("a-route-of-tomorrow"),
        hook(""),
        hook("voice", {"CallSid": ""}),
        hook("voice", {"CallSid": "../../Accounts"}),
        hook("wait", {"CallSid": "nonsense"}),
        hook("left"),
        hook("status", {"CallStatus": "on-the-moon"}),
        hook("agent", {"To": "client:agent-7"}),
        hook("agent-status", {"CallStatus": "completed"}, call="nonsense"),
        hook("recording", {"RecordingStatus": "completed"}),
        hook("recording", {"RecordingStatus": "of-tomorrow", "RecordingUrl": "x", "RecordingSid": "RE1"}),
    ],
    ids=lambda made: made.route,
)
def test_what_is_not_known_is_noticed(made: Hook) -> None:
    item = one(made)
    assert isinstance(item, Noticed)
    assert item.code == "phone.unsupported"


def test_T6_every_order_of_callbacks_tells_the_same() -> None:
    """Parsing keeps no state: any permutation with duplicates gives the same items, each with its place."""
    some = hooks()[2:6]
    alone = [channel().parse(made) for made in some]
    for order in itertools.permutations(range(len(some))):
        phone = channel()
        assert [phone.parse(some[i]) for i in (*order, *order)] == [alone[i] for i in (*order, *order)]


odd = st.text(max_size=30)
names = st.sampled_from(
    ["CallSid", "From", "To", "CallStatus", "Timestamp", "SequenceNumber", "RecordingUrl", "QueueResult"]
)


@settings(max_examples=150, deadline=None)
@given(
    route=st.sampled_from(ROUTES) | odd,
    form=st.dictionaries(names | odd, odd, max_size=5),
    query=st.dictionaries(st.sampled_from(["call", "order", "accepted"]), odd),
)
def test_never_raises_on_novelty(route: str, form: dict[str, str], query: dict[str, str]) -> None:
    known = {key: value.encode("utf-8", "ignore").decode() for key, value in form.items()}
    ours = {key: value.encode("utf-8", "ignore").decode() for key, value in query.items()}
    known = {key.encode("utf-8", "ignore").decode(): value for key, value in known.items()}
    made = hook(route, known, **ours)
    items = channel().parse(made)
    assert all(isinstance(item, Inbound | CallUpdate | Noticed) for item in items)
    assert channel().answer(made, []).status == 200


@settings(max_examples=150, deadline=None)
@given(
    route=st.sampled_from(ROUTES),
    body=st.binary(max_size=80),
    query=st.binary(max_size=40),
    method=st.sampled_from(["GET", "POST"]),
)
def test_never_raises_on_any_bytes(route: str, body: bytes, query: bytes, method: str) -> None:
    url = "https://[x/" + route + "?" + query.decode("latin-1")
    made = Hook(route=route, body=body, received_at=NOW, method=method, url=url)
    channel().parse(made)
    assert channel().answer(made, []).status == 200


def test_a_strange_time_is_the_time_of_receipt() -> None:
    for text in ("yesterday", "", "Mon, 99 Foo 2026", "Mon, 02 Mar 2026 01:29:00 -0000"):
        item = one(hook("status", {"CallStatus": "completed", "Timestamp": text}))
        assert isinstance(item, CallUpdate)
        assert item.at.tzinfo is not None
