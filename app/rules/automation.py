"""Rules on events and on time: what they may say, and whether they fit. Pure.

Conditions are a tree: {"all": [...]}, {"any": [...]} and leaves {"field", "op", "value"}, for time with "calendar_id" when
only business hours count. A field without a value fits nothing but "is not", "contains not" and "is not set".
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.rules.hours import Hours, NeverOpen, add, elapsed, intervals, is_open

MOST_DEPTH = 5  # rules that rules led to: more is a loop
HOUR = 3600
TICK_S = 1e-6  # what rounding may cost: what is looked at exactly when its time has come has to fit
LOOK_AHEAD = timedelta(days=30)  # for the next opening or closing

METRICS = ("first_response", "next_response", "resolution", "callback", "assignment")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a field is, and which of the desk's nouns or words it takes."""

    type: str
    of: str = ""  # a noun
    words: tuple[str, ...] = ()


def _choice(*words: str) -> Kind:
    return Kind("choice", words=words)


FIELDS: Mapping[str, Kind] = {
    "status": _choice("open", "pending", "snoozed", "resolved", "closed", "spam"),
    "priority": _choice("urgent", "high", "normal", "low"),
    "channel": _choice("line", "email", "chat", "phone"),
    "origin": _choice("inbound", "outbound"),
    "inbox": Kind("ref", "inbox"),
    "team": Kind("ref", "team"),
    "assignee": Kind("ref", "agent"),
    "tag": Kind("refs", "tag"),
    "subject": Kind("text"),
    "reopened": Kind("number"),
    "person_name": Kind("text"),
    "person_address": Kind("text"),
    "person_language": _choice("ja", "en"),
    "account": Kind("ref", "account"),
    "account_name": Kind("text"),
    "tier": _choice("high", "low", "tech"),
    "message_text": Kind("text"),
    "message_subject": Kind("text"),
    "message_by": _choice("customer", "agent", "machine"),
    "message_has_attachment": Kind("flag"),
    "message_auto": Kind("flag"),
    "breached": Kind("choices", words=METRICS),
    "clock_due": Kind("until"),
    "hours_since_created": Kind("since"),
    "hours_since_customer": Kind("since"),
    "hours_since_reply": Kind("since"),
    "hours_since_resolved": Kind("since"),
    "open_now": Kind("open"),
}
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "choice": ("is", "is_not", "any_of", "is_set"),
    "ref": ("is", "is_not", "any_of", "is_set"),
    "refs": ("is", "is_not", "any_of", "is_set"),
    "choices": ("is", "is_not", "any_of", "is_set"),
    "text": ("contains", "contains_not", "starts_with", "is", "is_not", "any_of", "is_set"),
    "flag": ("is",),
    "number": ("is", "greater", "less"),
    "until": ("less",),
    "since": ("greater", "less"),
    "open": ("is",),
}
TIMES = ("since", "until")  # what changes by itself; a rule on time needs one of them


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a ticket now. Times are the moments that are counted from, or for `clock_due` to."""

    now: datetime
    values: Mapping[str, Any]
    hours: Mapping[int, Hours] = field(default_factory=dict)  # by calendar


def evaluate(conditions: Mapping[str, Any], facts: Facts) -> bool:
    """Whether a ticket fits. No condition at all fits every ticket."""
    return fold(conditions, lambda leaf: _holds(leaf, facts)) is True


def fold(node: Mapping[str, Any], leaf: Callable[[Mapping[str, Any]], bool | None]) -> bool | None:
    """True, False, or None when it cannot be told."""
    if "field" in node:
        return leaf(node)
    every = "all" in node
    found = [fold(each, leaf) for each in node["all" if every else "any"]]
    if (not every) in found:
        return not every
    return None if None in found else every or not found


def leaves(node: Mapping[str, Any], at: str = "conditions") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each with its place."""
    if "field" in node:
        yield at, node
    for name in ("all", "any"):
        for number, each in enumerate(node.get(name, ())):
            yield from leaves(each, f"{at}.{name}.{number}")


def _holds(leaf: Mapping[str, Any], facts: Facts) -> bool:
    kind, value, op = FIELDS[leaf["field"]].type, facts.values.get(leaf["field"]), leaf["op"]
    wanted: Any = leaf.get("value")
    if kind == "open":
        return is_open(facts.hours[leaf["calendar_id"]], facts.now) is wanted
    if op == "is_set":
        return _is_set(value) == (wanted is not False)
    if kind in TIMES:
        return value is not None and _time(leaf, kind, value, facts)
    if kind == "text":
        return _text(op, value, wanted)
    if kind in ("refs", "choices"):
        return _several(op, frozenset(value or ()), wanted)
    match op:
        case "is":
            return bool(value == wanted)
        case "is_not":
            return bool(value != wanted)
        case "any_of":
            return value in wanted
        case "greater":
            return value is not None and value > wanted
    return value is not None and value < wanted


def _is_set(value: Any) -> bool:
    return value not in (None, "") and (not hasattr(value, "__len__") or len(value) > 0)


def _time(leaf: Mapping[str, Any], kind: str, value: datetime, facts: Facts) -> bool:
    if kind == "until":
        return bool((value - facts.now).total_seconds() <= leaf["value"] * HOUR)
    calendar = leaf.get("calendar_id")
    passed = (
        (facts.now - value).total_seconds() if calendar is None else elapsed(facts.hours[calendar], value, facts.now)
    )
    return (passed + TICK_S >= leaf["value"] * HOUR) is (leaf["op"] == "greater")


def folded(text: str) -> str:
    """As texts are compared: full and half width, upper and lower case are the same."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _text(op: str, value: str | Iterable[str] | None, wanted: Any) -> bool:
    """A field of several texts (addresses) fits when one of them does, and "not" when none does."""
    texts = [folded(each) for each in ([value] if isinstance(value, str) else value or ())]
    if op == "any_of":
        asked = {folded(each) for each in wanted}
        return any(text in asked for text in texts)
    sought = folded(wanted)
    match op:
        case "contains":
            return any(sought in text for text in texts)
        case "contains_not":
            return all(sought not in text for text in texts)
        case "starts_with":
            return any(text.startswith(sought) for text in texts)
        case "is":
            return any(text == sought for text in texts)
    return all(text != sought for text in texts)


def _several(op: str, value: frozenset[Any], wanted: Any) -> bool:
    if op == "any_of":
        return not value.isdisjoint(wanted)
    return (wanted in value) == (op == "is")


# -- time ---------------------------------------------------------------------------------------------------------------


def next_look(conditions: Mapping[str, Any], facts: Facts) -> datetime | None:
    """The next moment at which time alone may make it fit; None: only something that happens can."""
    moments = [each for _, leaf in leaves(conditions) if (each := _moment(leaf, facts)) is not None]
    return min((each for each in moments if each > facts.now), default=None)


def _moment(leaf: Mapping[str, Any], facts: Facts) -> datetime | None:
    kind, value = FIELDS[leaf["field"]].type, facts.values.get(leaf["field"])
    if kind == "open":
        turns = intervals(facts.hours[leaf["calendar_id"]], facts.now, facts.now + LOOK_AHEAD)
        return next((each for pair in turns for each in pair if each > facts.now), None)
    if value is None:
        return None
    at: datetime = value
    if kind == "until":
        return at - timedelta(hours=leaf["value"])
    if kind != "since" or leaf["op"] != "greater":
        return None
    calendar = leaf.get("calendar_id")
    if calendar is None:
        return at + timedelta(hours=leaf["value"])
    try:
        return add(facts.hours[calendar], value, leaf["value"] * HOUR)
    except NeverOpen:
        return None
