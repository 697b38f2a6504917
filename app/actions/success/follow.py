"""Reads the event log for success: what hands a case over is found with reads, and written with the cursor, once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.success import handovers, touch
from app.models import Account, AccountPerson, Background, Event, Identity, Message, Ticket, TouchDecision
from app.queries.success import handovers as queries
from app.rules.lifecycle import SOLVED
from app.rules.success import causes
from app.rules.success.causes import Seen, Trigger
from app.rules.threads import UNSOLVED

READER = "success"
WORDS = ("message.received", "message.approved", "ticket.opened")
HEALTH = "health.changed"
KINDS = frozenset({
    *WORDS, "survey.answered", "ticket.reopened", "ticket.status", "clock.breached", "background.changed",
    "harassment.flagged",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A case that is to be handed over. Without a trigger the matrix asks for it."""

    event: int
    ticket: int
    trigger: Trigger | None = None


async def look(session: AsyncSession, events: Sequence[Event]) -> list[Found]:
    """Only tickets of accounts are looked at closer."""
    wanted = [(each, number) for each in events if (number := await _about(session, each)) is not None]
    if not wanted:
        return []
    numbers = {number for _, number in wanted}
    query = select(Ticket, col(Account.tier)).join(Account, col(Account.id) == col(Ticket.account_id))
    known = {
        ticket.id: (ticket, tier) for ticket, tier in await session.execute(query.where(col(Ticket.id).in_(numbers)))
    }
    given = (await queries.setup(session)).triggers if known else {}
    decided = await _decided(session, {number for each, number in wanted if each.kind == "ticket.opened"} & set(known))
    found: dict[str, Found] = {}  # a message that opens a ticket is told of twice
    for event, number in wanted:
        if number in decided and event.kind == "ticket.opened":
            found[f"{number}"] = Found(event.id, number)
        if number in known:
            seen = await _seen(session, event, *known[number], given)
            for each in causes.causes(seen, given):
                found.setdefault(f"{number} {each}", Found(event.id, number, each))
    return list(found.values())


async def _about(session: AsyncSession, event: Event) -> int | None:
    """The ticket that an event is about. An account's health is about the latest case that still waits, if one does."""
    if event.kind in KINDS:
        return event.ticket_id
    if event.kind != HEALTH:
        return None
    mine = col(Ticket.account_id) == event.params.get("account"), col(Ticket.status).in_(UNSOLVED)
    return await session.scalar(select(col(Ticket.id)).where(*mine).order_by(col(Ticket.id).desc()).limit(1))


async def _decided(session: AsyncSession, numbers: Collection[int]) -> set[int]:
    """Those that the matrix decided about as they were opened."""
    query = select(col(TouchDecision.ticket_id)).where(col(TouchDecision.ticket_id).in_(numbers))
    return set((await session.scalars(query)).all()) if numbers else set()


async def _seen(session: AsyncSession, event: Event, ticket: Ticket, tier: str, given: dict[str, Any]) -> Seen:
    kind, params = event.kind, event.params
    more: dict[str, Any] = {}
    if kind in WORDS:
        more = await _words(session, event, ticket)
    elif kind == "ticket.status" and params.get("was") in SOLVED and params.get("to") not in SOLVED:
        kind = "ticket.reopened"
    elif kind == "background.changed" and "cause" in params.get("changed", ()):
        behind = await session.get(Background, ticket.id)
        since = event.at - causes.window(given)
        more = {"same_cause": await queries.same_cause(session, ticket, behind.cause, since) if behind else 0}
    elif kind == HEALTH:
        more = {"health": (params.get("from", ""), params.get("to", ""), params.get("score"))}
    return Seen(
        kind=kind, tier=tier, score=params.get("score"), metric=params.get("metric", ""), reopened=ticket.reopened,
        has_account=True, **more,
    )  # fmt: skip


async def _words(session: AsyncSession, event: Event, ticket: Ticket) -> dict[str, Any]:
    """The customer's words that an event is about, and who says them; the latest ones when it names none."""
    heard = select(Message).where(col(Message.ticket_id) == ticket.id, col(Message.direction) == "in")
    if event.message_id is not None:
        heard = heard.where(col(Message.id) == event.message_id)
    message = (await session.scalars(heard.order_by(col(Message.id).desc()).limit(1))).first()
    if message is None:
        return {}
    own = causes.own_words(message.text, message.meta.get("folded_at"))
    query = (
        select(col(AccountPerson.role))
        .join(Identity, col(Identity.person_id) == col(AccountPerson.person_id))
        .where(col(Identity.id) == message.identity_id, col(AccountPerson.account_id) == ticket.account_id)
    )
    role = await session.scalar(query) if message.identity_id is not None else None
    return {"text": f"{message.subject}\n{own}", "message": message.id, "role": role or ""}


async def act(session: AsyncSession, found: Sequence[Found], now: datetime) -> int:
    """How many were handed over. Tickets are locked in their order."""
    numbers = sorted({each.ticket for each in found})
    query = select(Ticket).where(col(Ticket.id).in_(numbers)).order_by(col(Ticket.id)).with_for_update()
    tickets = {each.id: each for each in (await session.scalars(query)).all()}
    done = 0
    for each in found:
        ticket = tickets[each.ticket]
        if each.trigger is None:
            done += await touch.follow(session, ticket, by=None, now=now)
        else:
            done += await handovers.by_trigger(session, ticket, each.trigger, now)
    return done
