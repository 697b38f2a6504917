"""An agent's answer or note. A reply's row, state queued, is the outbox: it is sent after the commit, by a clock."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import desk
from app.actions.success.handovers import check_voice
from app.errors import Conflict, Invalid, Missing
from app.models import (
    Agent,
    Attachment,
    Audience,
    Delivery,
    Identity,
    Inbox,
    Message,
    Person,
    Role,
    Status,
    Thread,
    Ticket,
)
from app.queries import approvals, quotes
from app.queries.detail import standby
from app.queries.messages import news_since
from app.queries.success import waking
from app.rules import lifecycle
from app.text import clean_html, plain, preview


class EmptyMessage(Invalid):
    """There is nothing to send."""


class NoThread(Invalid):
    """There is no conversation to answer in."""


class CannotReply(Conflict):
    """The customer cannot be reached on this channel."""


class NoUpload(Invalid):
    """An attachment is missing: upload it again."""


class NoMessage(Missing):
    """There is no such message."""


class NewsSince(Conflict):
    """Something was added since you last looked. Read it, then send."""


class NeedsApproval(Conflict):
    """A lead has to read this answer before it goes out."""


class CannotWhisper(Invalid):
    """This channel cannot send without a sound."""


class CannotQuote(Invalid):
    """This message cannot be quoted here."""


class NotRetryable(Conflict):
    """This message is not waiting for a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an agent wrote."""

    text: str
    html: str = ""
    attachments: tuple[str, ...] = ()  # public ids of uploads
    client_id: str = ""  # the browser's id: the same again is the same message
    thread_id: int | None = None
    then: str = ""  # a status to set after
    audience: str = Audience.PUBLIC
    override: bool = False  # a lead writes although somebody else is the customer's present owner
    seen: int | None = None  # the last message that the writer saw; None: not asked (programs, rules)
    quotes: int | None = None  # a message of the same conversation (L27)
    approved: bool = False  # a lead has read it
    when: str = "now"  # wait: until the customer wakes, when they sleep; silent: now, without a sound


async def reply(
    session: AsyncSession, ticket: Ticket, agent: Agent, draft: Draft, *, now: datetime
) -> tuple[Message, bool]:
    """Queues a public answer. Returns the message, and False when this client_id was there already.

    Raises EmptyMessage, NoThread, CannotReply, NotYourVoice, NewsSince, NeedsApproval, CannotWhisper, CannotQuote.
    """
    if same := await _same(session, ticket, draft):
        return same, False
    if not draft.approved and await approvals.is_needed(session, ticket, agent):
        raise NeedsApproval
    files = await check(session, ticket, agent, draft)
    thread = await thread_of(session, ticket, draft.thread_id)
    await check_reach(session, thread)
    thread.last_seq += 1
    message = _message(ticket, agent, draft, now)
    message.thread_id, message.inbox_id, message.seq = thread.id, thread.inbox_id, thread.last_seq
    message.subject = thread.subject
    message.state, message.send_key = Delivery.QUEUED, str(uuid.uuid4())
    message.retry_at = await _goes_at(session, ticket, draft, now)
    if draft.when == "silent":
        message.meta = _silent(thread)
    if draft.quotes is not None:
        message.meta = {**message.meta, "quotes": await _quoted(session, thread, draft)}
    await store(session, message, files)
    ticket.updated_at, ticket.preview, ticket.preview_from = now, preview(message.text), "agent"
    ticket.preview_kind = "text" if message.text else "file"
    if ticket.assignee_id is None and agent.role != Role.SUCCESS:
        await desk.assign(session, ticket, agent_id=agent.id, by=agent.id, reason="replied", now=now)
    await desk.answered(session, ticket, at=now, agent_id=agent.id, message_id=message.id)
    await desk.set_status(session, ticket, lifecycle.after_reply(draft.then, ticket.status), agent_id=agent.id, now=now)
    await session.flush()
    await feed.record(session, feed.event("message.queued", now, ticket=ticket.id, message=message.id, agent=agent.id))
    return message, True


async def check(session: AsyncSession, ticket: Ticket, agent: Agent, draft: Draft) -> list[Attachment]:
    """That it may be said, by them and now; returns its files. Raises EmptyMessage, NotYourVoice, NewsSince, NoUpload."""
    if draft.seen is not None and (news := await news_since(session, ticket.id, draft.seen, agent.id)):
        raise NewsSince(messages=news)
    await check_voice(session, ticket, agent, override=draft.override)
    files = await _uploads(session, draft, agent)
    if not draft.text.strip() and not files:
        raise EmptyMessage
    return files


async def _goes_at(session: AsyncSession, ticket: Ticket, draft: Draft, now: datetime) -> datetime:
    return (await waking.until(session, ticket, now) if draft.when == "wait" else None) or now


def _silent(thread: Thread) -> dict[str, bool]:
    if not waking.can_whisper(thread.channel):
        raise CannotWhisper
    return {"silent": True}


async def _quoted(session: AsyncSession, thread: Thread, draft: Draft) -> str:
    """The provider's id of what is quoted. Only words can quote, and only what stands in the same conversation."""
    found = await session.get(Message, draft.quotes)
    if found is None or found.thread_id != thread.id or found.unsent_at is not None or not draft.text.strip():
        raise CannotQuote
    if not found.external_id or not quotes.token(found.meta, found.memory):
        raise CannotQuote
    return found.external_id


