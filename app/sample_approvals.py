"""The sample desk's newest agent, whose answers a lead reads first: one waits, one was returned."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from app.actions import approvals, reply
from app.models import Agent, Status, Ticket
from demo.desk_approvals import ASKED, COMMENT, NEWCOMER

if TYPE_CHECKING:
    from app.sample import Sample


async def seed_approvals(sample: "Sample") -> None:
    """Of the customers who wait for a mail in Japanese, the two who wrote last are answered, nearly."""
    session, now = sample.session, sample.now
    lead = await session.get_one(Agent, sample.agents["aoki"])
    made = Agent(**NEWCOMER, password_hash=lead.password_hash, created_at=sample.begun, needs_approval=True)
    session.add(made)
    await session.flush()
    query = select(Ticket).where(
        col(Ticket.channel) == "email", col(Ticket.status) == Status.OPEN, col(Ticket.needs_reply_since).is_not(None)
    )
    tickets = [
        each
        for each in (await session.scalars(query.order_by(col(Ticket.id).desc()))).all()
        if not each.subject.isascii()
    ]
    for ticket, (words, minutes) in zip(tickets, ASKED, strict=False):
        at = now - timedelta(minutes=minutes)
        draft = reply.Draft(text=words, client_id=f"sample-approval-{ticket.id}", then="pending")
        asked, _ = await approvals.ask(session, ticket, made, draft, now=at)
        if asked.text == ASKED[-1][0]:
            await approvals.send_back(session, asked.id, COMMENT, by=lead, now=at + timedelta(minutes=4))
