"""Health of accounts: versioned formulas, the present score with what made it, its past, and what people say of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import NEVER, BigInt, fk, json_list, json_object, key, opt, pk

ACTIVE = text("active")
STANDING = text("ended_at IS NULL")
OPEN_ALERT = text("state IN ('open', 'snoozed', 'held')")


class HealthSetup(SQLModel, table=True):
    """What holds for the whole desk: one row, written by the migration."""

    __tablename__ = "health_setup"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = pk()
    alerts: dict[str, Any] = json_object()  # rules/success/alerts.py: which are on, and their figures
    rhythms: dict[str, Any] = json_object()  # rules/success/cadence.py
    awake_from: int = 8 * 60  # minutes of the day at which customers may be written to, where nothing else is known
    awake_to: int = 21 * 60
    zone: str = Field(default="Asia/Tokyo", max_length=60)


class HealthFormula(SQLModel, table=True):
    """How one segment's accounts are scored. A version never changes; one of each segment is in use."""

    __tablename__ = "health_formula"
    __table_args__ = (
        UniqueConstraint("tier", "stage", "version"),
        Index("uq_health_formula_active", "tier", "stage", unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE),
    )

    id: int = pk()
    tier: str = Field(default="", max_length=16)  # empty: any
    stage: str = Field(default="", max_length=12)  # empty: any
    version: int = 1
    spec: dict[str, Any] = json_object()  # rules/success/formula.py
    note: str = Field(default="", max_length=400)
    active: bool = False
    agent_id: int | None = opt("agent.id")
    created_at: datetime
    activated_at: datetime | None = None


class Health(SQLModel, table=True):
    """An account's present health. `stamp` counts what was heard of it: a score of an older stamp is not written."""

    __table_args__ = (
        Index("ix_health_due", "due_at"),
        Index("ix_health_colour", "colour", "score", "account_id"),
        CheckConstraint("score IS NULL OR (score >= 0 AND score <= 100)", name="score"),
        CheckConstraint("colour IN ('blue','yellow','red','grey')", name="colour"),
    )

    account_id: int = key("account.id")
    score: int | None = None  # empty: too little is known
    colour: str = Field(default="grey", max_length=8)  # what is shown: with overrides
    scored: str = Field(default="grey", max_length=8)  # what the score alone says, with hysteresis and dwell
    since: datetime | None = None  # of `scored`
    shown_since: datetime | None = None  # of `colour`
    trend: float | None = None  # points a week, over four weeks
    trend_long: float | None = None  # over eight
    present: float = 0.0  # the share of the weight that something was known for
    parts: list[Any] = json_list()  # the contributions: rules/success/health.py
    hard: list[Any] = json_list()  # the hard rules that hold
    weeks: dict[str, Any] = json_object()  # the latest score of each of the last weeks
    formula_id: int | None = opt("health_formula.id")
    computed_at: datetime | None = None
    noted_at: datetime | None = None  # when the past was last written
    noted: int | None = None  # the score that it says
    due_at: datetime = NEVER  # when it is to be computed anew
    stamp: int = Field(default=0, sa_type=BigInt)


class HealthPast(SQLModel, table=True):
    """What a score was, and why. Never changed."""

    __tablename__ = "health_past"
    __table_args__ = (Index("ix_health_past_account", "account_id", "at"),)

    id: int = pk()
    account_id: int = fk("account.id", cascade=True)
    at: datetime
    score: int | None = None
    colour: str = Field(max_length=8)
    present: float = 0.0
    parts: list[Any] = json_list()
    hard: list[Any] = json_list()
    formula_id: int | None = opt("health_formula.id")


class HealthPulse(SQLModel, table=True):
    """The success manager's own judgment, 1 to 5. The latest one counts until it expires."""

    __tablename__ = "health_pulse"
    __table_args__ = (
        Index("ix_health_pulse_account", "account_id", "at"),
        CheckConstraint("value >= 1 AND value <= 5", name="value"),
    )

    id: int = pk()
    account_id: int = fk("account.id", cascade=True)
    value: int
    note: str = Field(default="", max_length=1000)
    agent_id: int | None = opt("agent.id")
    at: datetime
    expires_at: datetime


