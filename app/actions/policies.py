"""Policies: made, changed, put in order, put away; each change of what one says is a new version (SLA2)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from app import feed
from app.actions import clocks
from app.errors import Conflict, Invalid, Missing
from app.models import Account, Agent, Audit, Calendar, Inbox, Policy, PolicyVersion, Priority, Tag, Team, Ticket
from app.models.columns import table_of
from app.queries import hours as calendars
from app.rules import policies as rules
from app.rules.hours import NeverOpen, next_open
from channels import KINDS

# The reasons, with a sentence for programs. The screens have their own, in both languages.
REASONS = {
    "calendar": "business time needs a calendar",
    "unknown": "there is no such thing, or it was put away",
    "never": "nothing is ever open in this calendar",
    "targets": "nothing would be promised",
    "twice": "this stands here twice",
}
TIERS = ("", "high", "low", "tech")
NAMED: Mapping[str, type[SQLModel]] = {"inbox": Inbox, "team": Team, "account": Account, "tag": Tag}
WORDS: Mapping[str, frozenset[str]] = {
    "channel": frozenset(KINDS), "priority": frozenset(Priority), "tier": frozenset(TIERS),
}  # fmt: skip
Fault = tuple[str, str]  # where in the spec, and which of the reasons


class WrongPolicy(Invalid):
    """This policy does not fit."""

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "WrongPolicy":
        return cls(fields=[{"at": at, "code": reason, "says": REASONS[reason]} for at, reason in faults])


class NoPolicy(Missing):
    """There is no such policy."""


class PolicyExists(Conflict):
    """There is a policy of this name already."""


class PolicyChanged(Conflict):
    """Somebody else has changed this policy meanwhile."""


class UnusablePolicy(Invalid):
    """This policy cannot be a ticket's: it is not there, was put away, or promises nothing for the ticket's priority."""


class WrongOrder(Invalid):
    """The order must name each policy once."""


async def add(
    session: AsyncSession, *, name: str, spec: Mapping[str, Any], agent_id: int | None, now: datetime
) -> Policy:
    """The last in the order. Raises PolicyExists, WrongPolicy."""
    await _must_be_free(session, name)
    await sound(session, spec, now)
    last = await session.scalar(select(func.max(col(Policy.position))))
    made = Policy(name=name, position=(last or 0) + 1, created_at=now)
    session.add(made)
    await session.flush()
    await _version(session, made, spec, agent_id=agent_id, now=now)
    await _say(session, "policy.added", made, agent_id=agent_id, now=now)
    return made


async def change(
    session: AsyncSession,
    policy_id: int,
    *,
    agent_id: int,
    now: datetime,
    name: str | None = None,
    spec: Mapping[str, Any] | None = None,
    version: int | None = None,
    archived: bool | None = None,
) -> Policy:
    """`version`: the one that was edited. Raises NoPolicy, PolicyChanged, PolicyExists, WrongPolicy."""
    policy = (await session.scalars(select(Policy).where(col(Policy.id) == policy_id).with_for_update())).first()
    if policy is None:
        raise NoPolicy
    if version is not None and version != policy.version:
        raise PolicyChanged(version=policy.version)
    if name is not None and name != policy.name:
        await _must_be_free(session, name)
        policy.name = name
    if archived is not None and archived != (policy.archived_at is not None):
        policy.archived_at = now if archived else None
    if spec is not None:
        await sound(session, spec, now)
        if dict(spec) != await _spec(session, policy):
            policy.version += 1
            await _version(session, policy, spec, agent_id=agent_id, now=now)
    session.info["policies"] = True
    await session.flush()
    await _say(session, "policy.changed", policy, agent_id=agent_id, now=now)
    return policy


async def order(session: AsyncSession, policy_ids: Sequence[int], *, agent_id: int, now: datetime) -> None:
    """The first that fits a ticket is its own (SLA1). WrongOrder."""
    rows = (await session.scalars(select(Policy).order_by(col(Policy.id)).with_for_update())).all()
    if sorted(policy_ids) != [each.id for each in rows]:
        raise WrongOrder
    for policy in rows:
        policy.position = policy_ids.index(policy.id) + 1
    session.info["policies"] = True
    session.add(Audit(at=now, agent_id=agent_id, code="policy.ordered", subject=" ".join(map(str, policy_ids))[:200]))
    await session.flush()
    await feed.record(session, feed.event("policy.changed", now, agent=agent_id))


async def force(session: AsyncSession, ticket: Ticket, policy_id: int | None, *, by: int | None, now: datetime) -> None:
    """This policy is the ticket's, whatever its conditions say, until it is taken back (None). Its clocks are counted
    again from their beginning (SLA4). Raises UnusablePolicy. The ticket is locked.
    """
    if policy_id == ticket.forced_policy_id:
        return
    chosen = await _usable(session, ticket, policy_id) if policy_id is not None else None
    was, ticket.forced_policy_id, ticket.updated_at = ticket.forced_policy_id, policy_id, now
    reason = "forced" if chosen else "conditions"
    await clocks.apply(session, ticket, lambda c: c.rematch(ticket.id, reason), now=now, agent=by)
    told: dict[str, Any] = {"to": policy_id, "was": was, "name": chosen.name if chosen else ""}
    await feed.record(session, feed.event("ticket.policy", now, ticket=ticket.id, agent=by, **told))


async def _usable(session: AsyncSession, ticket: Ticket, policy_id: int) -> Policy:
    found = await session.get(Policy, policy_id)
    if found is None:
        raise UnusablePolicy(reason="no_policy")
    if found.archived_at is not None:
        raise UnusablePolicy(reason="policy_archived")
    promised = rules.policy(found.id, found.version, await _spec(session, found))
    if not rules.promises_something(promised, ticket.priority):
        raise UnusablePolicy(reason="policy_promises_nothing")
    return found


async def sound(session: AsyncSession, spec: Mapping[str, Any], now: datetime) -> None:
    """WrongPolicy with every field that does not fit. The shape itself is the door's to check."""
    faults = [*_targets(spec), *_repeated(spec)]
    faults += [each async for each in _calendar(session, spec, now)]
    faults += [each async for each in _named(session, spec)]
    if faults:
        raise WrongPolicy.of(faults)


