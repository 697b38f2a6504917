"""The rows that figures are counted from: where they stand, when they happened, what they can be told apart by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.queries.reports.asked import NOBODY, Asked

Joins = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """`f` is the row. A dimension that is not in `by` does not apply: a figure filtered by it has no data."""

    source: str
    at: str
    period: str
    by: Mapping[str, tuple[str, Joins]]
    joins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ticket: str = "f.ticket_id"
    tagged: str = "EXISTS (SELECT 1 FROM ticket_tag AS x WHERE x.ticket_id = f.ticket_id AND x.tag_id = :tag)"
    teams: str = ""  # how a team is asked for where rows have none


_T, _A, _G = (
    "JOIN ticket AS t ON t.id = f.ticket_id", "LEFT JOIN account AS a ON a.id = t.account_id",
    "JOIN ticket_tag AS g ON g.ticket_id = f.ticket_id",
)  # fmt: skip
_JOINS = {"t": _T, "a": _A, "g": _G}
_TIER, _TAG = ("COALESCE(a.tier, '')", ("t", "a")), ("g.tag_id", ("g",))


def _own(agent: tuple[str, Joins]) -> dict[str, tuple[str, Joins]]:
    """Of rows that keep their own channel, team and inbox."""
    columns = {"channel": "f.channel", "team": "f.team_id", "inbox": "f.inbox_id"}
    return {**{name: (column, ()) for name, column in columns.items()}, "agent": agent, "tier": _TIER, "tag": _TAG}


# What was decided about a promise: broken at its deadline, or kept when it was met. Two indexes, one for each.
_DECIDED = """(
  SELECT id, ticket_id, metric, breached_at, breached_at AS decided_at FROM clock
  WHERE breached_at IS NOT NULL AND breached_at >= :begin AND breached_at < :end
  UNION ALL SELECT id, ticket_id, metric, breached_at, met_at FROM clock
  WHERE met_at IS NOT NULL AND breached_at IS NULL AND met_at >= :begin AND met_at < :end
) AS f"""


def _within(column: str) -> str:
    return f"{column} >= :begin AND {column} < :end"


FACTS: dict[str, Fact] = {
    "episode": Fact(
        "episode AS f", "f.opened_at", _within("f.opened_at"),
        _own(("COALESCE(f.agent_id, t.assignee_id)", ("t",))), _JOINS,
    ),
    "ticket": Fact(
        "ticket AS f", "f.created_at", _within("f.created_at"),
        {**_own(("f.assignee_id", ())), "tier": ("COALESCE(a.tier, '')", ("a",))},
        {"a": "LEFT JOIN account AS a ON a.id = f.account_id", "g": "JOIN ticket_tag AS g ON g.ticket_id = f.id"},
        ticket="f.id", tagged="EXISTS (SELECT 1 FROM ticket_tag AS x WHERE x.ticket_id = f.id AND x.tag_id = :tag)",
    ),
    "resolution": Fact(
        "resolution AS f", "f.resolved_at", _within("f.resolved_at"), _own(("f.agent_id", ())), _JOINS
    ),
    "survey": Fact("survey AS f", "f.asked_at", _within("f.asked_at"), _own(("f.agent_id", ())), _JOINS),
    "clock": Fact(
        _DECIDED, "f.decided_at", _within("f.decided_at"),
        {
            "channel": ("t.channel", ("t",)), "team": ("t.team_id", ("t",)), "inbox": ("t.inbox_id", ("t",)),
            "agent": ("t.assignee_id", ("t",)), "tier": _TIER, "tag": _TAG,
        },
        _JOINS,
    ),
    "call": Fact(
        "call AS f", "f.started_at", f"{_within('f.started_at')} AND f.direction = 'in'",
        {
            "channel": ("'phone'", ()), "team": ("f.team_id", ()), "inbox": ("f.inbox_id", ()),
            "agent": ("f.agent_id", ()), "tier": _TIER, "tag": _TAG,
        },
        _JOINS,
    ),
    "span": Fact(
        "presence_span AS f", "f.began_at", "f.began_at < :end AND COALESCE(f.ended_at, :now) > :begin",
        {"agent": ("f.agent_id", ())}, ticket="NULL",
        teams="EXISTS (SELECT 1 FROM team_member AS x WHERE x.agent_id = f.agent_id AND x.team_id = :team)",
    ),
}  # fmt: skip


def where(fact: Fact, asked: Asked) -> tuple[str, set[str]] | None:
    """The period and the filters, and the joins that they need; None when a filter does not apply to these rows."""
    said, joins = [fact.period], set[str]()
    for name, value in asked.filters.items():
        if name == "team" and fact.teams:
            said.append(fact.teams)
        elif name not in fact.by:
            return None
        elif name == "tag":
            said.append(fact.tagged)
        else:
            column, needs = fact.by[name]
            joins.update(needs)
            said.append(f"{column} IS NULL" if value == NOBODY and name != "tier" else f"{column} = :{name}")
    return " AND ".join(f"({each})" for each in said), joins


def source(fact: Fact, joins: set[str]) -> str:
    """The tables. Like every piece that a statement of this room is put together from, it is a constant of ours; what
    somebody asks for chooses among them, and its values are bound: that is why S608 is silenced where they meet.
    """
    return " ".join([fact.source, *(sql for name, sql in fact.joins.items() if name in joins)])
