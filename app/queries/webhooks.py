"""Webhooks: who is told what, what is due, and the bodies that they are sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app.models import Event, Webhook, WebhookDelivery
from app.models.automation import WAITING_DELIVERY
from app.queries import messages, tickets

ACTIVE = select(col(Webhook.id), col(Webhook.cursor), col(Webhook.kinds)).where(col(Webhook.active).is_(True))
DUE = text(
    "SELECT DISTINCT d.webhook_id FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id"
    " WHERE d.state IN ('queued', 'sending') AND d.next_at <= :now AND w.active"
).bindparams(bindparam("now", type_=UTCDateTime()))


@dataclass(frozen=True, slots=True)
class Hook:
    """One that is told."""

    id: int
    cursor: str
    kinds: frozenset[str]


async def active(session: AsyncSession) -> list[Hook]:
    return [Hook(number, cursor, frozenset(kinds)) for number, cursor, kinds in await session.execute(ACTIVE)]


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """The webhooks that have something to be sent now."""
    return list((await session.scalars(DUE, {"now": now})).all())


async def any_old(session: AsyncSession, before: datetime) -> bool:
    query = select(col(WebhookDelivery.id)).where(col(WebhookDelivery.done_at) < before).limit(1)
    return await session.scalar(query) is not None


async def bodies(session: AsyncSession, event_ids: Collection[int]) -> dict[int, bytes]:
    """What is sent about these events: the rows are as they are now, so that nothing that was taken back goes out."""
    found = (await session.scalars(select(Event).where(col(Event.id).in_(event_ids)))).all()
    numbers = list({each.ticket_id for each in found if each.ticket_id is not None})
    said = list({each.message_id for each in found if each.message_id is not None})
    rows = {each["number"]: each for each in await tickets.rows(session, numbers)}
    words = {each["id"]: each for each in await messages.shown(session, said)}
    return {
        each.id: orjson.dumps(
            {
                "id": event_name(each.id),
                "version": 1,
                "event": each.kind,
                "at": each.at,
                "agent_id": each.agent_id,
                "ticket": rows.get(each.ticket_id or 0),
                "message": words.get(each.message_id or 0),
                "params": each.params,
            },
            option=orjson.OPT_UTC_Z,
        )
        for each in found
    }


def event_name(number: int) -> str:
    """The same at each attempt and each replay: by it a receiver drops what comes twice."""
    return f"evt_{number}"


async def listing(session: AsyncSession) -> list[dict[str, Any]]:
    waiting = (
        select(col(WebhookDelivery.webhook_id), func.count())
        .where(WAITING_DELIVERY)
        .group_by(col(WebhookDelivery.webhook_id))
    )
    counts = {row[0]: row[1] for row in await session.execute(waiting)}
    found = (await session.scalars(select(Webhook).order_by(col(Webhook.id)))).all()
    return [shown(each) | {"waiting": counts.get(each.id, 0)} for each in found]


def shown(each: Webhook) -> dict[str, Any]:
    fields = ("id", "name", "url", "kinds", "active", "alarm", "alarm_at", "created_at", "renewed_at")
    return {name: getattr(each, name) for name in fields}


async def deliveries(
    session: AsyncSession, webhook_id: int, *, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The latest first, and whether there are older ones."""
    query = (
        select(WebhookDelivery, col(Event.kind), col(Event.ticket_id))
        .join(Event, col(Event.id) == col(WebhookDelivery.event_id))
        .where(col(WebhookDelivery.webhook_id) == webhook_id)
    )
    if before is not None:
        query = query.where(col(WebhookDelivery.id) < before)
    rows: Sequence[Any] = (await session.execute(query.order_by(col(WebhookDelivery.id).desc()).limit(limit + 1))).all()
    return [delivery(*each) for each in rows[:limit]], len(rows) > limit


def delivery(each: WebhookDelivery, kind: str, ticket: int | None) -> dict[str, Any]:
    fields = ("id", "state", "attempts", "next_at", "code", "duration_ms", "failure", "tries", "created_at", "done_at")
    return {
        **{name: getattr(each, name) for name in fields},
        "event_id": event_name(each.event_id),
        "kind": kind,
        "ticket": ticket,
    }
