"""A telephone call's states: a later word never undoes a final one (T6). Pure."""

from app.models import CallState

FINAL = {"completed", "busy", "no-answer", "failed", "canceled"}
RANK = {
    CallState.WAITING: 0,
    CallState.CONNECTING: 1,
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
