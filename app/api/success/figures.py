"""The success team's figures: of a period, told apart by touch, with the accounts behind each, as files."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from app.api.door import Here, Now, Reading, json_response
from app.api.success.accounts import SuccessReader
from app.api.success.renewals import WrongSpan, csv_file
from app.api.success.shapes import Tier
from app.errors import Missing
from app.queries.success import figures as queries
from app.rules.sheet import sheet
from app.rules.success.figure_words import definition, name
from app.rules.success.figures import FIGURES, Row, value

router = APIRouter(prefix="/api/v1/success/figures", tags=["success"])
LONGEST = timedelta(days=1100)
TIERS = ("high", "low", "tech", "")
HEADS = {
    "ja": (["指標", "値", "分子", "分母", "定義"], ["アカウント", "タッチ", "日", "分子", "分母"]),
    "en": (["Figure", "Value", "Numerator", "Denominator", "Definition"],
           ["Account", "Touch", "Day", "Numerator", "Denominator"]),
}  # fmt: skip


class NoFigure(Missing):
    """There is no such figure."""


class TierPart(BaseModel):
    tier: Tier
    value: float | None
    numerator: float
    denominator: float


class SuccessFigureOut(BaseModel):
    """`value`: null without data. A ratio's is a fraction; money is in whole units of the desk's currency."""

    code: str
    group: str
    kind: Literal["ratio", "money", "days"]
    good: Literal["", "up", "down"]
    name: str
    definition: str
    value: float | None
    numerator: float
    denominator: float
    tiers: list[TierPart]


class ColoursOut(BaseModel):
    """Health: how many accounts have each colour at the end, and from which to which they moved since the beginning."""

    now: dict[str, int]
    moved: dict[str, dict[str, int]]


class SuccessFiguresOut(BaseModel):
    first: date
    last: date
    figures: list[SuccessFigureOut]
    colours: ColoursOut


class CountedAccount(BaseModel):
    id: int
    name: str
    tier: Tier
    owner_id: int | None


class CountedAccountRow(BaseModel):
    account: CountedAccount
    on: date | None
    numerator: float
    denominator: float


def asked(
    now: Now,
    here: Here,
    first: date | None = None,
    last: date | None = None,
    owner: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    margin: Annotated[int, Query(ge=1, le=100)] = 100,
) -> queries.Asked:
    """The last 365 days unless said otherwise. WrongSpan."""
    zone = here.settings.timezone
    today = now.astimezone(ZoneInfo(zone)).date()
    end = last or today
    begin = first or end - timedelta(days=364)
    if not timedelta(0) <= end - begin < LONGEST or not 2000 <= begin.year <= end.year <= 2200:
        raise WrongSpan
    return queries.Asked(begin, end, today, owner, margin, zone)


Wanted = Annotated[queries.Asked, Depends(asked)]


@router.get("", response_model=SuccessFiguresOut)
async def success_figures(session: Reading, agent: SuccessReader, wanted: Wanted) -> Response:
    found = await queries.report(session, wanted)
    return json_response({
        "first": wanted.first, "last": wanted.last,
        "figures": [_shown(code, found, agent.language, wanted) for code in FIGURES],
        "colours": await queries.colours(session, wanted, found.accounts),
    })  # fmt: skip


def _shown(code: str, found: queries.Report, language: str, wanted: queries.Asked) -> dict[str, Any]:
    figure, whole = FIGURES[code], found.values[code]
    parts = [] if code == "ltv" else [_part(tier, figure.kind, found, code) for tier in TIERS]
    return {
        "code": code, "group": figure.group, "kind": figure.kind, "good": figure.good, "name": name(code, language),
        "definition": definition(code, language, wanted.margin), "value": whole.value, "numerator": whole.numerator,
        "denominator": whole.denominator, "tiers": [each for each in parts if each["denominator"]],
    }  # fmt: skip


def _part(tier: str, kind: str, found: queries.Report, code: str) -> dict[str, Any]:
    rows = [each for each in found.rows[code] if found.accounts[each.account]["tier"] == tier]
    part = value(kind, rows)
    return {"tier": tier, "value": part.value, "numerator": part.numerator, "denominator": part.denominator}


@router.get(".csv")
async def export_success_figures(session: Reading, agent: SuccessReader, wanted: Wanted) -> Response:
    found, language = await queries.report(session, wanted), "en" if agent.language == "en" else "ja"
    lines: list[list[object]] = []
    for code in FIGURES:
        told = _shown(code, found, language, wanted)
        lines.append([told[part] for part in ("name", "value", "numerator", "denominator", "definition")])
    return csv_file(sheet([HEADS[language][0], *lines]), f"success-{wanted.first}-{wanted.last}.csv")


def _counted(code: str, found: queries.Report) -> list[Row]:
    if code not in FIGURES:
        raise NoFigure
    return found.rows[code]


@router.get("/{code}", response_model=list[CountedAccountRow])
async def success_figure_rows(session: Reading, agent: SuccessReader, wanted: Wanted, code: str) -> Response:
    """Exactly what was counted."""
    found = await queries.report(session, wanted)
    rows = _counted(code, found)
    return json_response([
        {"account": found.accounts[each.account], "on": each.on, "numerator": each.numerator, "denominator": each.denominator}
        for each in rows
    ])  # fmt: skip


@router.get("/{code}/rows.csv")
async def export_success_figure(session: Reading, agent: SuccessReader, wanted: Wanted, code: str) -> Response:
    found, language = await queries.report(session, wanted), "en" if agent.language == "en" else "ja"
    lines: list[list[object]] = [
        [found.accounts[each.account]["name"], found.accounts[each.account]["tier"], each.on, each.numerator, each.denominator]
        for each in _counted(code, found)
    ]  # fmt: skip
    return csv_file(sheet([HEADS[language][1], *lines]), f"{code}-{wanted.first}-{wanted.last}.csv")
