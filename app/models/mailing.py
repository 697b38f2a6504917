"""Mails to the desk's own people: reports that go out by a schedule, and what became of each copy."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, goes_with, json_list, json_object, opt, pk


class ReportMail(SQLModel, table=True):
    """A saved report with its schedule and its readers."""

    __tablename__ = "report_mail"
    __table_args__ = (Index("ix_report_mail_next", "next_at"),)

    id: int = pk()
    name: str = Field(max_length=80)
    language: str = Field(default="ja", max_length=8)
    figures: list[str] = json_list()  # codes of rules/kpi.py, in their order
    period: str = Field(max_length=16)  # see rules/mailings/schedule.py
    filters: dict[str, Any] = json_object()  # channel, team, agent, inbox, tier, tag
    basis: str = Field(default="business", max_length=10)
    every: str = Field(max_length=10)  # "daily", "weekly", "monthly"
    weekday: int = 0  # weekly: 0 is Monday
    day: int = 1  # monthly: a month that has no such day takes its last
    hour: int = 9  # on the clock of the team's calendar, or of the desk
    skip_empty: bool = False  # nothing is sent of a period in which nothing was counted
    enabled: bool = True
    agent_ids: list[int] = json_list()
    outside: list[str] = json_list()  # addresses of nobody here: an owner wrote them
    made_by: int | None = opt("agent.id")
    created_at: datetime
    next_at: datetime  # NEVER while it is off
    claimed_until: datetime | None = None  # a process works on the slot that is due
    attempts: int = 0  # of that slot
    error: str = Field(default="", max_length=300)  # why that slot could not be made; empty: it could
    skipped_at: datetime | None = None  # the latest slot of which nothing was sent


class Mailing(SQLModel, table=True):
    """One letter as it was composed. A schedule's slot makes one, however many processes look and whenever they die."""

    __table_args__ = (UniqueConstraint("report_id", "slot_at"), Index("ix_mailing_made", "created_at"))

    id: int = pk()
    kind: str = Field(max_length=12)  # "report", "warnings"
    report_id: int | None = goes_with("report_mail.id")
    slot_at: datetime | None = None  # empty: somebody asked for it now
    subject: str = Field(max_length=200)
    text: str
    html: str
    files: list[dict[str, Any]] = json_list()  # {"name", "media_type", "content_id", "base64"}
    language: str = Field(default="ja", max_length=8)
    created_at: datetime


class CopyState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"  # a process died while it sent: nobody knows, a person decides
    DROPPED = "dropped"  # its reader may not have it any more


WAITING = text("state IN ('queued', 'sending')")


class MailingCopy(SQLModel, table=True):
    """A letter to one reader: this is the outbox."""

    __tablename__ = "mailing_copy"
    __table_args__ = (
        Index("ix_mailing_copy_waiting", "retry_at", sqlite_where=WAITING, postgresql_where=WAITING),
    )  # fmt: skip

    id: int = pk()
    mailing_id: int = fk("mailing.id", index=True, cascade=True)
    agent_id: int | None = opt("agent.id")
    address: str = Field(max_length=320)
    send_key: str = Field(max_length=36)  # its Message-ID is the same at every attempt
    state: str = Field(default=CopyState.QUEUED, max_length=12)
    attempts: int = 0
    retry_at: datetime | None = None
    failure: str = Field(default="", max_length=60)
    detail: str = Field(default="", max_length=300)
    sent_at: datetime | None = None
