"""What the demonstration's customers have in their hands when it starts: their chats and mailboxes, from the database.

The clouds forget everything when they stop; what they had is what our desk received and sent.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Agent, Attachment, Delivery, FileState, Identity, Inbox, Message, RawHook, Thread
from app.parts import Parts
from app.sample_history import PAST
from demo.desk_values import Desk
from demo.line_chat import Bubble, Content
from demo.mail_letters import Letter as Written
from demo.mail_letters import Upload, written
from demo.server import Letter

ARRIVED = (Delivery.RECEIVED, Delivery.SENT, Delivery.DELIVERED)


async def chats(session: AsyncSession, parts: Parts) -> tuple[list[Bubble], Mapping[str, Content]]:
    """Every LINE chat, oldest message first, with what customers uploaded."""
    query = (
        select(Message, Identity, col(Agent.alias))
        .join(Thread, col(Thread.id) == col(Message.thread_id))
        .join(Identity, col(Identity.id) == col(Thread.identity_id))
        .outerjoin(Agent, col(Agent.id) == col(Message.agent_id))
        .where(col(Thread.conversation).not_like(f"{PAST}%"))
        .where(col(Thread.channel) == "line", col(Message.audience) == "public", col(Message.state).in_(ARRIVED))
        .order_by(col(Message.sent_at), col(Message.id))
    )
    found = (await session.execute(query)).all()
    files = await _files(session, [message.id for message, _, _ in found])
    bubbles, contents = [], {}
    for message, identity, alias in found:
        bubble = _bubble(message, identity, alias or "")
        for file in files.get(message.id, ()):
            bubble.name = file.name
            link = f"{parts.settings.public_url}/f/{file.public_id}/{parts.vault.sign('file', file.public_id)}/file"
            if message.direction == "in":
                contents[bubble.id] = Content(await parts.files.get(file.file_key), file.media_type, file.name)
            else:
                bubble.kind, bubble.url = ("image" if file.preview_key else "text"), link
                bubble.text = bubble.text or file.name
        bubbles.append(bubble)
    answered: set[str] = set()
    for bubble in reversed(bubbles):  # what was answered has been read
        bubble.read = bubble.side == "desk" or bubble.user in answered
        answered |= {bubble.user} if bubble.side == "desk" else set()
    return bubbles, contents


def _bubble(message: Message, identity: Identity, alias: str) -> Bubble:
    ours = message.direction == "out"
    return Bubble(
        seq=0, id=message.external_id or str(message.id), user=identity.value, side="desk" if ours else "customer",
        kind=message.kind, at_ms=int(message.sent_at.timestamp() * 1000), text=message.text,
        sender=alias if ours else "", via=message.via, unsent=message.unsent_at is not None,
    )  # fmt: skip


async def _files(session: AsyncSession, ids: list[int]) -> dict[int, list[Attachment]]:
    ready = col(Attachment.message_id).in_(ids), col(Attachment.state) == FileState.READY
    found: dict[int, list[Attachment]] = {}
    for file in (await session.scalars(select(Attachment).where(*ready).order_by(col(Attachment.id)))).all():
        found.setdefault(file.message_id or 0, []).append(file)
    return found


async def letters(session: AsyncSession, parts: Parts, desk: Desk, inbox: str) -> list[Letter]:
    """Every mail of the sample customers, oldest first."""
    query = (
        select(Message, Identity, RawHook)
        .join(Thread, col(Thread.id) == col(Message.thread_id))
        .join(Identity, col(Identity.id) == col(Thread.identity_id))
        .outerjoin(RawHook, col(RawHook.id) == col(Message.raw_id))
        .where(col(Thread.channel) == "email", col(Message.audience) == "public", col(Message.state).in_(ARRIVED))
        .where(col(Identity.value).in_([guest.mail for guest in desk.guests if guest.mail]))
        .order_by(col(Message.sent_at), col(Message.id))
    )
    name = str(
        await session.scalar(select(col(Inbox.config)["sender_name"].as_string()).where(col(Inbox.kind) == "email"))
    )
    found = (await session.execute(query)).all()
    files = await _files(session, [message.id for message, _, _ in found])
    out: list[Letter] = []
    cited: dict[int | None, list[str]] = {}
    for message, identity, raw in found:
        before = cited.setdefault(message.thread_id, [])
        if message.direction == "out":
            uploads = [await _upload(parts, file) for file in files.get(message.id, ())]
            posted = _posted(message, identity, (name, inbox), before, uploads)
            out.append(Letter(address=identity.value, raw=posted, at=message.sent_at, outgoing=False))
        elif raw is not None and (raw.body or raw.file_key):
            body = raw.body or await parts.files.get(raw.file_key)
            out.append(Letter(address=identity.value, raw=body, at=message.sent_at, outgoing=True))
        if message.reference:
            before.append(message.reference)
    return out


async def _upload(parts: Parts, file: Attachment) -> Upload:
    return Upload(name=file.name, media_type=file.media_type, content=await parts.files.get(file.file_key))


def _posted(
    message: Message, identity: Identity, ours: tuple[str, str], before: list[str], files: list[Upload]
) -> bytes:
    """Our mail as it looks in the customer's mailbox. An answer to it cites it by its Message-ID."""
    subject = message.subject if message.subject.lower().startswith("re:") else f"Re: {message.subject}"
    return written(
        Written(
            sender_name=ours[0], sender=ours[1], to=identity.value, subject=subject, text=message.text,
            message_id=message.reference or f"{message.id}@sample", date=message.sent_at,
            in_reply_to=before[-1] if before else "", references=before[:-1],
            files=files,
        )
    )  # fmt: skip


async def blocked(session: AsyncSession) -> set[str]:
    """The LINE users who blocked the account."""
    gone = select(col(Identity.value)).where(col(Identity.kind) == "line", col(Identity.reachable).is_(False))
    return set((await session.scalars(gone)).all())
