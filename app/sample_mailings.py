"""The sample desk's report mail: Monday morning, to those who lead it. Warnings of its past are mailed to nobody."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.mailings import reports
from app.models import Agent, Notification, Role

FIGURES = ["inbound", "response_rate", "first_response", "sla_first_response", "csat", "backlog"]


async def seed_mailings(session: AsyncSession, now: datetime, zone: str) -> None:
    query = select(Agent).where(col(Agent.role).in_((Role.OWNER, Role.LEAD)), col(Agent.active).is_(True))
    people = (await session.scalars(query.order_by(col(Agent.id)))).all()
    given = {
        "name": "週次レポート", "language": "ja", "figures": FIGURES, "period": "last_week", "filters": {},
        "basis": "business", "every": "weekly", "weekday": 0, "day": 1, "hour": 9, "skip_empty": False, "enabled": True,
        "agent_ids": [each.id for each in people], "outside": [],
    }  # fmt: skip
    await reports.save(session, None, given, by=people[0], now=now, zone=zone)
    await session.execute(update(Notification).values(mail_at=None))
