"""Promises: the policies that make them, the clocks of a ticket, and why each is due when it is."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field, model_validator

from app.actions import desk, recount
from app.actions import policies as verbs
from app.api.door import Now, Reader, Reading, Worker, Writing, having, json_response
from app.api.shapes import Channel, ClockOut, ForcedOut, PriorityName, TicketPolicy
from app.errors import Invalid, Missing
from app.models import Agent, Inbox
from app.queries import clocks as queries
from app.queries import tickets
from app.rules.policies import PERCENTS, Facts

router = APIRouter(prefix="/api/v1", tags=["promises"])
Promiser = Annotated[Agent, Depends(having("policy.write"))]
Metric = Literal["first_response", "next_response", "resolution", "callback", "assignment"]
LONGEST_S = 366 * 86400


class NoClock(Missing):
    """Nothing of this kind was ever promised in this ticket."""


class NoTicketHere(Missing):
    """There is no such ticket."""


class NoSuchInbox(Invalid):
    """There is no such inbox."""


class NamesCondition(BaseModel):
    field: Literal["channel", "priority", "tier", "language"]
    any: list[Annotated[str, Field(max_length=16)]] = Field(min_length=1, max_length=50)


class IdsCondition(BaseModel):
    field: Literal["inbox", "team", "account", "tag"]
    any: list[int] = Field(min_length=1, max_length=500)


class ToAgent(BaseModel):
    agent: int


class WarningStep(BaseModel):
    percent: Literal[50, 75, 90, 100, 150]
    metrics: list[Metric] = Field(default_factory=list, description="None: all")
    to: list[Literal["assignee", "leads", "success"] | ToAgent] = Field(min_length=1, max_length=20)


class PolicySpec(BaseModel):
    """What a policy says: for which tickets, how fast, by which hours, who is warned."""

    conditions: list[NamesCondition | IdsCondition] = Field(default_factory=list, max_length=8)
    hours: Literal["business", "elapsed"]
    calendar_id: int | None = None
    by_team: bool = Field(default=False, description="A team's own calendar goes before this one")
    targets: dict[Metric, dict[PriorityName, Annotated[int, Field(ge=60, le=LONGEST_S)]]]
    pauses: dict[Metric, list[Literal["pending", "snoozed"]]] = {"resolution": ["pending", "snoozed"]}
    reopen: Literal["resume", "restart"] = "resume"
    steps: list[WarningStep] = Field(default_factory=list, max_length=len(PERCENTS) * 4)

    @model_validator(mode="after")
    def _plain(self) -> "PolicySpec":
        """Elapsed time has no calendar: what is stored says nothing that does not hold."""
        if self.hours == "elapsed":
            self.calendar_id, self.by_team = None, False
        return self


class PolicyIn(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    spec: PolicySpec


class PolicyChange(BaseModel):
    name: str | None = Field(default=None, min_length=1, max_length=80)
    spec: PolicySpec | None = None
    version: int | None = Field(default=None, description="The version that was edited: another one is a conflict")
    archived: bool | None = None


class PolicyOut(BaseModel):
    id: int
    name: str
    position: int
    version: int
    spec: PolicySpec
    created_at: datetime
    changed_at: datetime
    archived_at: datetime | None


class OrderIn(BaseModel):
    policy_ids: list[int] = Field(max_length=1000)


class MatchIn(BaseModel):
    """A ticket by its number, or what one would be like."""

    ticket: int | None = None
    channel: Channel = "email"
    inbox_id: int | None = None
    team_id: int | None = None
    account_id: int | None = None
    tier: str = Field(default="", max_length=16)
    priority: PriorityName = "normal"
    language: str = Field(default="ja", max_length=8)
    tag_ids: list[int] = Field(default_factory=list, max_length=50)


class PromiseOut(BaseModel):
    metric: Metric
    target_s: int
    due_at: datetime | None
    calendar_id: int | None


class MatchOut(BaseModel):
    policy_id: int | None = Field(description="None: what the inbox promises")
    promises: list[PromiseOut]


class ForceIn(BaseModel):
    policy_id: int | None = Field(description="None: by conditions again")


class RecountOut(BaseModel):
    id: int
    agent_id: int | None
    created_at: datetime
    tickets: int
    changed: int
    done_at: datetime | None


class WhyPolicy(BaseModel):
    id: int
    name: str
    version: int
    present: int = Field(description="The policy's version now")
    since: datetime
    conditions: list[NamesCondition | IdsCondition]


class WhyCalendar(BaseModel):
    id: int
    name: str
    version: int
    zone: str


class Stretch(BaseModel):
    begin: datetime
    end: datetime
    seconds: float


class PauseOut(BaseModel):
    begin: datetime
    end: datetime | None
    reason: str


class SkippedDay(BaseModel):
    date: date
    why: Literal["week", "holiday", "closure", "day"]
    name: str


class ClockEntryOut(BaseModel):
    at: datetime
    kind: Literal[
        "started",
        "paused",
        "resumed",
        "retargeted",
        "terms",
        "warned",
        "met",
        "breached",
        "kept",
        "voided",
        "cancelled",
    ]
    reason: str
    due_was: datetime | None
    due_at: datetime | None
    target_s: int | None
    policy_version: int | None
    percent: int
    was: dict[str, Any] = Field(description="Of a change: the terms until then")


class WhyOut(BaseModel):
    """Why it is due then: the time that counts adds up to the target."""

    clock: ClockOut
    policy: WhyPolicy | None = Field(description="None: what the inbox promises")
    forced: ForcedOut | None = Field(description="Who chose the policy; none: by conditions, or the clock has ended")
    calendar: WhyCalendar | None = Field(description="None: all time counts")
    stretches: list[Stretch] = Field(description="What counts, to the deadline, the answer or the pause that goes on")
    skipped: list[SkippedDay]
    pauses: list[PauseOut]
    counted_s: float = Field(description="What has counted by now")
    entries: list[ClockEntryOut]
    agrees: bool | None = Field(
        description="Whether the ledger, told anew, says the same; None: the clock is older than it"
    )


def _spec(given: PolicySpec) -> dict[str, Any]:
    return given.model_dump(mode="json")


@router.get("/policies", response_model=list[PolicyOut])
async def list_policies(session: Reading, agent: Reader) -> Response:
    """In their order: the first that fits a ticket is its own."""
    return json_response(await queries.listing(session))


@router.post("/policies", status_code=201, response_model=PolicyOut)
async def add_policy(session: Writing, agent: Promiser, now: Now, asked: PolicyIn) -> Response:
    made = await verbs.add(session, name=asked.name, spec=_spec(asked.spec), agent_id=agent.id, now=now)
    return json_response(await queries.one(session, made.id), 201)


@router.put("/policies/order", response_model=list[PolicyOut])
async def order_policies(session: Writing, agent: Promiser, now: Now, asked: OrderIn) -> Response:
    await verbs.order(session, asked.policy_ids, agent_id=agent.id, now=now)
    return json_response(await queries.listing(session))


@router.post("/policies/preview", response_model=MatchOut)
async def match_policy(session: Reading, agent: Reader, now: Now, asked: MatchIn) -> Response:
    """Which policy such a ticket would have, and what a message now would be promised."""
    if asked.ticket is not None:
        found = await queries.known_facts(session, asked.ticket)
        if found is None:
            raise NoTicketHere
        return json_response(await queries.preview(session, found, now))
    inbox = await session.get(Inbox, asked.inbox_id) if asked.inbox_id is not None else None
    if asked.inbox_id is not None and inbox is None:
        raise NoSuchInbox
    given = Facts(
        number=0, channel=inbox.kind if inbox else asked.channel, inbox=inbox.id if inbox else 0,
        default_s=inbox.first_response_s if inbox else 3600, team=asked.team_id, priority=asked.priority, tier=asked.tier,
        account=asked.account_id, language=asked.language, tags=frozenset(asked.tag_ids),
    )  # fmt: skip
    return json_response(await queries.preview(session, given, now))


@router.post("/policies/apply", status_code=202, response_model=RecountOut)
async def apply_policies(session: Writing, agent: Promiser, now: Now) -> Response:
    """Counts the deadlines of all unsolved tickets anew, by the present policies and calendars."""
    await recount.start(session, agent.id, now)
    return json_response(await queries.latest_recount(session), 202)


@router.get("/policies/apply", response_model=RecountOut | None)
async def policies_applied(session: Reading, agent: Reader) -> Response:
    """How far the latest one came; null when there was none."""
    return json_response(await queries.latest_recount(session))


@router.patch("/policies/{policy_id}", response_model=PolicyOut)
async def change_policy(session: Writing, agent: Promiser, now: Now, policy_id: int, change: PolicyChange) -> Response:
    await verbs.change(
        session, policy_id, agent_id=agent.id, now=now, name=change.name, version=change.version,
        spec=_spec(change.spec) if change.spec else None, archived=change.archived,
    )  # fmt: skip
    return json_response(await queries.one(session, policy_id))


@router.put("/tickets/{number}/policy", response_model=TicketPolicy)
async def force_policy(session: Writing, agent: Worker, now: Now, number: int, asked: ForceIn) -> Response:
    """Chooses the ticket's policy, whatever its conditions say; its deadlines are counted again. Null: by conditions again."""
    await verbs.force(session, await desk.workable(session, number), asked.policy_id, by=agent.id, now=now)
    return json_response(await queries.policy_of(session, number))


@router.get("/tickets/{number}/clocks", response_model=list[ClockOut])
async def list_clocks(session: Reading, agent: Reader, number: int) -> Response:
    if not await tickets.rows(session, [number]):
        raise NoTicketHere
    return json_response(await queries.of_ticket(session, number))


@router.get("/tickets/{number}/clocks/{metric}/why", response_model=WhyOut)
async def why_due(session: Reading, agent: Reader, now: Now, number: int, metric: Metric) -> Response:
    """The intervals that count, the pauses, the policy and its version, the arithmetic: any deadline can be explained."""
    found = await queries.why(session, number, metric, now)
    if found is None:
        raise NoClock
    return json_response(found)
