"""What an agent is, and what it becomes by itself (R5)."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import Presence
from app.rules.presence import GONE_AFTER, Change, NotChosen, Now, chosen, following, returned
from tests.cast import START

AVAILABLE, BUSY, WRAP_UP, AWAY = Presence.AVAILABLE, Presence.BUSY, Presence.WRAP_UP, Presence.AWAY
LATELY, LONG_AGO = START - timedelta(seconds=59), START - timedelta(seconds=60)


def becomes(wrap_up_s: int = 30, **known: Any) -> Change | None:
    return following(Now(**known), START, wrap_up_s=wrap_up_s, away_after_s=60)


@pytest.mark.parametrize(
    ("known", "change"),
    [
        ({"state": AVAILABLE}, None),
        ({"state": AVAILABLE, "live_at": LATELY}, None),
        ({"state": AVAILABLE, "live_at": LONG_AGO}, Change(AWAY, "disconnected", AVAILABLE)),
        ({"state": BUSY, "reason": "full", "before": AVAILABLE, "full": True, "live_at": LONG_AGO},
         Change(AWAY, "disconnected", AVAILABLE)),
        ({"state": Presence.BREAK, "live_at": LONG_AGO}, None),
        ({"state": Presence.BREAK, "live_at": START - GONE_AFTER}, Change(Presence.OFFLINE, "gone")),
        ({"state": Presence.OFFLINE, "live_at": START - GONE_AFTER}, None),
        ({"state": AVAILABLE, "full": True}, Change(BUSY, "full", AVAILABLE)),
        ({"state": BUSY, "reason": "full", "before": AVAILABLE, "full": True}, None),
        ({"state": BUSY, "reason": "full", "before": AVAILABLE}, Change(AVAILABLE, "free")),
        ({"state": AWAY, "full": True}, None),
        ({"state": AVAILABLE, "active": False}, Change(Presence.OFFLINE, "left")),
        ({"state": Presence.OFFLINE, "active": False}, None),
    ],
)  # fmt: skip
def test_r5_what_time_and_work_make_of_an_agent(known: dict[str, Any], change: Change | None) -> None:
    assert becomes(**known) == change


@pytest.mark.parametrize(
    ("known", "change"),
    [
        ({"state": AVAILABLE, "phone": "ringing"}, Change(BUSY, "ringing", AVAILABLE)),
        ({"state": Presence.BREAK, "phone": "call"}, Change(BUSY, "call", Presence.BREAK)),
        ({"state": BUSY, "reason": "ringing", "before": Presence.BREAK, "phone": "call"}, Change(BUSY, "call", Presence.BREAK)),
        ({"state": BUSY, "reason": "call", "before": AVAILABLE, "phone": "call"}, None),
        ({"state": BUSY, "reason": "call", "before": AVAILABLE, "phone": "call", "live_at": LONG_AGO}, None),
        ({"state": BUSY, "reason": "ringing", "before": AVAILABLE}, Change(AVAILABLE, "hung_up")),
        ({"state": BUSY, "reason": "call", "before": AVAILABLE},
         Change(WRAP_UP, "after_call", AVAILABLE, START + timedelta(seconds=30))),
        ({"state": BUSY, "reason": "call", "before": AVAILABLE, "wrap_up_s": 0}, Change(AVAILABLE, "hung_up")),
        ({"state": WRAP_UP, "before": AVAILABLE, "until": START}, Change(AVAILABLE, "wrapped_up")),
        ({"state": WRAP_UP, "before": AVAILABLE, "until": START + timedelta(seconds=1)}, None),
        ({"state": WRAP_UP, "reason": "set"}, None),
        ({"state": WRAP_UP, "before": AVAILABLE, "until": START + timedelta(hours=1), "phone": "call"},
         Change(BUSY, "call", AVAILABLE)),
        ({"state": WRAP_UP, "reason": "set", "phone": "call"}, Change(BUSY, "call", WRAP_UP)),
    ],
)  # fmt: skip
def test_r5_a_call_fills_an_agent_and_is_wrapped_up(known: dict[str, Any], change: Change | None) -> None:
    assert becomes(**known) == change


def test_r5_what_is_chosen_during_a_call_holds_from_its_end() -> None:
    talking = Now(state=BUSY, reason="call", before=AVAILABLE)
    assert chosen(talking, Presence.BREAK) == Change(BUSY, "call", Presence.BREAK)
    assert chosen(talking, Presence.OFFLINE) == Change(Presence.OFFLINE, "set"), "who signs out is gone"
    assert chosen(Now(state=BUSY, reason="full", before=AVAILABLE), Presence.BREAK) == Change(Presence.BREAK, "set")


@pytest.mark.parametrize("state", [BUSY, "asleep", ""])
def test_r5_nobody_chooses_what_comes_by_itself(state: str) -> None:
    with pytest.raises(NotChosen):
        chosen(Now(state=AVAILABLE), state)


def test_r5_after_a_lost_connection_they_are_again_what_they_were() -> None:
    assert returned(Now(state=AWAY, reason="disconnected", before=WRAP_UP)) == Change(WRAP_UP, "connected")
    assert returned(Now(state=AWAY, reason="set")) is None, "who went away by choice stays away"
    assert returned(Now(state=AWAY, reason="unanswered")) is None


@given(
    st.builds(
        Now, state=st.sampled_from(list(Presence)), reason=st.sampled_from(["set", "ringing", "call", "full", "disconnected"]),
        before=st.sampled_from(["", AVAILABLE, Presence.BREAK]), until=st.none() | st.just(LATELY),
        live_at=st.none() | st.sampled_from([LATELY, LONG_AGO, START - GONE_AFTER]), active=st.booleans(),
        phone=st.sampled_from(["", "ringing", "call"]), full=st.booleans(),
    )
)  # fmt: skip
def test_r5_it_comes_to_rest(known: Now) -> None:
    """Whatever changes by itself is settled after a few looks: no state flickers."""
    for _ in range(4):
        change = following(known, START, wrap_up_s=30, away_after_s=60)
        if change is None:
            return
        known = Now(
            state=change.state, reason=change.reason, before=change.before, until=change.until, live_at=known.live_at,
            active=known.active, phone=known.phone, full=known.full,
        )  # fmt: skip
    assert following(known, START, wrap_up_s=30, away_after_s=60) is None
