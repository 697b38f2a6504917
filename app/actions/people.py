"""Agents: taken on, changed, let go."""

import asyncio
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.errors import Conflict, Missing
from app.models import Agent, ApiToken, Login, Role, TeamMember
from app.security import hash_password


class AgentExists(Conflict):
    """There is an agent with this mail address already."""


class NoAgent(Missing):
    """There is no such agent."""


class LastOwner(Conflict):
    """This is the last owner: name another one first."""


async def add_agent(
    session: AsyncSession, *, email: str, name: str, password: str, now: datetime, team_ids: list[int], **fields: Any
) -> Agent:
    """Raises AgentExists."""
    address = email.strip().lower()
    if await session.scalar(select(col(Agent.id)).where(col(Agent.email) == address)) is not None:
        raise AgentExists
    hashed = await asyncio.to_thread(hash_password, password)
    made = Agent(email=address, name=name, password_hash=hashed, created_at=now, **fields)
    session.add(made)
    await session.flush()
    session.add_all([TeamMember(team_id=team, agent_id=made.id) for team in set(team_ids)])
    await session.flush()
    await feed.record(session, feed.event("agent.changed", now, who=made.id))
    return made


async def change_agent(session: AsyncSession, agent_id: int, change: dict[str, Any], *, now: datetime) -> Agent:
    """Raises NoAgent, LastOwner. A new password or letting go ends the agent's sessions and tokens."""
    agent = (await session.scalars(select(Agent).where(col(Agent.id) == agent_id).with_for_update())).first()
    if agent is None:
        raise NoAgent
    loses = agent.role == Role.OWNER and (change.get("role", Role.OWNER) != Role.OWNER or change.get("active") is False)
    if loses and await _owners(session) <= 1:
        raise LastOwner
    password, teams = change.pop("password", None), change.pop("team_ids", None)
    for name, value in change.items():
        if value is not None:
            setattr(agent, name, value)
    if password:
        agent.password_hash = await asyncio.to_thread(hash_password, password)
    if password or change.get("active") is False:
        await _sign_out(session, agent_id, now)
    if teams is not None:
        await session.execute(delete(TeamMember).where(col(TeamMember.agent_id) == agent_id))
        session.add_all([TeamMember(team_id=team, agent_id=agent_id) for team in set(teams)])
    await session.flush()
    await feed.record(session, feed.event("agent.changed", now, who=agent.id))
    return agent


async def change_password(
    session: AsyncSession, agent: Agent, password_hash: str, *, login_id: int | None, now: datetime
) -> None:
    """One's own: the browser where it is done (`login_id`) stays signed in, everything else ends."""
    agent.password_hash = password_hash
    await _sign_out(session, agent.id, now, but=login_id)
    await session.flush()


async def _sign_out(session: AsyncSession, agent_id: int, now: datetime, *, but: int | None = None) -> None:
    """Everywhere: whoever knew the old password may have made themselves a token with it."""
    await session.execute(delete(Login).where(col(Login.agent_id) == agent_id, col(Login.id) != (but or 0)))
    mine = col(ApiToken.agent_id) == agent_id, col(ApiToken.revoked_at).is_(None)
    await session.execute(update(ApiToken).where(*mine).values(revoked_at=now))


async def _owners(session: AsyncSession) -> int:
    owners = select(func.count()).where(col(Agent.role) == Role.OWNER, col(Agent.active).is_(True))
    return int(await session.scalar(owners) or 0)
