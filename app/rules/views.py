"""What a saved view may ask for and show, and who may change it. Pure."""

from collections.abc import Mapping
from typing import Any

BASES = ("open", "mine", "unassigned", "pending", "snoozed", "resolved", "closed", "all")
COUNTED = ("open", "mine", "unassigned", "pending")  # unsolved work has a badge
CONDITIONS = ("view", "team", "channel", "status", "priority", "assignee", "tag", "text")
# What each index begins with; of the rest, a badge looks at the first rows only.
INDEXED = ("view", "team", "channel")
COLUMNS = ("company", "preview", "priority", "tags", "status", "assignee")
MOST = 50  # of one agent, of one team, of everybody


def asked(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """Without what says nothing; the base is always said."""
    given = {name: conditions.get(name) for name in CONDITIONS}
    given["view"] = given["view"] or "open"
    return {name: value for name, value in given.items() if value not in (None, "")}


def counted(conditions: Mapping[str, Any]) -> bool:
    """Whether it has a badge: words are looked for by another way than an index."""
    return conditions["view"] in COUNTED and not conditions.get("text")


def beyond(conditions: Mapping[str, Any]) -> dict[str, Any]:
    """The conditions that no index of the list begins with."""
    return {name: value for name, value in conditions.items() if name not in INDEXED}


def within(conditions: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in conditions.items() if name in INDEXED}


def shares(agent: int, owner: int | None) -> bool:
    """Whether a view is not this agent's own: then it takes the right to share views."""
    return owner != agent
