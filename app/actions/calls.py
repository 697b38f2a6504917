"""Telephone calls: their progress as the provider tells it (T6), and what agents do with them."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import call_survey, callback, clocks, desk, early, facts, ringing
from app.actions.legs import NoPhone, agents_line, end_leg, ended_earlier, move, order, say, step_key, withdraw
from app.actions.writing import attachment
from app.errors import Conflict, Missing
from app.models import Agent, Attachment, Call, CallState, Delivery, Identity, Message, Order, Ticket
from app.queries.inboxed import Inboxed
from app.rules import calls as rules
from channels.contract import CallUpdate, Placement

__all__ = [
    "CallOver", "CallTaken", "NoCall", "NoPhone", "answer", "decline", "end", "facts_of", "hang_up", "order_failed", "order_sent",
    "progress", "settle_early", "watch",
]  # fmt: skip
LONGEST = timedelta(hours=24)  # no provider keeps a call for longer


class CallTaken(Conflict):
    """Somebody else has taken this call."""


class CallOver(Conflict):
    """The caller has hung up."""


class NoCall(Missing):
    """There is no such call."""


async def progress(session: AsyncSession, inbox: Inboxed, item: CallUpdate, now: datetime) -> Placement:
    """One word of the provider about a call, in whatever order it comes."""
    query = select(Call).where(col(Call.inbox_id) == inbox.id, col(Call.external_id) == item.call)
    call = await _under_its_ticket(session, query)
    if call is None:
        return await _early(session, inbox, item)
    call.heard_at = now
    if call.direction == "out":
        await callback.heard(session, call, item, now)
    else:
        await _heard(session, call, item, now)
    await session.flush()
    facts = await facts_of(session, call, inbox.language, now)
    if item.event.startswith("agent_") and not await _is_wanted(session, call, item.order):
        facts["state"] = CallState.ENDED if call.state == CallState.ENDED else "taken"
    if item.event in ("asking", "rated"):
        facts |= await call_survey.heard(session, call, item, now)
    return Placement(item=item, ticket=call.ticket_id, message=call.message_id, facts=facts)


async def _heard(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    match item.event:
        case "left_queue":
            await _left_queue(session, call, item, now)
        case "agent_ringing" if item.order == call.order_key:
            call.agent_leg = item.leg or call.agent_leg
            if call.state == CallState.ENDED and call.answered_at is None:
                await end_leg(session, call, call.agent_leg, now)
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
    """A word about a call that we do not know yet: it is kept. The caller is served as if the call were known; who is
    on a leg of ours has nobody to meet."""
    await early.keep(session, inbox.id, item)
    over = item.event == "ended" or item.leg or item.order
    return Placement(item=item, facts={"language": inbox.language} | ({"state": "ended"} if over else {}))


async def _left_queue(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    if item.reason == "leave" and rules.may_follow(call.state, CallState.VOICEMAIL):
        move(call, CallState.VOICEMAIL, now)
        await say(session, call, "call.voicemail", now)
    elif item.reason in ("hangup", "queue-full", "error", "system-error"):
        await end(session, call, item, now)


async def _agent_joined(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """The agent's leg is there: bring the caller in. A leg of an order that no longer counts finds the call taken."""
    if call.state == CallState.WAITING:
        await _ring_after_all(session, call, item.order, now)
    if call.state != CallState.CONNECTING or item.order != call.order_key:
        return
    call.agent_leg = item.leg or call.agent_leg
    await order(session, call, "join", step_key(call, "join"), now, call=call.external_id)


async def _ring_after_all(session: AsyncSession, call: Call, key: str, now: datetime) -> None:
    """Nobody knew whether this agent would be rung, and the caller waited on: they were, and came first."""
    if not await _unconfirmed(session, call, key):
        return
    asked = (await session.scalars(select(Order).where(col(Order.key) == key))).one()
    call.agent_id, call.order_key = asked.agent_id, key
    move(call, CallState.CONNECTING, now)
    await say(session, call, "call.connecting", now, agent=call.agent_id)


async def _unconfirmed(session: AsyncSession, call: Call, key: str) -> bool:
    query = select(col(Order.id)).where(
        col(Order.key) == key,
        col(Order.call_id) == call.id,
        col(Order.kind) == "connect",
        col(Order.state) == Delivery.UNCONFIRMED,
    )
    return await session.scalar(query) is not None


async def _is_wanted(session: AsyncSession, call: Call, key: str) -> bool:
    """Whether the agent's leg of this order is the one that the caller waits for (T17)."""
    if key == call.order_key:
        return True
    return call.state == CallState.WAITING and await _unconfirmed(session, call, key)


