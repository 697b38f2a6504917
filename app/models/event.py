"""The one event log: append-only, a code with parameters, never a sentence in one language."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from app.models.columns import json_object, opt, pk


class Event(SQLModel, table=True):
    """Something that happened. Readers follow it with a cursor (feed.py)."""

    __table_args__ = (Index("ix_event_ticket", "ticket_id", "id"), Index("ix_event_xid", "xid", "id"))

    id: int = pk()
    xid: int = Field(default=0, sa_type=BigInteger, nullable=False)  # PostgreSQL's transaction id; 0 on SQLite
    at: datetime
    kind: str = Field(max_length=40)
    ticket_id: int | None = opt("ticket.id")
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    agent_id: int | None = Field(default=None, sa_type=BigInteger)  # who did it; empty: the customer or the machine
    params: dict[str, Any] = json_object()
