"""Playbooks, an account's runs, and the work that they ask of people."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.actions.success import playbooks as verbs
from app.api.door import Here, Now, Reading, Writing, json_response
from app.api.success.accounts import SuccessReader, SuccessWriter
from app.errors import Missing
from app.models import Account, PlaybookRun, PlaybookStep
from app.queries.success import drafts
from app.queries.success import playbooks as queries

router = APIRouter(prefix="/api/v1/success", tags=["success"])
Kind = Literal["risk", "onboarding", "renewal", "expansion", "lifecycle", "advocacy"]
Both = dict[Literal["ja", "en"], Annotated[str, Field(max_length=5000)]]
Key = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_-]*$")]


class ConditionIo(BaseModel):
    """`is`: the values of which one has to be the case; for `used` the names of what was done."""

    fact: Literal["stage", "tier", "colour", "replied", "used", "renewed", "step"]
    is_: list[Annotated[str, Field(max_length=120)]] = Field(default=[], max_length=20, alias="is")
    key: Key = Field(default="", description="step: whose state")


class StepIo(BaseModel):
    """Work for a person, a wait, or a branch to a later step (empty: the next; "end": none)."""

    key: Key = Field(min_length=1)
    kind: Literal["task", "mail", "line", "call", "internal", "wait", "branch"]
    title: Both = {}
    subject: Both = {}
    text: Both = Field(
        default={}, description="What a person is to send or to do; {{person.name}} and such are filled in"
    )
    days: int = Field(default=0, ge=0, le=365, description="Business days: until it is due, or how long to wait")
    owner: Literal["manager", "starter", "lead"] = "manager"
    mark: Literal["", "milestone", "value"] = ""
    condition: ConditionIo | None = Field(
        default=None, description="Work: done by itself when it holds; wait: over then; branch: decides"
    )
    then: str = Field(default="", max_length=40)
    otherwise: str = Field(default="", max_length=40)


class TriggerIo(BaseModel):
    """renewal: so many days before a contract's renewal; start: a contract begins; alert: an early warning is open."""

    on: Literal["renewal", "start", "alert"]
    days: int = Field(default=120, ge=0, le=400)
    tiers: list[Literal["high", "low", "tech"]] = []
    rules: list[Annotated[str, Field(max_length=24)]] = Field(
        default=[], description="alert: of these rules; empty: any"
    )


class PlaybookSpec(BaseModel):
    steps: list[StepIo] = Field(min_length=1, max_length=50)
    triggers: list[TriggerIo] = Field(default=[], max_length=10)
    exits: list[ConditionIo] = Field(default=[], max_length=10)
    criteria: list[ConditionIo] = Field(default=[], max_length=10)


