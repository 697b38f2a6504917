"""Lists that people keep: which tickets, in which order, with what of each shown."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from app.models.columns import goes_with, json_list, json_object, pk


class SavedView(SQLModel, table=True):
    """One agent's, one team's, or everybody's when it is neither."""

    __tablename__ = "saved_view"
    __table_args__ = (
        Index("ix_saved_view_agent", "agent_id", "position"),
        CheckConstraint("agent_id IS NULL OR team_id IS NULL", name="one"),
    )

    id: int = pk()
    agent_id: int | None = goes_with("agent.id")
    team_id: int | None = goes_with("team.id")
    name: str = Field(max_length=60)
    position: int  # among those of the same people
    conditions: dict[str, Any] = json_object()  # see rules/views.py
    sort: str = Field(default="due", max_length=8)
    columns: list[str] = json_list()  # what of a ticket is shown
    created_at: datetime
    updated_at: datetime
