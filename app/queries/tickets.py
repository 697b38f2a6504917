"""Tickets as the screens show them: list views by keyset, capped badges, rows by id.

Each view is answered by the partial index that begins with what it fixes and ends in its sort key and the id; the
predicates stand here letter for letter as in the index, or SQLite's planner does not see that they fit.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BindParameter, Connection, Select, TextClause, bindparam, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.errors import Invalid
from app.models import Account, Call, CallState, Identity, Person, Status, Ticket, TicketTag
from app.models.columns import NEVER, table_of
from app.models.people import READABLE
from app.models.ticket import MINE, NO_LETTER, SET_ASIDE, UNASSIGNED, UNSOLVED
from app.queries import approvals
from app.queries.ringing import ringing

CAP = 100  # badges say "99+"
ENDED = ("snoozed", "resolved", "closed", "spam")


class UnknownView(Invalid):
    """There is no such view."""


class WrongCursor(Invalid):
    """The cursor is not of this list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which tickets, in which order."""

    view: str = "open"
    agent_id: int | None = None  # who asks: for "mine"
    team: int | None = None
    channel: str | None = None
    status: str | None = None
    priority: str | None = None
    assignee: int | None = None
    tag: int | None = None
    person: int | None = None
    text: str = ""
    sort: str = "due"  # or "updated"
    cursor: str | None = None
    limit: int = 50


def page_query(asked: Asked) -> Select[Any]:
    """The ids of one page and one more, in the view's order."""
    columns: Any = (col(Ticket.id), col(Ticket.due_at), col(Ticket.updated_at))
    query: Select[Any] = select(*columns).where(*_view(asked), *filters(asked))
    key, falling = _sort(asked)
    place = tuple_(key, col(Ticket.id))
    if asked.cursor:
        at, number = place_of(asked.cursor)
        query = query.where(place < (at, number) if falling else place > (at, number))
    order = (key.desc(), col(Ticket.id).desc()) if falling else (key, col(Ticket.id))
    return query.order_by(*order).limit(asked.limit + 1)


async def page(session: AsyncSession, asked: Asked) -> tuple[list[dict[str, Any]], str | None]:
    """One page of rows, and the cursor of the next, None at the end. Raises UnknownView, WrongCursor."""
    found = (await session.execute(page_query(asked))).all()
    more = len(found) > asked.limit
    found = found[: asked.limit]
    shown = await rows(session, [each.id for each in found])
    if not more:
        return shown, None
    last = found[-1]
    return shown, cursor_of(last.due_at if _by_due(asked) else last.updated_at, last.id)


def _view(asked: Asked) -> list[Any]:
    match asked.view:
        case "open":
            return [UNSOLVED]
        case "mine":
            return [MINE, col(Ticket.assignee_id) == asked.agent_id]
        case "unassigned":
            return [UNASSIGNED]
        case "team":
            return [UNSOLVED, col(Ticket.team_id) == asked.team]
        case "approval":
            return [approvals.waits()]
        case "pending":
            return [UNSOLVED, col(Ticket.status) == Status.PENDING]
        case view if view in ENDED:
            return [SET_ASIDE, col(Ticket.status) == view, NO_LETTER]
        case "all":
            return [NO_LETTER]
    raise UnknownView


def filters(asked: Asked) -> list[Any]:
    """What holds beside the view itself."""
    found: list[Any] = []
    if asked.view != "team" and asked.team is not None:
        found.append(col(Ticket.team_id) == asked.team)
    for column, value in (
        (Ticket.channel, asked.channel),
        (Ticket.status, asked.status),
        (Ticket.priority, asked.priority),
        (Ticket.assignee_id, asked.assignee),
        (Ticket.person_id, asked.person),
    ):
        if value is not None:
            found.append(col(column) == value)
    if asked.tag is not None:
        tagged = select(col(TicketTag.ticket_id)).where(col(TicketTag.tag_id) == asked.tag)
        found.append(col(Ticket.id).in_(tagged))
    if asked.text:
        found.append(named(asked.text.strip()))
    return found


def named(words: str) -> Any:
    """A number, or the beginning of a subject or name. The search engine is another issue's; this finds by name."""
    number = words.lstrip("#\uff03")
    like = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    persons = select(col(Person.id)).where(col(Person.name).ilike(f"%{like}%", escape="\\"))
    wanted: list[Any] = [col(Ticket.subject).ilike(f"%{like}%", escape="\\"), col(Ticket.person_id).in_(persons)]
    if number.isdecimal() and len(number) < 15:
        wanted.append(col(Ticket.id) == int(number))
    return or_(*wanted)


def _by_due(asked: Asked) -> bool:
    return asked.sort == "due" and asked.view in ("open", "mine", "unassigned", "team")


def _sort(asked: Asked) -> tuple[Any, bool]:
    """The sort key, and whether the newest comes first. What is solved has no deadline: it is sorted by its last change."""
    return (col(Ticket.due_at), False) if _by_due(asked) else (col(Ticket.updated_at), True)


def cursor_of(at: datetime, number: int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), number])).decode()


def place_of(cursor: str) -> tuple[datetime, int]:
    try:
        at, number = orjson.loads(base64.urlsafe_b64decode(cursor))
        place = datetime.fromisoformat(at).astimezone(UTC), int(number)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise WrongCursor from wrong
    if not 0 <= place[1] < 2**63:
        raise WrongCursor
    return place


