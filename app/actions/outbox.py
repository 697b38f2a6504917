"""The outbox: claiming what is due, and writing down what became of it.

A claim is a conditional UPDATE with a lease (SKIP LOCKED on PostgreSQL): any number of processes may claim. The attempt
is counted when it is claimed, so that a process that dies half way leaves a trace.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app import feed
from app.actions import calls
from app.actions.success import letters
from app.models import Attachment, Delivery, FileState, Identity, Message, Order, Thread
from app.models.message import OUTBOX
from app.rules import retry
from channels.contract import Sent, TryAgain, Unconfirmed, Undeliverable

LEASE = timedelta(seconds=60)
_earlier = aliased(Message)
_NOW = bindparam("now", type_=UTCDateTime())
DUE = text(
    "SELECT EXISTS (SELECT 1 FROM message WHERE state IN ('queued', 'sending') AND retry_at <= :now)"
    " OR EXISTS (SELECT 1 FROM channel_order WHERE state IN ('queued', 'sending') AND retry_at <= :now)"
).bindparams(_NOW)
FILES_DUE = text(
    "SELECT EXISTS (SELECT 1 FROM attachment WHERE state = 'waiting' AND (retry_at <= :now OR retry_at IS NULL))"
).bindparams(_NOW)


async def anything_due(session: AsyncSession, now: datetime) -> bool:
    """Index look-ups: a tick with nothing to send takes no write lock from the doors."""
    return bool(await session.scalar(DUE, {"now": now}))


async def any_files_due(session: AsyncSession, now: datetime) -> bool:
    return bool(await session.scalar(FILES_DUE, {"now": now}))


def _earlier_ones(now: datetime) -> ColumnElement[bool]:
    """Something of the same thread has to go first. What waits for the customer's morning holds up nothing."""
    return exists().where(
        col(_earlier.thread_id) == col(Message.thread_id),
        col(_earlier.id) < col(Message.id),
        col(_earlier.state).in_((Delivery.QUEUED, Delivery.SENDING)),
        or_(col(_earlier.attempts) > 0, col(_earlier.retry_at) <= now),
    )


