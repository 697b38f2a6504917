"""Renewals: the list of a period with its totals, what is expected of one, and what became of it."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from app.actions.success import renewals as verbs
from app.api.door import Now, Reading, Writing, json_response
from app.api.success.accounts import SuccessReader, SuccessWriter
from app.api.success.shapes import Stage, Tier
from app.errors import Invalid
from app.queries.success import renewals as queries
from app.rules.sheet import sheet

router = APIRouter(prefix="/api/v1/success", tags=["success"])
LONGEST = timedelta(days=1100)
Category = Literal["", "commit", "likely", "at_risk", "lost"]
HEAD = {
    "ja": ["更新日", "アカウント", "契約番号", "商品", "年額", "通貨", "見込み", "結果", "更新後の年額", "理由",
           "解約通知期限", "自動更新"],
    "en": ["Renewal", "Account", "Contract", "Product", "A year", "Currency", "Forecast", "Outcome", "Renewed at", "Reason",
           "Last day of notice", "Renews by itself"],
}  # fmt: skip


class WrongSpan(Invalid):
    """The period ends before it begins, or is longer than three years."""


class RenewingAccount(BaseModel):
    id: int
    name: str
    tier: Tier
    stage: Stage
    owner_id: int | None


class RenewalOut(BaseModel):
    """`days`: until it is due; `mark`: the latest of T-180, 120, 90, 60, 30 that has passed; null when it is decided."""

    contract_id: int
    account: RenewingAccount
    code: str
    product: str
    auto_renews: bool
    term_months: int
    due_on: date
    notice_on: date | None
    days: int
    mark: int | None
    amount: int
    currency: str
    category: Category
    note: str
    outcome: Literal["", "renewed", "lost"]
    renewed_amount: int
    reason: str
    automatic: bool
    decided_by: int | None
    decided_at: datetime | None


class MonthOut(BaseModel):
    """What is due in a month, in one currency, and what is expected or became of it: the parts add up to `due`."""

    month: str
    currency: str
    count: int
    due: int
    commit: int
    likely: int
    at_risk: int
    lost: int
    unsaid: int
    renewed: int
    renewed_amount: int


class RenewalsOut(BaseModel):
    items: list[RenewalOut]
    months: list[MonthOut]


class ForecastIn(BaseModel):
    due_on: date
    category: Category
    note: str = Field(default="", max_length=4000)


class OutcomeIn(BaseModel):
    """Renewed: at `amount` a year (empty: as before), until `renews_on` (empty: another term). Lost: with its reason."""

    due_on: date
    outcome: Literal["renewed", "lost"]
    amount: int | None = Field(default=None, ge=0, lt=2**62)
    reason: str = Field(default="", max_length=400)
    renews_on: date | None = None


def _asked(now: datetime, first: date | None, last: date | None, owner: int | None) -> queries.Asked:
    """From 30 days ago to half a year ahead, unless said otherwise. WrongSpan."""
    begin = first or now.date() - timedelta(days=30)
    end = last or now.date() + timedelta(days=180)
    if not timedelta(0) <= end - begin < LONGEST:
        raise WrongSpan
    return queries.Asked(begin, end, owner)


@router.get("/renewals", response_model=RenewalsOut)
async def list_renewals(
    session: Reading,
    agent: SuccessReader,
    now: Now,
    first: date | None = None,
    last: date | None = None,
    owner: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Response:
    """By their day. 2,000 at most."""
    rows = await queries.listing(session, _asked(now, first, last, owner), now.date())
    return json_response({"items": rows, "months": queries.totals(rows)})


@router.get("/renewals.csv")
async def export_renewals(
    session: Reading,
    agent: SuccessReader,
    now: Now,
    first: date | None = None,
    last: date | None = None,
    owner: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
) -> Response:
    asked = _asked(now, first, last, owner)
    rows = await queries.listing(session, asked, now.date())
    lines: list[list[object]] = [
        [each["due_on"], each["account"]["name"], each["code"], each["product"], each["amount"], each["currency"],
         each["category"], each["outcome"], each["renewed_amount"] if each["outcome"] else None, each["reason"],
         each["notice_on"], int(each["auto_renews"])] for each in rows
    ]  # fmt: skip
    return csv_file(
        sheet([HEAD["en" if agent.language == "en" else "ja"], *lines]), f"renewals-{asked.first}-{asked.last}.csv"
    )


def csv_file(content: bytes, called: str) -> Response:
    held = {"content-disposition": f'attachment; filename="{called}"', "x-content-type-options": "nosniff"}
    return Response(content, media_type="text/csv; charset=utf-8", headers=held)


@router.get("/accounts/{account_id}/renewals", response_model=list[RenewalOut])
async def list_account_renewals(session: Reading, agent: SuccessReader, now: Now, account_id: int) -> Response:
    """The account's, from five years ago to five years ahead."""
    span = timedelta(days=5 * 366)
    asked = queries.Asked(now.date() - span, now.date() + span, account=account_id, most=100)
    return json_response(await queries.listing(session, asked, now.date()))


@router.put("/contracts/{contract_id}/renewal", status_code=204)
async def forecast_renewal(
    session: Writing, agent: SuccessWriter, now: Now, contract_id: int, asked: ForecastIn
) -> Response:
    given = asked.model_dump(include={"category", "note"})
    await verbs.forecast(session, contract_id, asked.due_on, given, by=agent.id, now=now)
    return Response(status_code=204)


@router.post("/contracts/{contract_id}/renewal/outcome", status_code=204)
async def decide_renewal(
    session: Writing, agent: SuccessWriter, now: Now, contract_id: int, asked: OutcomeIn
) -> Response:
    """The contract goes on for another term, or ends on its day. What is decided stays."""
    given = asked.model_dump(exclude={"due_on"})
    await verbs.decide(session, contract_id, asked.due_on, given, by=agent.id, now=now)
    return Response(status_code=204)
