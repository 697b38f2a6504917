"""Rules and macros: made, changed, put in order, put away. What makes no sense is refused with its place and reason."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col

from app import feed
from app.actions import readers
from app.errors import Conflict, Invalid, Missing
from app.models import (
    Account,
    Agent,
    Audit,
    Automation,
    AutomationWake,
    Calendar,
    Inbox,
    Policy,
    Rehearsal,
    Tag,
    Team,
    Webhook,
)
from app.models.columns import table_of
from app.queries.automation import READER
from app.rules import automation_spec as spec
from app.rules.automation_circles import Saying, circle
from app.rules.automation_spec import Fault, Reference

NAMED: Mapping[str, type[SQLModel]] = {
    "inbox": Inbox, "team": Team, "agent": Agent, "tag": Tag, "account": Account, "calendar": Calendar, "webhook": Webhook,
    "policy": Policy,
}  # fmt: skip
SAYS = ("trigger", "conditions", "actions")  # a change of one of them is a new version
MOST = 200


class WrongRule(Invalid):
    """This rule does not fit."""

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "WrongRule":
        return cls(fields=[{"at": at, "code": reason, "says": spec.REASONS[reason]} for at, reason in faults])


class NotRehearsed(Conflict):
    """Look first at what it would have done in the last 30 days."""


class NoRule(Missing):
    """There is no such rule."""


class RuleChanged(Conflict):
    """Somebody else has changed this rule meanwhile."""


class TooManyRules(Conflict):
    """There are as many rules as can be."""


class WrongOrder(Invalid):
    """The order must name each rule once."""


async def sound(
    session: AsyncSession, trigger: Mapping[str, Any], conditions: Mapping[str, Any], actions: Sequence[Any]
) -> None:
    """WrongRule with every field that does not fit."""
    if found := spec.faults(trigger, conditions, actions):
        raise WrongRule.of(found)
    await named(session, list(spec.references(conditions, actions)))


async def named(session: AsyncSession, wanted: Sequence[Reference]) -> None:
    """WrongRule when something that is referred to is not there."""
    faults: list[Fault] = []
    for noun, model in NAMED.items():
        asked = {number for _, of, number in wanted if of == noun}
        known = set((await session.scalars(_present(model, asked))).all()) if asked else set()
        faults += [(at, "unknown") for at, of, number in wanted if of == noun and number not in known]
    if faults:
        raise WrongRule.of(sorted(set(faults)))


def _present(model: type[SQLModel], asked: Collection[int]) -> Select[int]:
    """Those of them that are there; a policy that was put away takes no more tickets."""
    columns = table_of(model).c
    query = select(columns.id).where(columns.id.in_(asked))
    return query.where(columns.archived_at.is_(None)) if model is Policy else query


async def rehearsed(session: AsyncSession, says: Mapping[str, Any], *, by: int | None, now: datetime) -> None:
    """Somebody has seen what this version would have done in the last 30 days: it may be switched on."""
    word = spec.digest(*(says[name] for name in SAYS))
    seen = await session.get(Rehearsal, word)
    if seen is None:
        session.add(Rehearsal(digest=word, agent_id=by, at=now))
    else:
        seen.agent_id, seen.at = by, now
    await session.flush()


async def _must_be_rehearsed(session: AsyncSession, says: Mapping[str, Any]) -> None:
    if await session.get(Rehearsal, spec.digest(*(says[name] for name in SAYS))) is None:
        raise NotRehearsed


async def _no_circle(session: AsyncSession, rule_id: int, name: str, says: Mapping[str, Any]) -> None:
    """WrongRule with the names of the rules that would chase each other. Those that are off count, too. What slips through when
    two are saved at the same moment is stopped by the loop budget."""
    kept = select(Automation).where(col(Automation.archived_at).is_(None), col(Automation.id) != rule_id)
    others = [
        Saying(each.id, each.name, each.trigger, each.conditions, each.actions)
        for each in (await session.scalars(kept.order_by(col(Automation.position)))).all()
    ]
    if found := circle(Saying(rule_id, name, **says), others):
        told = {"at": "actions", "code": "circle", "says": spec.REASONS["circle"], "rules": found}
        raise WrongRule(fields=[told])


async def add(session: AsyncSession, given: Mapping[str, Any], *, by: int | None, now: datetime) -> Automation:
    """`given`: name, trigger, conditions, actions, stop, active. It is the last in the order. WrongRule, NotRehearsed."""
    saying = {name: given[name] for name in SAYS}
    await sound(session, **saying)
    await _no_circle(session, 0, given["name"], saying)
    many = await session.scalar(
        select(func.count()).select_from(Automation).where(col(Automation.archived_at).is_(None))
    )
    if (many or 0) >= MOST:
        raise TooManyRules
    last = await session.scalar(select(func.max(col(Automation.position))))
    made = Automation(name=given["name"], stop=given["stop"], **saying, position=(last or 0) + 1, created_at=now)
    if given.get("active"):
        await _must_be_rehearsed(session, saying)
        await _switch_on(session, made, now)
    session.add(made)
    await session.flush()
    await _say(session, "automation.added", made.name, by, now, automation=made.id)
    return made


async def change(
    session: AsyncSession, rule_id: int, given: Mapping[str, Any], *, by: int | None, now: datetime
) -> Automation:
    """`given`: some of add's, and the `version` that was edited. NoRule, RuleChanged, WrongRule, NotRehearsed."""
    rule = await _locked(session, rule_id)
    if given.get("version") not in (None, rule.version):
        raise RuleChanged(version=rule.version)
    says = {name: given[name] if given.get(name) is not None else getattr(rule, name) for name in SAYS}
    on = rule.active if given.get("active") is None else bool(given["active"])
    differs = any(says[name] != getattr(rule, name) for name in SAYS)
    if differs or (on and not rule.active):  # what was sound when it was saved may have lost a team or a tag since
        await sound(session, **says)
        await _no_circle(session, rule.id, given.get("name") or rule.name, says)
    if on and (differs or not rule.active):
        await _must_be_rehearsed(session, says)
    if differs:
        for name, value in says.items():
            setattr(rule, name, value)
        rule.version += 1
    for name in ("name", "stop"):
        if given.get(name) is not None:
            setattr(rule, name, given[name])
    if on and (differs or not rule.active):
        await _switch_on(session, rule, now)
    elif not on and rule.active:
        await _switch_off(session, rule)
    await session.flush()
    await _say(session, "automation.changed", rule.name, by, now, automation=rule.id)
    return rule


