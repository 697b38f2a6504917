"""What agents have begun to write."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from app.models.columns import key


class KeptDraft(SQLModel, table=True):
    """One agent's begun answer and note on one ticket. It outlives the browser, a reassignment and a merge."""

    __tablename__ = "kept_draft"
    __table_args__ = (Index("ix_kept_draft_agent", "agent_id"),)

    ticket_id: int = key("ticket.id")
    agent_id: int = key("agent.id")
    text: str = ""
    note: str = ""
    shared: bool = False  # colleagues may read it and take it over
    updated_at: datetime
