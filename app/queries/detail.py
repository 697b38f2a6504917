"""One ticket with everything that its screen shows."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.models import Account, AccountPerson, Event, Identity, Message, Person, Thread, Ticket
from app.models.people import READABLE
from app.queries import cases, clocks, messages, tickets
from app.queries.inboxes import Inboxes, Open

VIA = {"line": "push", "email": "smtp", "chat": "socket", "phone": "none"}


async def detail(session: AsyncSession, number: int, inboxes: Inboxes, now: datetime) -> dict[str, Any] | None:
    """None when there is no such ticket. The cursor is taken first: what changes meanwhile comes again on the socket."""
    cursor = await feed.now_cursor(session)
    rows = await tickets.rows(session, [number])
    if not rows:
        return None
    said, more = await messages.of_ticket(session, number)
    return {
        "ticket": rows[0],
        "person": await person(session, rows[0]["person"]["id"], but=number),
        "threads": await threads(session, number, inboxes, now),
        "messages": said,
        "more_before": more,
        "events": await events(session, number),
        "clocks": await clocks.of_ticket(session, number),
        "policy": await clocks.policy_of(session, number),
        "case": await cases.of_ticket(session, number),
        "cursor": cursor,
    }


async def person(session: AsyncSession, person_id: int, *, but: int | None = None) -> dict[str, Any] | None:
    """A person with identities, accounts and the latest ten other tickets."""
    found = await session.get(Person, person_id)
    if found is None:
        return None
    query = select(Identity).where(col(Identity.person_id) == person_id).order_by(col(Identity.id))
    identities = (await session.scalars(query)).all()
    accounts = (
        select(Account)
        .join(AccountPerson, col(AccountPerson.account_id) == col(Account.id))
        .where(col(AccountPerson.person_id) == person_id)
    )
    others = select(col(Ticket.id)).where(col(Ticket.person_id) == person_id, col(Ticket.id) != (but or 0))
    numbers = list((await session.scalars(others.order_by(col(Ticket.id).desc()).limit(10))).all())
    return {
        "id": found.id,
        "name": found.name,
        "kana": found.kana,
        "language": found.language,
        "note": found.note,
        "identities": [identity(each) for each in identities],
        "accounts": [{"id": a.id, "name": a.name, "tier": a.tier} for a in (await session.scalars(accounts)).all()],
        "tickets": await tickets.rows(session, numbers),
    }


def identity(each: Identity) -> dict[str, Any]:
    fields = ("id", "kind", "value", "name", "picture_url", "verified", "reachable", "reach_code")
    return {name: getattr(each, name) for name in fields}


async def threads(session: AsyncSession, number: int, inboxes: Inboxes, now: datetime) -> list[dict[str, Any]]:
    """The ticket's lines to the customer, and how an answer in each would go out."""
    query = (
        select(Thread, Identity)
        .join(Identity, col(Identity.id) == col(Thread.identity_id))
        .where(col(Thread.ticket_id) == number)
        .order_by(col(Thread.id))
    )
    found = []
    for thread, who in (await session.execute(query)).all():
        opened = await inboxes.by_id(thread.inbox_id)
        elsewhere = await standby(session, thread.id)
        found.append(
            {
                "id": thread.id,
                "channel": thread.channel,
                "inbox_id": thread.inbox_id,
                "identity_id": who.id,
                "address": who.value if who.kind in READABLE else who.name,
                "subject": thread.subject,
                "reachable": who.reachable,
                "reach_code": who.reach_code,
                "current": thread.current,
                "participants": thread.participants,
                "reply": ways(thread, who, opened, now, standby=elsewhere),
                "quota": None,
            }
        )
    return found


async def standby(session: AsyncSession, thread_id: int) -> bool:
    """L10: another module has the chat: shown read-only, never answered."""
    latest = select(col(Message.meta)).where(col(Message.thread_id) == thread_id, col(Message.direction) == "in")
    meta = await session.scalar(latest.order_by(col(Message.id).desc()).limit(1))
    return bool(meta and meta.get("standby"))


def ways(thread: Thread, who: Identity, opened: Open | None, now: datetime, *, standby: bool = False) -> dict[str, Any]:
    """How an answer would go out now, and until when it is free."""
    limits = opened.channel.limits if opened and opened.channel else None
    reason = ""
    if thread.channel == "phone":
        reason = "phone"
    elif not who.reachable:
        reason = who.reach_code or "blocked"
    elif opened is None or opened.channel is None or not opened.row.enabled:
        reason = "inbox_disabled"
    elif standby:
        reason = "standby"
    free_until = None
    if limits and limits.handle_life_s and thread.handle and thread.handle_at:
        free_until = thread.handle_at + timedelta(seconds=limits.handle_life_s)
    free = free_until is not None and free_until > now
    counted = bool(limits and limits.counted)
    return {
        "possible": not reason,
        "reason": reason,
        "via": "reply" if free and counted else VIA[thread.channel],
        "cost": 1 if counted and not free else 0,
        "free_until": free_until if free else None,
        "text_units": limits.text_units if limits else None,
        "unit": limits.unit if limits else "chars",
        "html": bool(limits and limits.html),
        "subject": bool(limits and limits.subject),
        "files": limits.files if limits else "none",
    }


async def events(session: AsyncSession, number: int, limit: int = 100) -> list[dict[str, Any]]:
    query = select(Event).where(col(Event.ticket_id) == number).order_by(col(Event.id).desc()).limit(limit)
    return [event(each) for each in reversed((await session.scalars(query)).all())]


def event(each: Event) -> dict[str, Any]:
    return {
        "id": each.id,
        "at": each.at,
        "kind": each.kind,
        "ticket": each.ticket_id,
        "message_id": each.message_id,
        "agent_id": each.agent_id,
        "params": each.params,
    }
