"""How satisfied customers say they are: asked once for each resolution, and not more than once in a while for each person."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, opt, pk


class SurveySetup(SQLModel, table=True):
    """What holds for the whole desk, and how far resolutions have been followed: one row, written by the migration."""

    __tablename__ = "survey_setup"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = pk()
    delay_s: int = 600  # after the resolution: one that is reopened meanwhile asks nothing
    name: str = Field(default="", max_length=80)  # who asks, as customers know the desk
    reached_at: datetime | None = None  # the latest resolution that was judged; empty: none yet
    reached_id: int = Field(default=0, sa_type=BigInt)


def _about(target: str) -> Any:
    """What is asked about: once."""
    key = ForeignKey(target, ondelete="RESTRICT")
    return Field(default=None, sa_type=BigInt, sa_column_args=[key], unique=True, nullable=True)


class Survey(SQLModel, table=True):
    """One question and its latest answer, with what reports count by as it was then. It is about a resolution, or about a
    telephone call, at whose end it is asked: then nothing need be solved."""

    __table_args__ = (
        Index("ix_survey_asked", "asked_at", "id"),
        Index("ix_survey_person", "person_id", "asked_at"),
        CheckConstraint("state IN ('asked','answered','skipped')", name="state"),
        CheckConstraint("(resolution_id IS NULL) <> (call_id IS NULL)", name="about"),
        CheckConstraint("score IS NULL OR (score >= 1 AND score <= 5)", name="score"),
    )

    id: int = pk()
    resolution_id: int | None = _about("resolution.id")
    call_id: int | None = _about("call.id")
    ticket_id: int = fk("ticket.id", index=True)
    person_id: int = fk("person.id")
    thread_id: int | None = opt("thread.id")
    message_id: int | None = opt("message.id")  # the question
    agent_id: int | None = opt("agent.id")  # who resolved it
    channel: str = Field(default="", max_length=16)
    inbox_id: int | None = Field(default=None, sa_type=BigInt)
    team_id: int | None = Field(default=None, sa_type=BigInt)
    language: str = Field(default="ja", max_length=8)
    state: str = Field(default="asked", max_length=10)
    why: str = Field(default="", max_length=20)  # skipped: see rules/survey.py
    asked_at: datetime  # skipped: when that was decided
    answered_at: datetime | None = None  # the first time
    changed_at: datetime | None = None  # the latest time
    score: int | None = None  # 1 to 5
    reason: str = Field(default="", max_length=20)
    comment: str = Field(default="", max_length=1000)
