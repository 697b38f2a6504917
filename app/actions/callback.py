"""An agent calls a customer (折り返し, T22): the agent's leg first, then the customer's; they meet in one room."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions import desk, facts
from app.actions.legs import agents_line, corrected, end_leg, ended_earlier, move, order, say, step_key, withdraw
from app.errors import Conflict, Invalid, Problem
from app.models import Agent, Call, CallState, Delivery, Identity, Inbox, Message, Order, Thread, Ticket
from app.rules import calls as rules
from channels.contract import CallUpdate, Undeliverable
from channels.telephony import Dials


class NoPhoneInbox(Conflict):
    """There is no telephone inbox to call from."""


class NoNumber(Conflict):
    """There is no telephone number to call this person on."""


class WithheldNumber(Conflict):
    """The caller withheld their number."""


class WrongNumber(Invalid):
    """This is no telephone number that can be called."""


class EmergencyNumber(Invalid):
    """Emergency numbers are not called from here."""


class PremiumNumber(Invalid):
    """Premium-rate numbers are not called from here."""


class CostlyNumber(Conflict):
    """Calls to this number cost more. Confirm to call all the same."""


class AlreadyCalling(Conflict):
    """You are calling somebody already."""


class CallGoingOn(Conflict):
    """There is a call with this customer right now."""


REFUSALS: Mapping[str, type[Problem]] = {
    each.code(): each for each in (WithheldNumber, WrongNumber, EmergencyNumber, PremiumNumber, CostlyNumber)
}
Lines = Mapping[int, Dials]  # the inboxes that one can call from


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the agent asks for."""

    via: str  # where the agent is rung: "browser" or "phone"
    identity_id: int | None = None  # the customer's number; empty: the one they called from
    confirmed: bool = False  # a number that costs more may be called


async def call_back(
    session: AsyncSession, ticket: Ticket, agent: Agent, wish: Wish, *, lines: Lines, now: datetime
) -> Call:
    """Begins a call: the agent's leg is ordered. Raises this module's errors and NoPhone."""
    lines = await _in_use(session, lines)
    line = agents_line(agent, wish.via)
    await _nobody_is_called(session, agent)
    identity = await _identity(session, ticket, wish.identity_id)
    await _no_call_with(session, identity)
    thread = await _thread(session, ticket, identity, lines, now)
    number = _number(lines[thread.inbox_id], identity, costly=wish.confirmed)
    message = await _message(session, ticket, thread, agent, {"to": number, "via": wish.via}, now)
    call = Call(
        inbox_id=thread.inbox_id, ticket_id=ticket.id, message_id=message.id, direction="out",
        external_id=message.external_id or "", state=CallState.CONNECTING, state_at=now, agent_id=agent.id,
        order_key=str(uuid.uuid4()), started_at=now,
    )  # fmt: skip
    session.add(call)
    await session.flush()
    await order(session, call, "connect", call.order_key, now, call=call.external_id, agent=line)
    if ticket.assignee_id is None:
        await desk.assign(session, ticket, agent_id=agent.id, by=agent.id, reason="called", now=now)
    await say(session, call, "call.connecting", now, agent=agent.id)
    return call


async def _in_use(session: AsyncSession, lines: Lines) -> Lines:
    """What the doors remember may be some seconds old. Raises NoPhoneInbox."""
    query = select(col(Inbox.id)).where(col(Inbox.id).in_(list(lines)), col(Inbox.enabled).is_(True))
    if found := (await session.scalars(query)).all():
        return {each: lines[each] for each in found}
    raise NoPhoneInbox


async def _nobody_is_called(session: AsyncSession, agent: Agent) -> None:
    """One live outgoing call an agent: two clicks at once wait for each other here."""
    await session.execute(select(col(Agent.id)).where(col(Agent.id) == agent.id).with_for_update())
    live = col(Call.agent_id) == agent.id, col(Call.direction) == "out", col(Call.state) != CallState.ENDED
    if found := await session.scalar(select(col(Call.id)).where(*live)):
        raise AlreadyCalling(call=found)


