"""What hands a case to customer success (C4). Pure.

What is configured: {"words": [...], "rivals": [...], "csat": true, "repeats": 3, "days": 14, "reopened": 2, "breach": true,
"harassment": true}. 0 and false switch a cause off.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.rules.survey import is_low

CAUSES = ("agent", "rule", "words", "rival", "csat", "repeats", "reopened", "breach", "harassment", "expansion")
BY_HAND = ("agent", "expansion")
DEFAULTS: Mapping[str, Any] = {
    "words": ["解約", "契約更新", "値上げ", "訴訟", "消費者センター", "個人情報漏えい", "cancel our contract"],
    "rivals": [], "csat": True, "repeats": 3, "days": 14, "reopened": 2, "breach": True, "harassment": True,
}  # fmt: skip
FORM: Mapping[str, str] = {"csat": "consult", "breach": "inform", "repeats": "consult", "reopened": "consult"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a ticket when something happened to it."""

    kind: str  # of the event
    text: str = ""  # the customer's words
    tier: str = ""
    score: int | None = None
    reopened: int = 0
    same_cause: int = 0  # tickets of the account with the ticket's cause, in the last days
    harassment: bool = False
    has_account: bool = False


def configured(given: Mapping[str, Any]) -> dict[str, Any]:
    return {**DEFAULTS, **given}


def window(given: Mapping[str, Any]) -> timedelta:
    return timedelta(days=int(configured(given)["days"]))


def _folded(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold()


def _named(text: str, words: Iterable[str]) -> str:
    """The first of these words in a text."""
    said = _folded(text)
    return next((word for word in words if word.strip() and _folded(word.strip()) in said), "")


def causes(seen: Seen, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What sets a hand-over off, each with what was seen. Persons without an account are nobody's of success."""
    if not seen.has_account:
        return []
    rules, found = configured(given), []
    if seen.kind in ("message.received", "ticket.opened", "message.approved"):
        for cause, words in (("words", rules["words"]), ("rival", rules["rivals"])):
            if word := _named(seen.text, words):
                found.append((cause, word))
    if seen.kind == "survey.answered" and rules["csat"] and is_low(seen.score):
        found.append(("csat", str(seen.score)))
    if seen.kind == "ticket.reopened" and 0 < rules["reopened"] <= seen.reopened:
        found.append(("reopened", str(seen.reopened)))
    if seen.kind == "clock.breached" and rules["breach"] and seen.tier == "high":
        found.append(("breach", ""))
    if seen.kind == "background.changed":
        if 0 < rules["repeats"] <= seen.same_cause:
            found.append(("repeats", str(seen.same_cause)))
        if rules["harassment"] and seen.harassment:
            found.append(("harassment", ""))
    return found
