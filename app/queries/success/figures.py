"""What the success team's figures are counted from: contracts and their values, renewals, warnings, contacts, runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Account,
    Alert,
    Contract,
    ContractValue,
    Delivery,
    HealthPast,
    Message,
    OutreachCopy,
    PlaybookRun,
    PlaybookStep,
    Renewal,
    SuccessSetup,
    Ticket,
)
from app.rules.success import figures as rules
from app.rules.success.figures import Row, Value, Worth

CONTACT_DAYS = 90
CONTACTS = ("mail", "line", "call")


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which days, whose accounts. Days begin at midnight in the desk's zone."""

    first: date
    last: date
    today: date
    owner: int | None = None
    margin: int = 100
    zone: str = "UTC"

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def begin(self) -> datetime:
        return self.midnight(self.first)

    @property
    def end(self) -> datetime:
        return self.midnight(self.last + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Report:
    """Every figure with the rows that it counts, and who the accounts are."""

    values: Mapping[str, Value]
    rows: Mapping[str, list[Row]]
    accounts: Mapping[int, Mapping[str, Any]]


async def report(session: AsyncSession, asked: Asked) -> Report:
    accounts = await _accounts(session, asked)
    worths = await _worths(session, asked, accounts)
    paying = {each.account for each in worths if each.end > 0}
    renewals = await _renewals(session, asked)
    rows: dict[str, list[Row]] = {
        "logo_churn": rules.churn(worths), "grr": rules.grr(worths), "nrr": rules.nrr(worths), "arpa": rules.arpa(worths),
        "renewal_rate": [Row(each, float(kept > 0), 1, on) for each, kept, _, on in renewals],
        "renewal_amount": [Row(each, kept, due, on) for each, kept, due, on in renewals],
        "save_rate": await _saves(session, asked), "coverage": await _coverage(session, asked, paying),
        "ttv": await _value_days(session, asked), **await _outreach(session, asked),
    }  # fmt: skip
    rows = {code: [row for row in found if row.account in accounts] for code, found in rows.items()}
    rows["ltv"] = rows["arpa"]
    values = {code: rules.value(figure.kind, rows[code]) for code, figure in rules.FIGURES.items()}
    days = (asked.last - asked.first).days + 1
    values["ltv"] = rules.ltv(values["arpa"], values["logo_churn"], days, asked.margin / 100)
    return Report(values, rows, accounts)


async def _accounts(session: AsyncSession, asked: Asked) -> dict[int, dict[str, Any]]:
    query = select(col(Account.id), col(Account.name), col(Account.tier), col(Account.owner_id))
    if asked.owner is not None:
        query = query.where(col(Account.owner_id) == asked.owner)
    found = await session.execute(query)
    return {
        number: {"id": number, "name": name, "tier": tier, "owner_id": owner} for number, name, tier, owner in found
    }


async def _worths(session: AsyncSession, asked: Asked, accounts: Mapping[int, Any]) -> list[Worth]:
    """A day before the period, and on its last day. The database adds up each account's contracts."""
    currency = (await session.get_one(SuccessSetup, 1)).currency
    before, after = (_worth(asked, day) for day in (asked.first - timedelta(days=1), asked.last))
    query = select(col(Contract.account_id), func.sum(before), func.sum(after)).where(
        col(Contract.currency) == currency
    )
    found = await session.execute(query.group_by(col(Contract.account_id)).order_by(col(Contract.account_id)))
    return [Worth(account, int(start), int(end)) for account, start, end in found if account in accounts]


def _worth(asked: Asked, day: date) -> Any:
    """What a contract was worth on a day: the latest value that is known by then, before the first one that."""
    running = and_(
        or_(
            col(Contract.starts_on) <= day,
            and_(col(Contract.starts_on).is_(None), col(Contract.created_at) < asked.midnight(day + timedelta(days=1))),
        ),
        or_(col(Contract.ended_on).is_(None), col(Contract.ended_on) > day),
    )
    known = select(col(ContractValue.value)).where(col(ContractValue.contract_id) == col(Contract.id)).limit(1)
    latest = known.where(col(ContractValue.from_on) <= day).order_by(col(ContractValue.from_on).desc())
    first = known.order_by(col(ContractValue.from_on))
    sums = [each.correlate(Contract).scalar_subquery() for each in (latest, first)]
    return case((running, func.coalesce(*sums, col(Contract.value))), else_=0)


async def _renewals(session: AsyncSession, asked: Asked) -> list[tuple[int, int, int, date]]:
    """(account, what was kept, what was due, on which day) of each renewal that was due by today."""
    last = min(asked.last, asked.today)
    decided = select(
        col(Renewal.account_id),
        col(Renewal.outcome),
        col(Renewal.renewed_amount),
        col(Renewal.amount),
        col(Renewal.due_on),
    ).where(col(Renewal.due_on).between(asked.first, last), col(Renewal.outcome) != "")
    found = [
        (account, min(kept, due) if outcome == "renewed" else 0, due, on)
        for account, outcome, kept, due, on in await session.execute(decided)
    ]
    said = and_(col(Renewal.contract_id) == col(Contract.id), col(Renewal.due_on) == col(Contract.renews_on))
    waiting = (
        select(col(Contract.account_id), col(Contract.value), col(Contract.renews_on))
        .outerjoin(Renewal, said)
        .where(col(Contract.renews_on).between(asked.first, last))
        .where(or_(col(Renewal.id).is_(None), col(Renewal.outcome) == ""))
        .where(or_(col(Contract.ended_on).is_(None), col(Contract.ended_on) > col(Contract.renews_on)))
    )
    found += [(account, 0, due, on) for account, due, on in await session.execute(waiting) if on is not None]
    return sorted(found, key=lambda each: (each[3], each[0]))


async def _saves(session: AsyncSession, asked: Asked) -> list[Row]:
    query = select(col(Alert.account_id), col(Alert.outcome), col(Alert.closed_at)).where(
        col(Alert.outcome).in_(("saved", "lost")), col(Alert.closed_at) >= asked.begin, col(Alert.closed_at) < asked.end
    )
    return [
        Row(account, float(outcome == "saved"), 1, asked.day(at))
        for account, outcome, at in await session.execute(query)
        if at
    ]


async def _outreach(session: AsyncSession, asked: Asked) -> dict[str, list[Row]]:
    """Of the letters that went out in the period: what was answered in time, and what was stopped."""
    query = (
        select(OutreachCopy)
        .join(Message, col(Message.id) == col(OutreachCopy.message_id))
        .where(col(OutreachCopy.sent_at) >= asked.begin, col(OutreachCopy.sent_at) < asked.end)
        .where(col(Message.state).in_((Delivery.SENT, Delivery.DELIVERED)))
        .order_by(col(OutreachCopy.sent_at), col(OutreachCopy.id))
    )
    found = [(each, each.sent_at) for each in (await session.scalars(query)).all()]
    return {
        "outreach_response": [
            Row(copy.account_id, float(rules.in_time(at, copy.answered_at)), 1, asked.day(at))
            for copy, at in found
            if at
        ],
        "outreach_stops": [
            Row(copy.account_id, float(copy.stopped_at is not None), 1, asked.day(at)) for copy, at in found if at
        ],
    }


async def _coverage(session: AsyncSession, asked: Asked, paying: set[int]) -> list[Row]:
    since = asked.end - timedelta(days=CONTACT_DAYS)
    talked = (
        select(col(Ticket.account_id), func.max(col(Message.sent_at)))
        .join(Message, col(Message.ticket_id) == col(Ticket.id))
        .where(col(Ticket.account_id).is_not(None), col(Message.audience) == "public", col(Message.auto).is_(False))
        .where(col(Message.sent_at) >= since, col(Message.sent_at) < asked.end)
        .group_by(col(Ticket.account_id))
    )
    done = (
        select(col(PlaybookRun.account_id), func.max(col(PlaybookStep.ended_at)))
        .join(PlaybookStep, col(PlaybookStep.run_id) == col(PlaybookRun.id))
        .where(col(PlaybookStep.state) == "done", col(PlaybookStep.kind).in_(CONTACTS))
        .where(col(PlaybookStep.ended_at) >= since, col(PlaybookStep.ended_at) < asked.end)
        .group_by(col(PlaybookRun.account_id))
    )
    latest: dict[int, datetime] = {}
    for query in (talked, done):
        for account, at in await session.execute(query):
            latest[account] = max(at, latest.get(account, at))
    return [
        Row(each, float(each in latest), 1, latest[each].date() if each in latest else None) for each in sorted(paying)
    ]


async def _value_days(session: AsyncSession, asked: Asked) -> list[Row]:
    """Days from a contract's beginning to the customer's first value."""
    begun = select(func.min(col(Contract.starts_on))).where(col(Contract.account_id) == col(PlaybookRun.account_id))
    query = (
        select(PlaybookRun, col(PlaybookStep.ended_at), begun.correlate(PlaybookRun).scalar_subquery())
        .join(PlaybookStep, col(PlaybookStep.run_id) == col(PlaybookRun.id))
        .where(col(PlaybookStep.mark) == "value", col(PlaybookStep.state) == "done")
        .where(col(PlaybookStep.ended_at) >= asked.begin, col(PlaybookStep.ended_at) < asked.end)
    )
    found = []
    for run, ended, starts in await session.execute(query.order_by(col(PlaybookStep.ended_at))):
        first = run.cause_on if run.cause == "start" else starts or run.started_at.date()
        day = (ended or run.started_at).date()
        found.append(Row(run.account_id, max(0, (day - first).days), 1, day))
    return found


async def colours(session: AsyncSession, asked: Asked, accounts: Mapping[int, Any]) -> dict[str, Any]:
    """How many accounts had each colour when the period ended, and how they moved since it began."""
    before, after = [await _colours_at(session, at, accounts) for at in (asked.begin, asked.end)]
    counts = {colour: sum(each == colour for each in after.values()) for colour in rules.COLOURS}
    return {"now": counts, "moved": rules.migration(before, after)}


async def _colours_at(session: AsyncSession, at: datetime, accounts: Mapping[int, Any]) -> dict[int, str]:
    latest = select(func.max(col(HealthPast.id))).where(col(HealthPast.at) < at).group_by(col(HealthPast.account_id))
    query = select(col(HealthPast.account_id), col(HealthPast.colour)).where(col(HealthPast.id).in_(latest))
    return {account: colour for account, colour in await session.execute(query) if account in accounts}