async def claim(session: AsyncSession, now: datetime, most: int) -> list[int]:
    """Ids of messages that are due, now ours for a minute. A thread's messages go one after the other."""
    due = (
        select(col(Message.id))
        .where(OUTBOX, col(Message.retry_at) <= now, ~_earlier_ones(now))
        .order_by(col(Message.retry_at))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list((await session.scalars(due)).all())
    if not ids:
        return []
    await session.execute(
        update(Message)
        .where(col(Message.id).in_(ids), col(Message.retry_at) <= now)
        .values(state=Delivery.SENDING, attempts=col(Message.attempts) + 1, retry_at=now + LEASE)
    )
    return ids


async def claim_orders(session: AsyncSession, now: datetime, most: int) -> list[int]:
    due = (
        select(col(Order.id))
        .where(OUTBOX, col(Order.retry_at) <= now)
        .order_by(col(Order.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list((await session.scalars(due)).all())
    if ids:
        await session.execute(
            update(Order)
            .where(col(Order.id).in_(ids))
            .values(state=Delivery.SENDING, attempts=col(Order.attempts) + 1, retry_at=now + LEASE)
        )
    return ids


async def take_handle(session: AsyncSession, message: Message, life_s: int, now: datetime) -> None:
    """The first attempt takes the thread's fresh reply handle for itself: a token is good for one send (L16)."""
    if message.attempts != 1 or message.handle or message.thread_id is None:
        return
    query = select(Thread).where(col(Thread.id) == message.thread_id).with_for_update()
    thread = (await session.scalars(query)).one()
    if thread.handle and thread.handle_at and now - thread.handle_at <= timedelta(seconds=life_s):
        message.handle, message.handle_at = thread.handle, thread.handle_at
    thread.handle, thread.handle_at = "", None
    await session.flush()


async def sent(session: AsyncSession, message_id: int, result: Sent, now: datetime) -> None:
    """The provider took it."""
    message = await _locked(session, message_id)
    if message.state != Delivery.SENDING:
        return
    message.state, message.via, message.cost = Delivery.SENT, result.via, result.cost
    message.failure = message.failure_detail = ""
    message.retry_at = None
    if result.external_ids:
        message.external_id = message.reference = result.external_ids[0]
        message.memory = {"external_ids": list(result.external_ids), **dict(result.facts)}
    await session.flush()
    if letters.is_letter(message):
        await letters.went_out(session, message, now)
    await feed.record(
        session, feed.event("message.sent", now, ticket=message.ticket_id, message=message.id, via=result.via)
    )


async def failed(session: AsyncSession, message_id: int, error: Exception, now: datetime) -> str:
    """Writes down why it did not go out; returns the message's state after it."""
    message = await _locked(session, message_id)
    if message.state != Delivery.SENDING:
        return message.state
    if isinstance(error, TryAgain) and not error.asked:
        message.attempts -= 1
    code, detail, delay, memory = judge(error, message.attempts, message.memory)
    message.failure, message.failure_detail, message.memory = code, detail[:500], memory
    if isinstance(error, Unconfirmed):
        message.state, message.retry_at = Delivery.UNCONFIRMED, None
    elif delay is None:
        message.state, message.retry_at = Delivery.FAILED, None
    else:
        message.state, message.retry_at = Delivery.QUEUED, now + timedelta(seconds=delay)
    if isinstance(error, Undeliverable) and error.unreachable and message.thread_id is not None:
        thread = await session.get_one(Thread, message.thread_id)
        identity = await session.get_one(Identity, thread.identity_id)
        identity.reachable, identity.reach_code = False, error.code
    await session.flush()
    kind = {Delivery.QUEUED: "message.delayed"}.get(Delivery(message.state), f"message.{message.state}")
    await feed.record(session, feed.event(kind, now, ticket=message.ticket_id, message=message.id, code=code))
    return message.state


def judge(error: Exception, attempts: int, memory: Mapping[str, Any]) -> tuple[str, str, float | None, dict[str, Any]]:
    """(code, detail, seconds until the next attempt or None, memory): the one retry loop's judgment."""
    if isinstance(error, TryAgain):
        return error.code, error.detail, retry.send_delay(attempts, error.after), {**memory, **error.memory}
    if isinstance(error, Undeliverable | Unconfirmed):
        return error.code, error.detail, None, dict(memory)
    return "bug", f"{type(error).__name__}: {error}", retry.send_delay(attempts), dict(memory)


async def order_done(
    session: AsyncSession, order_id: int, error: Exception | None, now: datetime, *, leg: str = ""
) -> None:
    """Writes down what became of an order. `leg` is the provider's id of the leg that it made."""
    order = (await session.scalars(select(Order).where(col(Order.id) == order_id).with_for_update())).one()
    if order.state != Delivery.SENDING:
        return
    if error is None:
        order.state, order.retry_at, order.failure, order.failure_detail = Delivery.SENT, None, "", ""
        await calls.order_sent(session, order, leg, now)
    else:
        code, detail, delay, memory = judge(error, order.attempts, order.memory)
        order.failure, order.failure_detail, order.memory = code, detail[:500], memory
        # A caller waits on the line: what has not worked after three tries is given back to the queue.
        gone = delay is None or order.attempts >= 3
        order.state = Delivery.FAILED if gone else Delivery.QUEUED
        if isinstance(error, Unconfirmed):
            order.state = Delivery.UNCONFIRMED
        elif not gone and await calls.is_over(session, order):
            order.state = Delivery.DISCARDED
        order.retry_at = now + timedelta(seconds=min(delay or 0, 5)) if order.state == Delivery.QUEUED else None
        if gone:
            await calls.order_failed(session, order, now)
    await session.flush()


async def claim_files(session: AsyncSession, now: datetime, most: int) -> list[int]:
    """Attachments to be fetched from their provider, ours for a while."""
    waiting = or_(col(Attachment.retry_at) <= now, col(Attachment.retry_at).is_(None))
    due = (
        select(col(Attachment.id))
        .where(col(Attachment.state) == FileState.WAITING, waiting)
        .order_by(col(Attachment.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = list((await session.scalars(due)).all())
    if ids:
        await session.execute(
            update(Attachment)
            .where(col(Attachment.id).in_(ids))
            .values(attempts=col(Attachment.attempts) + 1, retry_at=now + LEASE * 5)
        )
    return ids


async def file_ready(session: AsyncSession, file_id: int, now: datetime, **values: Any) -> None:
    """`values`: file_key, preview_key, media_type, size, name. One that was taken back meanwhile stays gone."""
    file = (await session.scalars(select(Attachment).where(col(Attachment.id) == file_id).with_for_update())).one()
    if file.state == FileState.GONE:  # its bytes are here now all the same: jobs/sweep.py removes them
        file.file_key, file.preview_key = values["file_key"], values.get("preview_key", "")
        await session.flush()
    if file.state != FileState.WAITING:
        return
    for name, value in values.items():
        setattr(file, name, value)
    file.state, file.retry_at, file.failure = FileState.READY, None, ""
    await _file_event(session, file, "file.ready", now)


async def file_failed(session: AsyncSession, file_id: int, error: Exception, now: datetime) -> None:
    file = (await session.scalars(select(Attachment).where(col(Attachment.id) == file_id).with_for_update())).one()
    if file.state != FileState.WAITING:
        return
    asked = error.after if isinstance(error, TryAgain) else None
    delay = None if isinstance(error, Undeliverable) else retry.fetch_delay(file.attempts, asked)
    file.failure = error.code if isinstance(error, TryAgain | Undeliverable) else "bug"
    if delay is None:
        file.state, file.retry_at = FileState.GONE, None
        await _file_event(session, file, "file.gone", now)
    else:
        file.retry_at = now + timedelta(seconds=delay)
        await session.flush()


async def _file_event(session: AsyncSession, file: Attachment, kind: str, now: datetime) -> None:
    await session.flush()
    ticket = await session.scalar(select(col(Message.ticket_id)).where(col(Message.id) == file.message_id))
    await feed.record(session, feed.event(kind, now, ticket=ticket, message=file.message_id, file=file.public_id))


async def _locked(session: AsyncSession, message_id: int) -> Message:
    return (await session.scalars(select(Message).where(col(Message.id) == message_id).with_for_update())).one()