async def note(
    session: AsyncSession, ticket: Ticket, agent: Agent, draft: Draft, *, now: datetime
) -> tuple[Message, bool]:
    """An internal note. It goes nowhere and meets no clock. Raises EmptyMessage."""
    if same := await _same(session, ticket, draft):
        return same, False
    files = await _uploads(session, draft, agent)
    if not draft.text.strip() and not files:
        raise EmptyMessage
    message = _message(ticket, agent, draft, now)
    message.state = Delivery.NOTED
    await store(session, message, files)
    ticket.updated_at = now
    await session.flush()
    await feed.record(session, feed.event("note.written", now, ticket=ticket.id, message=message.id, agent=agent.id))
    return message, True


async def write_first(
    session: AsyncSession, inbox: Inbox, agent: Agent, *, to: str, subject: str, draft: Draft, now: datetime
) -> Ticket:
    """The desk writes first (origin outbound). The address is one that the channel normalised.

    The same `client_id` of the same agent again is the same ticket.
    """
    conversation = f"out:{agent.id}:{draft.client_id or uuid.uuid4()}"
    if same := await _written_first(session, inbox, conversation):
        return same
    key = f"{inbox.kind}::{to}"
    identity = (await session.scalars(select(Identity).where(col(Identity.key) == key))).first()
    if identity is None:
        person = Person(name="", created_at=now)
        session.add(person)
        await session.flush()
        identity = Identity(person_id=person.id, key=key, kind=inbox.kind, value=to, created_at=now)
        session.add(identity)
        await session.flush()
    ticket = Ticket(
        subject=plain(subject)[:400], status=Status.PENDING, origin="outbound", channel=inbox.kind, inbox_id=inbox.id,
        team_id=inbox.team_id, assignee_id=agent.id, person_id=identity.person_id, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(ticket)
    await session.flush()
    session.add(
        Thread(
            ticket_id=ticket.id, inbox_id=inbox.id, identity_id=identity.id, channel=inbox.kind,
            conversation=conversation, subject=ticket.subject, created_at=now,
        )
    )  # fmt: skip
    await session.flush()
    await feed.record(
        session, feed.event("ticket.opened", now, ticket=ticket.id, agent=agent.id, inbox=inbox.id, channel=inbox.kind)
    )
    await reply(session, ticket, agent, draft, now=now)
    return ticket


async def _written_first(session: AsyncSession, inbox: Inbox, conversation: str) -> Ticket | None:
    query = select(Ticket).join(Thread, col(Thread.ticket_id) == col(Ticket.id))
    mine = col(Thread.inbox_id) == inbox.id, col(Thread.conversation) == conversation, col(Thread.current)
    return (await session.scalars(query.where(*mine))).first()


async def decide(session: AsyncSession, message_id: int, what: str, *, agent: Agent, now: datetime) -> Message:
    """A person decides about a message that failed or is unconfirmed: "retry", "sent" or "discard". Raises NotRetryable."""
    message = (await session.scalars(select(Message).where(col(Message.id) == message_id).with_for_update())).first()
    if message is None:
        raise NoMessage
    if message.direction != "out" or message.state not in (Delivery.FAILED, Delivery.UNCONFIRMED):
        raise NotRetryable
    if what == "retry":
        # A new key and no memory: it is a new try by a person's will, not a repetition the provider should swallow.
        message.state, message.retry_at, message.send_key = Delivery.QUEUED, now, str(uuid.uuid4())
        message.attempts, message.memory, message.handle = 0, {}, ""
        message.external_id = None
    else:
        message.state = Delivery.SENT if what == "sent" else Delivery.DISCARDED
    message.failure = message.failure_detail = ""
    await session.flush()
    kind = {"retry": "message.retried", "sent": "message.sent", "discard": "message.discarded"}[what]
    await feed.record(session, feed.event(kind, now, ticket=message.ticket_id, message=message.id, agent=agent.id))
    return message


def _message(ticket: Ticket, agent: Agent, draft: Draft, now: datetime) -> Message:
    return Message(
        ticket_id=ticket.id,
        direction="out",
        audience=draft.audience,
        author="agent",
        agent_id=agent.id,
        text=plain(draft.text),
        html=clean_html(draft.html),
        client_id=draft.client_id or None,
        sent_at=now,
        created_at=now,
    )


async def _same(session: AsyncSession, ticket: Ticket, draft: Draft) -> Message | None:
    if not draft.client_id:
        return None
    query = select(Message).where(col(Message.ticket_id) == ticket.id, col(Message.client_id) == draft.client_id)
    return (await session.scalars(query)).first()


async def thread_of(session: AsyncSession, ticket: Ticket, thread_id: int | None) -> Thread:
    query = select(Thread).where(col(Thread.ticket_id) == ticket.id).with_for_update()
    threads = (await session.scalars(query)).all()
    if thread_id is not None:
        threads = [thread for thread in threads if thread.id == thread_id]
    writable = [thread for thread in threads if thread.channel != "phone"]
    if not writable:
        raise NoThread
    return max(writable, key=lambda t: (t.customer_at or t.created_at, t.id))


async def check_reach(session: AsyncSession, thread: Thread) -> None:
    identity = await session.get_one(Identity, thread.identity_id)
    inbox = await session.get_one(Inbox, thread.inbox_id)
    if not identity.reachable:
        raise CannotReply(reason=identity.reach_code or "blocked")
    if not inbox.enabled:
        raise CannotReply(reason="inbox_disabled")
    if await standby(session, thread.id):
        raise CannotReply(reason="standby")


async def _uploads(session: AsyncSession, draft: Draft, agent: Agent) -> list[Attachment]:
    """Only the agent's own uploads that are in no message yet."""
    if not draft.attachments:
        return []
    query = select(Attachment).where(
        col(Attachment.public_id).in_(draft.attachments),
        col(Attachment.message_id).is_(None),
        col(Attachment.agent_id) == agent.id,
    )
    found = list((await session.scalars(query)).all())
    if len(found) != len(set(draft.attachments)):
        raise NoUpload
    return found


async def store(session: AsyncSession, message: Message, files: list[Attachment]) -> None:
    session.add(message)
    await session.flush()
    for file in files:
        file.message_id = message.id
    await session.flush()
