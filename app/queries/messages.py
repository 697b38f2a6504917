"""Messages as the screens show them."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import BindParameter, Connection, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Agent, Attachment, Call, FileState, Identity, Message, Order, Person
from app.models.columns import table_of
from app.models.people import READABLE
from app.queries import quotes


async def of_ticket(
    session: AsyncSession, number: int, *, before: int | None = None, limit: int = 100
) -> tuple[list[dict[str, Any]], bool]:
    """The latest messages, oldest first, and whether older ones exist. `before` is a message id."""
    query = select(col(Message.id)).where(col(Message.ticket_id) == number)
    if before is not None:
        query = query.where(col(Message.id) < before)
    ids = list((await session.scalars(query.order_by(col(Message.id).desc()).limit(limit + 1))).all())
    return await shown(session, sorted(ids[:limit])), len(ids) > limit


async def news_since(session: AsyncSession, ticket_id: int, seen: int, agent_id: int) -> list[int]:
    """What the customer or a colleague of this agent has added after the message `seen`. Automatic mail is no news."""
    query = select(col(Message.id)).where(
        col(Message.ticket_id) == ticket_id, col(Message.id) > seen, ~col(Message.auto), col(Message.unsent_at).is_(None),
        col(Message.author) != "machine", col(Message.agent_id).is_distinct_from(agent_id),
    )  # fmt: skip
    return list((await session.scalars(query.order_by(col(Message.id)).limit(20))).all())


async def shown(session: AsyncSession, ids: Sequence[int]) -> list[dict[str, Any]]:
    """`shown_of` in a session's transaction."""
    return await (await session.connection()).run_sync(shown_of, ids)


def shown_of(connection: Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These messages with their authors, attachments and calls, by the time they were sent."""
    if not ids:
        return []
    found = [_shape(each) for each in connection.execute(SHOWN, {"ids": ids}).mappings()]
    by_id = {each["id"]: each for each in found}
    for file in cast(Iterable[Attachment], connection.execute(FILES, {"ids": ids})):
        by_id[file.message_id or 0]["attachments"].append(attachment(file))
    calls = [number for number, each in by_id.items() if each["kind"] == "call"]
    for call in connection.execute(CALLS, {"ids": calls}) if calls else ():
        by_id[call.message_id]["call"] = call_shape(cast(Call, call), call.failure or "")
    quotes.shown_in(connection, found)
    return sorted(found, key=lambda each: (each["sent_at"], each["id"]))


def _shown() -> Select[Any]:
    message = table_of(Message)
    return (
        select(
            message,
            col(Agent.name).label("agent_name"),
            col(Identity.name).label("identity_name"),
            col(Identity.kind).label("identity_kind"),
            col(Identity.value).label("identity_value"),
            col(Person.name).label("person_name"),
        )
        .outerjoin(Agent, col(Agent.id) == message.c.agent_id)
        .outerjoin(Identity, col(Identity.id) == message.c.identity_id)
        .outerjoin(Person, col(Person.id) == col(Identity.person_id))
        .where(message.c.id.in_(ASKED))
    )


def _calls() -> Select[Any]:
    call, told = table_of(Call), (col(Order.call_id) == col(Call.id), col(Order.kind).not_in(("ask", "hangup")))
    failure = select(col(Order.failure)).where(*told).order_by(col(Order.id).desc()).limit(1)
    return select(call, failure.scalar_subquery().label("failure")).where(call.c.message_id.in_(ASKED))


# Made once: the live screens ask after each commit.
ASKED: BindParameter[int] = bindparam("ids", expanding=True)
SHOWN = _shown()
FILES = select(table_of(Attachment)).where(col(Attachment.message_id).in_(ASKED)).order_by(col(Attachment.id))
CALLS = _calls()


def call_shape(call: Call, failure: str = "") -> dict[str, Any]:
    return {
        "id": call.id,
        "direction": call.direction,
        "state": call.state,
        "outcome": call.outcome,
        "reason": call.reason,
        "agent_id": call.agent_id,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "duration_s": call.duration_s,
        "voicemail_s": call.voicemail_s,
        "failure": failure,
    }


def attachment(file: Attachment) -> dict[str, Any]:
    ready = file.state == FileState.READY
    return {
        "id": file.public_id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
        "url": f"/api/v1/files/{file.public_id}" if ready else None,
        "preview_url": f"/api/v1/files/{file.public_id}/preview" if ready and file.preview_key else None,
        "content_id": file.content_id,
        "inline": file.inline,
        "duration_ms": file.duration_ms,
        "state": file.state,
        "failure": file.failure,
    }


def readable(kind: str | None, value: str | None) -> str:
    """An address that says something to a person; a machine's id says nothing."""
    return (value or "") if kind in READABLE else ""


def _shape(each: Any) -> dict[str, Any]:
    customer = each["person_name"] or each["identity_name"] or readable(each["identity_kind"], each["identity_value"])
    return {
        "id": each["id"],
        "ticket": each["ticket_id"],
        "thread_id": each["thread_id"],
        "inbox_id": each["inbox_id"],
        "seq": each["seq"],
        "direction": each["direction"],
        "audience": each["audience"],
        "author": each["author"],
        "agent_id": each["agent_id"],
        "author_name": each["agent_name"] if each["agent_id"] else customer,
        "kind": each["kind"],
        "subject": each["subject"],
        "text": each["text"],
        "html": each["html"],
        "meta": each["meta"],
        "auto": each["auto"],
        "sent_at": each["sent_at"],
        "created_at": each["created_at"],
        "edited_at": each["edited_at"],
        "original": each["original"],
        "unsent_at": each["unsent_at"],
        "state": each["state"],
        "failure": each["failure"],
        "failure_detail": each["failure_detail"],
        "attempts": each["attempts"],
        "retry_at": each["retry_at"] if each["state"] == "queued" else None,
        "via": each["via"],
        "cost": each["cost"],
        "read_at": each["read_at"],
        "client_id": each["client_id"],
        "has_raw": each["raw_id"] is not None and each["unsent_at"] is None,
        "quotable": each["unsent_at"] is None and bool(quotes.token(each["meta"], each["memory"])),
        "quoted": None,
        "attachments": [],
        "call": None,
    }


async def any_unread(session: AsyncSession, number: int) -> bool:
    """Whether the customer wrote something that no agent has had before them."""
    query = select(col(Message.id)).where(
        col(Message.ticket_id) == number, col(Message.direction) == "in", col(Message.read_at).is_(None)
    )
    return await session.scalar(query.limit(1)) is not None
