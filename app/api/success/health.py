"""Health: the accounts by colour, one account's with what explains it, pulses, colours by hand, and the formulas."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import Connection

from app.actions.success import formulas, opinions
from app.actions.success.accounts import NoAccount
from app.api.door import Here, Now, Reading, Writing, json_response
from app.api.success.accounts import SetupWriter, SuccessReader, SuccessWriter, WrongPlace
from app.api.success.health_shapes import (
    Colour,
    FormulaIn,
    FormulaList,
    FormulaOut,
    FormulaTrial,
    HealthList,
    HealthPage,
)
from app.models import HealthFormula
from app.queries.success import health as queries
from app.queries.success import trials
from app.rules.success.formula import HARD, Segment, formula
from app.rules.success.measures import MEASURES

router = APIRouter(prefix="/api/v1/success", tags=["success"])


class PulseIn(BaseModel):
    """How the success manager sees them: 1 is very bad, 5 very good. It counts for so many days."""

    value: int = Field(ge=1, le=5)
    note: str = Field(default="", max_length=1000)
    days: int = Field(default=30, ge=1, le=90)


class OverrideIn(BaseModel):
    colour: Literal["blue", "yellow", "red"]
    reason: str = Field(min_length=1, max_length=1000)
    until: AwareDatetime


@router.get("/health", response_model=HealthList)
async def list_health(
    session: Reading,
    agent: SuccessReader,
    colour: Colour | None = None,
    owner: int | None = None,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,3}\.\d{1,18}$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """The lowest scores first; `counts` are of all colours, of this owner when one is asked for."""
    asked = queries.Asked(colour=colour, owner=owner, after=_place(cursor), limit=limit)
    items, more = await queries.listing(session, asked)
    last = items[-1] if more else None
    place = f"{queries.UNKNOWN if last['score'] is None else last['score']}.{last['account']['id']}" if last else None
    return json_response({"items": items, "next_cursor": place, "counts": await queries.colours(session, owner)})


def _place(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    score, _, account = cursor.partition(".")
    if int(score) > queries.UNKNOWN:
        raise WrongPlace
    return int(score), int(account)


@router.get("/accounts/{account_id}/health", response_model=HealthPage)
async def get_account_health(session: Reading, agent: SuccessReader, now: Now, account_id: int) -> Response:
    return json_response(await _page(session, account_id, now))


async def _page(session: Any, account_id: int, now: Any) -> dict[str, Any]:
    found = await queries.page(session, account_id, now)
    if found is None:
        raise NoAccount
    return found


@router.post("/accounts/{account_id}/pulse", status_code=201, response_model=HealthPage)
async def feel_pulse(session: Writing, agent: SuccessWriter, now: Now, account_id: int, asked: PulseIn) -> Response:
    lasts = timedelta(days=asked.days)
    await opinions.feel(session, account_id, asked.value, asked.note.strip(), lasts, by=agent.id, now=now)
    return json_response(await _page(session, account_id, now), 201)


@router.put("/accounts/{account_id}/health/override", response_model=HealthPage)
async def override_health(
    session: Writing, agent: SuccessWriter, now: Now, account_id: int, asked: OverrideIn
) -> Response:
    """A colour by hand, until then. The score is computed all the same."""
    await opinions.override(
        session, account_id, asked.colour, asked.reason, asked.until, by=agent.id, now=now
    )  # fmt: skip
    return json_response(await _page(session, account_id, now))


@router.delete("/accounts/{account_id}/health/override", response_model=HealthPage)
async def take_override_back(session: Writing, agent: SuccessWriter, now: Now, account_id: int) -> Response:
    await opinions.take_back(session, account_id, by=agent.id, now=now)
    return json_response(await _page(session, account_id, now))


# -- formulas -----------------------------------------------------------------------------------------------------------


@router.get("/health/formulas", response_model=FormulaList)
async def list_formulas(session: Reading, agent: SuccessReader) -> Response:
    items = [_formula(each) for each in await queries.versions(session)]
    measures = [{"code": code, "group": group} for code, (group, _) in MEASURES.items()]
    return json_response({"items": items, "measures": measures, "hard": HARD})


def _formula(each: HealthFormula) -> dict[str, Any]:
    return {name: getattr(each, name) for name in FormulaOut.model_fields}


@router.post("/health/formulas", status_code=201, response_model=FormulaOut)
async def add_formula(session: Writing, agent: SetupWriter, now: Now, asked: FormulaIn) -> Response:
    """A new version, which is not in use yet. One whose weights are impossible is refused, with the reasons."""
    segment = Segment(asked.tier, asked.stage)
    made = await formulas.add(session, segment, asked.spec.model_dump(), asked.note, by=agent.id, now=now)
    return json_response(_formula(made), 201)


@router.post("/health/formulas/preview", response_model=FormulaTrial)
async def preview_formula(agent: SetupWriter, here: Here, now: Now, asked: FormulaIn) -> Response:
    """Whose colour it would change, and how well it would have warned of past churn. Nothing is kept."""
    spec = asked.spec.model_dump()
    formulas.check(spec)
    return json_response(await here.database.look(_tried(Segment(asked.tier, asked.stage), spec, now)))


def _tried(segment: Segment, spec: dict[str, Any], now: Any) -> Callable[[Connection], dict[str, Any]]:
    def look(connection: Connection) -> dict[str, Any]:
        given = formula(spec)
        present = next((f for s, f in queries.formulas(connection) if s == segment), None)
        return trials.preview(connection, segment, given, now) | {
            "trial": trials.back_test(connection, segment, given, now),
            "present": trials.back_test(connection, segment, present, now) if present else None,
        }

    return look


@router.post("/health/formulas/{formula_id}/activate", response_model=FormulaOut)
async def activate_formula(session: Writing, agent: SetupWriter, now: Now, formula_id: int) -> Response:
    """All accounts are computed anew by it, piece by piece."""
    return json_response(_formula(await formulas.activate(session, formula_id, by=agent.id, now=now)))
