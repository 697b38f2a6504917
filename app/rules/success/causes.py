"""What hands a case to customer success (C4). Pure.

What is configured: {"words": [...], "rivals": [...], "repeats": 3, "days": 14, "reopened": 2, "rules": {cause: {"on": true,
"form": "consult", "rest_h": 24}}}: whether, how, and for how many hours an account is then left alone with that cause.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.rules.survey import is_low

# By hand, by a rule of automation, by the matrix; the others by themselves.
CAUSES = (
    "agent", "rule", "matrix", "health", "words", "rival", "executive", "csat", "repeats", "reopened", "breach",
    "harassment", "expansion",
)  # fmt: skip
BY_HAND = ("agent", "expansion")
TRIGGERS = ("health", "words", "rival", "executive", "csat", "repeats", "reopened", "breach", "harassment")
DEFAULTS: Mapping[str, Any] = {
    "words": ["解約", "契約更新", "値上げ", "訴訟", "消費者センター", "個人情報漏えい", "cancel our contract"],
    "rivals": [], "repeats": 3, "days": 14, "reopened": 2,
}  # fmt: skip
RULES: Mapping[str, Mapping[str, Any]] = {
    "health": {"on": True, "form": "consult", "rest_h": 168},
    "words": {"on": True, "form": "consult", "rest_h": 24},
    "rival": {"on": True, "form": "consult", "rest_h": 24},
    "executive": {"on": True, "form": "inform", "rest_h": 168},
    "csat": {"on": True, "form": "consult", "rest_h": 24},
    "repeats": {"on": True, "form": "consult", "rest_h": 168},
    "reopened": {"on": True, "form": "consult", "rest_h": 24},
    "breach": {"on": True, "form": "inform", "rest_h": 24},
    "harassment": {"on": True, "form": "inform", "rest_h": 0},
}
SAID = ("message.received", "ticket.opened", "message.approved")
AROUND = 60  # characters of the customer's words that are shown on each side of the telling one


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known of a ticket when something happened to it."""

    kind: str  # of the event
    text: str = ""  # the customer's own words, without what they quote
    message: int | None = None
    tier: str = ""
    role: str = ""  # of who wrote, in their account
    metric: str = ""  # of the clock
    score: int | None = None  # of a survey
    reopened: int = 0
    same_cause: int = 0  # tickets of the account with the ticket's cause, in the last days
    has_account: bool = False
    health: tuple[str, str, int | None] = ("", "", None)  # the colour that it had, that it has now, the score


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A case that is to be handed over, how, and what was seen."""

    cause: str
    form: str
    rest_h: int
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


def configured(given: Mapping[str, Any]) -> dict[str, Any]:
    rules = given.get("rules", {})
    return {**DEFAULTS, **given, "rules": {cause: {**RULES[cause], **rules.get(cause, {})} for cause in TRIGGERS}}


def window(given: Mapping[str, Any]) -> timedelta:
    return timedelta(days=int(configured(given)["days"]))


def own_words(text: str, folded_at: Any) -> str:
    """What they wrote now: not what they quote, nor their signature."""
    return text[:folded_at] if isinstance(folded_at, int) else text


def _folded(words: str) -> str:
    return unicodedata.normalize("NFKC", words).casefold()


def _named(text: str, words: Iterable[str]) -> str:
    """The first of these words in a text."""
    said = _folded(text)
    return next((word for word in words if word.strip() and _folded(word.strip()) in said), "")


def _quote(text: str, word: str) -> str:
    """The words around it, as they stand; their beginning when folding has moved them."""
    said = unicodedata.normalize("NFKC", text)
    at = max(said.casefold().find(_folded(word.strip())), 0)
    return said[max(at - AROUND, 0) : at + len(word) + AROUND].strip()


def causes(seen: Seen, given: Mapping[str, Any]) -> list[Trigger]:
    """What sets a hand-over off, each with what was seen. Persons without an account are nobody's of success."""
    if not seen.has_account:
        return []
    config = configured(given)
    found = []
    for cause, reason, evidence in _found(seen, config):
        rule = config["rules"][cause]
        if rule["on"]:
            made = Trigger(cause=cause, form=rule["form"], rest_h=rule["rest_h"], reason=reason, evidence=evidence)
            found.append(made)
    return found


def _found(seen: Seen, config: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    match seen.kind:
        case "survey.answered" if is_low(seen.score):
            yield "csat", str(seen.score), {"score": seen.score}
        case "ticket.reopened" if 0 < config["reopened"] <= seen.reopened:
            yield "reopened", str(seen.reopened), {"count": seen.reopened}
        case "clock.breached" if seen.tier == "high":
            yield "breach", "", {"metric": seen.metric}
        case "background.changed" if 0 < config["repeats"] <= seen.same_cause:
            yield "repeats", str(seen.same_cause), {"count": seen.same_cause, "days": config["days"]}
        case "harassment.flagged":
            yield "harassment", "", {}
        case "health.changed" if seen.health[1] == "red" and seen.health[0] != "red":
            yield "health", str(seen.health[2] or ""), {"was": seen.health[0], "score": seen.health[2]}
        case kind if kind in SAID:
            yield from _said(seen, config)


def _said(seen: Seen, config: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for cause, words in (("words", config["words"]), ("rival", config["rivals"])):
        if word := _named(seen.text, words):
            yield cause, word, {"word": word, "quote": _quote(seen.text, word), "message": seen.message}
    if seen.role == "sponsor":
        yield "executive", "", {"role": seen.role, "message": seen.message}
