"""The success home: my accounts, and today's signals."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.api.door import Now, Reading, json_response
from app.api.success.accounts import SuccessReader
from app.api.success.shapes import AccountRow, Tier
from app.queries.success import home as queries

router = APIRouter(prefix="/api/v1/success", tags=["success"])


class HomeHealth(BaseModel):
    score: int | None
    colour: Literal["blue", "yellow", "red", "grey"]
    trend: float | None = Field(description="Points a week, over four weeks")


class HomeAccount(AccountRow):
    health: HomeHealth


class SignalAccount(BaseModel):
    id: int
    name: str
    tier: Tier


class SignalOut(BaseModel):
    """`ref`: the alert, the rhythm, the hand-over, the contract, the playbook's step; `about`: what is to be said of it."""

    kind: Literal["alert", "handover", "notice", "task", "stalled", "renewal", "rhythm", "hint"]
    account: SignalAccount | None
    at: datetime
    late: bool
    ref: int
    about: dict[str, Any]


class HomeOut(BaseModel):
    """The accounts with the lowest health first, 300 at most; the signals in the order in which they are to be looked at."""

    accounts: list[HomeAccount]
    colours: dict[str, int]
    signals: list[SignalOut]


@router.get("/home", response_model=HomeOut)
async def success_home(session: Reading, agent: SuccessReader, now: Now, mine: bool = True) -> Response:
    return json_response(await queries.home(session, agent, now, mine=mine))
