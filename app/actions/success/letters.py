"""A letter of outreach on its way: withheld when its receiver has refused meanwhile, and what answers it.

Where the channel has one line to the customer (LINE), the letter takes it over as it goes out, unless a case is open there:
then the next word of theirs opens a case that answers the letter, and no solved case is opened again by it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.rows import row
from app.actions.writing import Sets
from app.models import (
    Account,
    Agent,
    Assignment,
    Delivery,
    Identity,
    Message,
    Notification,
    Outreach,
    OutreachCopy,
    Role,
    Thread,
    Ticket,
)
from app.queries.success.letters import standings
from app.queries.success.outreach import KIND
from app.rules.success import outreach as rules
from app.rules.success.outreach import Standing
from app.rules.threads import UNSOLVED


def is_letter(message: Message) -> bool:
    return message.kind == KIND


async def withheld(session: AsyncSession, message: Message, now: datetime) -> bool:
    """Looked at again before each attempt: who refused since it was written hears nothing any more (J4)."""
    query = select(OutreachCopy).where(col(OutreachCopy.message_id) == message.id).with_for_update()
    copy = (await session.scalars(query)).first()
    thread = await session.get(Thread, message.thread_id) if message.thread_id else None
    if copy is None or thread is None:
        return False
    outreach = await session.get_one(Outreach, copy.outreach_id)
    identity = await session.get_one(Identity, thread.identity_id)
    said = await standings(session, [copy.person_id], outreach.channel)
    given = rules.Person(said.get(copy.person_id, Standing()), has_address=True, reachable=identity.reachable)
    copy.refused = rules.refused(outreach.purpose, given)
    if not copy.refused:
        return False
    message.state, message.retry_at = Delivery.DISCARDED, None
    await session.flush()
    await feed.record(session, feed.event("message.discarded", now, ticket=message.ticket_id, message=message.id))
    return True


async def went_out(session: AsyncSession, message: Message, now: datetime) -> None:
    """The channel took it."""
    mine = col(OutreachCopy.message_id) == message.id, col(OutreachCopy.sent_at).is_(None)
    await session.execute(update(OutreachCopy).where(*mine).values(sent_at=now))
    thread = await session.get_one(Thread, message.thread_id)
    if thread.current:
        return
    line = col(Thread.inbox_id) == thread.inbox_id, col(Thread.conversation) == thread.conversation, col(Thread.current)
    before = (await session.scalars(select(Thread).where(*line).with_for_update())).first()
    if before is not None:
        if (await session.get_one(Ticket, before.ticket_id)).status in UNSOLVED:
            return
        before.current = False
        await session.flush()
    thread.current = True
    await session.flush()


def answered(connection: Connection, sets: Sets, now: datetime) -> None:
    """Of cases that are about to be written: those that answer a letter go to who looks after the account."""
    new = {each["id"]: each for each in sets.tickets}
    about = {
        each["meta"]["related"]: each for each in sets.messages
        if each["ticket_id"] in new and not each["auto"] and each["meta"].get("related")
    }  # fmt: skip
    if not about:
        return
    query = (
        select(
            col(OutreachCopy.id), col(OutreachCopy.ticket_id), col(OutreachCopy.account_id), col(Outreach.id),
            col(Outreach.name), col(Account.owner_id), col(Outreach.by_id),
        )
        .join(Outreach, col(Outreach.id) == col(OutreachCopy.outreach_id))
        .join(Account, col(Account.id) == col(OutreachCopy.account_id))
        .where(col(OutreachCopy.ticket_id).in_(about), col(OutreachCopy.sent_at).is_not(None))
    )  # fmt: skip
    found = connection.execute(query).all()
    active = _active(connection, {number for each in found for number in each[-2:] if number is not None})
    for copy, carrier, account, outreach, name, owner, by in found:
        message = about[carrier]
        ticket = new[message["ticket_id"]]
        told: dict[str, Any] = {"outreach": outreach, "name": name}
        message["meta"] = {**message["meta"], **told}
        ticket["account_id"] = account
        to = next((each for each in (owner, by) if each in active), None)
        sets.answers.append((copy, ticket["id"]))
        heard: dict[str, Any] = {**told, "to": [to] if to is not None else []}
        sets.events.append(feed.event("outreach.answered", now, ticket=ticket["id"], message=message["id"], **heard))
        if to is not None:
            _give(sets, ticket, to, told, now)


def _active(connection: Connection, numbers: set[int]) -> set[int]:
    query = select(col(Agent.id)).where(col(Agent.id).in_(numbers), col(Agent.active), col(Agent.role) != Role.AGENT)
    return set(connection.scalars(query).all())


def _give(sets: Sets, ticket: dict[str, Any], to: int, told: dict[str, Any], now: datetime) -> None:
    ticket["assignee_id"], number = to, ticket["id"]
    given = {"ticket_id": number, "agent_id": to, "team_id": ticket["team_id"], "reason": KIND, "at": now}
    sets.given.append(row(Assignment, **given))
    sets.told.append(
        row(Notification, agent_id=to, kind="outreach.answered", ticket_id=number, params=told, created_at=now)
    )
    sets.events.append(feed.event("ticket.assigned", now, ticket=number, to=to, was=None, reason=KIND))
