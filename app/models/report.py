"""What reports keep that could not be computed again: how much was unsolved at each day's end."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, json_list, pk


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
