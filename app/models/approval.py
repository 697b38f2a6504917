"""Answers that a lead reads before the customer does (承認)."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, json_list, opt, pk


class Asked(StrEnum):
    WAITING = "waiting"
    RETURNED = "returned"  # with what should be different
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"  # the author took it back


WAITING = text("state = 'waiting'")


class Approval(SQLModel, table=True):
    """An answer as its author would send it. It is no message until somebody else has approved it: nothing is met by it."""

    __table_args__ = (
        Index("ix_approval_waiting", "ticket_id", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_approval_ticket", "ticket_id", "id"),
        UniqueConstraint("ticket_id", "client_id"),
        CheckConstraint("state IN ('waiting','returned','approved','withdrawn')", name="state"),
    )

    id: int = pk()
    ticket_id: int = fk("ticket.id", cascade=True)
    agent_id: int = fk("agent.id")  # who wrote it
    thread_id: int | None = opt("thread.id")
    text: str = ""
    html: str = ""
    attachments: list[str] = json_list()
    then: str = Field(default="", max_length=12)
    when: str = Field(default="now", max_length=8)
    override: bool = False
    client_id: str = Field(max_length=64)
    state: str = Field(default=Asked.WAITING, max_length=10)
    asked_at: datetime
    decided_at: datetime | None = None
    decided_by: int | None = opt("agent.id")
    comment: str = Field(default="", max_length=2000)  # why it was returned
    message_id: int | None = opt("message.id")  # what became of it
