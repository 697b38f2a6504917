"""What stands behind a ticket is said, by people, rules and programs; the matrix decides anew when the kind is another."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app import feed
from app.actions.success import touch
from app.models import Agent, Audit, Background, SuccessSetup, Ticket
from app.queries.success import touch as queries
from app.rules.success import kinds
from app.rules.success.kinds import Kind, NoKind


async def describe(
    session: AsyncSession, ticket: Ticket, given: Mapping[str, Any], *, agent: Agent | None, now: datetime
) -> None:
    """What stands behind the ticket, which is locked. Only what is named changes. Raises NoKind."""
    found = await session.get(Background, ticket.id)
    if found is None:
        found = Background(ticket_id=ticket.id, changed_at=now)
    changed = {name: value for name, value in given.items() if getattr(found, name) != value}
    if not changed:
        return
    if not kinds.usable(await queries.inquiry_kinds(session), changed.get("kind", "")):
        raise NoKind
    for name, value in changed.items():
        setattr(found, name, value)
    found.changed_at = now
    session.add(found)
    await session.flush()
    by = agent.id if agent else None
    params: dict[str, Any] = {"changed": sorted(changed)} | {k: v for k, v in changed.items() if k == "kind"}
    await feed.record(session, feed.event("background.changed", now, ticket=ticket.id, agent=by, **params))
    if "kind" in changed:
        await touch.again(session, [ticket.id], by=by, now=now)


async def set_kinds(
    session: AsyncSession, given: list[dict[str, Any]], *, ask: bool, by: int, now: datetime
) -> list[Kind]:
    """The desk's own list. Raises WrongKinds."""
    setup = await session.get_one(SuccessSetup, 1, with_for_update=True)
    kinds.check(given, kinds.listed(setup.kinds))
    setup.kinds, setup.ask_kind = given, ask
    session.add(Audit(at=now, agent_id=by, code="success.kinds"))
    await session.flush()
    await feed.record(session, feed.event("success.kinds", now, agent=by))
    return kinds.listed(setup.kinds)
