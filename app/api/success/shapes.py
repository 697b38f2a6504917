"""What success doors say."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.api.shapes import TicketRow

Tier = Literal["", "high", "low", "tech"]
Stage = Literal["", "onboarding", "adopting", "steady", "renewal", "at_risk", "churned"]
MemberRole = Literal["", "champion", "sponsor", "admin", "user"]


class AccountRow(BaseModel):
    id: int
    code: str
    name: str
    tier: str
    tier_by: str = Field(description='"rule" or "hand"; empty: nobody has decided')
    tier_until: datetime | None
    stage: str
    owner_id: int | None = Field(description="The success manager")
    domain: str
    note: str
    goals: str
    created_at: datetime
    value: int = Field(description="A year's running contracts in the desk's currency, in whole units")
    currency: str
    renews_on: date | None = Field(description="The next renewal")
    notice_on: date | None = Field(description="The next last day of notice")
    open_tickets: int
    people: int


class ContractOut(BaseModel):
    id: int
    code: str
    product: str
    seats: int | None
    value: int
    currency: str
    starts_on: date | None
    renews_on: date | None
    notice_on: date | None
    ended_on: date | None
    auto_renews: bool
    notice_days: int | None
    term_months: int


class MemberAddress(BaseModel):
    kind: str
    value: str


class MemberOut(BaseModel):
    id: int
    name: str
    role: str
    addresses: list[MemberAddress]


class UsedOut(BaseModel):
    name: str
    count: int
    last_at: datetime


class UsageOut(BaseModel):
    last_at: datetime | None
    members_30d: int
    done_30d: list[UsedOut]


class HappenedOut(BaseModel):
    """`what`: a code that says more of it, or who did it outside the desk."""

    at: datetime
    kind: str
    group: str
    ticket: int | None
    channel: str
    words: str
    agent_id: int | None
    what: str


class AccountPage(BaseModel):
    account: AccountRow
    contracts: list[ContractOut]
    members: list[MemberOut]
    tickets: list[TicketRow]
    usage: UsageOut


class CardOwner(BaseModel):
    id: int
    name: str | None


class AccountCard(BaseModel):
    id: int
    name: str
    tier: str
    stage: str
    manager: CardOwner | None


class FaultOut(BaseModel):
    line: int
    column: str
    reason: str
    says: str


class ImportedLine(BaseModel):
    line: int
    name: str
    state: Literal["made", "changed", "same"]


class ImportOut(BaseModel):
    """A preview says the same as the import itself would."""

    applied: bool
    made: int
    changed: int
    same: int
    contracts: int
    people: int
    faults: list[FaultOut]
    lines: list[ImportedLine] = Field(description="The first line of each account; 200 at most")
    ignored: list[str] = Field(description="Columns that are not ours")


class UnjoinedOut(BaseModel):
    code: str
    count: int
    first_at: datetime
    last_at: datetime


class UsageTaken(BaseModel):
    taken: int
    repeated: int
    unknown: int = Field(description="Of accounts that nobody knows yet: they join when the account appears")


Properties = dict[str, Any]
