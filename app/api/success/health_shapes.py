"""What the doors of health, alerts and rhythms take and say."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from app.api.success.shapes import Stage, Tier

Colour = Literal["blue", "yellow", "red", "grey"]
Points = Annotated[float, Field(allow_inf_nan=False)]


class HealthAccount(BaseModel):
    id: int
    code: str
    name: str
    tier: str
    stage: str
    owner_id: int | None


class LostOut(BaseModel):
    code: str
    lost: float


class HardOut(BaseModel):
    code: str
    days: int
    most: Literal["red", "yellow"]


class HealthRow(BaseModel):
    account: HealthAccount
    score: int | None
    colour: Colour
    trend: float | None = Field(description="Points a week, over four weeks")
    trend_long: float | None = Field(description="Over eight")
    since: datetime | None = Field(description="Of the colour")
    hard: list[HardOut]
    worst: list[LostOut] = Field(description="What costs most points")


class HealthList(BaseModel):
    items: list[HealthRow]
    next_cursor: str | None
    counts: dict[str, int]


class Contribution(BaseModel):
    """`points` add up to the score, `lost` to what is missing to 100. `missing`: "unknown" or "stale"; then it does not count."""

    code: str
    group: str
    value: float | None = None
    score: float | None = None
    weight: float | None = None
    points: float | None = None
    lost: float | None = None
    missing: str | None = None


class PastOut(BaseModel):
    at: datetime
    score: int | None
    colour: Colour


class MovedOut(BaseModel):
    code: str
    points: float


class PulseOut(BaseModel):
    value: int
    note: str
    agent_id: int | None
    at: datetime
    expires_at: datetime


class OverrideOut(BaseModel):
    colour: Colour
    reason: str
    agent_id: int | None
    at: datetime
    until: datetime


class FormulaName(BaseModel):
    id: int
    tier: str
    stage: str
    version: int


class HealthPage(BaseModel):
    score: int | None
    colour: Colour
    trend: float | None
    trend_long: float | None
    contributions: list[Contribution]
    hard: list[HardOut]
    since: datetime | None
    computed_at: datetime | None
    present: float = Field(description="The share of the weight that something was known for")
    formula: FormulaName | None
    history: list[PastOut]
    moved_since: datetime | None
    moved: list[MovedOut] = Field(description="What moved the score since then, in points")
    pulses: list[PulseOut]
    override: OverrideOut | None


class MeasureIo(BaseModel):
    """`worst` and `best`: the values that count 0 and 100; which of them is larger says the direction."""

    code: str = Field(max_length=40)
    weight: Points
    worst: Points
    best: Points
    fresh_days: Points = 90
    missing: Literal["drop", "worst"] = "drop"


class HardIo(BaseModel):
    code: str = Field(max_length=40)
    over: Points
    most: Literal["red", "yellow"]


class SpecIo(BaseModel):
    measures: Annotated[list[MeasureIo], Field(max_length=40)]
    blue_from: Points = 75
    yellow_from: Points = 50
    hysteresis: Points = 3
    dwell_hours: Points = 24
    hard: Annotated[list[HardIo], Field(max_length=20)] = []


class FormulaIn(BaseModel):
    """For one segment: an empty touch or stage is any."""

    tier: Tier = ""
    stage: Stage = ""
    spec: SpecIo
    note: str = Field(default="", max_length=400)


class FormulaOut(BaseModel):
    id: int
    tier: str
    stage: str
    version: int
    spec: SpecIo
    note: str
    active: bool
    agent_id: int | None
    created_at: datetime
    activated_at: datetime | None


class MeasureName(BaseModel):
    code: str
    group: str


class FormulaList(BaseModel):
    items: list[FormulaOut]
    measures: list[MeasureName]
    hard: list[str]


class MoveOut(BaseModel):
    from_: Colour = Field(alias="from")
    to: Colour
    count: int


class MovedAccount(BaseModel):
    id: int
    name: str
    from_: Colour = Field(alias="from")
    to: Colour
    score: int | None


class TrialOut(BaseModel):
    churned: int = Field(description="Accounts that left and could be scored `ahead_days` before")
    stayed: int
    auc: float | None = Field(description="That one who left had scored lower than one who stayed; 0.5 is chance")
    lift: float | None = Field(description="How much more of those who left are in the lowest fifth than among all")
    warned: int = Field(description="Of those who left: yellow or red from some day on until the end")
    lead_days: float | None = Field(description="The median of that day's distance from the end")
    ahead_days: int


class FormulaTrial(BaseModel):
    looked: int
    more: bool = Field(description="There are more accounts than a preview looks at")
    moved: int
    moves: list[MoveOut]
    accounts: list[MovedAccount]
    trial: TrialOut
    present: TrialOut | None = Field(description="The same of the formula that is in use")


class AlertAccount(BaseModel):
    id: int
    name: str


class AlertOut(BaseModel):
    id: int
    account: AlertAccount
    rule: str
    hidden: bool = Field(description="A bottleneck that they have not noticed")
    weight: int
    state: Literal["open", "snoozed", "held", "closed"]
    evidence: dict[str, Any]
    lead_days: int
    owner_id: int | None
    found_at: datetime
    shown_at: datetime | None
    due_at: datetime
    gone_at: datetime | None = Field(description="Since then its reason no longer holds")
    snoozed_until: datetime | None
    snooze_reason: str
    outcome: str
    note: str
    closed_by: int | None
    closed_at: datetime | None


class AlertList(BaseModel):
    items: list[AlertOut]
    counts: dict[str, int]


class WarningRule(BaseModel):
    rule: str
    on: bool
    over: float
    over_default: float
    hidden: bool
    lead_days: int
    open: int
    saved: int
    lost: int
    false_alarm: int
    eased: int
    precision: float | None = Field(description="(saved + lost) / (saved + lost + false alarm); null: none was judged")


class RuleList(BaseModel):
    items: list[WarningRule]
    cap: int = Field(description="So many an owner is shown in a day")
    per_account: int
    rest_days: int


class RuleWay(BaseModel):
    on: bool = True
    over: float = Field(default=0, ge=0, le=10_000, allow_inf_nan=False)


class RulesIn(BaseModel):
    rules: dict[str, RuleWay]
    cap: int = Field(default=10, ge=1, le=1000)
    per_account: int = Field(default=3, ge=1, le=100)
    rest_days: int = Field(default=60, ge=0, le=365)


class RhythmAccount(BaseModel):
    id: int
    name: str
    owner_id: int | None


class RhythmOut(BaseModel):
    """ "Usually every `every_days` days, now `now_days`"."""

    id: int
    account: RhythmAccount
    item: str
    count: int
    every_days: float
    spread_days: float
    now_days: int
    last_at: datetime
    expected_at: datetime
    overdue_at: datetime
    state: Literal["kept", "hint", "overdue", "quiet"]
    why: str
    is_settled: bool
    settled: str
    settled_at: datetime | None
    settled_by: int | None


class RhythmList(BaseModel):
    items: list[RhythmOut]
