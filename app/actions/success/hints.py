"""A hint at expansion (C14): a customer's own words go to the success team; inside a complaint nobody sells anything."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.actions.success import handovers
from app.errors import Conflict, Missing
from app.models import Agent, Background, Handover, Message, Ticket
from app.queries.success import harassment
from app.queries.success import touch as queries
from app.rules.success.kinds import is_complaint

LONGEST = 600


class NoSalesHere(Conflict):
    """This is a complaint: nothing is sold in it."""


class NoWords(Missing):
    """There is no such message of a customer."""


async def check(session: AsyncSession, number: int) -> None:
    """Raises NoSalesHere."""
    if await in_complaint(session, number):
        raise NoSalesHere


async def in_complaint(session: AsyncSession, number: int) -> bool:
    """By what the desk has said of it: its kind, or that it is harassment."""
    behind = await session.get(Background, number)
    complaint = behind is not None and is_complaint(await queries.inquiry_kinds(session), behind.kind)
    return complaint or await harassment.standing(session, number) is not None


async def hint(
    session: AsyncSession, ticket: Ticket, message_id: int, note: str, *, agent: Agent, now: datetime
) -> Handover:
    """The quote goes along; success accepts or declines. Raises NoWords, NoSalesHere, HandedOverAlready."""
    message = await session.get(Message, message_id)
    if message is None or message.ticket_id != ticket.id or message.direction != "in" or message.unsent_at is not None:
        raise NoWords
    await check(session, ticket.id)
    quote = message.text[:LONGEST]
    given = {
        "cause": "expansion", "form": "inform", "reason": note.strip() or quote[:200],
        "evidence": {"quote": quote, "message": message.id},
    }  # fmt: skip
    return await handovers.offer(session, ticket, given, by=agent, now=now)
