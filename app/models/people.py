"""Customers: companies, the persons in them, and the addresses they write from."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, key, opt, pk

CODED = text("code <> ''")


class Account(SQLModel, table=True):
    """A company, or a household: what a contract is with."""

    __table_args__ = (Index("uq_account_code", "code", unique=True, sqlite_where=CODED, postgresql_where=CODED),)

    id: int = pk()
    code: str = Field(default="", max_length=80)  # what other systems call it; empty: none does
    name: str = Field(max_length=200, index=True)
    tier: str = Field(default="", max_length=16)  # "high", "low", "tech"; empty: not decided
    domain: str = Field(default="", max_length=255, index=True)  # mail domain, lower case
    note: str = ""
    owner_id: int | None = opt("agent.id")  # the success manager
    tier_by: str = Field(default="", max_length=8)  # "rule" or "hand"; empty: nobody has looked
    tier_until: datetime | None = None  # by hand: from then on the rule decides again
    stage: str = Field(default="", max_length=12)  # onboarding, adopting, steady, renewal, at_risk, churned
    goals: str = ""  # what they want to reach with us
    created_at: datetime


class Person(SQLModel, table=True):
    """One human, however many addresses they have."""

    id: int = pk()
    name: str = Field(default="", max_length=200)
    kana: str = Field(default="", max_length=200)
    language: str = Field(default="", max_length=8)
    note: str = ""
    created_at: datetime


class AccountPerson(SQLModel, table=True):
    """A person may belong to several accounts; the first is shown."""

    __tablename__ = "account_person"

    account_id: int = key("account.id")
    person_id: int = key("person.id", index=True)
    role: str = Field(default="", max_length=40)  # champion, sponsor, admin, user


READABLE = ("email", "phone")  # kinds whose address people know each other by
UNASKED = text("ask_at IS NOT NULL")


class Identity(SQLModel, table=True):
    """An address on one channel. `key` is channels.contract.Address.key."""

    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_identity_unasked", "ask_at", sqlite_where=UNASKED, postgresql_where=UNASKED),
    )

    id: int = pk()
    person_id: int = fk("person.id", index=True)
    key: str = Field(max_length=500)
    kind: str = Field(max_length=16)
    value: str = Field(max_length=400, index=True)
    scope: str = Field(default="", max_length=80)
    name: str = Field(default="", max_length=200)  # the name that the channel tells; the person's own is separate
    picture_url: str = Field(default="", max_length=2000)
    verified: bool = False
    reachable: bool = True  # False: blocked (LINE), bounced (mail)
    reach_code: str = Field(default="", max_length=40)
    ask_at: datetime | None = None  # the channel is to be asked for the name then (L34); empty: it was, or tells none
    asks: int = 0
    created_at: datetime
