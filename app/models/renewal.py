"""Renewals of contracts, and what contracts were worth over time: the facts behind renewal rate, GRR and NRR."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, opt, pk

DECIDED = text("outcome <> ''")


class Renewal(SQLModel, table=True):
    """What is expected of one contract's renewal, and what became of it. A contract has one for each due day."""

    __table_args__ = (
        UniqueConstraint("contract_id", "due_on"),
        Index("ix_renewal_due", "due_on", sqlite_where=DECIDED, postgresql_where=DECIDED),
        CheckConstraint("category IN ('','commit','likely','at_risk','lost')", name="category"),
        CheckConstraint("outcome IN ('','renewed','lost')", name="outcome"),
        CheckConstraint("renewed_amount >= 0", name="renewed_amount"),
    )

    id: int = pk()
    account_id: int = fk("account.id", cascade=True, index=True)
    contract_id: int = fk("contract.id", cascade=True)
    due_on: date
    amount: int = Field(sa_type=BigInt)  # a year's, before
    currency: str = Field(max_length=3)
    category: str = Field(default="", max_length=8)  # the forecast; empty: nobody has said
    note: str = ""
    outcome: str = Field(default="", max_length=8)
    renewed_amount: int = Field(default=0, sa_type=BigInt)  # a year's, after
    reason: str = Field(default="", max_length=400)  # lost: why
    automatic: bool = False  # it renewed by itself
    decided_by: int | None = opt("agent.id")
    decided_at: datetime | None = None
    changed_at: datetime


class ContractValue(SQLModel, table=True):
    """A contract is worth so much a year from this day on."""

    __tablename__ = "contract_value"
    __table_args__ = (UniqueConstraint("contract_id", "from_on"),)

    id: int = pk()
    contract_id: int = fk("contract.id", cascade=True)
    from_on: date
    value: int = Field(sa_type=BigInt)
