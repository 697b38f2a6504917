"""What reports keep because it could not be read from what is now: whose a promise was when it was decided, and how much
was unsolved at each day's end."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, json_list, pk


class Attainment(SQLModel, table=True):
    """A promise that was decided: kept when it was met, or broken at its deadline, and whose it was at that moment.

    A ticket that moves on, or is opened again, changes no figure of the past: what was kept then was kept.
    """

    __table_args__ = (Index("ix_attainment_decided", "metric", "decided_at", "id", "kept"),)

    id: int = pk()
    clock_id: int = fk("clock.id", index=True)
    ticket_id: int = fk("ticket.id")
    metric: str = Field(max_length=20)
    decided_at: datetime
    kept: bool
    channel: str = Field(max_length=16)
    inbox_id: int = Field(sa_type=BigInt)
    team_id: int | None = Field(default=None, sa_type=BigInt)
    agent_id: int | None = Field(default=None, sa_type=BigInt)  # who had it


class Snapshot(SQLModel, table=True):
    """One day's end on the desk's clock. Written once, by whichever process comes first, and never changed."""

    day: date = Field(primary_key=True)
    taken_at: datetime
    total: int


class SnapshotPart(SQLModel, table=True):
    """The unsolved tickets of one kind at a day's end."""

    __tablename__ = "snapshot_part"

    id: int = pk()
    day: date = Field(foreign_key="snapshot.day", ondelete="CASCADE", index=True)
    team_id: int | None = Field(default=None, sa_type=BigInt)
    inbox_id: int = Field(sa_type=BigInt)
    channel: str = Field(max_length=16)
    agent_id: int | None = Field(default=None, sa_type=BigInt)
    tier: str = Field(default="", max_length=16)
    age: str = Field(max_length=10)  # see rules/kpi.py
    count: int
    tickets: list[int] = json_list()  # their numbers, so that the list is exactly what was counted
