"""The facts that health, alerts and rhythms are judged by: a few statements for any number of accounts.

`at` may lie in the past: what came later is left out, so that a formula can be tried on what was known then. Roles,
reachable addresses and how often a case was reopened are as they are now.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select
from sqlmodel import col

from app.models import (
    Account,
    AccountPerson,
    Background,
    Contract,
    Episode,
    HealthPulse,
    Identity,
    Survey,
    Ticket,
    UsageEvent,
)
from app.rules.success.measures import Facts

LATE, SPAN = 28, 112  # days: what is lately, and what is looked at
SIGN_IN = frozenset({"login", "ログイン", "sign_in", "signin", "signed_in", "sign in"})
HELP, BILL = "help.", "invoice."  # events of these names tell of the help centre, and of bills
UNPAID, PAID = "invoice.unpaid", "invoice.paid"
LEADERS = ("champion", "sponsor")


@dataclass(slots=True)
class Gathered:
    """What is being found out of one account."""

    tier: str
    stage: str
    known: dict[str, Any] = field(default_factory=dict)
    seen: dict[int, datetime] = field(default_factory=dict)  # persons, when they last did something
    last_use: datetime | None = None
    contact: datetime | None = None


Found = dict[int, Gathered]


def facts(connection: Connection, accounts: Collection[int], at: datetime) -> dict[int, Facts]:
    """Of those of these accounts that exist."""
    query = select(col(Account.id), col(Account.tier), col(Account.stage)).where(col(Account.id).in_(accounts))
    found: Found = {number: Gathered(tier, stage) for number, tier, stage in connection.execute(query)}
    for look in (_contracts, _usage, _cases, _satisfaction, _contact, _leaders, _causes, _pulses):
        look(connection, found, at)
    return {number: Facts(tier=one.tier, stage=one.stage, **one.known) for number, one in found.items()}


def days(since: datetime | None, at: datetime) -> float | None:
    return None if since is None else (at - since).total_seconds() / 86_400


def _count(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _by_account(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row[0]].append(row)
    return grouped


def _contracts(connection: Connection, found: Found, at: datetime) -> None:
    names = "account_id", "seats", "starts_on", "renews_on", "ended_on"
    query = select(*(col(getattr(Contract, name)) for name in names)).where(col(Contract.account_id).in_(found))
    today = at.date()
    for number, rows in _by_account(connection.execute(query).all()).items():
        running = [r for r in rows if (r.starts_on is None or r.starts_on <= today) and _runs(r.ended_on, today)]
        if not running:
            continue
        begun = min((r.starts_on for r in running if r.starts_on), default=None)
        renewal = min((r.renews_on for r in running if r.renews_on and r.renews_on >= today), default=None)
        seats = sum(r.seats for r in running if r.seats)
        found[number].known |= {
            "under_contract": True, "seats": seats or None,
            "begun": float((today - begun).days) if begun else None,
            "renewal": float((renewal - today).days) if renewal else None,
        }  # fmt: skip


def _runs(ended: date | None, today: date) -> bool:
    return ended is None or ended > today


def _usage(connection: Connection, found: Found, at: datetime) -> None:
    """One row for each thing and who did it: what is counted of them is decided here, not by the database."""
    late, when = at - timedelta(days=LATE), col(UsageEvent.at)
    query = (
        select(
            col(UsageEvent.account_id), col(UsageEvent.name), col(UsageEvent.member), func.count(),
            _count(when > late), _count(when > at - timedelta(days=LATE // 2)), func.max(when), func.min(when),
            func.max(col(UsageEvent.person_id)),
        )
        .where(col(UsageEvent.account_id).in_(found), col(UsageEvent.kind) == "track")
        .where(when > at - timedelta(days=SPAN), when <= at)
        .group_by(col(UsageEvent.account_id), col(UsageEvent.name), col(UsageEvent.member))
    )  # fmt: skip
    for number, rows in _by_account(connection.execute(query).all()).items():
        one = found[number]
        _use(one, [row for row in rows if not row[1].startswith((HELP, BILL))], at)
        one.known["helped"] = sum(row[5] for row in rows if row[1].startswith(HELP))
        bills = {row[1]: row[6] for row in sorted(rows, key=lambda r: r[6]) if row[1] in (UNPAID, PAID)}
        if bills:
            owed, paid = bills.get(UNPAID), bills.get(PAID)
            one.known["unpaid"] = days(owed, at) if owed and (paid is None or owed > paid) else 0.0


def _use(one: Gathered, rows: Iterable[Any], at: datetime) -> None:
    rows = list(rows)
    if not rows:
        return
    used, all_of_it = sum(r[4] for r in rows), sum(r[3] for r in rows)
    by_member: dict[str, int] = defaultdict(int)
    for row in rows:
        by_member[row[2]] += row[4]
        if row[8] is not None:
            one.seen[row[8]] = max(row[6], one.seen.get(row[8], row[6]))
    lately = [row for row in rows if row[4]]
    one.last_use = max(row[6] for row in rows)
    first, begun = days(min(row[7] for row in rows), at) or 0.0, one.known.get("begun")
    # Somebody who came three weeks ago has no usual yet: the time before is as long as they are known.
    before = min(first, SPAN) - LATE
    one.known |= {
        "used": used, "core": sum(r[4] for r in rows if r[1].lower() not in SIGN_IN),
        "usual": (all_of_it - used) / before * LATE if before >= LATE else None,
        "things": len({row[1] for row in lately}), "members": len({row[2] for row in lately if row[2]}),
        "members_ever": len({row[2] for row in rows if row[2]}),
        "busiest": max(by_member.values()) / used if used else 0.0,
        "last_use": days(one.last_use, at), "first_use": None if begun is None else begun - first,
    }  # fmt: skip


def _cases(connection: Connection, found: Found, at: datetime) -> None:
    unsolved = or_(col(Ticket.resolved_at).is_(None), col(Ticket.resolved_at) > at)
    recent = col(Ticket.created_at) > at - timedelta(days=SPAN)
    query = select(
        col(Ticket.account_id), col(Ticket.created_at), col(Ticket.priority), col(Ticket.reopened),
        case((unsolved & col(Ticket.status).not_in(("spam", "closed")), 1), else_=0),
    ).where(
        col(Ticket.account_id).in_(found), col(Ticket.created_at) <= at, col(Ticket.merged_into_id).is_(None),
        col(Ticket.status) != "spam", col(Ticket.origin) == "inbound", recent | unsolved,
    )  # fmt: skip
    for number, rows in _by_account(connection.execute(query).all()).items():
        aged = [
            ((at - made).total_seconds() / 86_400, urgency, again, waits) for _, made, urgency, again, waits in rows
        ]
        urgent = [age for age, urgency, _, waits in aged if waits and urgency == "urgent"]
        found[number].known |= {
            "cases": sum(age <= LATE for age, *_ in aged),
            "cases_before": sum(LATE < age <= SPAN for age, *_ in aged),
            "cases_fortnight": sum(age <= LATE // 2 for age, *_ in aged),
            "reopened": sum(again > 0 for age, _, again, _ in aged if age <= SPAN),
            "unsolved": sum(waits for *_, waits in aged), "urgent": len(urgent),
            "urgent_age": max(urgent, default=None),
            "aged": sum(bool(waits) and age > 7 for age, _, _, waits in aged),
        }  # fmt: skip


def _satisfaction(connection: Connection, found: Found, at: datetime) -> None:
    answered = col(Survey.answered_at)
    query = (
        select(col(Ticket.account_id), func.avg(col(Survey.score)), func.max(answered))
        .join(Survey, col(Survey.ticket_id) == col(Ticket.id))
        .where(col(Ticket.account_id).in_(found), col(Survey.score).is_not(None))
        .where(answered > at - timedelta(days=SPAN), answered <= at)
        .group_by(col(Ticket.account_id))
    )
    rows: Iterable[Any] = connection.execute(query).all()
    for number, mean, latest in rows:
        found[number].known |= {"csat": float(mean), "csat_age": days(latest, at)}


def _contact(connection: Connection, found: Found, at: datetime) -> None:
    """They wrote, and were answered. Who wrote was there."""
    query = (
        select(
            col(Ticket.account_id), col(Ticket.person_id), func.max(col(Episode.answered_at)),
            func.max(col(Episode.opened_at)),
        )
        .join(Episode, col(Episode.ticket_id) == col(Ticket.id))
        .where(col(Ticket.account_id).in_(found), col(Episode.opened_at) <= at)
        .where(or_(col(Episode.answered_at).is_(None), col(Episode.answered_at) <= at))
        .group_by(col(Ticket.account_id), col(Ticket.person_id))
    )  # fmt: skip
    rows: Iterable[Any] = connection.execute(query).all()
    for number, person, answered, wrote in rows:
        one = found[number]
        one.seen[person] = max(wrote, one.seen.get(person, wrote))
        if answered is not None:
            one.contact = max(answered, one.contact or answered)
            one.known["contact"] = days(one.contact, at)


def _leaders(connection: Connection, found: Found, at: datetime) -> None:
    query = (
        select(
            col(AccountPerson.account_id), col(AccountPerson.person_id), col(AccountPerson.role),
            func.count(col(Identity.id)), _count(col(Identity.reachable)),
        )
        .outerjoin(Identity, col(Identity.person_id) == col(AccountPerson.person_id))
        .where(col(AccountPerson.account_id).in_(found), col(AccountPerson.role).in_(LEADERS))
        .group_by(col(AccountPerson.account_id), col(AccountPerson.person_id), col(AccountPerson.role))
    )  # fmt: skip
    for number, rows in _by_account(connection.execute(query).all()).items():
        one = found[number]
        champions = [row for row in rows if row.role == "champion"]
        seen = [one.seen[row.person_id] for row in rows if row.person_id in one.seen]
        one.known |= {
            "sponsor": days(max(seen), at) if seen else None,
            "champion_gone": bool(champions) and all(row[3] and not row[4] for row in champions),
        }


def _causes(connection: Connection, found: Found, at: datetime) -> None:
    query = (
        select(col(Ticket.account_id), col(Background.cause), func.count(col(Ticket.person_id).distinct()))
        .join(Background, col(Background.ticket_id) == col(Ticket.id))
        .where(col(Ticket.account_id).in_(found), col(Background.cause) != "")
        .where(col(Ticket.created_at) > at - timedelta(days=30), col(Ticket.created_at) <= at)
        .group_by(col(Ticket.account_id), col(Background.cause))
        .having(func.count(col(Ticket.person_id).distinct()) > 1)
    )
    rows: Iterable[Any] = connection.execute(query).all()
    for number, cause, people in rows:
        if people > found[number].known.get("same_people", 0):
            found[number].known |= {"same_cause": cause, "same_people": people}


def _pulses(connection: Connection, found: Found, at: datetime) -> None:
    standing = and_(col(HealthPulse.at) <= at, col(HealthPulse.expires_at) > at)
    query = select(col(HealthPulse.account_id), col(HealthPulse.value), col(HealthPulse.at))
    query = query.where(col(HealthPulse.account_id).in_(found), standing).order_by(col(HealthPulse.at))
    for number, value, since in connection.execute(query):
        found[number].known |= {"pulse": value, "pulse_age": days(since, at)}
