"""Reads the event log for success: what hands a case over is found with reads, and written with the cursor, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.success import handovers
from app.models import Account, Background, Event, LogReader, Message, Ticket
from app.queries.success import handovers as queries
from app.rules.lifecycle import SOLVED
from app.rules.success import causes
from app.rules.success.causes import Seen

READER = "success"
WORDS = ("message.received", "message.approved", "ticket.opened")
KINDS = frozenset(
    {*WORDS, "survey.answered", "ticket.reopened", "ticket.status", "clock.breached", "background.changed"}
)


@dataclass(frozen=True, slots=True)
class Found:
    """A case that is to be handed over."""

    event: int
    ticket: int
    cause: str
    reason: str


async def cursor(session: AsyncSession) -> str | None:
    return await session.scalar(select(col(LogReader.cursor)).where(col(LogReader.name) == READER))


async def start(session: AsyncSession) -> None:
    """From now on."""
    if await session.get(LogReader, READER) is None:
        session.add(LogReader(name=READER, cursor=await feed.now_cursor(session)))
        await session.flush()


async def lock(session: AsyncSession, was: str) -> bool:
    """False when another process was first."""
    query = select(col(LogReader.cursor)).where(col(LogReader.name) == READER).with_for_update()
    return await session.scalar(query) == was


async def move(session: AsyncSession, cursor: str) -> None:
    await session.execute(update(LogReader).where(col(LogReader.name) == READER).values(cursor=cursor))


async def look(session: AsyncSession, events: Sequence[Event]) -> list[Found]:
    """Only tickets of accounts are looked at closer."""
    wanted = [each for each in events if each.kind in KINDS and each.ticket_id is not None]
    if not wanted:
        return []
    numbers = {each.ticket_id for each in wanted}
    query = select(Ticket, col(Account.tier)).join(Account, col(Account.id) == col(Ticket.account_id))
    known = {
        ticket.id: (ticket, tier) for ticket, tier in await session.execute(query.where(col(Ticket.id).in_(numbers)))
    }
    given = (await queries.setup(session)).triggers if known else {}
    found = []
    for event in wanted:
        if event.ticket_id in known:
            seen = await _seen(session, event, *known[event.ticket_id], given)
            found += [Found(event.id, event.ticket_id, cause, why) for cause, why in causes.causes(seen, given)]
    return found


async def _seen(session: AsyncSession, event: Event, ticket: Ticket, tier: str, given: dict[str, object]) -> Seen:
    kind, text, same, harassment = event.kind, "", 0, False
    if kind in WORDS:
        text = await _words(session, event, ticket)
    elif kind == "ticket.status" and event.params.get("was") in SOLVED and event.params.get("to") not in SOLVED:
        kind = "ticket.reopened"
    elif kind == "background.changed":
        behind = await session.get(Background, ticket.id)
        since = event.at - causes.window(given)
        if behind is not None and "cause" in event.params.get("changed", ()):
            same = await queries.same_cause(session, ticket, behind.cause, since)
        harassment = behind is not None and behind.harassment
    return Seen(
        kind=kind, text=text, tier=tier, score=event.params.get("score"), reopened=ticket.reopened, same_cause=same,
        harassment=harassment, has_account=True,
    )  # fmt: skip


async def _words(session: AsyncSession, event: Event, ticket: Ticket) -> str:
    """The customer's words that an event is about; the latest ones when it names none."""
    heard = select(Message).where(col(Message.ticket_id) == ticket.id, col(Message.direction) == "in")
    if event.message_id is not None:
        heard = heard.where(col(Message.id) == event.message_id)
    message = (await session.scalars(heard.order_by(col(Message.id).desc()).limit(1))).first()
    return f"{message.subject}\n{message.text}" if message else ""


async def act(session: AsyncSession, found: Sequence[Found], now: datetime) -> int:
    """How many were handed over. Tickets are locked in their order."""
    numbers = sorted({each.ticket for each in found})
    query = select(Ticket).where(col(Ticket.id).in_(numbers)).order_by(col(Ticket.id)).with_for_update()
    tickets = {each.id: each for each in (await session.scalars(query)).all()}
    done = 0
    for each in found:
        form = causes.FORM.get(each.cause, "consult")
        done += await handovers.offer_for(session, tickets[each.ticket], each.cause, now, form=form, reason=each.reason)
    return done
