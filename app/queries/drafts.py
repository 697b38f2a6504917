"""Begun answers, as screens show them."""

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import KeptDraft


async def of_ticket(session: AsyncSession, number: int, agent_id: int) -> dict[str, Any]:
    """{own: the agent's draft or None, shared: colleagues' that may be read and taken over}."""
    mine = col(KeptDraft.agent_id) == agent_id
    query = select(KeptDraft).where(col(KeptDraft.ticket_id) == number, or_(mine, col(KeptDraft.shared)))
    found = (await session.scalars(query.order_by(col(KeptDraft.updated_at)))).all()
    own = next((shown(each) for each in found if each.agent_id == agent_id), None)
    return {"own": own, "shared": [shown(each) for each in found if each.agent_id != agent_id]}


def shown(draft: KeptDraft) -> dict[str, Any]:
    return {
        "agent_id": draft.agent_id, "text": draft.text, "note": draft.note, "shared": draft.shared,
        "updated_at": draft.updated_at,
    }  # fmt: skip
