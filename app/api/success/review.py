"""The review pack: what a period was like for an account, to be printed for the talk with its people."""

from datetime import date, datetime, timedelta
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.actions.success.accounts import NoAccount
from app.api.door import Now, Reading, json_response
from app.api.success.accounts import SuccessReader
from app.api.success.home import HomeHealth
from app.api.success.renewals import RenewalOut, WrongSpan
from app.api.success.shapes import AccountRow
from app.queries.success import review as queries

router = APIRouter(prefix="/api/v1/success", tags=["success"])
LONGEST = timedelta(days=800)


class DoneOut(BaseModel):
    name: str
    count: int
    before: int


class ReviewUsage(BaseModel):
    done: list[DoneOut]
    members: int


class CauseOut(BaseModel):
    cause: str
    count: int


class ReviewTickets(BaseModel):
    count: int
    resolved: int
    causes: list[CauseOut]


class PromiseOut(BaseModel):
    metric: str
    kept: int
    count: int


class SatisfactionOut(BaseModel):
    answers: int
    mean: float | None


class NextOut(BaseModel):
    title: str
    due_at: datetime


class ReviewOut(BaseModel):
    """Beside each number of use the one of the period before, which was as long. `mean`: of 5; null without answers."""

    account: AccountRow
    first: date
    last: date
    health: HomeHealth
    usage: ReviewUsage
    tickets: ReviewTickets
    promises: list[PromiseOut]
    satisfaction: SatisfactionOut
    renewals: list[RenewalOut]
    next: list[NextOut]


@router.get("/accounts/{account_id}/review", response_model=ReviewOut)
async def account_review(
    session: Reading,
    agent: SuccessReader,
    now: Now,
    account_id: int,
    first: date | None = None,
    last: date | None = None,
    language: Literal["ja", "en"] = "ja",
) -> Response:
    """The last 90 days unless said otherwise. WrongSpan."""
    end = last or now.date()
    begin = first or end - timedelta(days=89)
    if not timedelta(0) <= end - begin < LONGEST or not 2000 <= begin.year <= end.year <= 2200:
        raise WrongSpan
    found = await queries.pack(session, queries.Asked(account_id, begin, end), now, language)
    if found is None:
        raise NoAccount
    return json_response(found)
