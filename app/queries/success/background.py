"""What stands behind a ticket, with a guess of its kind while nobody has said it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Message, SuccessSetup
from app.queries.success import handovers
from app.rules.success import kinds
from app.rules.success.causes import own_words

FIRST_WORDS = 3  # messages of the customer that a guess goes by


async def shown(session: AsyncSession, number: int) -> dict[str, Any]:
    found = await handovers.background(session, number)
    return found | {"suggested_kind": "" if found["kind"] else await suggested(session, number)}


async def suggested(session: AsyncSession, number: int) -> str:
    """From the customer's first words. It is never written by itself."""
    said = col(Message.ticket_id) == number, col(Message.direction) == "in", col(Message.unsent_at).is_(None)
    query = select(Message).where(*said).order_by(col(Message.id)).limit(FIRST_WORDS)
    words = [f"{e.subject}\n{own_words(e.text, e.meta.get('folded_at'))}" for e in (await session.scalars(query)).all()]
    return kinds.guess("\n".join(words), (await kinds_setup(session))["items"])


async def kinds_setup(session: AsyncSession) -> dict[str, Any]:
    setup = await session.get_one(SuccessSetup, 1)
    return {"items": kinds.listed(setup.kinds), "ask": setup.ask_kind}