async def archive(session: AsyncSession, rule_id: int, *, by: int, now: datetime) -> None:
    """Its log stays."""
    rule = await _locked(session, rule_id)
    await _switch_off(session, rule)
    rule.archived_at = now
    await session.flush()
    await _say(session, "automation.removed", rule.name, by, now, automation=rule.id)


async def order(session: AsyncSession, ids: Sequence[int], *, by: int, now: datetime) -> None:
    query = select(Automation).where(col(Automation.archived_at).is_(None)).order_by(col(Automation.id))
    rows = (await session.scalars(query.with_for_update())).all()
    if sorted(ids) != [each.id for each in rows]:
        raise WrongOrder
    for rule in rows:
        rule.position = ids.index(rule.id) + 1
    await session.flush()
    await _say(session, "automation.ordered", " ".join(map(str, ids))[:200], by, now)


async def walked(session: AsyncSession, rule_id: int, version: int, last: int | None) -> None:
    """It has looked at the tickets up to this one; None: at all."""
    own = col(Automation.id) == rule_id, col(Automation.version) == version, col(Automation.active).is_(True)
    await session.execute(update(Automation).where(*own).values(walked=last))


async def _switch_on(session: AsyncSession, rule: Automation, now: datetime) -> None:
    """From now on. A rule on time looks at the tickets that are there, too."""
    if not await session.scalar(select(col(Automation.id)).where(col(Automation.active).is_(True)).limit(1)):
        await readers.start(session, READER, anew=True)
    rule.active, rule.since = True, now
    rule.walked = 0 if "time" in rule.trigger else None


async def _switch_off(session: AsyncSession, rule: Automation) -> None:
    rule.active, rule.walked = False, None
    await session.execute(delete(AutomationWake).where(col(AutomationWake.automation_id) == rule.id))


async def _locked(session: AsyncSession, rule_id: int) -> Automation:
    query = select(Automation).where(col(Automation.id) == rule_id, col(Automation.archived_at).is_(None))
    found = (await session.scalars(query.with_for_update())).first()
    if found is None:
        raise NoRule
    return found


async def _say(session: AsyncSession, code: str, subject: str, by: int | None, now: datetime, **params: Any) -> None:
    session.add(Audit(at=now, agent_id=by, code=code, subject=subject))
    await session.flush()
    await feed.record(session, feed.event("automation.changed", now, agent=by, **params))