async def counts(session: AsyncSession, agent_id: int, teams: Sequence[int], channels: Sequence[str]) -> dict[str, int]:
    """The badges, one round trip, each counted to 100 at most."""
    query, names = counts_query(agent_id, teams, channels)
    return {names[number]: count for number, count in await session.execute(query)}


def counts_query(agent_id: int, teams: Sequence[int], channels: Sequence[str]) -> tuple[TextClause, list[str]]:
    """(place, count) of every badge, and the badges' names. As text: a dozen selects take longer to build than to run."""
    views = {
        "mine": f"{MINE} AND assignee_id = :agent",
        "unassigned": f"{UNASSIGNED}",
        "open": f"{UNSOLVED}",
        "snoozed": "status = 'snoozed'",
        "approval": "id IN (SELECT ticket_id FROM approval WHERE state = 'waiting')",
    }
    given: dict[str, Any] = {"agent": agent_id}
    for number, team in enumerate(teams):
        views[f"team:{team}"], given[f"team{number}"] = f"{UNSOLVED} AND team_id = :team{number}", team
    for number, kind in enumerate(channels):
        views[f"channel:{kind}"], given[f"channel{number}"] = f"{UNSOLVED} AND channel = :channel{number}", kind
    capped = [
        f"SELECT {place}, COUNT(*) FROM (SELECT 1 FROM ticket WHERE {wanted} LIMIT {CAP}) AS b{place}"  # noqa: S608
        for place, wanted in enumerate(views.values())
    ]
    return text(" UNION ALL ".join(capped)).bindparams(**given), list(views)


def _rows() -> Select[Any]:
    ticket = table_of(Ticket)
    address = (
        select(col(Identity.value))
        .where(col(Identity.person_id) == ticket.c.person_id, col(Identity.kind).in_(READABLE))
        .order_by(col(Identity.id))
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            ticket,
            func.coalesce(func.nullif(col(Person.name), ""), address, "").label("person_name"),
            col(Account.name).label("account_name"),
            col(Account.tier).label("account_tier"),
        )
        .join(Person, col(Person.id) == ticket.c.person_id)
        .outerjoin(Account, col(Account.id) == ticket.c.account_id)
        .where(ticket.c.id.in_(ASKED))
    )


# Made once: the live screens ask after each commit.
ASKED: BindParameter[int] = bindparam("numbers", expanding=True)
ROWS = _rows()
TAGS = (
    select(col(TicketTag.ticket_id), col(TicketTag.tag_id))
    .where(col(TicketTag.ticket_id).in_(ASKED))
    .order_by(col(TicketTag.tag_id))
)
NOWHERE: dict[str, Any] = {"team_id": None, "rings": None}
LIVE_CALL = ("id", "direction", "state", "agent_id", "started_at")
# They are few: found by their partial index. A case that began on LINE may have one, too.
LIVE_CALLS = (
    select(table_of(Call).c.ticket_id, *[table_of(Call).c[name] for name in LIVE_CALL])
    .where(col(Call.ticket_id).in_(ASKED), text("call.state <> 'ended'"))
    .order_by(col(Call.id))
)


async def rows(session: AsyncSession, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """`rows_of` in a session's transaction."""
    return await (await session.connection()).run_sync(rows_of, numbers)


def rows_of(connection: Connection, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Rows for the screens, in the order asked; unknown numbers are left out."""
    if not numbers:
        return []
    asked = {"numbers": numbers}
    found = {each["id"]: shape(each) for each in connection.execute(ROWS, asked).mappings()}
    for number, tag in connection.execute(TAGS, asked):
        found[number]["tags"].append(tag)
    for number, at in approvals.since(connection, asked):
        found[number]["approval_since"] = at
    for call in connection.execute(LIVE_CALLS, asked).mappings():
        found[call["ticket_id"]]["call"] = {name: call[name] for name in LIVE_CALL} | NOWHERE
    _ring(connection, [each["call"] for each in found.values() if each["call"] is not None])
    return [found[number] for number in numbers if number in found]


def _ring(connection: Connection, live: Sequence[dict[str, Any]]) -> None:
    """With whom the calls ring that wait."""
    waiting = {call["id"]: call for call in live if call["state"] == CallState.WAITING and call["direction"] == "in"}
    for number, rings in ringing(connection, waiting).items() if waiting else ():
        waiting[number].update(rings)


def shape(each: Any) -> dict[str, Any]:
    """One row as the API gives it."""
    account = each["account_id"]
    return {
        "number": each["id"],
        "subject": each["subject"],
        "status": each["status"],
        "priority": each["priority"],
        "origin": each["origin"],
        "channel": each["channel"],
        "inbox_id": each["inbox_id"],
        "team_id": each["team_id"],
        "assignee_id": each["assignee_id"],
        "person": {"id": each["person_id"], "name": each["person_name"]},
        "account": {"id": account, "name": each["account_name"], "tier": each["account_tier"]} if account else None,
        "preview": each["preview"],
        "preview_kind": each["preview_kind"],
        "preview_from": each["preview_from"],
        "created_at": each["created_at"],
        "updated_at": each["updated_at"],
        "needs_reply_since": each["needs_reply_since"],
        "due_at": None if each["due_at"] == NEVER else each["due_at"],
        "snoozed_until": each["snoozed_until"],
        "first_response_at": each["first_response_at"],
        "resolved_at": each["resolved_at"],
        "reopened": each["reopened"],
        "merged_into": each["merged_into_id"],
        "tags": [],
        "call": None,
        "approval_since": None,
    }
