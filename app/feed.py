"""The event log: verbs record into it in their own transaction, readers follow it with a cursor."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.db import EVERYBODY, current_xid
from app.models import Event
from app.models.columns import table_of

EVENTS = select(*table_of(Event).c)
MANY = 1000  # a reader that is further behind than this starts anew


def event(
    kind: str,
    at: datetime,
    /,
    *,
    ticket: int | None = None,
    message: int | None = None,
    agent: int | None = None,
    **params: Any,
) -> dict[str, Any]:
    """One row for `record`."""
    return {"kind": kind, "at": at, "ticket_id": ticket, "message_id": message, "agent_id": agent, "params": params}


async def record(session: AsyncSession, *events: dict[str, Any], clocks: frozenset[str] = EVERYBODY) -> None:
    """Appends to the log in the caller's transaction; readers are woken when it commits, and these clocks."""
    if events:
        await session.execute(insert(Event).values(xid=current_xid()), caused(session, events))
        tell(session, clocks)


def caused(session: AsyncSession, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of a verb that a rule does say so: which rule, and how many led to it ("cause" in the session's info)."""
    cause = session.info.get("cause")
    return [{**each, "params": {**each["params"], **cause}} for each in events] if cause else list(events)


def tell(session: AsyncSession, clocks: frozenset[str] = EVERYBODY) -> None:
    """When it commits, the readers of the log are woken, and these clocks."""
    session.info["news"] = session.info.get("news", frozenset()) | clocks


def _postgres(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


async def now_cursor(session: AsyncSession) -> str:
    """A cursor behind everything that is visible. On PostgreSQL a little earlier: rows may come twice, never not."""
    if _postgres(session):
        horizon = await session.scalar(
            text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)")
        )
        return f"{int(horizon or 0)}.0"
    return str(await session.scalar(text("SELECT COALESCE(MAX(id), 0) FROM event")) or 0)


def place(event: Event, cursor: str) -> str:
    """The cursor behind this event, of the same kind as the given one."""
    return f"{event.xid}.{event.id}" if "." in cursor else str(event.id)


def _number(given: str) -> int:
    number = int(given)
    if not 0 <= number < 2**63:
        raise ValueError("no cursor of ours")
    return number


async def tail(session: AsyncSession, cursor: str, most: int = MANY) -> tuple[Sequence[Event], str]:
    """`behind` in a session's transaction."""
    return await (await session.connection()).run_sync(behind, cursor, most)


def behind(connection: Connection, cursor: str, most: int = MANY) -> tuple[Sequence[Event], str]:
    """The events behind a cursor, oldest first, and the cursor behind them. ValueError for a cursor of another kind.

    They are plain rows with an Event's attributes: under load this runs after each commit.
    """
    if connection.dialect.name != "postgresql":
        query = EVENTS.where(col(Event.id) > _number(cursor)).order_by(col(Event.id))
        found = connection.execute(query.limit(most)).all()
        return cast(Sequence[Event], found), str(found[-1].id) if found else cursor
    # Ids become visible out of order: only what is older than every running transaction is complete.
    xid, _, after = cursor.partition(".")
    place = tuple_(col(Event.xid), col(Event.id))
    visible = text("event.xid < CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)")
    query = EVENTS.where(place > (_number(xid), _number(after or "0")), visible).order_by(col(Event.xid), col(Event.id))
    found = connection.execute(query.limit(most)).all()
    return cast(Sequence[Event], found), f"{found[-1].xid}.{found[-1].id}" if found else cursor
