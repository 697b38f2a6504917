"""Customer success: contracts, what accounts do with the product, and how tiers are decided."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, goes_with, json_list, json_object, kept, opt, pk


class SuccessSetup(SQLModel, table=True):
    """What holds for the whole desk: one row, written by the migration."""

    __tablename__ = "success_setup"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = pk()
    high_from: int | None = Field(default=None, sa_type=BigInt)  # a year's contracts are worth so much: high touch
    low_from: int | None = Field(default=None, sa_type=BigInt)  # so much: low touch; less: tech touch
    currency: str = Field(default="JPY", max_length=3)  # contracts in others do not count
    looked_on: date | None = None  # the day on which the rule last began to look at all accounts
    reached: int | None = Field(default=None, sa_type=BigInt)  # the latest account of that look; empty: it is over
    accept_s: int = 4 * 3600  # so long success may take to accept what is offered
    triggers: dict[str, Any] = json_object()  # what hands a case over: rules/success/causes.py
    kinds: list[dict[str, Any]] = json_list()  # of inquiry: rules/success/kinds.py; empty: the usual ones
    ask_kind: bool = False  # on resolving, when nobody has said it
    touch_id: int | None = kept("touch_version.id")  # the matrix that holds; empty: none
    sender: dict[str, Any] = json_object()  # who signs advertising (J4): name, address, contact


class Contract(SQLModel, table=True):
    """What an account has bought, for how much, and until when it may say no."""

    __table_args__ = (
        UniqueConstraint("account_id", "code"),
        Index("ix_contract_renewal", "renews_on"),
        CheckConstraint("seats IS NULL OR seats >= 0", name="seats"),
        CheckConstraint("value >= 0", name="value"),
    )

    id: int = pk()
    account_id: int = fk("account.id", cascade=True)
    code: str = Field(max_length=80)  # its number; unique in the account
    product: str = Field(default="", max_length=200)
    seats: int | None = None
    value: int = Field(default=0, sa_type=BigInt)  # a year's, in whole units of the currency
    currency: str = Field(default="JPY", max_length=3)
    starts_on: date | None = None
    renews_on: date | None = None
    notice_on: date | None = None  # the last day on which it may be cancelled
    ended_on: date | None = None
    auto_renews: bool = False  # it goes on by itself when nobody has cancelled it in time
    notice_days: int | None = None  # it may be cancelled until so many days before; where no last day is named
    term_months: int = 12  # a renewal is for so long
    created_at: datetime


UNJOINED = text("account_id IS NULL")


class UsageEvent(SQLModel, table=True):
    """What another system tells of an account's use. One of an unknown account is kept, and joins when that appears."""

    __tablename__ = "usage_event"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_usage_event_account", "account_id", "at"),
        Index("ix_usage_event_unjoined", "account_code", sqlite_where=UNJOINED, postgresql_where=UNJOINED),
        CheckConstraint("kind IN ('identify','track')", name="kind"),
    )

    id: int = pk()
    key: str = Field(max_length=120)  # the sender's id: the same again is the same event
    kind: str = Field(max_length=10)
    name: str = Field(default="", max_length=120)  # of what was done; track only
    account_code: str = Field(max_length=80)
    account_id: int | None = goes_with("account.id")
    member: str = Field(default="", max_length=320)  # who did it: an address, or what the other system calls them
    person_id: int | None = opt("person.id")
    at: datetime
    properties: dict[str, Any] = json_object()
    received_at: datetime
