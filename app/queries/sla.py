"""What is promised now, and what the judgments about some tickets need: a few statements for any number of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, func, select, tuple_
from sqlmodel import col

from app.db import fetch
from app.models import (
    Account,
    Agent,
    Assignment,
    CalendarVersion,
    Inbox,
    Person,
    PolicyVersion,
    TeamMember,
    Ticket,
    TicketTag,
)
from app.rules.hours import Hours, hours
from app.rules.policies import Facts, Policy, Promises, Staff, policy

# Everything that says which promise holds, a handful of rows. It is read in each transaction that judges, so that no
# process goes by what another one has changed: no counter would do on PostgreSQL, where a smaller number may become
# visible after a larger one. What the versions say never changes, and is kept in memory.
HEADS = """
SELECT 1 AS kind, id, version, position AS place, CASE WHEN archived_at IS NULL THEN 1 ELSE 0 END AS active FROM policy
UNION ALL SELECT 2, id, version, 0, 1 FROM calendar
UNION ALL SELECT 3, id, calendar_id, 0, 1 FROM team WHERE calendar_id IS NOT NULL
ORDER BY kind, place, id
"""
UNSEEN = ("policies", "calendars")  # in a session's info: it wrote some that others do not see yet

Key = tuple[int, int]  # a policy or a calendar, and its version
Heads = tuple[tuple[int, int, int, int, int], ...]


@dataclass(slots=True)
class Kept:
    """What this process remembers of a database."""

    heads: Heads = ()
    promises: Promises = field(default_factory=Promises)
    policies: dict[Key, Policy] = field(default_factory=dict)
    calendars: dict[Key, Hours] = field(default_factory=dict)


_kept: WeakKeyDictionary[Engine, Kept] = WeakKeyDictionary()


class Versions:
    """What is promised now, and what was promised by any version, as one transaction sees it."""

    def __init__(self, connection: Connection, *, unseen: bool = False) -> None:
        """`unseen`: this transaction wrote policies or calendars: what it reads may be rolled back, and is not kept."""
        self._connection = connection
        self._kept = Kept() if unseen else _kept.setdefault(connection.engine, Kept())
        heads = tuple(map(tuple, fetch(connection, HEADS)))
        if heads != self._kept.heads:
            self._kept.promises, self._kept.heads = self._read(heads), heads
        self.now = self._kept.promises

    def _read(self, heads: Heads) -> Promises:
        rows = [(number, version, bool(active)) for kind, number, version, _, active in heads if kind == 1]
        calendars = {number: version for kind, number, version, _, _ in heads if kind == 2}
        self.load([(number, version) for number, version, _ in rows], calendars.items())
        present = {number: self._kept.policies[(number, version)] for number, version, _ in rows}
        return Promises(
            active=tuple(present[number] for number, _, active in rows if active),
            present=present,
            calendars={
                number: (version, self._kept.calendars[number, version]) for number, version in calendars.items()
            },
            team_calendars={number: calendar for kind, number, calendar, _, _ in heads if kind == 3},
        )

    def load(self, policies: Iterable[Key], calendars: Iterable[Key]) -> None:
        """At least these versions are known afterwards."""
        if missing := set(policies) - self._kept.policies.keys():
            place = tuple_(col(PolicyVersion.policy_id), col(PolicyVersion.version))
            wanted = select(col(PolicyVersion.policy_id), col(PolicyVersion.version), col(PolicyVersion.spec))
            for number, version, spec in self._connection.execute(wanted.where(place.in_(missing))):
                self._kept.policies[(number, version)] = policy(number, version, spec)
        if absent := set(calendars) - self._kept.calendars.keys():
            place = tuple_(col(CalendarVersion.calendar_id), col(CalendarVersion.version))
            asked = select(
                col(CalendarVersion.calendar_id), col(CalendarVersion.version), col(CalendarVersion.spec),
                col(CalendarVersion.holidays),
            )  # fmt: skip
            for number, version, spec, holidays in self._connection.execute(asked.where(place.in_(absent))):
                known = {date.fromisoformat(on): name for on, name in holidays.items()}
                self._kept.calendars[(number, version)] = hours(spec, known)

    def policy(self, number: int | None, version: int | None) -> Policy | None:
        return self._kept.policies[(number, version)] if number is not None and version is not None else None

    def calendar(self, number: int | None, version: int | None) -> Hours | None:
        return self._kept.calendars[(number, version)] if number is not None and version is not None else None


def facts(connection: Connection, numbers: Collection[int]) -> dict[int, Facts]:
    """By ticket number."""
    released = (
        select(func.max(col(Assignment.at)))
        .where(col(Assignment.ticket_id) == col(Ticket.id), col(Assignment.agent_id).is_(None))
        .scalar_subquery()
    )
    query = (
        select(
            *(col(getattr(Ticket, name)) for name in _COLUMNS),
            func.coalesce(col(Account.tier), "").label("tier"),
            func.coalesce(func.nullif(col(Person.language), ""), col(Inbox.language)).label("language"),
            col(Inbox.first_response_s).label("default_s"),
            released.label("released_at"),
        )
        .join(Inbox, col(Inbox.id) == col(Ticket.inbox_id))
        .join(Person, col(Person.id) == col(Ticket.person_id))
        .outerjoin(Account, col(Account.id) == col(Ticket.account_id))
        .where(col(Ticket.id).in_(numbers))
    )
    links = select(col(TicketTag.ticket_id), col(TicketTag.tag_id)).where(col(TicketTag.ticket_id).in_(numbers))
    tags: dict[int, set[int]] = {}
    for number, tag in connection.execute(links):
        tags.setdefault(number, set()).add(tag)
    return {each["id"]: _facts(each, tags.get(each["id"], set())) for each in connection.execute(query).mappings()}


_COLUMNS = (
    "id", "channel", "inbox_id", "team_id", "priority", "account_id", "status", "policy_id",
    "forced_policy_id", "created_at",
    "needs_reply_since", "assignee_id", "first_response_at", "reopened", "origin",
)  # fmt: skip


def _facts(row: Mapping[Any, Any], tags: set[int]) -> Facts:
    return Facts(
        number=row["id"], channel=row["channel"], inbox=row["inbox_id"], default_s=row["default_s"], team=row["team_id"],
        priority=row["priority"], tier=row["tier"], account=row["account_id"], language=row["language"],
        tags=frozenset(tags), status=row["status"], policy_id=row["policy_id"], forced=row["forced_policy_id"],
        created_at=row["created_at"],
        waits_since=row["needs_reply_since"], assignee=row["assignee_id"], free_since=row["released_at"],
        answered_before=row["first_response_at"] is not None or row["reopened"] > 0,
        inbound=row["origin"] == "inbound",
    )  # fmt: skip


def staff(connection: Connection) -> Staff:
    """Whom warnings may reach."""
    agents = connection.execute(select(col(Agent.id), col(Agent.role)).where(col(Agent.active).is_(True)))
    teams: dict[int, set[int]] = {}
    for team, agent in connection.execute(select(col(TeamMember.team_id), col(TeamMember.agent_id))):
        teams.setdefault(team, set()).add(agent)
    roles = {each.id: each.role for each in agents}
    return Staff(roles, {team: frozenset(members) for team, members in teams.items()})
