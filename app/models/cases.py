"""What belongs together: tickets that are one case, and tickets that have to do with each other."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, json_object, opt, pk

STANDS = text("undone_at IS NULL")
IS_CHILD = text("kind = 'child'")


class Merge(SQLModel, table=True):
    """One ticket was put into another. What was moved stands here, so that it can be put back."""

    __table_args__ = (
        Index("uq_merge_stands", "ticket_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        CheckConstraint("ticket_id <> into_id", name="other"),
    )

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    into_id: int = fk("ticket.id", index=True)
    at: datetime
    agent_id: int | None = opt("agent.id")
    was: dict[str, Any] = json_object()  # see actions/cases/merge.py
    undone_at: datetime | None = None
    undone_by: int | None = opt("agent.id")


class TicketLink(SQLModel, table=True):
    """Two tickets that have to do with each other: "related", or "child", of which `other_id` is the parent."""

    __tablename__ = "ticket_link"
    __table_args__ = (
        UniqueConstraint("kind", "ticket_id", "other_id"),
        Index("uq_ticket_link_parent", "ticket_id", unique=True, sqlite_where=IS_CHILD, postgresql_where=IS_CHILD),
        CheckConstraint("ticket_id <> other_id", name="other"),
        CheckConstraint("kind IN ('related', 'child')", name="kind"),
    )

    id: int = pk()
    kind: str = Field(max_length=8)
    ticket_id: int = fk("ticket.id", index=True)
    other_id: int = fk("ticket.id", index=True)
    at: datetime
    agent_id: int | None = opt("agent.id")
