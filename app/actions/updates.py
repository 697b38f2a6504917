"""What changes things that exist: taken back, edited, blocked, bounced, a call's progress. Each may come twice or early."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import calls, copies, survey
from app.actions.knowledge import offers
from app.actions.success import harassment
from app.models import (
    Attachment,
    Delivery,
    EarlyWord,
    FileState,
    Identity,
    Message,
    Person,
    Thread,
    Ticket,
)
from app.queries.inboxed import Inboxed
from app.rules.knowledge.offer import is_ours
from app.text import plain, preview, storable
from channels.contract import CallUpdate, Chosen, Edited, Item, Noticed, Placement, Reach, Receipt, Unsent


async def apply(session: AsyncSession, inbox: Inboxed, item: Item, now: datetime, raw: int | None = None) -> Placement:
    """Writes one update in the caller's transaction; `raw` is the hook that it came with."""
    match item:
        case Unsent():
            return await _unsent(session, inbox, item, now)
        case Edited():
            return await _edited(session, inbox, item, now, raw)
        case Reach():
            return await _reach(session, inbox, item, now)
        case Receipt():
            return await _receipt(session, inbox, item, now)
        case CallUpdate():
            return await calls.progress(session, inbox, item, now)
        case Noticed():
            return await _noticed(session, inbox, item, now)
        case Chosen() if is_ours(item.data):
            return await offers.chosen(session, inbox.id, item, now)
        case Chosen():
            return await survey.chosen(session, inbox.id, item, now)
    raise TypeError(f"no such update: {type(item).__name__}")


async def _message(session: AsyncSession, inbox: Inboxed, external_id: str) -> Message | None:
    query = select(Message).where(col(Message.inbox_id) == inbox.id, col(Message.external_id) == external_id)
    return (await session.scalars(query.with_for_update())).first()


async def _keep_early(
    session: AsyncSession, inbox: Inboxed, *, about: str, word: str, at: datetime, params: dict[str, Any]
) -> None:
    same = select(col(EarlyWord.id)).where(
        col(EarlyWord.inbox_id) == inbox.id,
        col(EarlyWord.about) == about,
        col(EarlyWord.word) == word,
        col(EarlyWord.at) == at,
    )
    if await session.scalar(same) is None:
        session.add(EarlyWord(inbox_id=inbox.id, about=about, word=word, at=at, params=params))
        await session.flush()


async def _unsent(session: AsyncSession, inbox: Inboxed, item: Unsent, now: datetime) -> Placement:
    """L: the content can't be seen or used any more: text, files, raw bytes and the list's preview go; a mark stays."""
    message = await _message(session, inbox, item.external_id)
    if message is None:
        await _keep_early(session, inbox, about=item.external_id, word="unsent", at=item.at, params={})
        await copies.forget(session, inbox.id, item.external_id)
        return Placement(item=item)
    if message.unsent_at is None:
        await harassment.keep(session, message)
        texts = (message.text, message.original)
        message.text = message.html = message.subject = message.original = ""
        message.meta, message.unsent_at = {}, item.at
        await session.execute(
            update(Attachment)
            .where(col(Attachment.message_id) == message.id)
            .values(state=FileState.GONE, remote="", name="", failure="unsent")  # jobs/sweep.py removes the bytes
        )
        await copies.forget(session, inbox.id, item.external_id, message.raw_id)
        ticket = await session.get_one(Ticket, message.ticket_id)
        if ticket.preview in map(preview, texts):
            ticket.preview = ""
        if ticket.subject in [preview(text, 60) for text in texts]:
            ticket.subject = ""
        await session.flush()
        await feed.record(session, feed.event("message.unsent", now, ticket=message.ticket_id, message=message.id))
    return Placement(item=item, ticket=message.ticket_id, thread=message.thread_id, message=message.id)


async def _edited(session: AsyncSession, inbox: Inboxed, item: Edited, now: datetime, raw: int | None) -> Placement:
    message = await _message(session, inbox, item.external_id)
    await copies.add(session, inbox.id, item.external_id, raw, now)
    if message is None:
        await _edited_early(session, inbox, item)
        return Placement(item=item)
    if message.unsent_at is not None:
        await copies.forget(session, inbox.id, item.external_id)
    newer = message.edited_at is None or item.at > message.edited_at
    if newer and message.unsent_at is None:
        ticket, text = await session.get_one(Ticket, message.ticket_id), plain(item.text)
        if ticket.preview == preview(message.text):
            ticket.preview = preview(text)
        message.original = message.original or message.text
        message.text, message.edited_at = text, item.at
        await session.flush()
        await feed.record(session, feed.event("message.edited", now, ticket=message.ticket_id, message=message.id))
    return Placement(item=item, ticket=message.ticket_id, thread=message.thread_id, message=message.id)


