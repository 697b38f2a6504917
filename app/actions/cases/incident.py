"""One answer to everybody whom an incident touches: each child gets its own, in its own channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app import feed
from app.actions import desk
from app.actions.cases import moves
from app.actions.reply import Draft, reply
from app.errors import Conflict, Invalid, Problem
from app.models import Agent, Status, Ticket
from app.queries import cases as queries
from app.queries.automation import variables
from app.rules import templates
from app.rules.lifecycle import SOLVED

Answered = dict[str, Any]  # {"number", "message", "why"}


class NoChildren(Conflict):
    """This ticket has no children to answer."""


class WrongText(Invalid):
    """This text has a variable that is not known, or is too long."""


async def answer_children(
    session: AsyncSession, number: int, text: str, *, client_id: str, agent: Agent, now: datetime, resolve: bool = False
) -> list[Answered]:
    """Queues one answer for each unsolved child; what one cannot get says why and keeps the others from nothing. The same
    `client_id` again is the same answers. `resolve`: the children are solved with it, and the parent.

    Raises NoTicket, TicketMerged, NoChildren, WrongText.
    """
    if faults := templates.faults(text):
        raise WrongText(reason=faults[0])
    numbers = await queries.children(session, number)
    locked = await moves.pair(session, number, *numbers)
    parent = await desk.workable(session, number)
    if not numbers:
        raise NoChildren
    found = [
        await _answer(session, locked[child], text, client_id=client_id, agent=agent, now=now, resolve=resolve)
        for child in numbers
    ]
    fresh = [each["number"] for each in found if each.pop("fresh")]
    if fresh:
        await _tell(session, parent, fresh, agent, now)
    if resolve and fresh and parent.status not in (*SOLVED, Status.SPAM):
        await desk.set_status(session, parent, Status.RESOLVED, agent_id=agent.id, now=now)
    return found


async def _answer(
    session: AsyncSession, child: Ticket, text: str, *, client_id: str, agent: Agent, now: datetime, resolve: bool
) -> Answered:
    words = templates.render(text, await variables(session, child, agent))
    draft = Draft(text=words, client_id=client_id, then="resolved" if resolve else "")
    known = await queries.said(session, child.id, client_id)
    if known is None and (child.status in SOLVED or child.status == Status.SPAM):
        return {"number": child.id, "message": None, "why": str(child.status), "fresh": False}
    try:
        message, fresh = await reply(session, child, agent, draft, now=now)
    except Problem as problem:  # it is raised before anything is written
        why = str(problem.params.get("reason", problem.code()))
        return {"number": child.id, "message": None, "why": why, "fresh": False}
    return {"number": child.id, "message": message.id, "why": "", "fresh": fresh}


async def _tell(session: AsyncSession, parent: Ticket, numbers: Sequence[int], agent: Agent, now: datetime) -> None:
    parent.updated_at = now
    await session.flush()
    told = feed.event("ticket.children_answered", now, ticket=parent.id, agent=agent.id, numbers=list(numbers))
    await feed.record(session, told)
