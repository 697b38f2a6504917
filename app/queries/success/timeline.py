"""One account's history from all that was said, done, used, warned of, planned and decided: one list, the latest first.

Each source is a piece of an index behind the cursor; the pieces are merged. Entries of the same moment come in the order
of their sources and numbers, so that a page neither repeats nor leaves out any.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Select, and_, literal, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.errors import Invalid
from app.models import (
    Alert,
    Audience,
    Call,
    Clock,
    Handover,
    Message,
    Outreach,
    OutreachCopy,
    Playbook,
    PlaybookRun,
    PlaybookStep,
    Renewal,
    Resolution,
    Ticket,
    UsageEvent,
)
from app.models.ticket import LETTER
from app.text import preview

WORDS = 160  # characters of what was said


class WrongMoment(Invalid):
    """The cursor is not of this list."""


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one table that say (when, their number, ticket, channel, words, who, what exactly)."""

    group: str  # what the screen filters by
    kind: str
    at: Any
    number: Any
    rows: Callable[[int], Any]  # a statement of its own columns


NOTHING, NOBODY = literal(""), null()


def _case(account: int, *columns: Any) -> Select[Any]:
    mine = col(Ticket.account_id) == account, col(Ticket.origin) != LETTER
    return select(*columns).select_from(Ticket).where(*mine)


def _said(account: int, direction: str | None) -> Select[Any]:
    """Calls have entries of their own."""
    about = col(Message.audience) == (Audience.PUBLIC if direction else Audience.INTERNAL)
    query = _case(
        account, col(Message.sent_at), col(Message.id), col(Message.ticket_id), col(Ticket.channel), col(Message.text),
        col(Message.agent_id), col(Message.kind),
    ).join(Message, col(Message.ticket_id) == col(Ticket.id))  # fmt: skip
    query = query.where(about, col(Message.kind) != "call")
    return query.where(col(Message.direction) == direction) if direction else query


def _handed(account: int, at: Any, who: Any, words: Any, what: Any) -> Select[Any]:
    columns = at, col(Handover.id), col(Handover.ticket_id), NOTHING, words, who, what
    return select(*columns).where(col(Handover.account_id) == account, at.is_not(None))


def _warned(account: int, at: Any, who: Any, what: Any) -> Select[Any]:
    columns = at, col(Alert.id), NOBODY, NOTHING, col(Alert.note), who, what
    return select(*columns).where(col(Alert.account_id) == account, at.is_not(None))


def _lettered(account: int, at: Any, ticket: Any) -> Select[Any]:
    columns = at, col(OutreachCopy.id), ticket, col(Outreach.channel), col(Outreach.name), col(Outreach.by_id)
    query = (
        select(*columns, col(Outreach.purpose))
        .select_from(OutreachCopy)
        .join(Outreach, col(Outreach.id) == col(OutreachCopy.outreach_id))
    )
    return query.where(col(OutreachCopy.account_id) == account, at.is_not(None))


