"""What a chat visitor may see: their own conversation, public messages only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Agent, Attachment, Audience, FileState, Identity, Message, Status, Thread, Ticket
from app.queries import survey
from app.queries.knowledge import offers
from app.rules.presence import AT_WORK
from app.security import Vault

MOST = 200


@dataclass(frozen=True, slots=True)
class Conversation:
    """A visitor's thread: `thread_id` is None before the first message."""

    name: str  # the provider's key: "{visitor}:{random}"
    thread_id: int | None = None
    ticket_id: int | None = None
    last_seq: int = 0
    ended: bool = False
    read_seq: int = 0


async def latest(
    session: AsyncSession, inbox_id: int, identity_key: str, *, now: datetime, days: int, wanted: str = "",
    named_for_ever: bool = False,
) -> Conversation | None:  # fmt: skip
    """The visitor's conversation to resume: the one they name, else their latest within `days`, if it has not ended.

    `named_for_ever`: one that is named may be older (W3: only those who are known may).
    """
    query = (
        select(Thread, Ticket)
        .join(Ticket, col(Ticket.id) == col(Thread.ticket_id))
        .join(Identity, col(Identity.id) == col(Thread.identity_id))
        .where(col(Thread.inbox_id) == inbox_id, col(Identity.key) == identity_key, col(Thread.current))
    )
    if wanted:
        found = (await session.execute(query.where(col(Thread.conversation) == wanted))).first()
    else:
        fresh = query.where(col(Ticket.updated_at) > now - timedelta(days=days))
        found = (await session.execute(fresh.order_by(col(Thread.id).desc()).limit(1))).first()
    if found is None:
        return None
    thread, ticket = found
    if wanted and not named_for_ever and ticket.updated_at <= now - timedelta(days=days):
        return None
    ended = ticket.status in (Status.RESOLVED, Status.CLOSED, Status.SPAM)
    if ended and not wanted:
        return None
    read = select(func.max(col(Message.seq))).where(
        col(Message.thread_id) == thread.id, col(Message.direction) == "in", col(Message.read_at).is_not(None)
    )
    return Conversation(
        thread.conversation, thread.id, ticket.id, thread.last_seq, ended, int(await session.scalar(read) or 0)
    )


async def exists(session: AsyncSession, inbox_id: int, name: str) -> bool:
    """A conversation of this name has begun: a new one needs another."""
    query = select(col(Thread.id)).where(col(Thread.inbox_id) == inbox_id, col(Thread.conversation) == name)
    return await session.scalar(query.limit(1)) is not None


async def moved(session: AsyncSession, inbox_id: int, talk: Conversation) -> Conversation:
    """The same conversation, wherever it is now."""
    query = select(Thread).where(
        col(Thread.inbox_id) == inbox_id, col(Thread.conversation) == talk.name, col(Thread.current)
    )
    thread = (await session.scalars(query)).first()
    return replace(talk, thread_id=thread.id, ticket_id=thread.ticket_id) if thread else talk


async def since(session: AsyncSession, thread_id: int, seq: int, vault: Vault, url: str) -> list[dict[str, Any]]:
    """The visitor's messages behind a sequence number, the first 200."""
    wanted = and_(col(Message.thread_id) == thread_id, col(Message.seq) > seq)
    query = select(col(Message.id)).where(wanted, _public()).order_by(col(Message.seq)).limit(MOST)
    return await shown(session, list((await session.scalars(query)).all()), vault, url)


async def shown(session: AsyncSession, ids: Sequence[int], vault: Vault, url: str) -> list[dict[str, Any]]:
    """Messages as a visitor sees them, by sequence number; "thread" is for the door."""
    if not ids:
        return []
    query = (
        select(Message, col(Agent.alias))
        .outerjoin(Agent, col(Agent.id) == col(Message.agent_id))
        .where(col(Message.id).in_(ids), _public())
    )
    rows = (await session.execute(query)).all()
    said = [message for message, _ in rows]
    asking = await survey.shown(session, said) | await offers.shown(session, said)
    found = [{**_shape(message, alias or ""), "asks": asking.get(message.id)} for message, alias in rows]
    by_id = {each["id"]: each for each in found}
    files = select(Attachment).where(col(Attachment.message_id).in_(by_id), col(Attachment.state) == FileState.READY)
    for file in (await session.scalars(files.order_by(col(Attachment.id)))).all():
        by_id[file.message_id]["files"].append(link(file, vault, url))
    return sorted(found, key=lambda each: each["seq"])


def _public() -> Any:
    waiting = or_(col(Message.direction) == "in", col(Message.state) != "discarded")
    return and_(col(Message.audience) == Audience.PUBLIC, col(Message.seq).is_not(None), waiting)


def _shape(message: Message, alias: str) -> dict[str, Any]:
    sides = {"customer": "visitor", "agent": "agent"}
    return {
        "thread": message.thread_id,
        "seq": message.seq,
        "id": message.id,
        "from": sides.get(message.author, "machine"),
        "name": alias if message.author == "agent" else "",
        "kind": message.kind,
        "text": message.text,
        "html": "",
        "at": message.sent_at,
        "files": [],
        "client_id": message.client_id if message.direction == "in" else None,
        "unsent": message.unsent_at is not None,
    }


def link(file: Attachment, vault: Vault, url: str) -> dict[str, Any]:
    """A file with its unguessable link."""
    base = f"{url}/f/{file.public_id}/{vault.sign('file', file.public_id)}"
    return {
        "id": file.public_id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "url": f"{base}/file",
        "preview_url": f"{base}/preview.jpg" if file.preview_key else None,
    }


async def anybody_there(session: AsyncSession) -> bool:
    """Whether an agent is at work now."""
    query = select(col(Agent.id)).where(col(Agent.presence).in_(AT_WORK), col(Agent.active).is_(True)).limit(1)
    return await session.scalar(query) is not None
