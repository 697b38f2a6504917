"""承認: an answer waits for a lead, who lets it go, returns it or mends it. Only then is it a message that meets clocks.

Who approves twice sends once: the approval is locked, and the message carries its name.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk, reply
from app.errors import Conflict, Forbidden, Missing
from app.models import Agent, Approval, Message, Ticket
from app.models.approval import Asked
from app.rules import approval as rules
from app.text import clean_html, plain


class NoApproval(Missing):
    """There is no such request."""


class ApprovalDecided(Conflict):
    """Somebody has decided about this already."""


class NotYourOwn(Forbidden):
    """Somebody else has to approve what you wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the lead mends before it goes: None leaves it as it was written. `seen`: the last message they saw."""

    text: str | None = None
    html: str | None = None
    seen: int | None = None


async def ask(
    session: AsyncSession, ticket: Ticket, agent: Agent, draft: reply.Draft, *, now: datetime
) -> tuple[Approval, bool]:
    """Keeps the answer for a lead; False when this client_id was there already. Raises as `reply` does."""
    name = draft.client_id or str(uuid.uuid4())
    query = select(Approval).where(col(Approval.ticket_id) == ticket.id, col(Approval.client_id) == name)
    if same := (await session.scalars(query)).first():
        return same, False
    await reply.check(session, ticket, agent, draft)
    thread = await reply.thread_of(session, ticket, draft.thread_id)
    await reply.check_reach(session, thread)
    made = Approval(
        ticket_id=ticket.id, agent_id=agent.id, thread_id=thread.id, text=plain(draft.text), html=clean_html(draft.html),
        attachments=list(draft.attachments), then=draft.then, when=draft.when, override=draft.override, client_id=name,
        asked_at=now,
    )  # fmt: skip
    session.add(made)
    ticket.updated_at = now
    await _told(session, made, "approval.asked", agent, now)
    return made, True


async def status_of(session: AsyncSession, number: int) -> str:
    """Of the ticket, before something is decided. Raises NoApproval."""
    ticket, _ = await _locked(session, number)
    return ticket.status


async def approve(
    session: AsyncSession, number: int, change: Change, *, by: Agent, now: datetime
) -> tuple[Message, Approval]:
    """It goes out in its author's name. The same again is the same message. Raises NotYourOwn, ApprovalDecided, NewsSince."""
    ticket, found = await _locked(session, number)
    if found.state == Asked.APPROVED and found.message_id is not None:
        return await session.get_one(Message, found.message_id), found
    _check(found, by)
    author = await session.get_one(Agent, found.agent_id)
    draft = reply.Draft(
        text=found.text, html=found.html, attachments=tuple(found.attachments), client_id=f"approval:{found.id}",
        thread_id=found.thread_id, then=found.then, override=found.override, seen=change.seen, when=found.when, approved=True,
    )  # fmt: skip
    mended = change.text is not None and change.text != found.text
    if mended:
        draft = replace(draft, text=change.text or "", html=change.html or "")
    message, _ = await reply.reply(session, ticket, author, draft, now=now)
    waited = round((now - found.asked_at).total_seconds())
    message.meta = {**message.meta, "approved_by": by.id, "approval_waited_s": waited, "approval_edited": mended}
    found.message_id = message.id
    await _decided(session, found, Asked.APPROVED, by, now)
    return message, found


async def send_back(session: AsyncSession, number: int, comment: str, *, by: Agent, now: datetime) -> Approval:
    """To its author, with what should be different. Raises NotYourOwn, ApprovalDecided."""
    _, found = await _locked(session, number)
    _check(found, by)
    found.comment = plain(comment)
    await _decided(session, found, Asked.RETURNED, by, now)
    return found


async def withdraw(session: AsyncSession, number: int, *, by: Agent, now: datetime) -> Approval:
    """The author takes it back, to write on. Raises Forbidden, ApprovalDecided."""
    _, found = await _locked(session, number)
    if found.agent_id != by.id:
        raise Forbidden
    if found.state not in (Asked.WAITING, Asked.RETURNED):
        raise ApprovalDecided(by=found.decided_by)
    await _decided(session, found, Asked.WITHDRAWN, by, now)
    return found


async def carry(session: AsyncSession, part_id: int, master_id: int) -> None:
    """What waits in a merged ticket waits where its conversations are now."""
    await session.execute(update(Approval).where(col(Approval.ticket_id) == part_id).values(ticket_id=master_id))


async def _locked(session: AsyncSession, number: int) -> tuple[Ticket, Approval]:
    ticket = await session.scalar(select(col(Approval.ticket_id)).where(col(Approval.id) == number))
    if ticket is None:
        raise NoApproval
    locked = await desk.workable(session, ticket)
    query = select(Approval).where(col(Approval.id) == number).with_for_update()
    return locked, (await session.scalars(query)).one()


def _check(found: Approval, by: Agent) -> None:
    if not rules.may_decide(by.role, by.id, found.agent_id):
        raise NotYourOwn
    if found.state != Asked.WAITING:
        raise ApprovalDecided(by=found.decided_by)


async def _decided(session: AsyncSession, found: Approval, state: Asked, by: Agent, now: datetime) -> None:
    found.state, found.decided_at, found.decided_by = state, now, by.id
    await _told(session, found, f"approval.{state}", by, now)


async def _told(session: AsyncSession, found: Approval, kind: str, agent: Agent, now: datetime) -> None:
    await session.flush()
    told = feed.event(kind, now, ticket=found.ticket_id, agent=agent.id, approval=found.id, author=found.agent_id)
    await feed.record(session, told)