async def _agent_left(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """Before the caller was brought in the leg failed: the caller waits on, for anybody. Afterwards nobody is left
    to talk to: they are asked how it was, or their leg is ended too, or they would listen to silence (T16)."""
    if item.order != call.order_key:
        return
    if call.state == CallState.CONNECTED:
        await _talked(session, call, item.at, now)
    elif call.state == CallState.CONNECTING:
        call.agent_leg = ""
        await _wait_on(session, call, now, reason=item.reason)


async def _talked(session: AsyncSession, call: Call, at: datetime, now: datetime, *, by: int | None = None) -> None:
    """The agent has done. With a question to come the talk is over now, whatever is answered: the agent is free, and
    reports count no second of it."""
    if not await call_survey.wanted(session, call, now):
        await end_leg(session, call, call.leg, now, by=by)
        return
    await end(session, call, CallUpdate(call=call.external_id, at=at, event="talked"), now)
    await order(session, call, "ask", step_key(call, "ask"), now, by=by, call=call.leg)


async def _wait_on(session: AsyncSession, call: Call, now: datetime, **why: str) -> None:
    """The caller waits again, for anybody; what is left of the agent's leg is ended."""
    await withdraw(session, call)
    await end_leg(session, call, call.agent_leg, now)
    await ringing.failed(session, call, now)
    move(call, CallState.WAITING, now)
    call.agent_id, call.order_key, call.agent_leg = None, "", ""
    await say(session, call, "call.waiting", now, **why)


async def _connected(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    if call.answered_at is not None:
        return
    call.answered_at, call.agent_id = item.at, call.agent_id or await _last_asked(session, call)
    if call.state != CallState.ENDED:
        move(call, CallState.CONNECTED, now)
    else:
        call.outcome = rules.outcome(answered=True, voicemail=call.voicemail_s is not None)
        await facts.talked(session, call)
    await say(session, call, "call.connected", now, answered_at=item.at.isoformat(), by=call.agent_id)
    ticket = await desk.locked(session, call.ticket_id)
    await desk.answered(session, ticket, at=item.at, agent_id=call.agent_id, message_id=call.message_id, by_call=True)


async def _last_asked(session: AsyncSession, call: Call) -> int | None:
    """Whose leg it was, when the word of its end came before that of the talk (T6)."""
    asked = select(col(Order.agent_id)).where(col(Order.call_id) == call.id, col(Order.kind) == "connect")
    return await session.scalar(asked.order_by(col(Order.id).desc()).limit(1))


async def _recorded(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """T13: a voicemail. The same recording may be told twice."""
    if item.recording is None:
        return
    same = select(col(Attachment.id)).where(
        col(Attachment.message_id) == call.message_id, col(Attachment.remote) == item.recording.remote
    )
    if await session.scalar(same) is not None:
        return
    session.add(Attachment(**attachment(item.recording, {}, message_id=call.message_id, now=now)))
    call.voicemail_s = item.duration_s if item.duration_s is not None else 0
    if call.answered_at is None:
        call.outcome = "voicemail"
    await say(session, call, "call.voicemail", now, duration_s=call.voicemail_s)


async def end(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """The earliest end counts, and the leg's own last word before that of its queue; other words fill what is missing."""
    if call.duration_s is None and item.duration_s is not None:
        call.duration_s = item.duration_s
    if item.event == "ended" or not call.reason:
        call.reason = item.reason[:24]
    if call.state == CallState.ENDED:
        await ended_earlier(session, call, item.at, now)
        return
    move(call, CallState.ENDED, now)
    call.ended_at = item.at
    call.outcome = rules.outcome(answered=call.answered_at is not None, voicemail=call.voicemail_s is not None)
    await withdraw(session, call)
    if call.answered_at is None:  # an agent who picks up now would sit in an empty room (T18)
        await end_leg(session, call, call.agent_leg, now)
        await _owe_a_call(session, call, item.at)
    await facts.talked(session, call)
    await say(session, call, "call.ended", now, outcome=call.outcome, ended_at=item.at.isoformat())


async def _owe_a_call(session: AsyncSession, call: Call, at: datetime) -> None:
    """A missed caller is called back, if they can be: a withheld number cannot (T8)."""
    query = select(col(Identity.scope)).join(Message, col(Message.identity_id) == col(Identity.id))
    if await session.scalar(query.where(col(Message.id) == call.message_id)) == "":
        ticket = await desk.locked(session, call.ticket_id)
        await clocks.apply(session, ticket, lambda c: c.missed(ticket.id, at), now=at)


async def answer(session: AsyncSession, call_id: int, agent: Agent, *, via: str, now: datetime) -> Call:
    """An agent takes a call that rings with them: the first wins (T17). Raises CallTaken, CallOver, NoPhone, NoCall, and
    RingsElsewhere."""
    call = await _locked(session, call_id)
    if call.state == CallState.CONNECTING and call.agent_id == agent.id:
        return call
    if call.state in (CallState.CONNECTING, CallState.DIALLING, CallState.CONNECTED):
        raise CallTaken(agent_id=call.agent_id)
    if call.state != CallState.WAITING:
        raise CallOver
    leg = agents_line(agent, via)
    await ringing.taken(session, call, agent, now)
    move(call, CallState.CONNECTING, now)
    call.agent_id, call.order_key = agent.id, str(uuid.uuid4())
    await order(session, call, "connect", call.order_key, now, call=call.external_id, agent=leg)
    ticket = (await session.scalars(select(Ticket).where(col(Ticket.id) == call.ticket_id).with_for_update())).one()
    if ticket.assignee_id is None:
        await desk.assign(session, ticket, agent_id=agent.id, by=agent.id, reason="answered_call", now=now)
    await say(session, call, "call.connecting", now, agent=agent.id)
    return call


async def decline(session: AsyncSession, call_id: int, agent: Agent, now: datetime) -> None:
    """They do not take it now. Raises NoCall."""
    await ringing.decline(session, await _locked(session, call_id), agent, now)


async def hang_up(session: AsyncSession, call_id: int, agent: Agent, now: datetime) -> Call:
    """Ends the customer's leg at the provider, whose callback ends the call here, or asks them how it was. One that
    never rang ends at once."""
    call = await _locked(session, call_id)
    if call.direction == "out" and call.state in (CallState.CONNECTING, CallState.DIALLING):
        await callback.give_up(session, call, now, at=now, reason="canceled")
    elif call.state == CallState.CONNECTED:
        await _talked(session, call, now, now, by=agent.id)
    elif call.state != CallState.ENDED:
        await end_leg(session, call, call.leg, now, by=agent.id)
    return call


async def _locked(session: AsyncSession, call_id: int) -> Call:
    call = await _under_its_ticket(session, select(Call).where(col(Call.id) == call_id))
    if call is None:
        raise NoCall
    return call


# -- what became of the orders ------------------------------------------------------------------------------------------


async def order_sent(session: AsyncSession, asked: Order, leg: str, now: datetime) -> None:
    """The provider made this leg. Its call may have ended, or have been given to somebody else, meanwhile."""
    if not leg or asked.kind not in ("connect", "dial") or asked.call_id is None:
        return
    call = await _locked(session, asked.call_id)
    if call.direction == "out":
        await callback.leg_made(session, call, asked, leg, now)
    elif call.state == CallState.ENDED or asked.key != call.order_key:
        await end_leg(session, call, leg, now)
    else:
        call.agent_leg = call.agent_leg or leg
    await session.flush()


async def order_failed(session: AsyncSession, asked: Order, now: datetime) -> None:
    """The provider would not do it: the caller waits on, or is over."""
    call = await _locked(session, asked.call_id) if asked.call_id else None
    if call is None:
        return
    if asked.kind == "ask":  # nobody asks them: they would listen to silence
        await end_leg(session, call, call.leg, now)
    elif call.direction == "out":
        await callback.order_failed(session, call, asked, now)
    elif call.state != CallState.CONNECTING:
        return
    elif asked.kind == "join" and asked.failure == "call_over":
        over = CallUpdate(call=call.external_id, at=now, event="left_queue", reason="hangup")
        await end(session, call, over, now)
    elif (asked.key == call.order_key and not call.agent_leg) or asked.key == step_key(call, "join"):
        await _wait_on(session, call, now, failure=asked.failure)


async def is_over(session: AsyncSession, asked: Order) -> bool:
    """Whether nobody wants this order's ring any more."""
    if asked.kind in ("ask", "hangup") or asked.call_id is None:
        return False
    return (await session.get_one(Call, asked.call_id)).state == CallState.ENDED


async def settle_early(session: AsyncSession, inbox: Inboxed, call_ids: Sequence[str], now: datetime) -> None:
    """Calls of which something was said before their beginning was."""
    for word in await early.settle(session, inbox.id, call_ids):
        await progress(session, inbox, word, now)


# -- what was never told ------------------------------------------------------------------------------------------------


async def watch(session: AsyncSession, call_id: int, *, ring_s: int, dial_s: int, asked: bool, now: datetime) -> None:
    """T16, T18: no call stays where its words were lost. `asked`: the provider was, and what it said is written."""
    call = await _locked(session, call_id)
    since_s = (now - (call.state_at or call.started_at)).total_seconds()
    if call.state == CallState.ENDED:
        return
    if now - (call.heard_at or call.started_at) > LONGEST:
        lost = CallUpdate(call=call.external_id, at=now, event="ended", reason="failed")
        await (callback.heard if call.direction == "out" else _heard)(session, call, lost, now)
    elif not rules.overdue(call.state, since_s, ring_s=ring_s, dial_s=dial_s):
        return
    elif call.direction == "out":
        if asked or not call.leg:
            await callback.give_up(session, call, now, at=now, reason="no-answer")
    elif await _was_brought_in(session, call):
        await _connected(session, call, CallUpdate(call=call.external_id, at=now, event="connected"), now)
    else:
        await _wait_on(session, call, now, reason="no-answer")


async def _was_brought_in(session: AsyncSession, call: Call) -> bool:
    """The provider took the order to bring the caller in and the leg lives: only the word of it is missing."""
    query = select(col(Order.state)).where(col(Order.key) == step_key(call, "join"))
    return await session.scalar(query) == Delivery.SENT


async def _under_its_ticket(session: AsyncSession, query: Select[Call]) -> Call | None:
    """Locks the ticket, then the call: the order in which a hooks batch takes them, or the two would wait for each other."""
    found = await session.scalar(query.with_only_columns(col(Call.ticket_id)))
    if found is None:
        return None
    await session.execute(select(col(Ticket.id)).where(col(Ticket.id) == found).with_for_update())
    return (await session.scalars(query.with_for_update())).first()
