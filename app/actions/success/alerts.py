"""Early warnings: raised beside the health that they come from, without duplicates and not too many; closed by people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import rows
from app.errors import Conflict, Invalid, Missing
from app.models import Alert
from app.models.health import OPEN_ALERT
from app.queries.success import alerts as queries
from app.rules.success import alerts as rules
from app.rules.success.alerts import Found, limit

EASES = timedelta(days=14)  # so long after its reason has gone an untouched one ends by itself


class NoAlert(Missing):
    """There is no such alert."""


class AlertClosed(Conflict):
    """This alert is closed."""


class SnoozedForNothing(Invalid):
    """An alert can be put off until a later time only."""


class NoSuchKeeper(Invalid):
    """There is no such agent, or they are not active."""


def write(
    connection: Connection, found: Mapping[int, Sequence[Found]], given: Mapping[str, Any], now: datetime
) -> list[dict[str, Any]]:
    """What is new is raised, what no longer holds is marked. Returns the events. The accounts are locked."""
    before = queries.unsettled(connection, found)
    present = {(number, each.rule): each for number, said in found.items() for each in said}
    _mark(connection, before, present, now)
    rests = queries.resting(connection, found, now - timedelta(days=limit(given, "rest_days")))
    fresh = [(key, each) for key, each in present.items() if key not in before and key not in rests]
    if not fresh:
        return []
    fresh.sort(key=lambda each: -each[1].weight)
    return _raise(connection, fresh, before, given, now)


def _mark(connection: Connection, before: Mapping[Any, Any], present: Mapping[Any, Found], now: datetime) -> None:
    """An alert whose reason has gone, or has come back; what is seen of it now."""
    gone = [{"id": row.id, "gone_at": now} for key, row in before.items() if key not in present and not row.gone_at]
    back = [
        {"id": row.id, "gone_at": None, "evidence": present[key].evidence}
        for key, row in before.items()
        if key in present and (row.gone_at or row.evidence != present[key].evidence)
    ]
    rows.change(connection, Alert, ("gone_at",), gone)
    rows.change(connection, Alert, ("gone_at", "evidence"), back)


def _raise(
    connection: Connection, fresh: list[Any], before: Mapping[Any, Any], given: Mapping[str, Any], now: datetime
) -> list[dict[str, Any]]:
    owners = queries.owners(connection, {number for (number, _), _ in fresh})
    shown, cap, most = queries.shown_today(connection, now), limit(given, "cap"), limit(given, "per_account")
    held = {number: sum(key[0] == number and row.state != "held" for key, row in before.items()) for number in owners}
    ids, made, told = rows.allocate(connection, {"alert": len(fresh)})["alert"], [], []
    for number, ((account, rule), each) in zip(ids, fresh, strict=True):
        owner = owners[account]
        room = shown[owner] < cap and held[account] < most
        if room:
            shown[owner] += 1
            held[account] += 1
            told.append(feed.event("alert.raised", now, account=account, alert=number, rule=rule))
        made.append(rows.row(
            Alert, id=number, account_id=account, rule=rule, weight=each.weight, evidence=each.evidence,
            lead_days=each.lead_days, owner_id=owner, found_at=now, shown_at=now if room else None,
            state="open" if room else "held", due_at=rules.due(each, now),
        ))  # fmt: skip
    rows.insert(connection, Alert, made)
    return told


# -- by the clock -------------------------------------------------------------------------------------------------------


async def wake(session: AsyncSession, given: Mapping[str, Any], now: datetime, most: int = 200) -> int:
    """Snoozed ones whose time has come; held ones that there is room for; untouched ones whose reason has long gone."""
    snoozed = update(Alert).where(col(Alert.state) == "snoozed", col(Alert.snoozed_until) <= now)
    back = await session.execute(snoozed.values(state="open", snoozed_until=None).returning(col(Alert.id)))
    over = update(Alert).where(col(Alert.state).in_(("open", "held")), col(Alert.gone_at) < now - EASES)
    eased = await session.execute(over.values(state="closed", outcome="eased", closed_at=now).returning(col(Alert.id)))
    many = len(back.all()) + len(eased.all())
    return many + await _show(session, given, now, most)


async def _show(session: AsyncSession, given: Mapping[str, Any], now: datetime, most: int) -> int:
    waiting = select(Alert).where(col(Alert.state) == "held", col(Alert.gone_at).is_(None))
    waiting = waiting.order_by(col(Alert.weight).desc(), col(Alert.id)).limit(most).with_for_update(skip_locked=True)
    found = (await session.scalars(waiting)).all()
    if not found:
        return 0
    connection = await session.connection()
    shown = await connection.run_sync(queries.shown_today, now)
    accounts = {each.account_id for each in found}
    query = select(col(Alert.account_id)).where(col(Alert.account_id).in_(accounts), OPEN_ALERT)
    standing = list((await session.scalars(query.where(col(Alert.state) != "held"))).all())
    told = []
    for each in found:
        room = limit(given, "cap") - shown[each.owner_id], limit(given, "per_account") - standing.count(each.account_id)
        if min(room) > 0:
            each.state, each.shown_at = "open", now
            shown[each.owner_id] += 1
            standing.append(each.account_id)
            told.append(feed.event("alert.raised", now, account=each.account_id, alert=each.id, rule=each.rule))
    await session.flush()
    await feed.record(session, *told)
    return len(told)


# -- by people ----------------------------------------------------------------------------------------------------------


async def _locked(session: AsyncSession, number: int) -> Alert:
    found = (await session.scalars(select(Alert).where(col(Alert.id) == number).with_for_update())).first()
    if found is None:
        raise NoAlert
    if found.state == "closed":
        raise AlertClosed
    return found


async def snooze(session: AsyncSession, number: int, until: datetime, reason: str, *, by: int, now: datetime) -> Alert:
    """Raises NoAlert, AlertClosed, SnoozedForNothing."""
    alert = await _locked(session, number)
    if until <= now:
        raise SnoozedForNothing
    alert.state, alert.snoozed_until, alert.snooze_reason = "snoozed", until, reason
    return await _told(session, alert, "alert.snoozed", by=by, now=now)


async def close(session: AsyncSession, number: int, outcome: str, note: str, *, by: int, now: datetime) -> Alert:
    """What came of it: saved, lost or false_alarm. Raises NoAlert, AlertClosed."""
    alert = await _locked(session, number)
    alert.state, alert.outcome, alert.note = "closed", outcome, note
    alert.closed_by, alert.closed_at, alert.snoozed_until = by, now, None
    return await _told(session, alert, "alert.closed", by=by, now=now, outcome=outcome)


async def give(session: AsyncSession, number: int, owner: int, *, by: int, now: datetime) -> Alert:
    """Somebody else answers for it. A held one is theirs to see from now on. Raises NoAlert, AlertClosed, NoSuchKeeper."""
    alert = await _locked(session, number)
    if not await queries.active(session, owner):
        raise NoSuchKeeper
    alert.owner_id = owner
    if alert.state == "held":
        alert.state, alert.shown_at = "open", now
    return await _told(session, alert, "alert.given", by=by, now=now, to=owner)


async def _told(session: AsyncSession, alert: Alert, kind: str, *, by: int, now: datetime, **more: Any) -> Alert:
    await session.flush()
    told = {"account": alert.account_id, "alert": alert.id, "rule": alert.rule, **more}
    await feed.record(session, feed.event(kind, now, agent=by, **told))
    return alert
