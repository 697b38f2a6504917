"""What the desk does by itself: rules with their runs, macros, and webhooks that tell other systems."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, goes_with, json_list, json_object, key, opt, pk


class LogReader(SQLModel, table=True):
    """How far somebody has followed the event log (feed.py)."""

    __tablename__ = "log_reader"

    name: str = Field(primary_key=True, max_length=40)
    cursor: str = Field(max_length=60)


class Automation(SQLModel, table=True):
    """A rule: when, if, then. What it says is checked when it is saved (rules/automation.py)."""

    id: int = pk()
    name: str = Field(max_length=80)
    position: int  # lower ones go first
    active: bool = False
    version: int = 1  # rises when what it says changes: what has run before may run again
    stop: bool = False  # when it fits, later rules do not look at the same event
    trigger: dict[str, Any] = json_object()  # {"on": [kinds of events]} or {"time": true}
    conditions: dict[str, Any] = json_object()  # {"all" | "any": [...]}
    actions: list[Any] = json_list()
    since: datetime | None = None  # switched on then: what was before is none of its business
    runs: int = 0
    ran_at: datetime | None = None
    walked: int | None = Field(default=None, sa_type=BigInt)  # tickets up to here were looked at; empty: all were
    created_at: datetime
    archived_at: datetime | None = None


class Rehearsal(SQLModel, table=True):
    """Somebody has looked at what a rule that says this would have done: only then it may be switched on."""

    digest: str = Field(primary_key=True, max_length=64)  # of trigger, conditions and actions
    agent_id: int | None = opt("agent.id")  # empty: the sample desk
    at: datetime


class AutomationRun(SQLModel, table=True):
    """One match and what was done about it. The key makes it once (exactly one effect for each match)."""

    __tablename__ = "automation_run"
    __table_args__ = (
        UniqueConstraint("automation_id", "version", "match_key"),
        Index("ix_automation_run_log", "automation_id", "id"),
    )

    id: int = pk()
    automation_id: int = fk("automation.id")
    version: int
    match_key: str = Field(max_length=160)
    ticket_id: int | None = opt("ticket.id", index=True)
    event_id: int | None = Field(default=None, sa_type=BigInt)
    depth: int = 0  # how many rules led to it
    outcome: str = Field(max_length=12)  # done, stopped (the loop budget), failed
    did: list[Any] = json_list()  # [{"do", "ok", "why"}]
    at: datetime


class AutomationWake(SQLModel, table=True):
    """When a rule on time has to look at a ticket again: one index says what is due, whatever is open."""

    __tablename__ = "automation_wake"
    __table_args__ = (Index("ix_automation_wake_at", "at"),)

    automation_id: int = key("automation.id")
    ticket_id: int = key("ticket.id", index=True)
    at: datetime


class Macro(SQLModel, table=True):
    """Words and deeds at one stroke."""

    id: int = pk()
    name: str = Field(max_length=80)
    text: str = ""
    actions: list[Any] = json_list()
    agent_id: int | None = goes_with("agent.id")  # empty: everybody's
    uses: int = 0
    used_at: datetime | None = None
    created_at: datetime
    archived_at: datetime | None = None


class Webhook(SQLModel, table=True):
    """Another system that hears of events, each with an id by which it can drop what comes twice."""

    id: int = pk()
    name: str = Field(max_length=80)
    url: str = Field(max_length=2000)
    secrets: str = ""  # encrypted: the key that signs, and for a day the one before it
    renewed_at: datetime | None = None
    kinds: list[str] = json_list()
    active: bool = True
    cursor: str = Field(max_length=60)
    alarm: str = Field(default="", max_length=60)  # why deliveries were given up; empty: all is well
    alarm_at: datetime | None = None
    created_at: datetime


WAITING_DELIVERY = text("state IN ('queued', 'sending')")


class WebhookDelivery(SQLModel, table=True):
    """An event on its way to a webhook. The body is made when it is sent: it keeps no copy of a customer's words."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id"),
        Index("ix_webhook_delivery_log", "webhook_id", "id"),
        Index(
            "ix_webhook_delivery_due", "next_at", sqlite_where=WAITING_DELIVERY, postgresql_where=WAITING_DELIVERY
        ),
    )  # fmt: skip

    id: int = pk()
    webhook_id: int = fk("webhook.id", cascade=True)
    event_id: int = fk("event.id", index=True)
    state: str = Field(default="queued", max_length=12)  # queued, sending, delivered, failed
    attempts: int = 0  # since it was queued or asked for again
    next_at: datetime  # queued: not before; sending: the lease's end
    code: int | None = None  # of the latest answer
    duration_ms: int | None = None
    failure: str = Field(default="", max_length=60)
    tries: list[Any] = json_list()  # [{"at", "code", "ms", "failure"}]
    created_at: datetime
    done_at: datetime | None = None
