"""What rules and macros do to a ticket, one action at a time."""

import uuid
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk, policies, reply
from app.actions.success import handovers
from app.errors import Problem
from app.models import Agent, Audience, Delivery, Message, Status, Tag, Ticket, TicketTag
from app.queries.automation import variables
from app.rules.templates import render
from app.rules.webhooks import CALLED
from app.text import plain

DAY = timedelta(days=1)
HANDED_OVER = "サクセス引継ぎ"  # the tag of what was handed over to customer success

Did = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does it: an agent with a macro, or a rule."""

    agent: Agent | None = None
    rule: int | None = None

    @property
    def id(self) -> int | None:
        return self.agent.id if self.agent else None


async def perform(session: AsyncSession, ticket: Ticket, given: Mapping[str, Any], doer: Doer, now: datetime) -> Did:
    """{"do", "ok", "why"}: what cannot be done says why and leaves the rest to be done. The ticket is locked."""
    if ticket.merged_into_id is not None:
        return {"do": given["do"], "ok": False, "why": "ticket_merged"}
    try:
        why = await _perform(session, ticket, given, doer, now)
    except Problem as problem:
        why = str(problem.params.get("reason", problem.code()))
    return {"do": given["do"], "ok": not why, "why": why}


async def _perform(session: AsyncSession, ticket: Ticket, given: Mapping[str, Any], doer: Doer, now: datetime) -> str:
    match given["do"]:
        case "assign_agent":
            reason = "assigned" if doer.agent else "automation"
            await desk.assign(session, ticket, agent_id=given.get("agent"), by=doer.id, reason=reason, now=now)
        case "assign_team":
            await desk.set_team(session, ticket, given.get("team"), by=doer.id, now=now)
        case "add_tag":
            await _tag(session, ticket, doer, now, add={given["tag"]})
        case "remove_tag":
            await _tag(session, ticket, doer, now, remove={given["tag"]})
        case "priority":
            await desk.set_priority(session, ticket, given["to"], by=doer.id, now=now)
        case "status":
            until = now + timedelta(hours=given["hours"]) if given["to"] == Status.SNOOZED else None
            if ticket.status != given["to"] or until is None:
                await desk.set_status(session, ticket, given["to"], agent_id=doer.id, now=now, until=until)
        case "policy":
            await policies.force(session, ticket, given["policy"], by=doer.id, now=now)
        case "reply":
            return await _answer(session, ticket, given["text"], doer, now)
        case "note":
            await _note(session, ticket, given["text"], doer, now)
        case "webhook":
            params: dict[str, Any] = {"webhook": given["webhook"]}
            await feed.record(session, feed.event(CALLED, now, ticket=ticket.id, agent=doer.id, **params))
        case "hand_over":
            await _hand_over(session, ticket, doer, now)
    return ""


async def _tag(
    session: AsyncSession,
    ticket: Ticket,
    doer: Doer,
    now: datetime,
    *,
    add: AbstractSet[int] = frozenset(),
    remove: AbstractSet[int] = frozenset(),
) -> None:
    held = select(col(TicketTag.tag_id)).where(col(TicketTag.ticket_id) == ticket.id)
    tags = set((await session.scalars(held)).all())
    await desk.set_tags(session, ticket, (tags | add) - remove, by=doer.id, now=now)


async def _hand_over(session: AsyncSession, ticket: Ticket, doer: Doer, now: datetime) -> None:
    """Once: one that has the tag was handed over."""
    tag = (await session.scalars(select(Tag).where(col(Tag.name) == HANDED_OVER))).first()
    if tag is None:
        tag = Tag(name=HANDED_OVER, color="#7a5ea8")
        session.add(tag)
        await session.flush()
        await feed.record(session, feed.event("tag.made", now, agent=doer.id, tag=tag.id))
    if await session.get(TicketTag, (ticket.id, tag.id)) is None:
        await _tag(session, ticket, doer, now, add={tag.id})
        await feed.record(session, feed.event("ticket.handed_over", now, ticket=ticket.id, agent=doer.id))
        cause = "agent" if doer.agent else "rule"
        await handovers.offer_for(session, ticket, cause, now, form="transfer", by=doer.agent)


async def _note(session: AsyncSession, ticket: Ticket, text: str, doer: Doer, now: datetime) -> None:
    words = render(text, await variables(session, ticket, doer.agent))
    if doer.agent is not None:
        await reply.note(session, ticket, doer.agent, reply.Draft(text=words, audience=Audience.INTERNAL), now=now)
        return
    message = _machine(ticket, words, doer, now)
    message.audience, message.state = Audience.INTERNAL, Delivery.NOTED
    await reply.store(session, message, [])
    ticket.updated_at = now
    await session.flush()
    await feed.record(session, feed.event("note.written", now, ticket=ticket.id, message=message.id))


async def _answer(session: AsyncSession, ticket: Ticket, text: str, doer: Doer, now: datetime) -> str:
    """An automatic answer. It meets no clock (SLA3) and answers no machine; a person gets one a day (E10)."""
    if ticket.status == Status.SPAM:
        return "spam"
    said = col(Message.ticket_id) == ticket.id, col(Message.direction) == "in"
    latest = select(Message).where(*said).order_by(col(Message.id).desc()).limit(1)
    heard = (await session.scalars(latest)).first()
    if heard is not None and (heard.auto or heard.state in (Delivery.HELD, Delivery.REFUSED)):
        return "auto" if heard.auto else "held"
    if await _answered_today(session, ticket, now):
        return "daily"
    thread = await reply.thread_of(session, ticket, None)
    await reply.check_reach(session, thread)
    thread.last_seq += 1
    message = _machine(ticket, render(text, await variables(session, ticket, doer.agent)), doer, now)
    message.thread_id, message.inbox_id, message.seq, message.subject = (
        thread.id, thread.inbox_id, thread.last_seq, thread.subject,
    )  # fmt: skip
    message.state, message.send_key, message.retry_at = Delivery.QUEUED, str(uuid.uuid4()), now
    await reply.store(session, message, [])
    await feed.record(session, feed.event("message.queued", now, ticket=ticket.id, message=message.id))
    return ""


async def _answered_today(session: AsyncSession, ticket: Ticket, now: datetime) -> bool:
    query = (
        select(col(Message.id))
        .join(Ticket, col(Ticket.id) == col(Message.ticket_id))
        .where(col(Ticket.person_id) == ticket.person_id, col(Message.auto).is_(True), col(Message.direction) == "out")
        .where(col(Message.created_at) > now - DAY, col(Message.kind) != "survey")
        .where(col(Message.audience) == Audience.PUBLIC)  # a rule's note for the desk is no answer
    )
    return await session.scalar(query.limit(1)) is not None


def _machine(ticket: Ticket, text: str, doer: Doer, now: datetime) -> Message:
    return Message(
        ticket_id=ticket.id, direction="out", author="machine", auto=True, text=plain(text), sent_at=now, created_at=now,
        meta={"automation": doer.rule},
    )  # fmt: skip
