"""A customer's message becomes a ticket of its own: another matter than the ticket in which it came."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import clocks, desk
from app.actions.cases import links, moves, promises
from app.errors import Conflict, Missing
from app.models import Agent, Audience, Delivery, Episode, Identity, Message, Status, Thread, Ticket
from app.queries import cases as queries
from app.rules.cases import still_waits, unanswered
from app.text import preview

OURS = (Delivery.HELD, Delivery.REFUSED)  # nobody has let them in


class NoSuchMessage(Missing):
    """There is no such message in this ticket."""


class CannotSplit(Conflict):
    """This message cannot become a ticket of its own."""


async def split(
    session: AsyncSession,
    number: int,
    message_id: int,
    *,
    agent: Agent,
    now: datetime,
    following: bool = False,
    subject: str = "",
) -> Ticket:
    """The new ticket. `following`: what the same customer wrote after it in the same conversation goes with it.

    Raises NoTicket, TicketMerged, NoSuchMessage, CannotSplit.
    """
    await moves.alone(session)
    old = await desk.workable(session, number)
    first = await _first(session, old, message_id)
    taken = await _taken(session, old, first, following=following)
    waits = still_waits(await queries.words(session, old.id), {each.id for each in taken})
    made = await _open(session, old, first, subject, agent=agent, now=now)
    thread = await _move(session, made, taken)
    left = await _turns(session, old, made, taken, now, agent=agent)
    made.needs_reply_since = None
    if waits is not None and old.status != Status.SPAM:
        await moves.turn(session, made, waits, now)
    await clocks.apply(session, made, lambda c: c.rematch(made.id, "split"), now=now, agent=agent.id)
    for each in (old, made):
        await moves.freshen(session, each, now)
    told: dict[str, Any] = {"messages": len(taken), "thread": thread.id}
    stays: dict[str, Any] = {"moved": [each.id for each in taken], "left": left}
    begun = waits.id if waits is not None else None
    await feed.record(
        session,
        feed.event("ticket.split", now, ticket=old.id, agent=agent.id, number=made.id, **told, **stays),
        feed.event("ticket.split", now, ticket=made.id, message=begun, agent=agent.id, origin=old.id, **told),
    )
    await links.link(session, made.id, old.id, "related", agent=agent, now=now)
    return made


async def _first(session: AsyncSession, ticket: Ticket, message_id: int) -> Message:
    found = await session.get(Message, message_id)
    if found is None or found.ticket_id != ticket.id:
        raise NoSuchMessage
    if found.direction != "in" or found.audience != Audience.PUBLIC or found.state in OURS:
        raise CannotSplit(reason="not_customers")
    thread = await session.get_one(Thread, found.thread_id)
    if thread.channel in ("chat", "phone"):  # a visitor sees one conversation, a call is one
        raise CannotSplit(reason=thread.channel)
    return found


async def _taken(session: AsyncSession, ticket: Ticket, first: Message, *, following: bool) -> list[Message]:
    """What goes, the oldest first. Something of a customer must stay."""
    came = col(Message.direction) == "in", col(Message.audience) == Audience.PUBLIC, col(Message.state).not_in(OURS)
    taken = [first]
    if following:
        place = tuple_(col(Message.sent_at), col(Message.id))
        theirs = col(Message.thread_id) == first.thread_id, col(Message.identity_id) == first.identity_id
        query = select(Message).where(*came, *theirs, place > (first.sent_at, first.id))
        taken += (await session.scalars(query.order_by(col(Message.sent_at), col(Message.id)))).all()
    left = select(func.count()).select_from(Message).where(*came, col(Message.ticket_id) == ticket.id)
    if not await session.scalar(left.where(col(Message.id).not_in([each.id for each in taken]))):
        raise CannotSplit(reason="only")
    return taken


async def _open(
    session: AsyncSession, old: Ticket, first: Message, subject: str, *, agent: Agent, now: datetime
) -> Ticket:
    """It begins when the message came (SLA4), with the team, the priority and the agent of the ticket that it leaves."""
    who = await session.get_one(Identity, first.identity_id)
    thread = await session.get_one(Thread, first.thread_id)
    same = who.person_id == old.person_id
    made = Ticket(
        subject=subject.strip() or preview(first.text, 60) or old.subject, priority=old.priority, channel=thread.channel,
        inbox_id=thread.inbox_id, team_id=old.team_id, person_id=who.person_id,
        account_id=old.account_id if same else None, created_at=first.created_at, updated_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    params: dict[str, Any] = {"inbox": made.inbox_id, "channel": made.channel, "split": old.id}
    opened = feed.event("ticket.opened", made.created_at, ticket=made.id, agent=agent.id, **params)
    await feed.record(session, opened)
    if old.assignee_id is not None:
        await desk.assign(session, made, agent_id=old.assignee_id, by=agent.id, reason="assigned", now=now)
    return made


async def _move(session: AsyncSession, made: Ticket, taken: Sequence[Message]) -> Thread:
    """Its own thread. What the customer says next comes to where their latest word is; a mail, to what it answers."""
    was = await session.get_one(Thread, taken[0].thread_id)
    ids = [each.id for each in taken]
    mine = col(Message.thread_id) == was.id, col(Message.direction) == "in"
    newest = await session.scalar(
        select(col(Message.id)).where(*mine).order_by(col(Message.sent_at).desc(), col(Message.id).desc()).limit(1)
    )
    mail = was.channel == "email"
    takes_over = not mail and was.current and newest in ids
    if takes_over:
        was.current = False
        await session.flush()
    thread = Thread(
        ticket_id=made.id, inbox_id=was.inbox_id, identity_id=taken[0].identity_id or was.identity_id, channel=was.channel,
        conversation=(taken[0].external_id or was.conversation)[:1000] if mail else was.conversation,
        current=mail or takes_over, last_seq=len(taken), subject=(taken[0].subject or was.subject)[:400],
        participants=was.participants, customer_at=taken[-1].sent_at, created_at=taken[0].created_at,
    )  # fmt: skip
    if takes_over:
        thread.handle, thread.handle_at, was.handle, was.handle_at = was.handle, was.handle_at, "", None
    session.add(thread)
    await session.flush()
    for seq, message in enumerate(taken, 1):
        message.thread_id, message.ticket_id, message.seq = thread.id, made.id, seq
    await session.flush()
    was.customer_at = await session.scalar(select(func.max(col(Message.sent_at))).where(*mine))
    return thread


async def _turns(
    session: AsyncSession, old: Ticket, made: Ticket, taken: Collection[Message], now: datetime, *, agent: Agent
) -> dict[str, Any] | None:
    """A turn that waits goes with the message that began it; whoever still waits in the old ticket, waits since what is
    left: that is the answer."""
    begun = col(Episode.message_id).in_([each.id for each in taken])
    await session.execute(update(Episode).where(begun, *moves.WAITS).values(ticket_id=made.id, initial=True))
    if old.needs_reply_since is None:
        return None
    left = unanswered(await queries.words(session, old.id), old.needs_reply_since)
    await moves.turn(session, old, left, now)

    def follow(case: promises.CaseClocks) -> None:
        case.follow_turn(old.id, "split", later=True)

    await promises.apply(session, [old], follow, now=now, agent=agent.id)
    return {"id": left.id, "at": min(left.at, now).isoformat()} if left is not None else None
