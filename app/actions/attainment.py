"""Promises as they are decided, for the reports: kept when met, broken at the deadline, with whose they were then."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlmodel import col

from app.actions.rows import insert, row
from app.models import Attainment, Clock, Ticket
from app.rules.sla import CANCELLED, Entry, Ticking

Noted = Sequence[tuple[Ticking, Entry]]


def decide(connection: Connection, noted: Noted) -> None:
    """What these entries, just written with their clocks and tickets, decided.

    What was kept once stays so when its ticket is opened again: the promise that goes on is decided anew, later. Only a
    breach that was none is taken back: a reply told late that had been in time, or a promise that another ticket keeps.
    """
    _take_back(connection, noted)
    found = [(clock, each) for clock, each in noted if _decides(clock, each)]
    places = _places(connection, [clock.id for clock, _ in found])
    made = [
        row(Attainment, decided_at=_when(clock, each), kept=each.kind == "met", metric=clock.metric, **places[clock.id])
        for clock, each in found
    ]
    for each in made:
        each.pop("id")
    insert(connection, Attainment, made)


def _decides(clock: Ticking, entry: Entry) -> bool:
    if entry.kind == "met":
        return clock.breached_at is None
    return entry.kind == "breached" and clock.breached_at is not None


def _when(clock: Ticking, entry: Entry) -> datetime:
    return entry.at if entry.kind == "met" else clock.breached_at or entry.at


def _take_back(connection: Connection, noted: Noted) -> None:
    gone = {clock.id for clock, each in noted if clock.breached_at is None and _undoes(clock, each)}
    if gone:
        connection.execute(
            delete(Attainment).where(col(Attainment.clock_id).in_(gone), col(Attainment.kept).is_(False))
        )


def _undoes(clock: Ticking, entry: Entry) -> bool:
    return entry.kind == "kept" or (entry.kind == "cancelled" and clock.state == CANCELLED)


def _places(connection: Connection, clocks: Sequence[int | None]) -> dict[int | None, dict[str, Any]]:
    """By the clock's id."""
    if not clocks:
        return {}
    query: Any = (
        select(
            col(Clock.id).label("clock_id"), col(Clock.ticket_id), col(Ticket.channel), col(Ticket.inbox_id),
            col(Ticket.team_id), col(Ticket.assignee_id).label("agent_id"),
        )
        .join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(col(Clock.id).in_(clocks))
    )  # fmt: skip
    return {each["clock_id"]: dict(each) for each in connection.execute(query).mappings()}