SOURCES: Sequence[Source] = (
    Source("cases", "case.opened", col(Ticket.created_at), col(Ticket.id), lambda account: _case(
        account, col(Ticket.created_at), col(Ticket.id), col(Ticket.id), col(Ticket.channel), col(Ticket.subject), NOBODY,
        col(Ticket.preview),
    )),
    Source("cases", "case.resolved", col(Resolution.resolved_at), col(Resolution.id), lambda account: _case(
        account, col(Resolution.resolved_at), col(Resolution.id), col(Ticket.id), col(Ticket.channel), col(Ticket.subject),
        col(Resolution.agent_id), NOTHING,
    ).join(Resolution, col(Resolution.ticket_id) == col(Ticket.id))),
    Source("messages", "message.in", col(Message.sent_at), col(Message.id), lambda account: _said(account, "in")),
    Source("messages", "message.out", col(Message.sent_at), col(Message.id), lambda account: _said(account, "out")),
    Source("notes", "note", col(Message.sent_at), col(Message.id), lambda account: _said(account, None)),
    Source("calls", "call", col(Call.started_at), col(Call.id), lambda account: _case(
        account, col(Call.started_at), col(Call.id), col(Call.ticket_id), literal("phone"), NOTHING, col(Call.agent_id),
        col(Call.outcome),
    ).join(Call, col(Call.ticket_id) == col(Ticket.id))),
    Source("promises", "promise", col(Clock.started_at), col(Clock.id), lambda account: _case(
        account, col(Clock.started_at), col(Clock.id), col(Clock.ticket_id), col(Ticket.channel), col(Ticket.subject),
        NOBODY, col(Clock.state),
    ).join(Clock, col(Clock.ticket_id) == col(Ticket.id)).where(col(Clock.metric) == "callback")),
    Source("handovers", "handover.offered", col(Handover.offered_at), col(Handover.id), lambda account: _handed(
        account, col(Handover.offered_at), col(Handover.offered_by), col(Handover.reason), col(Handover.cause),
    )),
    Source("handovers", "handover.ended", col(Handover.ended_at), col(Handover.id), lambda account: _handed(
        account, col(Handover.ended_at), col(Handover.taken_by), col(Handover.answer), col(Handover.state),
    )),
    Source("alerts", "alert.found", col(Alert.found_at), col(Alert.id), lambda account: _warned(
        account, col(Alert.found_at), NOBODY, col(Alert.rule),
    )),
    Source("alerts", "alert.closed", col(Alert.closed_at), col(Alert.id), lambda account: _warned(
        account, col(Alert.closed_at), col(Alert.closed_by), col(Alert.outcome),
    )),
    Source("outreach", "outreach.sent", col(OutreachCopy.sent_at), col(OutreachCopy.id), lambda account: _lettered(
        account, col(OutreachCopy.sent_at), col(OutreachCopy.ticket_id),
    )),
    Source("outreach", "outreach.answered", col(OutreachCopy.answered_at), col(OutreachCopy.id), lambda account: _lettered(
        account, col(OutreachCopy.answered_at), col(OutreachCopy.answer_id),
    )),
    Source("playbooks", "step", col(PlaybookStep.ended_at), col(PlaybookStep.id), lambda account: select(
        col(PlaybookStep.ended_at), col(PlaybookStep.id), NOBODY, NOTHING, col(Playbook.name), col(PlaybookStep.ended_by),
        col(PlaybookStep.kind),
    ).select_from(PlaybookStep).join(PlaybookRun, col(PlaybookRun.id) == col(PlaybookStep.run_id)).join(
        Playbook, col(Playbook.id) == col(PlaybookRun.playbook_id)
    ).where(col(PlaybookRun.account_id) == account, col(PlaybookStep.state) == "done")),
    Source("renewals", "renewal", col(Renewal.decided_at), col(Renewal.id), lambda account: select(
        col(Renewal.decided_at), col(Renewal.id), NOBODY, NOTHING, col(Renewal.reason), col(Renewal.decided_by),
        col(Renewal.outcome),
    ).where(col(Renewal.account_id) == account, col(Renewal.decided_at).is_not(None))),
    Source("use", "used", col(UsageEvent.at), col(UsageEvent.id), lambda account: select(
        col(UsageEvent.at), col(UsageEvent.id), NOBODY, NOTHING, col(UsageEvent.name), NOBODY, col(UsageEvent.member),
    ).where(col(UsageEvent.account_id) == account)),
)  # fmt: skip
GROUPS = tuple(dict.fromkeys(each.group for each in SOURCES))


@dataclass(frozen=True, slots=True)
class Place:
    """The last entry that was shown."""

    at: datetime
    source: int
    number: int


def place(cursor: str) -> Place:
    """WrongMoment."""
    try:
        at, source, number = orjson.loads(base64.urlsafe_b64decode(cursor))
        found = Place(datetime.fromisoformat(at).astimezone(UTC), int(source), int(number))
    except (ValueError, TypeError, OverflowError) as wrong:
        raise WrongMoment from wrong
    if not 0 <= found.number < 2**63:
        raise WrongMoment
    return found


async def timeline(
    session: AsyncSession, account: int, groups: Sequence[str], cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """A page of these groups (all, when none is named), and the cursor of the next. WrongMoment."""
    last = place(cursor) if cursor else None
    found: list[tuple[datetime, int, int, Mapping[str, Any]]] = []
    for rank, source in enumerate(SOURCES):
        if groups and source.group not in groups:
            continue
        query = source.rows(account).order_by(source.at.desc(), source.number.desc()).limit(limit + 1)
        for at, number, ticket, channel, words, who, what in await session.execute(_behind(query, source, rank, last)):
            shown = {
                "ticket": ticket,
                "channel": channel,
                "words": preview(words or "", WORDS),
                "agent_id": who,
                "what": what,
            }
            found.append((at, rank, number, {"at": at, "kind": source.kind, "group": source.group, **shown}))
    found.sort(key=lambda each: each[:3], reverse=True)
    page = found[:limit]
    more = None
    if len(found) > limit:
        at, rank, number, _ = page[-1]
        more = base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), rank, number])).decode()
    return [dict(entry) for *_, entry in page], more


def _behind(query: Select[Any], source: Source, rank: int, last: Place | None) -> Select[Any]:
    if last is None:
        return query
    if rank > last.source:
        return query.where(source.at < last.at)
    if rank < last.source:
        return query.where(source.at <= last.at)
    return query.where(or_(source.at < last.at, and_(source.at == last.at, source.number < last.number)))
