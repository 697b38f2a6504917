"""The touch-point matrix: read by both teams, written and tried by who sets success up, and what it decided for a ticket."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.actions import desk
from app.actions.success import touch as verbs
from app.api.door import Now, Reader, Reading, Writing, json_response
from app.api.success.accounts import SetupWriter
from app.models import Ticket, TouchVersion
from app.queries.success import touch as queries
from app.rules.success import touch as rules

router = APIRouter(prefix="/api/v1", tags=["success"])
Word = Annotated[str, Field(max_length=24)]
Owner = Literal["support", "pool", "manager"]


class CellIO(BaseModel):
    """Where it holds ("*": anywhere), and what is answered there."""

    tier: Word = "*"
    kind: Word = "*"
    channel: Word = "*"
    hours: Word = "*"
    owner: Owner
    form: Literal["", "inform", "consult", "transfer"] = Field(default="", description="How it is handed over; or not")
    copy_manager: bool = Field(default=False, alias="copy", description="The account's manager hears of it")
    team_id: int | None = Field(default=None, description="The support team; null: the inbox's")
    policy_id: int | None = Field(default=None, description="What is promised; null: what conditions say")


class MatrixIn(BaseModel):
    cells: list[CellIO] = Field(max_length=rules.MOST)
    note: str = Field(default="", max_length=400, description="Why it is made")


class VersionOut(BaseModel):
    id: int
    note: str
    cells: list[CellIO]
    made_at: datetime
    made_by: int | None


class MatrixOut(BaseModel):
    active_id: int | None = Field(description="The version that holds; null: none does, support answers everything")
    versions: list[VersionOut] = Field(description="The latest first")
    template: list[CellIO] = Field(description="The usual matrix, to begin with")


class SwitchIn(BaseModel):
    version_id: int | None


class WhoOut(BaseModel):
    owner: Owner
    id: int | None = Field(description="The team, or the agent")


class LoadOut(WhoOut):
    before: int
    after: int


class ChangeOut(BaseModel):
    number: int
    was: WhoOut
    to: WhoOut
    tier: str
    kind: str
    channel: str
    hours: str


class SimulationOut(BaseModel):
    """The tickets of accounts of the last 90 days, with the tier and kind that they have today."""

    tickets: int
    unmatched: int = Field(description="No cell fits them: support answers")
    cells: list[int] = Field(description="How many each cell decides, in the order of the cells")
    changed: int = Field(description="Whom somebody else would have answered than by the matrix that holds now")
    examples: list[ChangeOut] = Field(description="The latest of those, 20 at most")
    load: list[LoadOut]


class TouchDecisionOut(BaseModel):
    version_id: int
    cell: CellIO | None = Field(description="Null: no cell fitted, support answers")
    facts: dict[str, str]
    policy_id: int | None
    held_until: datetime | None
    at: datetime


class TicketTouch(BaseModel):
    decision: TouchDecisionOut | None


@router.get("/touch", response_model=MatrixOut)
async def get_touch(session: Reading, agent: Reader) -> Response:
    """Both teams see the same."""
    setup = await queries.setup(session)
    found: dict[str, Any] = {"active_id": setup.touch_id, "versions": await queries.versions(session)}
    return json_response(found | {"template": list(rules.TEMPLATE)})


@router.post("/touch/versions", status_code=201, response_model=VersionOut)
async def add_touch_version(session: Writing, agent: SetupWriter, now: Now, asked: MatrixIn) -> Response:
    """A new version. The one that holds goes on holding until this one is switched on."""
    made: TouchVersion = await verbs.save(session, _cells(asked), asked.note.strip(), by=agent.id, now=now)
    return json_response(queries.shown(made), 201)


@router.put("/touch/active", response_model=SwitchIn)
async def switch_touch(session: Writing, agent: SetupWriter, now: Now, asked: SwitchIn) -> Response:
    """This version decides from now on; null: none does."""
    await verbs.switch(session, asked.version_id, by=agent.id, now=now)
    return json_response(asked.model_dump())


@router.post("/touch/simulation", response_model=SimulationOut)
async def simulate_touch(session: Reading, agent: SetupWriter, now: Now, asked: MatrixIn) -> Response:
    """How these cells would have answered, beside those that hold now. Nothing is written."""
    cells = _cells(asked)
    await verbs.sound(session, cells)
    matrix = await (await session.connection()).run_sync(queries.active)
    past = await queries.past(session, now)
    return json_response(await asyncio.to_thread(rules.simulate, past, cells, matrix.cells if matrix else ()))


@router.get("/tickets/{number}/touch", response_model=TicketTouch)
async def get_ticket_touch(session: Reading, agent: Reader, number: int) -> Response:
    """Which cell of which version decided, and what it went by."""
    if await session.get(Ticket, number) is None:
        raise desk.NoTicket
    found = await queries.of_ticket(session, number)
    return json_response({"decision": found and found | {"cell": found["cell"] or None}})


def _cells(asked: MatrixIn) -> list[dict[str, Any]]:
    return [each.model_dump(by_alias=True) for each in asked.cells]
