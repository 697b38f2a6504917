"""What each child of an incident would get, before it is sent."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Agent, Identity, Status, Thread, Ticket
from app.models.people import READABLE
from app.queries import cases, tickets
from app.queries.automation import variables
from app.rules.lifecycle import SOLVED
from app.rules.templates import render


async def preview(session: AsyncSession, number: int, text: str, agent: Agent) -> list[dict[str, Any]]:
    """By child: to whom, where, which words, or why not."""
    numbers = await cases.children(session, number)
    rows = {row["number"]: row for row in await tickets.rows(session, numbers)}
    return [await _child(session, rows[each], text, agent) for each in numbers]


async def _child(session: AsyncSession, row: dict[str, Any], text: str, agent: Agent) -> dict[str, Any]:
    ticket = await session.get_one(Ticket, row["number"])
    query = select(Thread, Identity).join(Identity, col(Identity.id) == col(Thread.identity_id))
    query = query.where(col(Thread.ticket_id) == ticket.id, col(Thread.channel) != "phone")
    found: Any = (await session.execute(query)).all()
    last = max(found, key=lambda each: (each[0].customer_at or each[0].created_at, each[0].id), default=None)
    thread, who = last or (None, None)
    solved = str(ticket.status) if ticket.status in (*SOLVED, Status.SPAM) else ""
    why = solved or ("no_thread" if who is None else "" if who.reachable else who.reach_code or "blocked")
    return {
        "ticket": row,
        "channel": thread.channel if thread else ticket.channel,
        "to": (who.value if who.kind in READABLE else who.name) if who else "",
        "text": render(text, await variables(session, ticket, agent)),
        "why": why,
    }