async def _identity(session: AsyncSession, ticket: Ticket, wanted: int | None) -> Identity:
    """The number that was asked for, else that of the ticket's latest call, else the person's newest."""
    query = select(Identity).where(col(Identity.person_id) == ticket.person_id, col(Identity.kind) == "phone")
    known = list((await session.scalars(query.order_by(col(Identity.id).desc()))).all())
    if wanted is not None:
        known = [each for each in known if each.id == wanted]
    shown = [each for each in known if not each.scope]  # a withheld number is known within its call only (T8)
    if not shown:
        raise WithheldNumber if known else NoNumber
    latest = select(col(Thread.identity_id)).where(
        col(Thread.ticket_id) == ticket.id, col(Thread.identity_id).in_([each.id for each in shown])
    )
    before = await session.scalar(latest.order_by(col(Thread.id).desc()).limit(1))
    return next((each for each in shown if each.id == before), shown[0])


async def _no_call_with(session: AsyncSession, identity: Identity) -> None:
    live = (
        select(col(Call.id))
        .join(Message, col(Message.id) == col(Call.message_id))
        .where(col(Message.identity_id) == identity.id, col(Call.state) != CallState.ENDED)
    )
    if found := await session.scalar(live.limit(1)):
        raise CallGoingOn(call=found)


