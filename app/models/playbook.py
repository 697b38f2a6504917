"""Playbooks of customer success: what is done for an account, step by step, and how far each run has come."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, json_object, key, opt, pk

RUNNING = text("state = 'running'")
BY_ITSELF = text("cause <> 'hand'")
OPEN_STEP = text("state = 'open'")


class Playbook(SQLModel, table=True):
    __table_args__ = (
        CheckConstraint("kind IN ('risk','onboarding','renewal','expansion','lifecycle','advocacy')", name="kind"),
    )

    id: int = pk()
    name: str = Field(max_length=200)
    kind: str = Field(max_length=12)
    version: int = 1  # the present one
    enabled: bool = True  # off: nothing starts it by itself
    created_at: datetime
    archived_at: datetime | None = None


class PlaybookVersion(SQLModel, table=True):
    """What a playbook says: rules/success/playbooks.py. A run stays on its version."""

    __tablename__ = "playbook_version"

    playbook_id: int = key("playbook.id")
    version: int = Field(primary_key=True)
    spec: dict[str, Any] = json_object()
    by_id: int | None = opt("agent.id")
    created_at: datetime


class PlaybookRun(SQLModel, table=True):
    """One account goes through one playbook. Of each kind an account has one that runs; an event starts it once."""

    __tablename__ = "playbook_run"
    __table_args__ = (
        Index("uq_playbook_run_active", "account_id", "kind", unique=True, sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index(
            "uq_playbook_run_cause", "playbook_id", "account_id", "cause", "cause_id", "cause_on", unique=True,
            sqlite_where=BY_ITSELF, postgresql_where=BY_ITSELF,
        ),
        Index("ix_playbook_run_wake", "wake_at", sqlite_where=RUNNING, postgresql_where=RUNNING),
        Index("ix_playbook_run_account", "account_id", "id"),
        CheckConstraint("state IN ('running','done','exited','canceled')", name="state"),
        CheckConstraint("cause IN ('hand','renewal','start','alert')", name="cause"),
    )  # fmt: skip

    id: int = pk()
    playbook_id: int = fk("playbook.id")
    version: int
    account_id: int = fk("account.id", cascade=True)
    kind: str = Field(max_length=12)  # the playbook's
    state: str = Field(default="running", max_length=8)
    cause: str = Field(default="hand", max_length=8)
    cause_id: int = Field(default=0, sa_type=BigInt)  # the contract, the alert
    cause_on: date  # the renewal's or the beginning's day; else the day on which it was started
    started_by: int | None = opt("agent.id")
    position: int = 0  # the step that comes next
    wait_until: datetime | None = None  # of a waiting step that has been reached
    wake_at: datetime  # the clock looks again; while it does, until when it has the run for itself
    met: bool | None = None  # at the end: whether the criteria of success held; empty: there are none
    reason: str = Field(default="", max_length=400)  # canceled: why
    started_at: datetime
    ended_at: datetime | None = None


class PlaybookStep(SQLModel, table=True):
    """A step for a person that a run has reached."""

    __tablename__ = "playbook_step"
    __table_args__ = (
        UniqueConstraint("run_id", "key"),
        Index("ix_playbook_step_open", "owner_id", "due_at", sqlite_where=OPEN_STEP, postgresql_where=OPEN_STEP),
        CheckConstraint("state IN ('open','done','skipped','dropped')", name="state"),
    )

    id: int = pk()
    run_id: int = fk("playbook_run.id", cascade=True)
    key: str = Field(max_length=40)
    place: int
    kind: str = Field(max_length=10)
    mark: str = Field(default="", max_length=10)  # milestone; value: the customer's first value
    owner_id: int | None = opt("agent.id")  # empty: whoever takes it
    state: str = Field(default="open", max_length=8)  # dropped: the run ended before
    opened_at: datetime
    due_at: datetime
    ended_at: datetime | None = None
    ended_by: int | None = opt("agent.id")  # empty: by itself
    note: str = Field(default="", max_length=2000)
