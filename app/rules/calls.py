"""A telephone call's states: a later word never undoes a final one (T6). Pure."""

from app.models import CallState

FINAL = {"completed", "busy", "no-answer", "failed", "canceled"}
RANK = {
    CallState.WAITING: 0,
    CallState.CONNECTING: 1,
    CallState.DIALLING: 2,
    CallState.VOICEMAIL: 2,
    CallState.CONNECTED: 2,
    CallState.ENDED: 3,
}


def may_follow(present: str, following: str) -> bool:
    """States only rise; back from connecting to waiting is an explicit act (the agent's leg failed)."""
    return RANK[CallState(following)] > RANK[CallState(present)]


def outcome(*, answered: bool, voicemail: bool) -> str:
    """What became of an ended call: T13, T21."""
    if answered:
        return "answered"
    return "voicemail" if voicemail else "missed"


def calling_outcome(*, answered: bool, dialled: bool) -> str:
    """What became of a call that we made: "canceled" when the customer's telephone never rang."""
    if answered:
        return "answered"
    return "unreached" if dialled else "canceled"


LEEWAY_S = 30  # for words that come late


def overdue(state: str, since_s: float, *, ring_s: int, dial_s: int) -> bool:
    """Whether a leg that should ring has been silent for too long: its words were lost (T6, T16)."""
    longest = {CallState.CONNECTING: ring_s, CallState.DIALLING: dial_s}.get(CallState(state))
    return longest is not None and since_s > longest + LEEWAY_S
