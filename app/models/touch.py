"""Who answers whom: the touch-point matrix in its versions, and what it decided for each ticket."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, json_list, json_object, key, opt, pk

HELD = text("held_until IS NOT NULL")


class TouchVersion(SQLModel, table=True):
    """One version of the matrix. It never changes; which one holds stands in the setup."""

    __tablename__ = "touch_version"

    id: int = pk()
    note: str = Field(default="", max_length=400)  # why it was made
    cells: list[dict[str, Any]] = json_list()  # see rules/success/touch.py
    made_at: datetime
    made_by: int | None = opt("agent.id")


class TouchDecision(SQLModel, table=True):
    """Which cell decided about a ticket, and what it went by. The earlier ones stand in the ticket's log."""

    __tablename__ = "touch_decision"
    __table_args__ = (Index("ix_touch_decision_held", "held_until", sqlite_where=HELD, postgresql_where=HELD),)

    ticket_id: int = key("ticket.id")
    version_id: int = fk("touch_version.id", index=True)
    cell: dict[str, Any] = json_object()  # empty: none fitted, support answers
    facts: dict[str, Any] = json_object()  # tier, kind, channel, hours
    policy_id: int | None = opt("policy.id")  # that it chose
    held_until: datetime | None = None  # so long routing leaves it to the success team
    at: datetime
