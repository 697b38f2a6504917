"""Early warnings: what is open for an account, what an owner was shown lately, the list, and how right each rule was."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, Agent, Alert, HealthSetup
from app.models.health import OPEN_ALERT
from app.rules.success import alerts as rules

SHOWN = (
    "id", "account_id", "rule", "weight", "state", "evidence", "lead_days", "owner_id", "found_at", "shown_at",
    "due_at", "gone_at", "snoozed_until", "snooze_reason", "outcome", "note", "closed_by", "closed_at",
)  # fmt: skip


def unsettled(connection: Connection, accounts: Collection[int]) -> dict[tuple[int, str], Any]:
    """By account and rule."""
    names = ("id", "account_id", "rule", "state", "gone_at", "evidence")
    query = select(*(col(getattr(Alert, name)) for name in names))
    found = connection.execute(query.where(col(Alert.account_id).in_(accounts), OPEN_ALERT))
    return {(row.account_id, row.rule): row for row in found}


def resting(connection: Connection, accounts: Collection[int], since: datetime) -> set[tuple[int, str]]:
    """What was closed lately is not said again so soon."""
    query = select(col(Alert.account_id), col(Alert.rule)).where(
        col(Alert.account_id).in_(accounts), col(Alert.closed_at) > since, col(Alert.outcome) != "eased"
    )
    return {(number, rule) for number, rule in connection.execute(query)}


def owners(connection: Connection, accounts: Collection[int]) -> dict[int, int | None]:
    query = select(col(Account.id), col(Account.owner_id)).where(col(Account.id).in_(accounts))
    return {number: owner for number, owner in connection.execute(query)}  # noqa: C416


def shown_today(connection: Connection, now: datetime) -> dict[int | None, int]:
    """How many each owner was shown in the last day."""
    query = select(col(Alert.owner_id), func.count()).where(col(Alert.shown_at) > now - timedelta(days=1))
    found: dict[int | None, int] = defaultdict(int)
    for owner, many in connection.execute(query.group_by(col(Alert.owner_id))):
        found[owner] = many
    return found


def setup(connection: Connection) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is configured for alerts, and for rhythms."""
    row = connection.execute(select(col(HealthSetup.alerts), col(HealthSetup.rhythms))).one()
    return row[0], row[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    state: str = "open"  # open, snoozed, held, closed
    owner: int | None = None
    account: int | None = None
    rule: str | None = None
    limit: int = 100


async def listing(session: AsyncSession, asked: Asked) -> list[dict[str, Any]]:
    """Open ones: the heaviest first; closed ones: the latest first."""
    query = select(Alert, col(Account.name)).join(Account, col(Account.id) == col(Alert.account_id))
    query = query.where(col(Alert.state) == asked.state)
    for column, value in ((Alert.owner_id, asked.owner), (Alert.account_id, asked.account), (Alert.rule, asked.rule)):
        if value is not None:
            query = query.where(col(column) == value)
    order = [col(Alert.closed_at).desc()] if asked.state == "closed" else [col(Alert.weight).desc(), col(Alert.due_at)]
    found = await session.execute(query.order_by(*order, col(Alert.id)).limit(asked.limit))
    return [shown(alert, name) for alert, name in found]


def shown(alert: Alert, account: str) -> dict[str, Any]:
    return {name: getattr(alert, name) for name in SHOWN} | {
        "account": {"id": alert.account_id, "name": account},
        "hidden": rules.RULES[alert.rule].hidden if alert.rule in rules.RULES else False,
    }


async def one(session: AsyncSession, number: int) -> dict[str, Any] | None:
    query = select(Alert, col(Account.name)).join(Account, col(Account.id) == col(Alert.account_id))
    found = (await session.execute(query.where(col(Alert.id) == number))).first()
    return None if found is None else shown(*found)


async def counted(session: AsyncSession, owner: int | None = None) -> dict[str, int]:
    query = select(col(Alert.state), func.count()).group_by(col(Alert.state))
    if owner is not None:
        query = query.where(col(Alert.owner_id) == owner)
    found = {"open": 0, "snoozed": 0, "held": 0, "closed": 0}
    for state, many in await session.execute(query):
        found[state] = many
    return found


async def record(session: AsyncSession, given: dict[str, Any], since: datetime) -> list[dict[str, Any]]:
    """How each rule has done (C8): what came of its alerts, its precision, and how long before the end it spoke."""
    outcomes = {name: func.sum(case((col(Alert.outcome) == name, 1), else_=0)) for name in (*rules.ENDED, "eased")}
    unsettled = func.sum(case((col(Alert.state) != "closed", 1), else_=0))
    query = select(col(Alert.rule), unsettled, *outcomes.values()).where(col(Alert.found_at) > since)
    told = {row[0]: row[1:] for row in await session.execute(query.group_by(col(Alert.rule)))}
    return [_record(code, way, told.get(code, (0,) * 5)) for code, way in rules.configured(given).items()]


def _record(code: str, way: dict[str, Any], counts: Any) -> dict[str, Any]:
    waiting, saved, lost, false, eased = counts
    said = ["saved"] * saved + ["lost"] * lost + ["false_alarm"] * false
    rule = rules.RULES[code]
    return {
        "rule": code, "on": way["on"], "over": way["over"], "over_default": rule.over, "hidden": rule.hidden,
        "lead_days": rule.lead_days, "open": waiting, "saved": saved, "lost": lost, "false_alarm": false,
        "eased": eased, "precision": rules.precision(said),
    }  # fmt: skip


async def active(session: AsyncSession, agent_id: int) -> bool:
    found = await session.get(Agent, agent_id)
    return found is not None and found.active
