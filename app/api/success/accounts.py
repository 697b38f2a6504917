"""Accounts: the list, the page, contracts, people, the file that brings many."""

import asyncio
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response, UploadFile
from pydantic import AwareDatetime, BaseModel, Field

from app.actions.success import accounts as verbs
from app.actions.success.importing import Import, NotKept, Report
from app.api.door import Here, Now, Page, Reading, Writing, having, json_response
from app.api.success.shapes import (
    AccountCard,
    AccountPage,
    AccountRow,
    ContractOut,
    HappenedOut,
    ImportOut,
    MemberRole,
    Stage,
    Tier,
)
from app.errors import Invalid
from app.models import Account, Agent, SuccessSetup
from app.queries.success import accounts as queries
from app.queries.success import timeline as history
from app.rules.success import accounts_file
from app.rules.success.tiers import Ladder

router = APIRouter(prefix="/api/v1", tags=["success"])
SuccessReader = Annotated[Agent, Depends(having("success.read"))]
SuccessWriter = Annotated[Agent, Depends(having("success.write"))]
SetupWriter = Annotated[Agent, Depends(having("success.setup"))]
CardReader = Annotated[Agent, Depends(having("person.read"))]
MOST_LINES = 200
HistoryGroup = Literal[
    "cases", "messages", "notes", "calls", "promises", "handovers", "alerts", "outreach", "playbooks", "renewals", "use"
]


class WrongPlace(Invalid):
    """The cursor is not of this list."""


class AccountChange(BaseModel):
    """Only what is named changes. `tier` with `tier_until` holds until then; an empty tier leaves it to the rule."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    code: str | None = Field(default=None, max_length=80)
    domain: str | None = Field(default=None, max_length=255, pattern=r"^$|^[a-z0-9.-]+\.[a-z]{2,}$")
    note: str | None = Field(default=None, max_length=10_000)
    goals: str | None = Field(default=None, max_length=10_000)
    stage: Stage | None = None
    tier: Tier | None = None
    tier_until: AwareDatetime | None = None
    owner_id: int | None = None


class ContractIn(BaseModel):
    code: str = Field(min_length=1, max_length=80)
    product: str = Field(default="", max_length=200)
    seats: int | None = Field(default=None, ge=0, lt=2**31)
    value: int = Field(default=0, ge=0, lt=2**62)
    currency: str = Field(default="JPY", pattern=r"^[A-Z]{3}$")
    starts_on: date | None = None
    renews_on: date | None = None
    notice_on: date | None = None
    ended_on: date | None = None
    auto_renews: bool = Field(default=False, description="It goes on by itself when nobody has cancelled it in time")
    notice_days: int | None = Field(
        default=None, ge=0, le=1000, description="Without a last day of notice: so many before"
    )
    term_months: int = Field(default=12, ge=1, le=120, description="A renewal is for so long")


class MemberIn(BaseModel):
    role: MemberRole


class LadderIn(BaseModel):
    """From which yearly value on a touch begins; null: the rule gives no such touch."""

    high_from: int | None = Field(default=None, ge=0, lt=2**62)
    low_from: int | None = Field(default=None, ge=0, lt=2**62)
    currency: str = Field(default="JPY", pattern=r"^[A-Z]{3}$")


@router.get("/success/accounts", response_model=Page[AccountRow])
async def list_success_accounts(
    session: Reading,
    agent: SuccessReader,
    now: Now,
    q: Annotated[str, Query(max_length=200)] = "",
    tier: Tier | None = None,
    stage: Stage | None = None,
    owner: int | None = None,
    renews_before: date | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """By name."""
    asked = queries.Asked(
        text=q.strip(), tier=tier, stage=stage, owner=owner, renews_before=renews_before, limit=limit,
        after=await _place(session, cursor),
    )  # fmt: skip
    items, more = await queries.listing(session, asked, now.date())
    return json_response({"items": items, "next_cursor": str(items[-1]["id"]) if more else None})


async def _place(session: Any, cursor: str | None) -> tuple[str, int] | None:
    if cursor is None:
        return None
    found = await session.get(Account, int(cursor)) if cursor.isdecimal() and len(cursor) < 19 else None
    if found is None:
        raise WrongPlace
    return found.name, found.id


@router.get("/success/accounts/{account_id}", response_model=AccountPage)
async def get_success_account(session: Reading, agent: SuccessReader, now: Now, account_id: int) -> Response:
    found = await queries.page(session, account_id, now)
    if found is None:
        raise verbs.NoAccount
    return json_response(found)


@router.get("/success/accounts/{account_id}/timeline", response_model=Page[HappenedOut])
async def account_timeline(
    session: Reading,
    agent: SuccessReader,
    account_id: int,
    groups: Annotated[list[HistoryGroup] | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Everything that happened with this account, the latest first; of some groups, when they are named."""
    if await session.get(Account, account_id) is None:
        raise verbs.NoAccount
    items, more = await history.timeline(session, account_id, groups or [], cursor, limit)
    return json_response({"items": items, "next_cursor": more})


