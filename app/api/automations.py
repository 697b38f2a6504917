"""Rules: what they say, in which order, what they did, and what one would have done."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from app.actions import automations as verbs
from app.api.door import Here, Now, Page, Reading, Writing, having, json_response
from app.models import Agent
from app.queries import rulebook as queries
from app.rules.automation import FIELDS, OPERATORS
from app.rules.automation_spec import ACTIONS, MACRO_ACTIONS, TRIGGERS
from app.rules.templates import VARIABLES

router = APIRouter(prefix="/api/v1/automations", tags=["automations"])
Ruler = Annotated[Agent, Depends(having("automation.write"))]
Reader = Annotated[Agent, Depends(having("ticket.read"))]
Json = dict[str, Any]
Actions = Annotated[list[Json], Field(max_length=50)]


class RuleIn(BaseModel):
    """`trigger`: {"on": [kinds of events]} or {"time": true}. `conditions`: {"all" | "any": [groups and
    {"field", "op", "value"}]}. `actions`: [{"do": ...}]. GET /automations/words says what there is."""

    name: str = Field(min_length=1, max_length=80)
    trigger: Json
    conditions: Json
    actions: Actions
    stop: bool = False
    active: bool = False


class RuleChange(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=80)
    trigger: Json | None = None
    conditions: Json | None = None
    actions: Actions | None = None
    stop: bool | None = None
    active: bool | None = None
    version: int | None = Field(default=None, description="The version that was edited: another one is a conflict")


class RuleOut(BaseModel):
    id: int
    name: str
    position: int
    active: bool
    version: int
    stop: bool
    trigger: Json
    conditions: Json
    actions: list[Json]
    since: datetime | None
    runs: int
    ran_at: datetime | None
    created_at: datetime


class RuleOrder(BaseModel):
    rule_ids: list[int] = Field(max_length=1000)


class RehearsalIn(BaseModel):
    trigger: Json
    conditions: Json
    actions: Actions


class RehearsedOut(BaseModel):
    ticket: int
    subject: str
    at: datetime
    kind: str


class RehearsalOut(BaseModel):
    since: datetime
    looked_at: int = Field(description="Events, or for a rule on time tickets")
    matched: int
    later: int = Field(description="Tickets that a rule on time may fit when their time comes")
    capped: bool = Field(description="Only the latest were looked at")
    items: list[RehearsedOut]


class DidOut(BaseModel):
    do: str
    ok: bool
    why: str


class RunOut(BaseModel):
    id: int
    automation_id: int
    version: int
    ticket: int | None
    subject: str
    outcome: Literal["done", "stopped", "failed"]
    did: list[DidOut]
    depth: int
    at: datetime


class FieldOut(BaseModel):
    name: str
    type: str
    of: str
    words: list[str]
    operators: list[str]


class NamedOut(BaseModel):
    id: int
    name: str


class WordsOut(BaseModel):
    triggers: list[str]
    fields: list[FieldOut]
    actions: list[str]
    macro_actions: list[str]
    variables: list[str]
    webhooks: list[NamedOut]


@router.get("/words", response_model=WordsOut)
async def words(session: Reading, agent: Reader) -> Response:
    """What rules and macros can speak of."""
    fields = [
        {"name": name, "type": k.type, "of": k.of, "words": list(k.words), "operators": list(OPERATORS[k.type])}
        for name, k in FIELDS.items()
    ]
    return json_response(
        {
            "triggers": list(TRIGGERS),
            "fields": fields,
            "actions": list(ACTIONS),
            "macro_actions": [each for each in ACTIONS if each in MACRO_ACTIONS],
            "variables": list(VARIABLES),
            "webhooks": await queries.webhooks(session),
        }
    )


@router.get("", response_model=list[RuleOut])
async def list_rules(session: Reading, agent: Ruler) -> Response:
    """In their order."""
    return json_response(await queries.rules(session))


@router.post("", status_code=201, response_model=RuleOut)
async def add_rule(session: Writing, agent: Ruler, now: Now, asked: RuleIn) -> Response:
    made = await verbs.add(session, asked.model_dump(), by=agent.id, now=now)
    return json_response(queries.shown(made), 201)


@router.put("/order", response_model=list[RuleOut])
async def order_rules(session: Writing, agent: Ruler, now: Now, asked: RuleOrder) -> Response:
    await verbs.order(session, asked.rule_ids, by=agent.id, now=now)
    return json_response(await queries.rules(session))


@router.post("/dry-run", response_model=RehearsalOut)
async def dry_run(session: Reading, agent: Ruler, now: Now, here: Here, asked: RehearsalIn) -> Response:
    """What it would have done in the last 30 days, judged by the tickets as they are now. Changes nothing, but that a rule
    that says just this may be switched on."""
    await verbs.sound(session, asked.trigger, asked.conditions, asked.actions)
    found = await queries.rehearse(session, asked.trigger, asked.conditions, now)
    async with here.database.write() as writing:
        await verbs.rehearsed(writing, asked.model_dump(), by=agent.id, now=now)
    return json_response(found)


@router.get("/runs", response_model=Page[RunOut])
async def list_runs(
    session: Reading,
    agent: Ruler,
    rule: int | None = None,
    before: int | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    items, more = await queries.runs(session, rule, before=before, limit=limit)
    return json_response({"items": items, "next_cursor": str(items[-1]["id"]) if more else None})


@router.patch("/{rule_id}", response_model=RuleOut)
async def change_rule(session: Writing, agent: Ruler, now: Now, rule_id: int, change: RuleChange) -> Response:
    given = change.model_dump(exclude_unset=True)
    return json_response(queries.shown(await verbs.change(session, rule_id, given, by=agent.id, now=now)))


@router.delete("/{rule_id}", status_code=204)
async def remove_rule(session: Writing, agent: Ruler, now: Now, rule_id: int) -> Response:
    """Its log stays."""
    await verbs.archive(session, rule_id, by=agent.id, now=now)
    return Response(status_code=204)
