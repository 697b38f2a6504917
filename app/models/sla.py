"""What customers are promised: policies with their versions, what became of each clock, who is told."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, json_object, kept, opt, pk


class Policy(SQLModel, table=True):
    """One promise to some tickets. What it says is in its versions; a clock keeps the one that it was started by (SLA2)."""

    id: int = pk()
    name: str = Field(unique=True, max_length=80)
    position: int  # the first whose conditions hold is the ticket's (SLA1)
    version: int = 1  # the present one
    created_at: datetime
    archived_at: datetime | None = None  # it takes no more tickets; those that it has keep it


class PolicyVersion(SQLModel, table=True):
    """Append-only: an old deadline can still be explained."""

    __tablename__ = "policy_version"
    __table_args__ = (UniqueConstraint("policy_id", "version"),)

    id: int = pk()
    policy_id: int = fk("policy.id")
    version: int
    spec: dict[str, Any] = json_object()  # see rules/policies.py
    created_at: datetime
    agent_id: int | None = opt("agent.id")  # empty: the sample desk


class ClockEntry(SQLModel, table=True):
    """Append-only: what happened to a clock, from its start on, with the terms that held from then. Its row follows from it
    (rules/ledger.py)."""

    __tablename__ = "clock_entry"

    id: int = pk()
    clock_id: int = fk("clock.id", index=True)
    at: datetime
    kind: str = Field(
        max_length=12
    )  # started, paused, resumed, retargeted, terms, warned, met, breached, kept, cancelled...
    reason: str = Field(default="", max_length=24)
    due_was: datetime | None = None
    due_at: datetime | None = None
    target_s: int | None = None
    policy_id: int | None = kept("policy.id")
    policy_version: int | None = None
    percent: int = 0  # of a warning
    priority: str = Field(default="", max_length=8)
    calendar_id: int | None = kept("calendar.id")
    calendar_version: int | None = None
    since: datetime | None = None  # started, retargeted: from when it counts
    was: dict[str, Any] = json_object()  # retargeted: the terms until then


class Recount(SQLModel, table=True):
    """Somebody chose to apply the present policies and calendars to open tickets (SLA2). It goes on after a crash."""

    id: int = pk()
    agent_id: int | None = opt("agent.id")
    created_at: datetime
    last_ticket: int = Field(sa_type=BigInt)  # younger ones have the present policies anyway
    done_until: int = Field(default=0, sa_type=BigInt)  # the number of the latest ticket that was looked at
    tickets: int = 0  # how many were looked at
    changed: int = 0  # how many of them have another deadline now
    done_at: datetime | None = None


UNREAD = text("read_at IS NULL")
UNJUDGED = text("mail_at IS NOT NULL")


class Notification(SQLModel, table=True):
    """Something that one agent should know: a code with parameters, never a sentence in one language."""

    __table_args__ = (
        Index("ix_notification_agent", "agent_id", "id"),
        Index("ix_notification_unread", "agent_id", "id", sqlite_where=UNREAD, postgresql_where=UNREAD),
        Index("ix_notification_mail", "mail_at", sqlite_where=UNJUDGED, postgresql_where=UNJUDGED),
    )

    id: int = pk()
    agent_id: int = fk("agent.id", cascade=True)
    kind: str = Field(max_length=40)
    ticket_id: int | None = opt("ticket.id", index=True)
    params: dict[str, Any] = json_object()
    created_at: datetime
    read_at: datetime | None = None
    mail_at: datetime | None = None  # when it is judged whether it goes by mail too; empty: it was, or never is
