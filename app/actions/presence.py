"""Presence: chosen by agents and leads, and what time, the telephone and a lost connection make of it (R5)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions import facts
from app.actions.people import NoAgent
from app.errors import Invalid
from app.models import Agent, Presence, PresenceSpan
from app.queries import crew
from app.rules import presence as rules
from channels import KINDS


class UnknownChannel(Invalid):
    """There is no such kind of channel."""


async def declare(
    session: AsyncSession,
    agent_id: int,
    state: str | None,
    *,
    by: int,
    now: datetime,
    channels_off: Sequence[str] | None = None,
    expects_browser: bool = True,
) -> Agent:
    """What an agent chose, or their lead for them. Raises NotChosen, UnknownChannel, NoAgent.

    `expects_browser`: no for a program, which has no connection whose loss would tell anything.
    """
    agent = await _locked(session, agent_id)
    if not expects_browser:
        agent.live_at = None
    off = agent.channels_off if channels_off is None else sorted(set(channels_off))
    if not set(off) <= set(KINDS):
        raise UnknownChannel
    change = rules.chosen(crew.as_of_now(agent), state) if state is not None else _same(agent)
    await _apply(session, agent, change, now, by=by, channels_off=off)
    return agent


async def connected(session: AsyncSession, agent_id: int, now: datetime) -> None:
    """A browser of theirs is there: they are again what they were before it was lost."""
    agent = await _locked(session, agent_id)
    agent.live_at = now
    if change := rules.returned(crew.as_of_now(agent)):
        await _apply(session, agent, change, now)
    await session.flush()


async def disconnected(session: AsyncSession, agent_id: int, now: datetime) -> None:
    """Their last browser here is gone. Another one, or another process's, says so itself in time."""
    await session.execute(update(Agent).where(col(Agent.id) == agent_id).values(live_at=now))


async def unanswered(session: AsyncSession, agent_id: int, now: datetime) -> None:
    """They let an offer run out: nobody is there, and the next offer would wait in vain too."""
    agent = await _locked(session, agent_id)
    if agent.presence == Presence.AVAILABLE or agent.presence_reason == "full":  # what they were offered filled them
        await _apply(session, agent, rules.Change(Presence.AWAY, "unanswered"), now)


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """Agents who become something else by themselves now."""
    desk = await crew.setup(session)
    return [
        agent_id for agent_id, (_, known) in (await crew.everybody(session, now)).items()
        if rules.following(known, now, wrap_up_s=desk.wrap_up_s, away_after_s=desk.away_after_s)
    ]  # fmt: skip


async def settle(session: AsyncSession, agent_ids: Sequence[int], now: datetime) -> int:
    """Makes them that. Returns how many: another process may have been first."""
    desk = await crew.setup(session)
    done = 0
    for agent, known in (await crew.everybody(session, now, lock=agent_ids)).values():
        change = rules.following(known, now, wrap_up_s=desk.wrap_up_s, away_after_s=desk.away_after_s)
        if change is not None:
            await _apply(session, agent, change, now)
            done += 1
    return done


async def _locked(session: AsyncSession, agent_id: int) -> Agent:
    query = select(Agent).where(col(Agent.id) == agent_id).with_for_update(key_share=True)
    found = (await session.scalars(query.execution_options(populate_existing=True))).first()
    if found is None:
        raise NoAgent
    return found


def _same(agent: Agent) -> rules.Change:
    return rules.Change(agent.presence, agent.presence_reason, agent.presence_before, agent.presence_until)


async def _apply(
    session: AsyncSession,
    agent: Agent,
    change: rules.Change,
    now: datetime,
    *,
    by: int | None = None,
    channels_off: Sequence[str] | None = None,
) -> None:
    """One span ends where the next begins."""
    off = list(agent.channels_off if channels_off is None else channels_off)
    was = agent.presence, agent.presence_reason, sorted(agent.channels_off)
    began = agent.presence_at
    agent.presence_before, agent.presence_until = change.before, change.until
    if was == (change.state, change.reason, off):
        await session.flush()
        return
    open_span = await _open_span(session, agent, now)
    now = max(now, open_span.began_at)  # clocks of two machines differ a little
    since = agent.presence_at = now if was[0] != change.state else agent.presence_at or agent.created_at
    open_span.ended_at = now
    await session.flush()
    if was[0] == Presence.WRAP_UP != change.state and began is not None:
        await facts.wrapped_up(session, agent.id, began=began, ended=now)
    agent.presence, agent.presence_reason, agent.channels_off = change.state, change.reason, off
    session.add(
        PresenceSpan(
            agent_id=agent.id, state=change.state, channels_off=off, reason=change.reason, by_agent_id=by, began_at=now
        )
    )
    await session.flush()
    await feed.record(
        session,
        feed.event(
            "agent.presence", now, agent=by, who=agent.id, presence=change.state, since=since.isoformat(),
            reason=change.reason, channels_off=off,
        ),
    )  # fmt: skip


async def _open_span(session: AsyncSession, agent: Agent, now: datetime) -> PresenceSpan:
    """The first change of an agent writes down what they were until then, too."""
    query = select(PresenceSpan).where(col(PresenceSpan.agent_id) == agent.id, col(PresenceSpan.ended_at).is_(None))
    found = (await session.scalars(query)).first()
    if found is None:
        found = PresenceSpan(
            agent_id=agent.id, state=agent.presence, channels_off=agent.channels_off, reason=agent.presence_reason,
            began_at=min(agent.created_at, now),
        )  # fmt: skip
        session.add(found)
    return found
