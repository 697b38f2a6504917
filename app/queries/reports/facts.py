"""The rows that figures are counted from: where they stand, when they happened, what they can be told apart by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Template
from types import MappingProxyType

from app.models.ticket import LETTER
from app.queries.reports.asked import NOBODY, Asked, Words

Joins = tuple[str, ...]
Times = Callable[[Words], Mapping[str, tuple[str, str]]]


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
    alone: bool = False  # its index leads to each figure's own rows: better one statement a figure than one for all
    columns: str = ""  # what of a row is needed beside its times
    times: Times = (
        lambda words: {}
    )  # name -> SQL and the join it needs: worked out once a row, however many figures ask


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


# Spans follow each other: of those that began before the period, only each agent's last can reach into it.
_PRESENT = """(
  SELECT id, agent_id, state, began_at, ended_at FROM presence_span WHERE began_at >= :begin AND began_at < :end
  UNION ALL SELECT p.id, p.agent_id, p.state, p.began_at, p.ended_at FROM agent AS w JOIN presence_span AS p ON p.id = (
    SELECT x.id FROM presence_span AS x WHERE x.agent_id = w.id AND x.began_at < :begin
    ORDER BY x.began_at DESC, x.id DESC LIMIT 1
  ) WHERE COALESCE(p.ended_at, :now) > :begin
) AS f"""


_CALLED_BACK = """EXISTS (
  SELECT 1 FROM call AS b WHERE b.ticket_id = f.ticket_id AND b.direction = 'out'
  AND b.answered_at IS NOT NULL AND b.started_at >= f.started_at
)"""
_FENCED = Template("FROM (SELECT $columns, $key AS k, $more FROM $tables WHERE $said$fence) AS f WHERE TRUE")


def _call_times(words: Words) -> dict[str, tuple[str, str]]:
    """How long a call waited and was talked, in seconds; and what became of it."""
    return {
        "handled": (f"(f.answered_at IS NOT NULL OR {_CALLED_BACK})", ""),
        "wait_s": (words.secs("f.started_at", "COALESCE(f.answered_at, f.ended_at)"), ""),
        "talk_s": (words.secs("f.answered_at", "f.ended_at"), ""),
    }


def _span_times(words: Words) -> dict[str, tuple[str, str]]:
    """What of a span lies in the period, in seconds."""
    end = words.earlier("COALESCE(f.ended_at, :now)", ":end")
    return {"spent_s": (words.secs(words.later("f.began_at", ":begin"), end), "")}


def _within(column: str) -> str:
    return f"{column} >= :begin AND {column} < :end"


FACTS: dict[str, Fact] = {
    "episode": Fact(
        "episode AS f", "f.opened_at", _within("f.opened_at"),
        _own(("COALESCE(f.agent_id, t.assignee_id)", ("t",))), _JOINS,
    ),
    "ticket": Fact(
        "ticket AS f", "f.created_at", f"{_within('f.created_at')} AND f.origin <> '{LETTER}'",
        {**_own(("f.assignee_id", ())), "tier": ("COALESCE(a.tier, '')", ("a",))},
        {"a": "LEFT JOIN account AS a ON a.id = f.account_id", "g": "JOIN ticket_tag AS g ON g.ticket_id = f.id"},
        ticket="f.id", tagged="EXISTS (SELECT 1 FROM ticket_tag AS x WHERE x.ticket_id = f.id AND x.tag_id = :tag)",
    ),
    "resolution": Fact(
        "resolution AS f", "f.resolved_at", _within("f.resolved_at"), _own(("f.agent_id", ())), _JOINS
    ),
    "survey": Fact("survey AS f", "f.asked_at", _within("f.asked_at"), _own(("f.agent_id", ())), _JOINS),
    "clock": Fact(
        "attainment AS f", "f.decided_at", _within("f.decided_at"), _own(("f.agent_id", ())), _JOINS, alone=True,
    ),
    "call": Fact(
        "call AS f", "f.started_at", f"{_within('f.started_at')} AND f.direction = 'in'",
        {
            "channel": ("'phone'", ()), "team": ("f.team_id", ()), "inbox": ("f.inbox_id", ()),
            "agent": ("f.agent_id", ()), "tier": _TIER, "tag": _TAG,
        },
        _JOINS,
        columns="f.id, f.ticket_id, f.team_id, f.inbox_id, f.agent_id, f.started_at, f.answered_at, f.ended_at, f.outcome,"
        " f.repeated, f.wrap_s",
        times=_call_times,
    ),
    "span": Fact(
        _PRESENT, "f.began_at", "",
        {"agent": ("f.agent_id", ())}, ticket="NULL",
        teams="EXISTS (SELECT 1 FROM team_member AS x WHERE x.agent_id = f.agent_id AND x.team_id = :team)",
        columns="f.id, f.agent_id, f.state, f.began_at", times=_span_times,
    ),
}  # fmt: skip


def where(fact: Fact, asked: Asked) -> tuple[str, set[str]] | None:
    """The period and the filters, and the joins that they need; None when a filter does not apply to these rows."""
    said, joins = [fact.period] if fact.period else [], set[str]()
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
    return " AND ".join(f"({each})" for each in said) or "TRUE", joins


def rows(
    fact: Fact, limits: tuple[str, set[str]], words: Words, *, used: str, key: str = "''", once: bool = True
) -> str:
    """FROM and WHERE of the rows as `f`, with `k`, what they are told apart by. `used`: the SQL that will ask for them.

    `once`: times are worked out for every row, once; else only for those rows that are looked at, whenever they are.
    Like every piece that a statement of this room is put together from, it is constants of ours; what somebody asks for
    chooses among them, and its values are bound.
    """
    said, joins = limits
    tables = " ".join([fact.source, *(sql for name, sql in fact.joins.items() if name in joins)])
    times = {name: each for name, each in fact.times(words).items() if f"f.{name}" in used}
    if not times:
        return f"FROM {tables} WHERE {said}"
    more = ", ".join(f"{sql} AS {name}" for name, (sql, _) in times.items())
    tables = " ".join([tables, *(join for _, join in times.values() if join)])
    fence = words.fence if once else ""
    return _FENCED.substitute(columns=fact.columns, key=key, more=more, tables=tables, said=said, fence=fence)
