"""Telephone calls: their progress as the provider tells it (T6), and what agents do with them."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk
from app.actions.intake import attachment
from app.actions.rows import put
from app.errors import Conflict, Missing
from app.models import Agent, Attachment, Call, CallState, Delivery, EarlyWord, Order, Ticket
from app.queries.inboxed import Inboxed
from app.rules import calls as rules
from channels.contract import CallUpdate, Placement


class CallTaken(Conflict):
    """Somebody else has taken this call."""


class CallOver(Conflict):
    """The caller has hung up."""


class NoCall(Missing):
    """There is no such call."""


class NoPhone(Conflict):
    """Your telephone number is not set."""


async def progress(session: AsyncSession, inbox: Inboxed, item: CallUpdate, now: datetime) -> Placement:
    """One word of the provider about a call, in whatever order it comes."""
    query = select(Call).where(col(Call.inbox_id) == inbox.id, col(Call.external_id) == item.call)
    call = (await session.scalars(query.with_for_update())).first()
    if call is None:
        return await _early(session, inbox, item)
    match item.event:
        case "left_queue":
            await _left_queue(session, call, item, now)
        case "agent_ringing":
            call.agent_leg = item.leg or call.agent_leg
        case "agent_joined":
            await _agent_joined(session, call, item, now)
        case "agent_left":
            await _agent_left(session, call, item, now)
        case "connected":
            await _connected(session, call, item, now)
        case "recorded":
            await _recorded(session, call, item, now)
        case "ended":
            await end(session, call, item, now)
    await session.flush()
    facts = await facts_of(session, call, inbox.language, now)
    return Placement(item=item, ticket=call.ticket_id, message=call.message_id, facts=facts)


async def facts_of(session: AsyncSession, call: Call, language: str, now: datetime) -> dict[str, Any]:
    """What the caller may be told."""
    earlier = select(func.count()).where(
        col(Call.inbox_id) == call.inbox_id,
        col(Call.state) == CallState.WAITING,
        col(Call.started_at) < call.started_at,
    )
    waiting = call.state == CallState.WAITING
    return {
        "state": str(call.state),
        "waited_s": max(0, int((now - call.started_at).total_seconds())),
        "position": 1 + int(await session.scalar(earlier) or 0) if waiting else 0,
        "language": language,
    }


async def _early(session: AsyncSession, inbox: Inboxed, item: CallUpdate) -> Placement:
    """Progress of a call that we do not know yet: its end is kept, so that the call does not ring for ever."""
    if item.event == "ended":
        same = select(col(EarlyWord.id)).where(col(EarlyWord.inbox_id) == inbox.id, col(EarlyWord.about) == item.call)
        if await session.scalar(same) is None:
            params = {"reason": item.reason, "duration_s": item.duration_s}
            session.add(EarlyWord(inbox_id=inbox.id, about=item.call, word="ended", at=item.at, params=params))
            await session.flush()
    return Placement(item=item, facts={"state": "ended", "language": inbox.language, "waited_s": 0, "position": 0})


async def _left_queue(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    if item.reason == "leave" and rules.may_follow(call.state, CallState.VOICEMAIL):
        call.state = CallState.VOICEMAIL
        await _say(session, call, "call.voicemail", now)
    elif item.reason in ("hangup", "queue-full", "error", "system-error") and call.state != CallState.ENDED:
        await end(session, call, item, now)


async def _agent_joined(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """The agent's leg is there: bring the caller in. A leg of an order that no longer counts finds the call ended."""
    if call.state != CallState.CONNECTING or item.order != call.order_key:
        return
    call.agent_leg = item.leg or call.agent_leg
    key = str(uuid.uuid5(uuid.UUID(call.order_key), "join"))
    if await session.scalar(select(col(Order.id)).where(col(Order.key) == key)) is None:
        session.add(_order(call, "join", key, {"call": call.external_id}, now))
        await session.flush()
        session.info["news"] = True


