"""What clocks should say, told anew from their ledgers."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import col

from app.models import Clock, ClockEntry
from app.models.columns import table_of
from app.queries.sla import Versions
from app.rules.ledger import rebuilt
from app.rules.policies import Terms
from app.rules.sla import Entry, Ticking

BEFORE = "before_ledger"  # of clocks that are older than their ledger: their first terms are not known


def clocks(connection: Connection, numbers: Collection[int]) -> dict[int, Ticking]:
    """clock id -> the clock as its ledger tells it, of these tickets; not of clocks that are older than their ledger."""
    entry = table_of(ClockEntry)
    query = (
        select(entry, col(Clock.metric))
        .join(Clock, col(Clock.id) == entry.c.clock_id)
        .where(col(Clock.ticket_id).in_(numbers))
        .order_by(entry.c.id)
    )
    rows = connection.execute(query).mappings().all()
    versions = Versions(connection, unseen=True)
    versions.load(
        {(each["policy_id"], each["policy_version"]) for each in rows if each["policy_id"] is not None},
        {(each["calendar_id"], each["calendar_version"]) for each in rows if each["calendar_id"] is not None},
    )
    told: dict[int, list[Entry]] = defaultdict(list)
    metrics: dict[int, str] = {}
    for each in rows:
        told[each["clock_id"]].append(_entry(each, versions))
        metrics[each["clock_id"]] = each["metric"]
    return {
        number: rebuilt(metrics[number], entries)
        for number, entries in told.items()
        if entries[0].kind == "started" and entries[0].reason != BEFORE
    }


def _entry(row: Mapping[Any, Any], versions: Versions) -> Entry:
    calendar = (row["calendar_id"], row["calendar_version"]) if row["calendar_id"] is not None else None
    terms = Terms(
        row["target_s"], row["priority"], versions.policy(row["policy_id"], row["policy_version"]), calendar,
        versions.calendar(row["calendar_id"], row["calendar_version"]),
    )  # fmt: skip
    return Entry(
        row["kind"], row["at"], row["reason"], row["due_was"], row["due_at"], row["percent"], row["since"], terms
    )