class HealthOverride(SQLModel, table=True):
    """A colour by hand, with its reason and its end. One at a time for an account."""

    __tablename__ = "health_override"
    __table_args__ = (
        Index(
            "uq_health_override_standing", "account_id", unique=True, sqlite_where=STANDING, postgresql_where=STANDING
        ),
        CheckConstraint("colour IN ('blue','yellow','red')", name="colour"),
    )

    id: int = pk()
    account_id: int = fk("account.id", cascade=True)
    colour: str = Field(max_length=8)
    reason: str = Field(max_length=1000)
    agent_id: int | None = opt("agent.id")
    at: datetime
    until: datetime
    ended_at: datetime | None = None


class Alert(SQLModel, table=True):
    """An early warning (C8). While one of a rule is open for an account there is no second."""

    __table_args__ = (
        Index(
            "uq_alert_open", "account_id", "rule", unique=True,
            sqlite_where=OPEN_ALERT, postgresql_where=OPEN_ALERT,
        ),
        Index("ix_alert_state", "state", "due_at", "id"),
        Index("ix_alert_rule", "rule", "found_at"),
        CheckConstraint("state IN ('open','snoozed','held','closed')", name="state"),
        CheckConstraint("outcome IN ('','saved','lost','false_alarm','eased')", name="outcome"),
    )  # fmt: skip

    id: int = pk()
    account_id: int = fk("account.id", cascade=True)
    rule: str = Field(max_length=24)  # rules/success/alerts.py
    weight: int = 0  # which comes first when there are too many
    state: str = Field(default="open", max_length=8)  # held: kept back, because there were too many
    evidence: dict[str, Any] = json_object()
    lead_days: int = 0  # so long before the loss such a thing usually shows
    owner_id: int | None = opt("agent.id", index=True)
    found_at: datetime
    shown_at: datetime | None = None  # empty: held back so far
    due_at: datetime
    gone_at: datetime | None = None  # what it was raised for no longer holds
    snoozed_until: datetime | None = None
    snooze_reason: str = Field(default="", max_length=400)
    outcome: str = Field(default="", max_length=12)
    note: str = Field(default="", max_length=1000)
    closed_by: int | None = opt("agent.id")
    closed_at: datetime | None = None


class Rhythm(SQLModel, table=True):
    """How often an account does one thing (C10): "usually every 32 days, now 45"."""

    __table_args__ = (
        UniqueConstraint("account_id", "item"),
        Index("ix_rhythm_state", "state", "expected_at"),
        CheckConstraint("state IN ('kept','hint','overdue','quiet')", name="state"),
    )

    id: int = pk()
    account_id: int = fk("account.id", cascade=True)
    item: str = Field(max_length=120)
    count: int  # of the times that it is computed from
    every_days: float  # the median
    spread_days: float  # the median deviation
    last_at: datetime
    expected_at: datetime
    overdue_at: datetime
    state: str = Field(default="kept", max_length=8)  # quiet: it would be due, and something speaks against it
    why: str = Field(default="", max_length=16)  # quiet: stopped, complaint, opted_out, contacted, season
    looked_at: datetime
    settled_at: datetime | None = None  # somebody dealt with it: quiet until it is done the next time
    settled_by: int | None = opt("agent.id")
    settled: str = Field(default="", max_length=12)  # contacted, not_needed, wrong


class Waking(SQLModel, table=True):
    """When a person, or everybody of an account, may be written to. Minutes of their day; beyond midnight is more than 1440."""

    __table_args__ = (
        UniqueConstraint("person_id"),
        UniqueConstraint("account_id"),
        CheckConstraint("(person_id IS NULL) <> (account_id IS NULL)", name="one"),
        CheckConstraint("awake_from >= 0 AND awake_from < awake_to AND awake_to <= awake_from + 1440", name="hours"),
    )

    id: int = pk()
    person_id: int | None = Field(
        default=None, sa_type=BigInt, foreign_key="person.id", ondelete="CASCADE", nullable=True
    )
    account_id: int | None = Field(
        default=None, sa_type=BigInt, foreign_key="account.id", ondelete="CASCADE", nullable=True
    )
    zone: str = Field(default="", max_length=60)  # empty: the desk's
    awake_from: int
    awake_to: int