@router.patch("/success/accounts/{account_id}", response_model=AccountPage)
async def change_success_account(
    session: Writing, agent: SuccessWriter, now: Now, account_id: int, change: AccountChange
) -> Response:
    given = {
        k: v
        for k, v in change.model_dump(exclude_unset=True).items()
        if v is not None or k in ("owner_id", "tier_until")
    }
    await verbs.change(session, account_id, given, by=agent.id, now=now)
    return json_response(await queries.page(session, account_id, now))


@router.post("/success/accounts/{account_id}/contracts", status_code=201, response_model=ContractOut)
async def add_contract(
    session: Writing, agent: SuccessWriter, now: Now, account_id: int, asked: ContractIn
) -> Response:
    made = await verbs.put_contract(session, account_id, asked.model_dump(), by=agent.id, now=now)
    return json_response(queries.contract(made), 201)


@router.put("/success/accounts/{account_id}/contracts/{contract_id}", response_model=ContractOut)
async def change_contract(
    session: Writing, agent: SuccessWriter, now: Now, account_id: int, contract_id: int, asked: ContractIn
) -> Response:
    given = asked.model_dump()
    made = await verbs.put_contract(session, account_id, given, by=agent.id, now=now, number=contract_id)
    return json_response(queries.contract(made))


@router.put("/success/accounts/{account_id}/people/{person_id}", status_code=204)
async def set_member(
    session: Writing, agent: SuccessWriter, now: Now, account_id: int, person_id: int, asked: MemberIn
) -> Response:
    await verbs.set_member(session, account_id, person_id, asked.role, by=agent.id, now=now)
    return Response(status_code=204)


@router.delete("/success/accounts/{account_id}/people/{person_id}", status_code=204)
async def remove_member(session: Writing, agent: SuccessWriter, now: Now, account_id: int, person_id: int) -> Response:
    await verbs.set_member(session, account_id, person_id, None, by=agent.id, now=now)
    return Response(status_code=204)


@router.post("/success/import", response_model=ImportOut)
async def import_accounts(
    agent: SuccessWriter, here: Here, now: Now, file: UploadFile, apply: bool = False
) -> Response:
    """A table as Excel writes it: CSV or tabs, UTF-8 or CP932. Without `apply` it is a preview: nothing is kept."""
    rows, faults, ignored = await asyncio.to_thread(accounts_file.read, await file.read())
    report = Report()
    try:
        async with here.database.write() as session:
            report = await Import(session, now, agent.id).run(rows, faults)
            _keep(apply, report)
    except NotKept as preview:
        report = preview.args[0]
    shown = {name: getattr(report, name) for name in ("made", "changed", "same", "contracts", "people")}
    said = [
        {"line": e.line, "column": e.column, "reason": e.reason, "says": accounts_file.REASONS[e.reason]}
        for e in report.faults
    ]
    return json_response(
        {"applied": apply, **shown, "faults": said, "lines": report.lines[:MOST_LINES], "ignored": ignored}
    )


def _keep(apply: bool, report: Report) -> None:
    if not apply:
        raise NotKept(report)


@router.get("/success/setup/tiers", response_model=LadderIn)
async def get_ladder(session: Reading, agent: SuccessReader) -> Response:
    setup = await session.get_one(SuccessSetup, 1)
    return json_response({"high_from": setup.high_from, "low_from": setup.low_from, "currency": setup.currency})


@router.put("/success/setup/tiers", response_model=LadderIn)
async def set_ladder(session: Writing, agent: SetupWriter, here: Here, now: Now, asked: LadderIn) -> Response:
    """All accounts whose tier nobody has decided by hand follow, piece by piece."""
    await verbs.set_ladder(session, Ladder(**asked.model_dump()), by=agent.id, now=now)
    return json_response(asked.model_dump())


@router.get("/accounts/{account_id}/card", response_model=AccountCard)
async def get_account_card(session: Reading, agent: CardReader, account_id: int) -> Response:
    """What everybody at the desk may know of an account: no money, no goals, no use."""
    found = await queries.card(session, account_id)
    if found is None:
        raise verbs.NoAccount
    return json_response(found)
