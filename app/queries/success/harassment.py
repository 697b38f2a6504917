"""Reports of harassment: of a ticket, of everybody who is spoken with by arrangement, a month's figures, and the lock."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Attachment, Harassment, Message
from app.models.harassment import STANDS
from app.queries import tickets

FIELDS = (
    "id", "ticket_id", "person_id", "category", "reason", "care", "at", "by_id", "taken_by", "taken_at", "arranged",
    "review_on", "arranged_by", "evidence", "lifted_at", "lifted_by", "lifted_why",
)  # fmt: skip
MOST = 500


def shown(each: Harassment) -> dict[str, Any]:
    return {name: getattr(each, name) for name in FIELDS}


async def of_ticket(session: AsyncSession, number: int) -> list[dict[str, Any]]:
    """The latest first."""
    query = select(Harassment).where(col(Harassment.ticket_id) == number).order_by(col(Harassment.id).desc())
    return [shown(each) for each in (await session.scalars(query.limit(20))).all()]


async def arrangements(session: AsyncSession, person: int) -> list[dict[str, Any]]:
    """How this person is spoken with, in whatever ticket: what stands."""
    mine = col(Harassment.person_id) == person, col(Harassment.arranged) != "", STANDS
    query = select(Harassment).where(*mine).order_by(col(Harassment.id).desc()).limit(5)
    fields = ("id", "ticket_id", "arranged", "review_on")
    return [{name: getattr(each, name) for name in fields} for each in (await session.scalars(query)).all()]


async def listing(session: AsyncSession, *, standing: bool) -> list[dict[str, Any]]:
    """With their tickets; those to be looked at again first, by that day."""
    query = select(Harassment).where(STANDS) if standing else select(Harassment)
    latest = query.order_by(col(Harassment.review_on).is_(None), col(Harassment.review_on), col(Harassment.id).desc())
    found = (await session.scalars(latest.limit(MOST))).all()
    rows = {each["number"]: each for each in await tickets.rows(session, list({each.ticket_id for each in found}))}
    return [shown(each) | {"ticket": rows.get(each.ticket_id)} for each in found]


async def months(session: AsyncSession, since: datetime, zone: Any) -> list[dict[str, Any]]:
    """Reports a month, by category: how many were lifted, and how many a lead has taken over."""
    query = select(Harassment).where(col(Harassment.at) >= since).order_by(col(Harassment.at))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for each in (await session.scalars(query)).all():
        month = each.at.astimezone(zone).strftime("%Y-%m")
        row = found.setdefault(
            (month, each.category), {"month": month, "category": each.category, "reports": 0, "lifted": 0, "taken": 0}
        )
        row["reports"] += 1
        row["lifted"] += each.lifted_at is not None
        row["taken"] += each.taken_at is not None
    return [found[key] for key in sorted(found, reverse=True)]


def unlocked() -> ColumnElement[bool]:
    """Files that may be removed for good: no report stands on their message's ticket."""
    locks = select(col(Harassment.id)).where(col(Harassment.ticket_id) == col(Message.ticket_id), STANDS)
    mine = select(col(Message.id)).where(col(Message.id) == col(Attachment.message_id), exists(locks))
    return ~exists(mine)


async def standing(session: AsyncSession, number: int) -> Harassment | None:
    query = select(Harassment).where(col(Harassment.ticket_id) == number, STANDS)
    return (await session.scalars(query)).first()
