"""What belongs to which side when tickets are put together or taken apart. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from app.models import Status
from app.rules.lifecycle import SOLVED


@dataclass(frozen=True, slots=True)
class Word:
    """A public message, as far as it says whose turn it is."""

    id: int
    at: datetime
    asks: bool = False  # a customer's own word
    answers: bool = False  # a human's of ours


def unanswered(words: Iterable[Word], since: datetime | None = None) -> Word | None:
    """The oldest word of a customer that nobody has answered; what they said before `since` was settled otherwise."""
    first: Word | None = None
    for word in sorted(words, key=lambda each: (each.at, each.id)):
        if word.answers:
            first = None
        elif word.asks and first is None and (since is None or word.at >= since):
            first = word
    return first


def still_waits(words: Iterable[Word], ids: Collection[int]) -> Word | None:
    """The oldest of these words of a customer after which nobody has answered anything."""
    said = sorted(words, key=lambda each: (each.at, each.id))
    last = max((place for place, word in enumerate(said) if word.answers), default=-1)
    return next((word for word in said[last + 1 :] if word.asks and word.id in ids), None)


def status_after_merge(master: str, part: str, *, waits: bool) -> str:
    """The master's. It is open again when somebody waits, or when the other one was not solved and it was."""
    if waits:
        return Status.OPEN
    if master in SOLVED and part not in SOLVED:
        return Status.PENDING if part == Status.SNOOZED else part
    return master


def earliest(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)
