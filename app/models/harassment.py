"""Customer harassment (カスハラ, J6): what somebody of the desk reported, and what was arranged."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, json_list, opt, pk

STANDS = text("lifted_at IS NULL")


class Harassment(SQLModel, table=True):
    """One report. While it stands, nothing of its ticket is purged or erased. It blocks nobody: people decide."""

    __table_args__ = (
        Index("uq_harassment_stands", "ticket_id", unique=True, sqlite_where=STANDS, postgresql_where=STANDS),
        Index("ix_harassment_at", "at", "id"),
        Index("ix_harassment_review", "review_on"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    person_id: int = fk("person.id", index=True)
    category: str = Field(max_length=12)  # rules/success/harassment.py
    reason: str  # what happened, in the words of who reports it
    care: str = ""  # what has to be thought of: a disability, an illness (合理的配慮)
    at: datetime
    by_id: int | None = opt("agent.id")
    taken_by: int | None = opt("agent.id")  # the lead who has taken the case over
    taken_at: datetime | None = None
    arranged: str = ""  # how this person is spoken with from now on; the desk sees it
    review_on: date | None = None  # when that is looked at again
    arranged_by: int | None = opt("agent.id")
    evidence: list[dict[str, Any]] = json_list()  # what the customer took back meanwhile
    lifted_at: datetime | None = None
    lifted_by: int | None = opt("agent.id")
    lifted_why: str = ""
