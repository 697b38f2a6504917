"""Macros: words and deeds at one stroke, everybody's or an agent's own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.automations import WrongRule, named
from app.actions.effects import Did, Doer, perform
from app.actions.reply import Draft, reply
from app.errors import Conflict, Forbidden, Missing
from app.models import Agent, Audit, Macro, Message, Ticket
from app.queries.automation import variables
from app.rules import automation_spec as spec
from app.rules.templates import render

MOST = 500


class NoMacro(Missing):
    """There is no such macro."""


class TooManyMacros(Conflict):
    """There are as many macros as can be."""


async def sound(session: AsyncSession, text: str, actions: Sequence[Any]) -> None:
    """WrongRule with every field that does not fit."""
    faults = spec.action_faults(actions, spec.MACRO_ACTIONS)
    faults += spec.template_faults("text", text) if text.strip() else [] if actions else [("text", "text")]
    if faults:
        raise WrongRule.of(faults)
    await named(session, list(spec.references({"all": []}, actions)))


async def add(
    session: AsyncSession, given: Mapping[str, Any], *, owner: int | None, by: int | None, now: datetime
) -> Macro:
    """`owner`: whose alone it is; None: everybody's."""
    await sound(session, given["text"], given["actions"])
    if (
        await session.scalar(select(func.count()).select_from(Macro).where(col(Macro.archived_at).is_(None))) or 0
    ) >= MOST:
        raise TooManyMacros
    made = Macro(name=given["name"], text=given["text"], actions=list(given["actions"]), agent_id=owner, created_at=now)
    session.add(made)
    await session.flush()
    await _say(session, "macro.added", made, by, now)
    return made


async def change(
    session: AsyncSession, macro_id: int, given: Mapping[str, Any], *, by: Agent, shared: bool, now: datetime
) -> Macro:
    """`shared`: they may change everybody's too. `given`: name, text, actions, archived."""
    macro = await found(session, macro_id, by)
    if macro.agent_id is None and not shared:
        raise Forbidden(permission="automation.write")
    text = macro.text if given.get("text") is None else given["text"]
    actions = macro.actions if given.get("actions") is None else list(given["actions"])
    await sound(session, text, actions)
    macro.name, macro.text, macro.actions = given.get("name") or macro.name, text, actions
    if given.get("archived"):
        macro.archived_at = now
    await session.flush()
    await _say(session, "macro.removed" if macro.archived_at else "macro.changed", macro, by.id, now)
    return macro


async def found(session: AsyncSession, macro_id: int, agent: Agent) -> Macro:
    """One that is everybody's or the agent's own. NoMacro."""
    mine = or_(col(Macro.agent_id).is_(None), col(Macro.agent_id) == agent.id)
    query = select(Macro).where(col(Macro.id) == macro_id, mine, col(Macro.archived_at).is_(None))
    macro = (await session.scalars(query.with_for_update())).first()
    if macro is None:
        raise NoMacro
    return macro


async def apply(
    session: AsyncSession, ticket: Ticket, macro_id: int, agent: Agent, draft: Draft | None, now: datetime
) -> tuple[Message | None, list[Did]]:
    """The answer and the deeds, all or nothing. Without a draft only the deeds; the same `client_id` again does nothing.

    Its deeds come last: what the macro says of the ticket's status holds.
    """
    macro = await found(session, macro_id, agent)
    message = None
    if draft is not None:
        message, fresh = await reply(session, ticket, agent, draft, now=now)
        if not fresh:
            return message, []
    did = [await perform(session, ticket, each, Doer(agent=agent), now) for each in macro.actions]
    macro.uses, macro.used_at = macro.uses + 1, now
    await session.flush()
    return message, did


async def words(session: AsyncSession, ticket: Ticket, macro: Macro, agent: Agent) -> str:
    """Its text for this ticket."""
    return render(macro.text, await variables(session, ticket, agent))


async def _say(session: AsyncSession, code: str, macro: Macro, by: int | None, now: datetime) -> None:
    session.add(Audit(at=now, agent_id=by, code=code, subject=macro.name))
    await session.flush()
    await feed.record(session, feed.event("macro.changed", now, agent=by, macro=macro.id), clocks=frozenset())