async def _agent_left(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """Before the caller was brought in the leg failed: the caller waits on, for anybody. Afterwards nobody is left
    to talk to: the caller's leg is ended too, or they would listen to silence (T16)."""
    if item.order == call.order_key and call.state == CallState.CONNECTED:
        await _end_leg(session, call, now, agent_id=call.agent_id)
        return
    if item.order == call.order_key and call.state == CallState.CONNECTING:
        call.state, call.agent_id, call.order_key, call.agent_leg = CallState.WAITING, None, "", ""
        await _say(session, call, "call.waiting", now, reason=item.reason)


async def _connected(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    if call.answered_at is not None:
        return
    call.answered_at = item.at
    if call.state != CallState.ENDED:
        call.state = CallState.CONNECTED
    else:
        call.outcome = rules.outcome(answered=True, voicemail=call.voicemail_s is not None)
    await _say(session, call, "call.connected", now)
    ticket = await session.get_one(Ticket, call.ticket_id)
    await desk.answered(session, ticket, at=item.at, agent_id=call.agent_id, message_id=call.message_id)


async def _recorded(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """T13: a voicemail. The same recording may be told twice."""
    if item.recording is None:
        return
    same = select(col(Attachment.id)).where(
        col(Attachment.message_id) == call.message_id, col(Attachment.remote) == item.recording.remote
    )
    if await session.scalar(same) is not None:
        return
    await put(session, Attachment, [_no_id(attachment(item.recording, {}, message_id=call.message_id, now=now))])
    call.voicemail_s = item.duration_s if item.duration_s is not None else 0
    if call.answered_at is None:
        call.outcome = "voicemail"
    await _say(session, call, "call.voicemail", now, duration_s=call.voicemail_s)


async def end(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """The first end counts; later words only fill what is missing."""
    if call.duration_s is None and item.duration_s is not None:
        call.duration_s = item.duration_s
    if call.state == CallState.ENDED:
        return
    call.state, call.ended_at = CallState.ENDED, item.at
    call.reason = item.reason[:24]
    call.outcome = rules.outcome(answered=call.answered_at is not None, voicemail=call.voicemail_s is not None)
    await _say(session, call, "call.ended", now, outcome=call.outcome)


async def answer(session: AsyncSession, call_id: int, agent: Agent, *, via: str, now: datetime) -> Call:
    """An agent takes a waiting call: the first wins (T17). Raises CallTaken, CallOver, NoPhone, NoCall."""
    call = (await session.scalars(select(Call).where(col(Call.id) == call_id).with_for_update())).first()
    if call is None:
        raise NoCall
    if call.state == CallState.CONNECTING and call.agent_id == agent.id:
        return call
    if call.state in (CallState.CONNECTING, CallState.CONNECTED):
        raise CallTaken(agent_id=call.agent_id)
    if call.state != CallState.WAITING:
        raise CallOver
    if via == "phone" and not agent.phone:
        raise NoPhone
    leg = agent.phone if via == "phone" else f"client:agent-{agent.id}"
    call.state, call.agent_id, call.order_key = CallState.CONNECTING, agent.id, str(uuid.uuid4())
    session.add(_order(call, "connect", call.order_key, {"call": call.external_id, "agent": leg}, now))
    await session.flush()
    ticket = (await session.scalars(select(Ticket).where(col(Ticket.id) == call.ticket_id).with_for_update())).one()
    if ticket.assignee_id is None:
        await desk.assign(session, ticket, agent_id=agent.id, by=agent.id, reason="answered_call", now=now)
    await _say(session, call, "call.connecting", now, agent=agent.id)
    return call


async def hang_up(session: AsyncSession, call_id: int, agent: Agent, now: datetime) -> Call:
    """Ends the caller's leg at the provider; the provider's callback ends the call here."""
    call = (await session.scalars(select(Call).where(col(Call.id) == call_id).with_for_update())).first()
    if call is None:
        raise NoCall
    if call.state != CallState.ENDED:
        await _end_leg(session, call, now, agent_id=agent.id)
        session.info["news"] = True  # wakes the clock that sends orders
    return call


async def _end_leg(session: AsyncSession, call: Call, now: datetime, *, agent_id: int | None) -> None:
    key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"hangup:{call.id}"))
    if await session.scalar(select(col(Order.id)).where(col(Order.key) == key)) is None:
        session.add(_order(call, "hangup", key, {"call": call.external_id}, now, agent_id=agent_id))
        await session.flush()


async def order_failed(session: AsyncSession, order: Order, now: datetime) -> None:
    """The provider would not connect: the caller waits on, or is over."""
    call = await session.get(Call, order.call_id) if order.call_id else None
    if call is None or call.order_key != order.key or call.state != CallState.CONNECTING:
        return
    call.state, call.agent_id, call.order_key, call.agent_leg = CallState.WAITING, None, "", ""
    await _say(session, call, "call.waiting", now, failure=order.failure)


async def settle_early(session: AsyncSession, inbox: Inboxed, call_ids: list[str], now: datetime) -> None:
    """Calls whose end came before their beginning."""
    query = select(EarlyWord).where(
        col(EarlyWord.inbox_id) == inbox.id, col(EarlyWord.about).in_(call_ids), col(EarlyWord.word) == "ended"
    )
    for word in (await session.scalars(query)).all():
        over = CallUpdate(
            call=word.about, at=word.at, event="ended",
            reason=word.params.get("reason", ""), duration_s=word.params.get("duration_s"),
        )  # fmt: skip
        await progress(session, inbox, over, now)


def _order(
    call: Call, kind: str, key: str, params: dict[str, Any], now: datetime, agent_id: int | None = None
) -> Order:
    return Order(
        key=key, inbox_id=call.inbox_id, call_id=call.id, agent_id=agent_id or call.agent_id, kind=kind, params=params,
        state=Delivery.QUEUED, retry_at=now, created_at=now,
    )  # fmt: skip


def _no_id(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "id"}


async def _say(session: AsyncSession, call: Call, kind: str, now: datetime, **params: Any) -> None:
    await session.flush()
    await feed.record(
        session, feed.event(kind, now, ticket=call.ticket_id, message=call.message_id, call=call.id, **params)
    )