async def _thread(session: AsyncSession, ticket: Ticket, identity: Identity, lines: Lines, now: datetime) -> Thread:
    """The ticket's own telephone line to this number, else a new one from the inbox where they know us."""
    query = select(Thread).where(col(Thread.identity_id) == identity.id, col(Thread.inbox_id).in_(list(lines)))
    known = list((await session.scalars(query.order_by(col(Thread.id).desc()).with_for_update())).all())
    own = next((each for each in known if each.ticket_id == ticket.id), None)
    if own is not None:
        return own
    inbox_id = known[0].inbox_id if known else await _inbox(session, ticket, lines)
    made = Thread(
        ticket_id=ticket.id, inbox_id=inbox_id, identity_id=identity.id, channel="phone",
        conversation=f"out:{uuid.uuid4()}", created_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    return made


async def _inbox(session: AsyncSession, ticket: Ticket, lines: Lines) -> int:
    """Of the ticket itself, else of its team, else the first."""
    if ticket.inbox_id in lines:
        return ticket.inbox_id
    query = select(Inbox).where(col(Inbox.id).in_(list(lines))).order_by(col(Inbox.id))
    known = list((await session.scalars(query)).all())
    return next((each.id for each in known if each.team_id == ticket.team_id), known[0].id)


def _number(line: Dials, identity: Identity, *, costly: bool) -> str:
    try:
        return line.dialled(identity.value, costly=costly)
    except Undeliverable as refused:
        raise REFUSALS.get(refused.code, WrongNumber)(number=identity.value) from None


async def _message(
    session: AsyncSession, ticket: Ticket, thread: Thread, agent: Agent, meta: dict[str, str], now: datetime
) -> Message:
    """The call's place in the conversation. It is no message to send: its state says so."""
    thread.last_seq += 1
    name = f"out:{uuid.uuid4()}"
    message = Message(
        ticket_id=ticket.id, thread_id=thread.id, inbox_id=thread.inbox_id, seq=thread.last_seq, direction="out",
        author="agent", agent_id=agent.id, identity_id=thread.identity_id, kind="call", meta=meta, external_id=name,
        state=Delivery.NOTED, sent_at=now, created_at=now,
    )  # fmt: skip
    session.add(message)
    ticket.updated_at, ticket.preview, ticket.preview_kind, ticket.preview_from = now, "", "call", "agent"
    await session.flush()
    return message


# -- the provider's words, in any order, twice or never (T6) ------------------------------------------------------------


async def heard(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """One word about a call that we make."""
    if item.event in ("customer_ringing", "connected", "ended"):
        await _customer_rang(session, call, item.leg, now, over=item.event == "ended")
    match item.event:
        case "agent_ringing":
            call.agent_leg = item.leg or call.agent_leg
        case "agent_joined":
            await _agent_joined(session, call, item, now)
        case "agent_left" if item.order == call.order_key:
            await _agent_left(session, call, item, now)
        case "connected" if item.order == step_key(call, "dial"):
            await _connected(session, call, item, now)
        case "ended":
            await _customer_left(session, call, item, now)


async def _agent_joined(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """The agent is there: now the customer is rung."""
    if item.order != call.order_key:
        return
    call.agent_leg = item.leg or call.agent_leg
    if call.state == CallState.CONNECTING:
        move(call, CallState.DIALLING, now)
        message = await session.get_one(Message, call.message_id)
        key = step_key(call, "dial")
        await order(session, call, "dial", key, now, call=call.external_id, to=message.meta["to"])
        await say(session, call, "call.dialling", now)


async def _agent_left(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """Without the agent nobody talks: the customer's leg ends too, ringing or not (T16, T18)."""
    if call.state == CallState.ENDED:
        await ended_earlier(session, call, item.at, now)
    elif call.state == CallState.CONNECTED:
        call.ended_at = min(call.ended_at or item.at, item.at)
        await end_leg(session, call, call.leg, now)
    else:
        reason = item.reason if call.state == CallState.CONNECTING else "canceled"
        await give_up(session, call, now, at=item.at, reason=reason)


async def _connected(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """The customer picked up while the agent was there: that is the answer they waited for, and nothing less is."""
    if call.answered_at is not None or (call.ended_at is not None and item.at >= call.ended_at):
        return
    call.answered_at = item.at
    if call.state == CallState.ENDED:
        call.outcome = "answered"
        await facts.talked(session, call)
    else:
        move(call, CallState.CONNECTED, now)
    await say(session, call, "call.connected", now, answered_at=item.at.isoformat(), by=call.agent_id)
    ticket = await desk.locked(session, call.ticket_id)
    await desk.answered(session, ticket, at=item.at, agent_id=call.agent_id, message_id=call.message_id, by_call=True)


async def _customer_rang(session: AsyncSession, call: Call, leg: str, now: datetime, *, over: bool = False) -> None:
    """The customer's leg exists. It may have begun in the moment in which the call was given up."""
    if not leg or call.customer_leg:
        return
    call.customer_leg = leg
    if call.state == CallState.ENDED and call.answered_at is None:
        call.outcome = "unreached"
        await corrected(session, call, now)
        if not over:
            await end_leg(session, call, leg, now)


async def _customer_left(session: AsyncSession, call: Call, item: CallUpdate, now: datetime) -> None:
    """The customer's leg is over, and with it the call; an agent who still waits for them hears why."""
    if call.duration_s is None:
        call.duration_s = item.duration_s
    was, call.reason = call.state, item.reason[:24]
    if was == CallState.ENDED:
        await ended_earlier(session, call, item.at, now)
        return
    await _end(session, call, now, at=min(call.ended_at or item.at, item.at), dialled=True)
    waits = was == CallState.DIALLING
    await end_leg(session, call, call.agent_leg, now, reason=item.reason if waits else "")


async def give_up(session: AsyncSession, call: Call, now: datetime, *, at: datetime, reason: str) -> None:
    """Ends a call that nobody has answered, with whatever legs it has by now."""
    withdrawn = not call.customer_leg and not await _dialling(session, call)
    call.reason = reason[:24]
    await _end(session, call, now, at=at, dialled=not withdrawn)
    await end_leg(session, call, call.agent_leg, now)
    await end_leg(session, call, call.leg, now)


async def _dialling(session: AsyncSession, call: Call) -> bool:
    """Whether the customer's leg was, or may have been, asked for."""
    gone = (Delivery.QUEUED, Delivery.DISCARDED)
    query = select(col(Order.id)).where(col(Order.key) == step_key(call, "dial"), col(Order.state).not_in(gone))
    return await session.scalar(query) is not None


async def _end(session: AsyncSession, call: Call, now: datetime, *, at: datetime, dialled: bool) -> None:
    move(call, CallState.ENDED, now)
    call.ended_at = at
    call.outcome = rules.calling_outcome(answered=call.answered_at is not None, dialled=dialled)
    await withdraw(session, call)
    await facts.talked(session, call)
    await say(session, call, "call.ended", now, outcome=call.outcome, ended_at=at.isoformat())


async def leg_made(session: AsyncSession, call: Call, asked: Order, leg: str, now: datetime) -> None:
    """The provider took the order: this is the leg. The call may be over meanwhile."""
    if asked.kind == "dial":
        await _customer_rang(session, call, leg, now)
        return
    call.agent_leg = call.agent_leg or leg
    if call.state == CallState.ENDED:
        await end_leg(session, call, leg, now)


async def order_failed(session: AsyncSession, call: Call, asked: Order, now: datetime) -> None:
    """Nobody will ring. What may have gone out all the same is left to the provider's words and to the watch."""
    if asked.state == Delivery.UNCONFIRMED or call.state not in (CallState.CONNECTING, CallState.DIALLING):
        return
    agent_leg = call.agent_leg
    if asked.kind == "dial":
        call.reason = "failed"
        await _end(session, call, now, at=now, dialled=True)
        await end_leg(session, call, agent_leg, now, reason="failed")
    else:
        await give_up(session, call, now, at=now, reason="failed")
