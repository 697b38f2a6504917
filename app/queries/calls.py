"""Live calls, and what is known of their legs."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Call, CallState

QUIET = timedelta(seconds=60)  # a live call that nobody spoke of for so long is asked for, and so often (T6)
RINGS = timedelta(seconds=30)  # no telephone rings for less: from then on it is looked at more closely
LOOKS = timedelta(seconds=10)


def doubtful(now: datetime) -> Select[Any]:
    """Ids of the live calls that the provider should be asked about now, the longest unasked first."""
    heard, since = func.coalesce(Call.heard_at, Call.started_at), func.coalesce(Call.state_at, Call.started_at)
    asked = func.coalesce(Call.asked_at, Call.started_at)
    quiet = and_(heard <= now - QUIET, asked <= now - QUIET)
    ringing = and_(
        col(Call.state).in_((CallState.CONNECTING, CallState.DIALLING)), since <= now - RINGS, asked <= now - LOOKS
    )
    return select(col(Call.id)).where(text("state <> 'ended'"), or_(quiet, ringing)).order_by(asked, col(Call.id))


async def any_doubtful(session: AsyncSession, now: datetime) -> bool:
    return await session.scalar(doubtful(now).limit(1)) is not None


async def taken(session: AsyncSession, ids: Sequence[int]) -> Sequence[Call]:
    return (await session.scalars(select(Call).where(col(Call.id).in_(ids)).order_by(col(Call.id)))).all()


def followed(call: Call, dial_key: str, now: datetime) -> dict[str, Any]:
    """The `params` of `channels.telephony.Follows.follow`."""
    return {
        "now": now,
        "leg": call.leg,
        "agent_leg": call.agent_leg if call.state not in (CallState.WAITING, CallState.VOICEMAIL) else "",
        "order": call.order_key,
        "dial": dial_key if call.state == CallState.DIALLING else "",
        "voicemail": call.state == CallState.VOICEMAIL,
    }
