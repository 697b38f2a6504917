"""What was kept of calls, beside what is told of them again from the log."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Call
from app.queries import history

CALL = ("started_at", "direction", "agent_id", "answered_at", "ended_at", "outcome", "voicemail_s", "wrap_s")


async def assert_calls_retold(session: AsyncSession, number: int) -> int:
    """How many calls of this ticket were told again, each with the same facts."""
    again = await history.calls_retold(session, number)
    kept = (await session.scalars(select(Call).where(col(Call.ticket_id) == number))).all()
    for call in kept:
        told = again[call.message_id]
        assert {name: getattr(told, name) for name in CALL} == {name: getattr(call, name) for name in CALL}
    messages = {call.message_id for call in kept}
    assert {call.message_id for call in kept if call.repeated} == messages & await history.repeats_retold(session)
    return len(kept)
