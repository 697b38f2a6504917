"""What an agent is, and what time and the telephone make of it (R5). Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Invalid
from app.models import Presence

CHOSEN = frozenset({
    Presence.AVAILABLE, Presence.WRAP_UP, Presence.AWAY, Presence.BREAK, Presence.TRAINING, Presence.OFFLINE
})  # fmt: skip
AT_WORK = frozenset({Presence.AVAILABLE, Presence.BUSY, Presence.WRAP_UP})
ON_PHONE = frozenset({"ringing", "call"})  # the reasons of a busy that lasts as long as the call
GONE_AFTER = timedelta(hours=8)  # without a connection: the day is over


class NotChosen(Invalid):
    """Nobody can choose this: it comes by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """What is known of an agent at this moment."""

    state: str
    reason: str = ""
    before: str = ""
    until: datetime | None = None
    live_at: datetime | None = None
    active: bool = True
    phone: str = ""  # "ringing": a leg of theirs rings; "call": they talk; else empty
    full: bool = False  # routing may give them nothing more


@dataclass(frozen=True, slots=True)
class Change:
    state: str
    reason: str
    before: str = ""
    until: datetime | None = None


def chosen(now: Now, state: str) -> Change:
    """What an agent, or their lead, chose. During a call it holds from the call's end. NotChosen."""
    if state not in CHOSEN:
        raise NotChosen
    if now.state == Presence.BUSY and now.reason in ON_PHONE and state != Presence.OFFLINE:
        return Change(Presence.BUSY, now.reason, before=state)
    return Change(state, "set")


def returned(now: Now) -> Change | None:
    """Their connection is back: they are again what they were."""
    if now.state == Presence.AWAY and now.reason == "disconnected":
        return Change(now.before or Presence.AVAILABLE, "connected")
    return None


def following(now: Now, at: datetime, *, wrap_up_s: int, away_after_s: int) -> Change | None:
    """What becomes of them by itself now; None when nothing does."""
    if not now.active:
        return Change(Presence.OFFLINE, "left") if now.state != Presence.OFFLINE else None
    if now.phone:
        return _on_the_phone(now)
    if now.state == Presence.BUSY and now.reason in ON_PHONE:
        return _hung_up(now, at, wrap_up_s)
    if now.state == Presence.WRAP_UP and now.until is not None and now.until <= at:
        return Change(now.before or Presence.AVAILABLE, "wrapped_up")
    lost_s = (at - now.live_at).total_seconds() if now.live_at else 0.0
    if now.live_at and at - now.live_at >= GONE_AFTER and now.state != Presence.OFFLINE:
        return Change(Presence.OFFLINE, "gone")
    if now.live_at and lost_s >= away_after_s and now.state in AT_WORK:
        return Change(Presence.AWAY, "disconnected", before=_rest(now))
    if now.full and now.state == Presence.AVAILABLE:
        return Change(Presence.BUSY, "full", before=Presence.AVAILABLE)
    if now.state == Presence.BUSY and not now.full:
        return Change(Presence.AVAILABLE, "free")
    return None


def _on_the_phone(now: Now) -> Change | None:
    if now.state == Presence.BUSY and now.reason == now.phone:
        return None
    return Change(Presence.BUSY, now.phone, before=_rest(now))


def _hung_up(now: Now, at: datetime, wrap_up_s: int) -> Change:
    """Only a talk is wrapped up, not a telephone that rang in vain."""
    back = now.before or Presence.AVAILABLE
    if now.reason == "call" and wrap_up_s:
        return Change(Presence.WRAP_UP, "after_call", before=back, until=at + timedelta(seconds=wrap_up_s))
    return Change(back, "hung_up")


def _rest(now: Now) -> str:
    """What they were before it began to change by itself."""
    passing = now.state == Presence.BUSY or (now.state == Presence.WRAP_UP and now.until is not None)
    return now.before or Presence.AVAILABLE if passing else now.state