def _targets(spec: Mapping[str, Any]) -> Iterator[Fault]:
    if not any(spec["targets"].values()):
        yield "targets", "targets"


def _repeated(spec: Mapping[str, Any]) -> Iterator[Fault]:
    fields = [each["field"] for each in spec["conditions"]]
    for number, name in enumerate(fields):
        if name in fields[:number]:
            yield f"conditions.{number}.field", "twice"


async def _calendar(session: AsyncSession, spec: Mapping[str, Any], now: datetime) -> Any:
    if spec["hours"] != "business":
        return
    if spec["calendar_id"] is None:
        yield "calendar_id", "calendar"
        return
    row = await session.get(Calendar, spec["calendar_id"])
    found = await calendars.current(session, spec["calendar_id"]) if row and row.archived_at is None else None
    if found is None:
        yield "calendar_id", "unknown"
        return
    try:
        next_open(found[1], now)
    except NeverOpen:
        yield "calendar_id", "never"


async def _named(session: AsyncSession, spec: Mapping[str, Any]) -> Any:
    for number, condition in enumerate(spec["conditions"]):
        name, wanted = condition["field"], set(condition["any"])
        known: set[Any] = set(WORDS.get(name, wanted))
        if name in NAMED:
            key = table_of(NAMED[name]).c.id
            known = set((await session.scalars(select(key).where(key.in_(wanted)))).all())
        if not wanted <= known:
            yield f"conditions.{number}.any", "unknown"
    active = set((await session.scalars(select(col(Agent.id)).where(col(Agent.active).is_(True)))).all())
    for number, step in enumerate(spec["steps"]):
        if any(isinstance(to, dict) and to["agent"] not in active for to in step["to"]):
            yield f"steps.{number}.to", "unknown"


async def _spec(session: AsyncSession, policy: Policy) -> dict[str, Any]:
    query = select(PolicyVersion).where(col(PolicyVersion.policy_id) == policy.id)
    return (await session.scalars(query.where(col(PolicyVersion.version) == policy.version))).one().spec


async def _version(
    session: AsyncSession, policy: Policy, spec: Mapping[str, Any], *, agent_id: int | None, now: datetime
) -> None:
    session.info["policies"] = True
    session.add(
        PolicyVersion(policy_id=policy.id, version=policy.version, spec=dict(spec), created_at=now, agent_id=agent_id)
    )
    await session.flush()


async def _must_be_free(session: AsyncSession, name: str) -> None:
    if await session.scalar(select(col(Policy.id)).where(col(Policy.name) == name)) is not None:
        raise PolicyExists


async def _say(session: AsyncSession, code: str, policy: Policy, *, agent_id: int | None, now: datetime) -> None:
    session.add(Audit(at=now, agent_id=agent_id, code=code, subject=policy.name))
    await session.flush()
    await feed.record(session, feed.event("policy.changed", now, agent=agent_id, policy=policy.id))