class PlaybookIn(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    kind: Kind
    enabled: bool = True
    spec: PlaybookSpec


class PlaybookOut(BaseModel):
    id: int
    name: str
    kind: Kind
    version: int
    enabled: bool
    archived_at: datetime | None
    spec: PlaybookSpec
    running: int


class PlaybookStepOut(BaseModel):
    id: int
    run_id: int
    key: str
    place: int
    kind: str
    mark: str
    owner_id: int | None
    state: Literal["open", "done", "skipped", "dropped"]
    opened_at: datetime
    due_at: datetime
    ended_at: datetime | None
    ended_by: int | None
    note: str


class PlaybookRunOut(BaseModel):
    id: int
    playbook_id: int
    name: str
    version: int
    account_id: int
    kind: Kind
    state: Literal["running", "done", "exited", "canceled"]
    cause: Literal["hand", "renewal", "start", "alert"]
    cause_id: int
    cause_on: date
    started_by: int | None
    position: int
    wait_until: datetime | None
    met: bool | None
    reason: str
    started_at: datetime
    ended_at: datetime | None
    spec: PlaybookSpec
    steps: list[PlaybookStepOut]


class AccountRef(BaseModel):
    id: int
    name: str


class PlaybookTask(PlaybookStepOut):
    account: AccountRef
    playbook: str
    playbook_kind: Kind
    title: Both


class PlaybookRunIn(BaseModel):
    playbook_id: int


class ReasonIn(BaseModel):
    reason: str = Field(min_length=1, max_length=400)


class StepEnd(BaseModel):
    state: Literal["done", "skipped"]
    note: str = Field(default="", max_length=2000)


class DraftTo(BaseModel):
    person_id: int
    name: str
    language: str


class DraftOut(BaseModel):
    """For a person to go over and to send: nothing goes out by itself."""

    channel: Literal["email", "line", ""]
    to: DraftTo | None
    subject: str
    text: str


@router.get("/playbooks", response_model=list[PlaybookOut])
async def list_playbooks(session: Reading, agent: SuccessReader) -> Response:
    return json_response(await queries.listing(session))


@router.post("/playbooks", status_code=201, response_model=PlaybookOut)
async def add_playbook(session: Writing, agent: SuccessWriter, now: Now, asked: PlaybookIn) -> Response:
    made = await verbs.put(session, asked.model_dump(by_alias=True), by=agent.id, now=now)
    return await _shown(session, made, 201)


@router.put("/playbooks/{playbook_id}", response_model=PlaybookOut)
async def change_playbook(
    session: Writing, agent: SuccessWriter, now: Now, playbook_id: int, asked: PlaybookIn
) -> Response:
    """Another spec is a new version; what runs stays on its own. The kind stays."""
    made = await verbs.put(session, asked.model_dump(by_alias=True), by=agent.id, now=now, number=playbook_id)
    return await _shown(session, made)


async def _shown(session: Any, made: Any, status: int = 200) -> Response:
    return json_response(queries.shown(made, await queries.spec_of(session, made.id, made.version)), status)


@router.post("/playbooks/{playbook_id}/archive", status_code=204)
async def archive_playbook(session: Writing, agent: SuccessWriter, now: Now, playbook_id: int) -> Response:
    await verbs.archive(session, playbook_id, by=agent.id, now=now)
    return Response(status_code=204)


@router.get("/accounts/{account_id}/runs", response_model=list[PlaybookRunOut])
async def list_playbook_runs(session: Reading, agent: SuccessReader, account_id: int) -> Response:
    if await session.get(Account, account_id) is None:
        raise Missing
    return json_response(await queries.runs(session, account_id))


@router.post("/accounts/{account_id}/runs", status_code=201, response_model=PlaybookRunOut)
async def start_playbook_run(
    session: Writing, agent: SuccessWriter, here: Here, now: Now, account_id: int, asked: PlaybookRunIn
) -> Response:
    hours = await queries.desk_hours(session, here.settings.timezone)
    run = await verbs.start(session, account_id, asked.playbook_id, hours, now, by=agent.id)
    return json_response((await queries.told(session, [run]))[0], 201)


@router.post("/runs/{run_id}/cancel", response_model=PlaybookRunOut)
async def cancel_playbook_run(
    session: Writing, agent: SuccessWriter, now: Now, run_id: int, asked: ReasonIn
) -> Response:
    run = await verbs.cancel(session, run_id, asked.reason, by=agent.id, now=now)
    return json_response((await queries.told(session, [run]))[0])


@router.get("/tasks", response_model=list[PlaybookTask])
async def list_playbook_tasks(session: Reading, agent: SuccessReader, mine: bool = True) -> Response:
    """Open work of running playbooks, the most urgent first; mine: also what nobody in particular does. 200 at most."""
    return json_response(await queries.tasks(session, agent, mine=mine))


@router.post("/steps/{step_id}", response_model=PlaybookRunOut)
async def end_playbook_step(
    session: Writing, agent: SuccessWriter, here: Here, now: Now, step_id: int, asked: StepEnd
) -> Response:
    hours = await queries.desk_hours(session, here.settings.timezone)
    run = await verbs.end_step(session, step_id, asked.state, agent=agent, note=asked.note, hours=hours, now=now)
    return json_response((await queries.told(session, [run]))[0])


@router.get("/steps/{step_id}/draft", response_model=DraftOut)
async def get_playbook_draft(session: Reading, agent: SuccessReader, step_id: int) -> Response:
    """A mail's or a LINE message's words, in the language of the account's contact."""
    step = await session.get(PlaybookStep, step_id)
    if step is None:
        raise verbs.NoStep
    run = await session.get_one(PlaybookRun, step.run_id)
    return json_response(await drafts.of_step(session, run, step, agent))
