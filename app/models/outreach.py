"""Outreach: what the success team writes on its own motion, to whom it went, and who agreed to it or refused it (J4)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, json_object, opt, pk

WENT = text("sent_at IS NOT NULL")


class OutreachTemplate(SQLModel, table=True):
    """Words that are used again."""

    __tablename__ = "outreach_template"
    __table_args__ = (CheckConstraint("purpose IN ('service','promotion')", name="purpose"),)

    id: int = pk()
    name: str = Field(max_length=120)
    purpose: str = Field(max_length=10)
    texts: dict[str, Any] = json_object()  # by language: {"subject", "text"}
    created_at: datetime
    archived_at: datetime | None = None


class Outreach(SQLModel, table=True):
    """One letter to chosen people, as it was written. It is sent when it is made, once."""

    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("purpose IN ('service','promotion')", name="purpose"),
    )

    id: int = pk()
    key: str = Field(max_length=80)  # who sent it, and the browser's id: pressed twice, it is the same
    name: str = Field(max_length=120)
    purpose: str = Field(max_length=10)
    channel: str = Field(max_length=16)
    inbox_id: int = fk("inbox.id")
    texts: dict[str, Any] = json_object()
    by_id: int | None = opt("agent.id")
    step_id: int | None = opt("playbook_step.id")  # the playbook's step that asked for it
    created_at: datetime


def _one(target: str) -> Any:
    """Of this copy alone."""
    key = ForeignKey(target, ondelete="SET NULL")
    return Field(default=None, sa_type=BigInt, sa_column_args=[key], unique=True, nullable=True)


class OutreachCopy(SQLModel, table=True):
    """The letter to one person, or why it did not go to them. Its message stands in a closed ticket of its own, which no
    list shows: that is the outbox's way, and an answer to it opens a case."""

    __tablename__ = "outreach_copy"
    __table_args__ = (
        UniqueConstraint("outreach_id", "person_id"),
        Index("ix_outreach_copy_account", "account_id", "id"),
        Index("ix_outreach_copy_sent", "sent_at", sqlite_where=WENT, postgresql_where=WENT),
    )

    id: int = pk()
    outreach_id: int = fk("outreach.id", cascade=True)
    person_id: int = fk("person.id", index=True)
    account_id: int = fk("account.id", cascade=True)
    refused: str = Field(default="", max_length=16)  # rules/success/outreach.py; empty: it was written to them
    ticket_id: int | None = _one("ticket.id")
    message_id: int | None = _one("message.id")
    created_at: datetime
    sent_at: datetime | None = None  # the channel took it
    answered_at: datetime | None = None
    answer_id: int | None = opt("ticket.id")  # the case that the first answer opened
    stopped_at: datetime | None = None  # they refused by this copy's link


class Consent(SQLModel, table=True):
    """Somebody agreed to advertising on a channel, refused it, or wants to hear nothing at all. Append-only: the proof."""

    __table_args__ = (
        Index("ix_consent_person", "person_id", "id"),
        CheckConstraint("channel IN ('email','line','any')", name="channel"),
        CheckConstraint("says IN ('yes','no','never','contact')", name="says"),
    )

    id: int = pk()
    person_id: int = fk("person.id", cascade=True)
    channel: str = Field(max_length=8)
    says: str = Field(max_length=8)  # yes, no: advertising; never: no word of ours; contact: we may write again
    source: str = Field(max_length=12)  # rules/success/outreach.py
    words: str = Field(default="", max_length=2000)  # of the form, or what they said
    address: str = Field(default="", max_length=60)  # where the browser was
    at: datetime  # when they said it
    recorded_at: datetime
    by_id: int | None = opt("agent.id")  # who wrote it down; empty: they did themselves
    copy_id: int | None = opt("outreach_copy.id")  # by whose link
