"""What a rule or a macro may say: its faults with their places, what it refers to, whether it would run for ever. Pure."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.rules import templates
from app.rules.automation import FIELDS, OPERATORS, TIMES, Kind, fold, leaves

TRIGGERS = (
    "ticket.opened", "ticket.reopened", "ticket.status", "ticket.assigned", "ticket.team", "ticket.priority",
    "ticket.tagged", "ticket.untagged", "message.received", "message.queued", "message.failed", "note.written",
    "call.waiting", "call.voicemail", "call.ended", "clock.warned", "clock.breached",
)  # fmt: skip
# Each action's own fields: a noun, words, or what the code below checks.
ACTIONS: Mapping[str, Mapping[str, Kind]] = {
    "assign_agent": {"agent": Kind("ref", "agent")},
    "assign_team": {"team": Kind("ref", "team")},
    "add_tag": {"tag": Kind("ref", "tag")},
    "remove_tag": {"tag": Kind("ref", "tag")},
    "priority": {"to": FIELDS["priority"]},
    "status": {"to": Kind("choice", words=("open", "pending", "snoozed", "resolved", "closed"))},
    "policy": {"policy": Kind("ref", "policy")},
    "reply": {"text": Kind("template")},
    "note": {"text": Kind("template")},
    "webhook": {"webhook": Kind("ref", "webhook")},
    "hand_over": {},
}
MACRO_ACTIONS = frozenset(ACTIONS) - {"reply", "webhook"}
EMPTIES = ("assign_agent", "assign_team", "policy")  # may say "nobody", or "by conditions"
MOST_LEAVES, MOST_LEVELS, MOST_ACTIONS, MOST_VALUES, MOST_HOURS, MOST_WORDS = 30, 4, 10, 100, 24 * 366, 200

# The reasons, with a sentence for programs. The screens have their own, in both languages.
REASONS = {
    "shape": "this is not the shape of a condition or an action",
    "trigger": "there is no such event",
    "triggers": "choose at least one event",
    "field": "there is no such field",
    "operator": "this field cannot be asked this way",
    "value": "this value does not fit the field",
    "unknown": "there is no such thing, or it was put away",
    "calendar": "this needs a calendar",
    "many": "there are too many of these",
    "deep": "groups stand in each other too deeply",
    "time": "a rule on time needs a condition on time",
    "actions": "nothing would be done",
    "action": "there is no such action here",
    "text": "there is no text",
    "variable": "there is no such variable",
    "brace": "two braces without a variable between them",
    "long": "this text is too long",
    "hours": "say for how many hours",
    "loop": "what it does would set it off again, for ever",
    "circle": "these rules would set each other off, for ever",
}
Fault = tuple[str, str]  # where, and which of the reasons
Reference = tuple[str, str, int]  # where, which noun, which one
Json = Mapping[str, Any]


def digest(trigger: Json, conditions: Json, actions: Sequence[Any]) -> str:
    """What a rule says, as one short word: the same again is the same version."""
    said = json.dumps([trigger, conditions, actions], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def faults(trigger: Json, conditions: Json, actions: Sequence[Any]) -> list[Fault]:
    """Everything that does not fit, the loop last: it is only looked for when all else does."""
    found = [*_trigger(trigger), *_conditions(conditions), *action_faults(actions)]
    if (
        not found
        and "time" in trigger
        and not any(FIELDS[leaf["field"]].type in TIMES for _, leaf in leaves(conditions))
    ):
        found.append(("conditions", "time"))
    if not actions:
        found.append(("actions", "actions"))
    if not found and loops(trigger, conditions, actions):
        found.append(("actions", "loop"))
    return found


# -- when ---------------------------------------------------------------------------------------------------------------


def _trigger(trigger: Json) -> Iterator[Fault]:
    if trigger == {"time": True}:
        return
    kinds = trigger.get("on") if set(trigger) == {"on"} else None
    if not isinstance(kinds, list):
        yield "trigger", "shape"
    elif not kinds:
        yield "trigger", "triggers"
    elif any(kind not in TRIGGERS for kind in kinds):
        yield "trigger", "trigger"


# -- if -----------------------------------------------------------------------------------------------------------------


def _conditions(tree: Json) -> list[Fault]:
    shape = list(_shape(tree, "conditions", 0))
    if shape:
        return shape
    found = list(leaves(tree))
    if len(found) > MOST_LEAVES:
        return [("conditions", "many")]
    return [fault for at, leaf in found for fault in _leaf(at, leaf)]


def _shape(node: Any, at: str, level: int) -> Iterator[Fault]:
    if not isinstance(node, Mapping):
        yield at, "shape"
    elif "field" in node:
        if level == 0 or not set(node) <= {"field", "op", "value", "calendar_id"} or not isinstance(node["field"], str):
            yield at, "shape"
    elif len(node) != 1 or (name := next(iter(node))) not in ("all", "any") or not isinstance(node[name], list):
        yield at, "shape"
    elif level >= MOST_LEVELS:
        yield at, "deep"
    else:
        for number, each in enumerate(node[name]):
            yield from _shape(each, f"{at}.{name}.{number}", level + 1)


def _leaf(at: str, leaf: Json) -> Iterator[Fault]:
    kind, op = FIELDS.get(leaf["field"]), leaf.get("op")
    if kind is None:
        yield f"{at}.field", "field"
    elif op not in OPERATORS[kind.type]:
        yield f"{at}.op", "operator"
    elif kind.type == "open" and leaf.get("calendar_id") is None:
        yield f"{at}.calendar_id", "calendar"
    elif leaf.get("calendar_id") is not None and (
        kind.type not in ("open", "since") or not _whole(leaf["calendar_id"])
    ):
        yield f"{at}.calendar_id", "value"
    elif not _value(kind, op, leaf.get("value")):
        yield f"{at}.value", "value"


def _value(kind: Kind, op: str, value: Any) -> bool:
    if op == "is_set":
        return isinstance(value, bool)
    if op == "any_of":
        return isinstance(value, list) and 0 < len(value) <= MOST_VALUES and all(_one(kind, each) for each in value)
    return _one(kind, value)


def _one(kind: Kind, value: Any) -> bool:
    match kind.type:
        case "choice" | "choices":
            return value in kind.words
        case "ref" | "refs":
            return _whole(value)
        case "text":
            return isinstance(value, str) and value.strip() != "" and len(value) <= MOST_WORDS
        case "flag" | "open":
            return isinstance(value, bool)
        case "number":
            return _whole(value) and value <= 10_000
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    return fits and (0 if kind.type == "until" else 0.01) <= value <= MOST_HOURS


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


# -- then ---------------------------------------------------------------------------------------------------------------


def action_faults(actions: Sequence[Any], allowed: frozenset[str] = frozenset(ACTIONS)) -> list[Fault]:
    if len(actions) > MOST_ACTIONS:
        return [("actions", "many")]
    return [fault for number, each in enumerate(actions) for fault in _action(f"actions.{number}", each, allowed)]


def _action(at: str, given: Any, allowed: frozenset[str]) -> Iterator[Fault]:
    if not isinstance(given, Mapping) or given.get("do") not in tuple(allowed):
        yield at, "action"
        return
    fields, empties = ACTIONS[given["do"]], given["do"] in EMPTIES
    extra = {"hours"} if given.get("to") == "snoozed" else set()
    if set(given) - {"do", *fields, *extra}:
        yield at, "shape"
    for name, kind in fields.items():
        value = given.get(name)
        if kind.type == "template":
            yield from template_faults(f"{at}.{name}", value)
        elif not (empties and value is None) and not _one(kind, value):
            yield f"{at}.{name}", "value"
    if extra and not _one(Kind("since"), given.get("hours")):
        yield f"{at}.hours", "hours"


def template_faults(at: str, text: Any) -> Iterator[Fault]:
    if not isinstance(text, str) or not text.strip():
        yield at, "text"
    else:
        yield from ((at, reason) for reason in templates.faults(text))


def references(conditions: Json, actions: Sequence[Json]) -> Iterator[Reference]:
    """All that must be there. The spec is sound."""
    for at, leaf in leaves(conditions):
        kind, value = FIELDS[leaf["field"]], leaf.get("value")
        if leaf.get("calendar_id") is not None:
            yield f"{at}.calendar_id", "calendar", leaf["calendar_id"]
        if kind.of and leaf["op"] != "is_set":
            ids: list[int] = value if isinstance(value, list) else [value]  # type: ignore[list-item]
            yield from ((f"{at}.value", kind.of, each) for each in ids)
    for number, given in enumerate(actions):
        for name, kind in ACTIONS[given["do"]].items():
            if kind.of and given.get(name) is not None:
                yield f"actions.{number}.{name}", kind.of, given[name]


# -- for ever? ----------------------------------------------------------------------------------------------------------

# What sets a value causes an event only when it changes something; set twice to different values, it always does.
SETS = {"assign_agent": ("agent", "ticket.assigned"), "assign_team": ("team", "ticket.team"),
        "priority": ("to", "ticket.priority"), "status": ("to", "ticket.status")}  # fmt: skip
SHOWS = {"assign_agent": "assignee", "assign_team": "team", "priority": "priority", "status": "status"}


def loops(trigger: Json, conditions: Json, actions: Sequence[Json]) -> bool:
    """What it does sets it off again, and its conditions may well hold after it: as far as its own actions tell."""
    return bool(set(trigger.get("on", ())) & always(actions)) and holds_after(conditions, actions)


def holds_after(conditions: Json, actions: Sequence[Json]) -> bool:
    """Whether conditions may hold when these actions are done, as far as the actions tell."""
    known = {SHOWS[each["do"]]: each[SETS[each["do"]][0]] for each in actions if each["do"] in SETS}
    tags = {each["tag"]: each["do"] == "add_tag" for each in actions if each["do"] in ("add_tag", "remove_tag")}
    return fold(conditions, lambda leaf: _after(leaf, known, tags)) is not False


def always(actions: Sequence[Json]) -> set[str]:
    """The events that it causes each time it runs."""
    found = {"note.written"} if any(each["do"] == "note" for each in actions) else set()
    for do, (name, kind) in SETS.items():
        if len({each[name] for each in actions if each["do"] == do}) > 1:
            found.add(kind)
    added, removed = ({each["tag"] for each in actions if each["do"] == do} for do in ("add_tag", "remove_tag"))
    return found | ({"ticket.tagged", "ticket.untagged"} if added & removed else set())


def _after(leaf: Json, known: Json, tags: Mapping[Any, bool]) -> bool | None:
    """Whether a condition holds after the actions; None when they do not tell."""
    name, op, wanted = leaf["field"], leaf["op"], leaf.get("value")
    asked = wanted if isinstance(wanted, list) else [wanted]
    if name == "tag" and op != "is_set":
        has = [tags.get(each) for each in asked]
        held = True if True in has else None if None in has else False
        return held if held is None or op != "is_not" else not held
    if name not in known:
        return None
    if op == "is_set":
        return (known[name] is not None) is wanted
    return (known[name] in asked) is (op != "is_not")
