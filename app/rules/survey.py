"""How customers are asked how satisfied they are, and what an answer may be. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

REST = timedelta(days=30)  # a person is not asked again before
OPEN = timedelta(days=30)  # a question may be answered for so long
CHANGEABLE = timedelta(days=7)  # and the answer be changed for so long after it was first given
LATE = timedelta(days=1)  # a resolution that was not judged by then (nothing ran) is not asked about any more
SCORES = (5, 4, 3, 2, 1)
SATISFIED = 4  # this score and above (the top two of five)
LOW = 2  # this score and below: the reason is asked, and leads hear of it
REASONS = ("wait", "unsolved", "unclear", "manner", "product", "other")
# Why a resolution asks nothing.
SKIPS = (
    "reopened", "spam", "phone", "unanswered", "silent", "unreachable", "group", "recent",
)  # fmt: skip
LONGEST_COMMENT = 1000
PREFIX = "survey"


@dataclass(frozen=True, slots=True)
class Tapped:
    """A choice that a customer tapped: a score, or a reason."""

    survey: int
    score: int | None = None
    reason: str = ""


def is_low(score: int | None) -> bool:
    return score is not None and score <= LOW


def data(survey: int, what: int | str) -> str:
    """What stands in a choice."""
    return f"{PREFIX}:{survey}:{what}"


def tapped(given: str) -> Tapped | None:
    """The choice behind `data`; None when it is none of ours."""
    prefix, _, rest = given.partition(":")
    number, _, what = rest.partition(":")
    if prefix != PREFIX or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    if what in REASONS:
        return Tapped(int(number), reason=what)
    score = keyed(what)
    return Tapped(int(number), score=score) if score else None


def keyed(digit: str) -> int | None:
    """The score behind a key of a telephone; None when it is none."""
    return next((score for score in SCORES if str(score) == digit), None)


def may_answer(asked_at: datetime, answered_at: datetime | None, now: datetime) -> bool:
    """Whether an answer, or another one, still counts."""
    return now <= (asked_at + OPEN if answered_at is None else answered_at + CHANGEABLE)
