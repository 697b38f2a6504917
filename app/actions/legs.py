"""What is asked of the provider about a call's legs, and a call's lines in the log."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Conflict
from app.models import Agent, Call, Delivery, Order


class NoPhone(Conflict):
    """Your telephone number is not set."""


def agents_line(agent: Agent, via: str) -> str:
    """Where an agent is rung: "browser" or "phone" (T14). Raises NoPhone."""
    if via == "phone" and not agent.phone:
        raise NoPhone
    return agent.phone if via == "phone" else f"client:agent-{agent.id}"


async def order(
    session: AsyncSession, call: Call, kind: str, key: str, now: datetime, /, *, by: int | None = None, **params: Any
) -> None:
    """Asks the provider, once: the same key again is the same order. The clock that sends is woken by the commit."""
    if await session.scalar(select(col(Order.id)).where(col(Order.key) == key)) is not None:
        return
    asked = Order(
        key=key, inbox_id=call.inbox_id, call_id=call.id, agent_id=by or call.agent_id, kind=kind, params=params,
        state=Delivery.QUEUED, retry_at=now, created_at=now,
    )  # fmt: skip
    session.add(asked)
    await session.flush()
    feed.tell(session)


async def end_leg(
    session: AsyncSession, call: Call, leg: str, now: datetime, *, reason: str = "", by: int | None = None
) -> None:
    """Ends one leg, unless it is not known. `reason`: what its person is told before."""
    if leg:
        key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"hangup:{call.id}:{leg}"))
        params = {"call": leg, "reason": reason} if reason else {"call": leg}
        await order(session, call, "hangup", key, now, by=by, **params)


async def withdraw(session: AsyncSession, call: Call) -> None:
    """Nobody is to be rung or brought in any more: what has not gone out stays here."""
    waiting = col(Order.call_id) == call.id, col(Order.kind) != "hangup", col(Order.state) == Delivery.QUEUED
    await session.execute(update(Order).where(*waiting).values(state=Delivery.DISCARDED, retry_at=None))


def step_key(call: Call, step: str) -> str:
    """The key of the order that follows the agent's: "join" or "dial". Without an agent's order there is none."""
    return str(uuid.uuid5(uuid.UUID(call.order_key), step)) if call.order_key else ""


def move(call: Call, state: str, now: datetime) -> None:
    if call.state != state:
        call.state, call.state_at = state, now


async def say(session: AsyncSession, call: Call, kind: str, now: datetime, **params: Any) -> None:
    """One line in the log; `direction` tells the screens of a call that we make."""
    await session.flush()
    if call.direction == "out":
        params["direction"] = "out"
    await feed.record(
        session, feed.event(kind, now, ticket=call.ticket_id, message=call.message_id, call=call.id, **params)
    )


async def ended_earlier(session: AsyncSession, call: Call, at: datetime, now: datetime) -> None:
    """A late word about a call that is over: the earliest end counts."""
    if call.ended_at is None or at < call.ended_at:
        call.ended_at = at
        await corrected(session, call, now)


async def corrected(session: AsyncSession, call: Call, now: datetime) -> None:
    """What is known of an ended call has changed: its facts can be told from the log alone."""
    ended = call.ended_at.isoformat() if call.ended_at else None
    await say(session, call, "call.corrected", now, outcome=call.outcome, ended_at=ended)
