"""Early warnings and rhythms: what is due, what came of it, and how right each rule has been."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.actions.success import alerts, formulas, rhythms
from app.api.door import Now, Reading, Writing, json_response
from app.api.success.accounts import SetupWriter, SuccessReader, SuccessWriter
from app.api.success.health_shapes import AlertList, AlertOut, RhythmList, RuleList, RulesIn
from app.models import HealthSetup
from app.queries.success import alerts as queries
from app.queries.success import rhythms as rhythm_queries
from app.rules.success.alerts import LIMITS, limit

router = APIRouter(prefix="/api/v1/success", tags=["success"])
RECORD = timedelta(days=365)
Limit = Annotated[int, Query(ge=1, le=500)]


class SnoozeIn(BaseModel):
    until: AwareDatetime
    reason: str = Field(min_length=1, max_length=400)


class AlertEnd(BaseModel):
    outcome: Literal["saved", "lost", "false_alarm"]
    note: str = Field(default="", max_length=1000)


class KeeperIn(BaseModel):
    owner_id: int


class SettleIn(BaseModel):
    how: Literal["contacted", "not_needed", "wrong"]


@router.get("/alerts", response_model=AlertList)
async def list_alerts(
    session: Reading,
    agent: SuccessReader,
    state: Literal["open", "snoozed", "held", "closed"] = "open",
    owner: int | None = None,
    account: int | None = None,
    rule: Annotated[str | None, Query(max_length=24)] = None,
    limit: Limit = 100,
) -> Response:
    """Held ones are kept back because their owner has been shown enough today; they are shown when there is room."""
    asked = queries.Asked(state=state, owner=owner, account=account, rule=rule, limit=limit)
    return json_response(
        {"items": await queries.listing(session, asked), "counts": await queries.counted(session, owner)}
    )


@router.post("/alerts/{alert_id}/snooze", response_model=AlertOut)
async def snooze_alert(session: Writing, agent: SuccessWriter, now: Now, alert_id: int, asked: SnoozeIn) -> Response:
    await alerts.snooze(session, alert_id, asked.until, asked.reason, by=agent.id, now=now)
    return json_response(await queries.one(session, alert_id))


@router.post("/alerts/{alert_id}/close", response_model=AlertOut)
async def close_alert(session: Writing, agent: SuccessWriter, now: Now, alert_id: int, asked: AlertEnd) -> Response:
    await alerts.close(session, alert_id, asked.outcome, asked.note, by=agent.id, now=now)
    return json_response(await queries.one(session, alert_id))


@router.post("/alerts/{alert_id}/owner", response_model=AlertOut)
async def give_alert(session: Writing, agent: SuccessWriter, now: Now, alert_id: int, asked: KeeperIn) -> Response:
    await alerts.give(session, alert_id, asked.owner_id, by=agent.id, now=now)
    return json_response(await queries.one(session, alert_id))


@router.get("/alert-rules", response_model=RuleList)
async def list_alert_rules(session: Reading, agent: SuccessReader, now: Now) -> Response:
    """With what came of each rule's alerts of a year."""
    return json_response(await _rules(session, now))


async def _rules(session: Any, now: Any) -> dict[str, Any]:
    given = (await session.get_one(HealthSetup, 1)).alerts
    limits = {name: limit(given, name) for name in LIMITS}
    return {"items": await queries.record(session, given, now - RECORD), **limits}


@router.put("/alert-rules", response_model=RuleList)
async def set_alert_rules(session: Writing, agent: SetupWriter, now: Now, asked: RulesIn) -> Response:
    await formulas.configure(session, asked.model_dump(), by=agent.id, now=now)
    return json_response(await _rules(session, now))


@router.get("/rhythms", response_model=RhythmList)
async def list_rhythms(
    session: Reading,
    agent: SuccessReader,
    now: Now,
    due: bool = False,
    owner: int | None = None,
    account: int | None = None,
    limit: Limit = 200,
) -> Response:
    """`due`: late, with nothing that speaks against it, and not settled yet."""
    asked = rhythm_queries.Asked(owner=owner, account=account, due=due, limit=limit)
    return json_response({"items": await rhythm_queries.listing(session, asked, now)})


@router.post("/rhythms/{rhythm_id}/settle", status_code=204)
async def settle_rhythm(session: Writing, agent: SuccessWriter, now: Now, rhythm_id: int, asked: SettleIn) -> Response:
    """Quiet until they do it the next time."""
    await rhythms.settle(session, rhythm_id, asked.how, by=agent.id, now=now)
    return Response(status_code=204)
