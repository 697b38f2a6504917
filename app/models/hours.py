"""Business hours: calendars, what they said in each version, and imported public holidays."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.columns import fk, json_object, opt, pk


class Calendar(SQLModel, table=True):
    """When a team works. What it says is in its versions; deadlines keep the one that they were computed with (SLA2)."""

    id: int = pk()
    name: str = Field(unique=True, max_length=80)
    version: int = 1  # the present one
    created_at: datetime
    archived_at: datetime | None = None


class CalendarVersion(SQLModel, table=True):
    """Append-only. Holds the public holidays as they were known then, so that an old deadline can still be explained."""

    __tablename__ = "calendar_version"
    __table_args__ = (UniqueConstraint("calendar_id", "version"),)

    id: int = pk()
    calendar_id: int = fk("calendar.id")
    version: int
    spec: dict[str, Any] = json_object()  # see rules/calendars.py
    holidays: dict[str, str] = json_object()  # {"2026-01-01": "元日"}; empty without a country
    created_at: datetime
    agent_id: int | None = opt("agent.id")  # empty: the sample desk, or newly known holidays


class Holiday(SQLModel, table=True):
    """A public holiday that was imported: for its year and country it replaces what the library knows (SLA6)."""

    __table_args__ = (UniqueConstraint("country", "date"),)

    id: int = pk()
    country: str = Field(max_length=2)
    date: date
    name: str = Field(max_length=80)