async def _edited_early(session: AsyncSession, inbox: Inboxed, item: Edited) -> None:
    gone = select(col(EarlyWord.id)).where(
        col(EarlyWord.inbox_id) == inbox.id, col(EarlyWord.about) == item.external_id, col(EarlyWord.word) == "unsent"
    )
    taken_back = await session.scalar(gone) is not None
    text = "" if taken_back else plain(item.text)
    await _keep_early(session, inbox, about=item.external_id, word="edited", at=item.at, params={"text": text})
    if taken_back:
        await copies.forget(session, inbox.id, item.external_id)


async def _reach(session: AsyncSession, inbox: Inboxed, item: Reach, now: datetime) -> Placement:
    """Blocked or reachable again: the composer says so, and what waits to be sent fails at once."""
    query = select(Identity).where(col(Identity.key) == item.sender.key)
    identity = (await session.scalars(query.with_for_update())).first()
    if identity is None:
        person = Person(name=plain(item.sender.name)[:200], created_at=now)
        session.add(person)
        await session.flush()
        sender = item.sender
        identity = Identity(
            person_id=person.id, key=sender.key, kind=sender.kind, value=sender.value, scope=sender.scope,
            name=plain(sender.name)[:200], verified=sender.verified, ask_at=now if inbox.tells_names else None,
            created_at=now,
        )  # fmt: skip
        session.add(identity)
    identity.reachable, identity.reach_code = item.reachable, item.code
    await session.flush()
    kind = "identity.reachable" if item.reachable else "identity.blocked"
    tickets = (
        await session.scalars(
            select(col(Thread.ticket_id)).where(col(Thread.identity_id) == identity.id, col(Thread.current))
        )
    ).all()
    for ticket in tickets or (None,):
        await feed.record(session, feed.event(kind, now, ticket=ticket, identity=identity.id, code=item.code))
    return Placement(item=item)


async def _receipt(session: AsyncSession, inbox: Inboxed, item: Receipt, now: datetime) -> Placement:
    """What became of a message of ours. A bounce is shown on it and never opens a ticket (E12)."""
    query = select(Message).where(
        col(Message.inbox_id) == inbox.id, col(Message.reference) == item.external_id, col(Message.direction) == "out"
    )
    message = (await session.scalars(query.with_for_update())).first()
    if message is None:
        await feed.record(session, feed.event("receipt.unmatched", now, inbox=inbox.id, state=item.state))
        return Placement(item=item)
    if item.state == "bounced":
        message.state, message.failure = Delivery.FAILED, "bounced" if item.permanent else "bounced_for_now"
        message.failure_detail = f"{item.recipient} {item.reason}".strip()[:500]
        if item.permanent and message.thread_id is not None:
            await _unreachable(session, message.thread_id, item)
    elif item.state == "read":
        message.read_at = message.read_at or item.at
    elif item.state == "delivered" and message.state == Delivery.SENT:
        message.state = Delivery.DELIVERED
    elif item.state == "delayed":
        message.failure_detail = item.reason[:500]
    await session.flush()
    await feed.record(
        session,
        feed.event(
            f"message.{item.state}", now, ticket=message.ticket_id, message=message.id, reason=item.reason[:200]
        ),
    )
    return Placement(item=item, ticket=message.ticket_id, thread=message.thread_id, message=message.id)


async def _unreachable(session: AsyncSession, thread_id: int, item: Receipt) -> None:
    thread = await session.get_one(Thread, thread_id)
    identity = await session.get_one(Identity, thread.identity_id)
    if not item.recipient or identity.value == item.recipient.lower():
        identity.reachable, identity.reach_code = False, "bounced"


async def _noticed(session: AsyncSession, inbox: Inboxed, item: Noticed, now: datetime) -> Placement:
    """A line in the log of the ticket it belongs to, when there is one."""
    ticket = thread = None
    if item.conversation:
        query = select(col(Thread.ticket_id), col(Thread.id)).where(
            col(Thread.inbox_id) == inbox.id, col(Thread.conversation) == item.conversation, col(Thread.current)
        )
        found = (await session.execute(query)).first()
        ticket, thread = (found[0], found[1]) if found else (None, None)
    await feed.record(
        session,
        feed.event("inbox.noticed", now, ticket=ticket, inbox=inbox.id, code=item.code, about=storable(item.params)),
    )
    return Placement(item=item, ticket=ticket, thread=thread)
