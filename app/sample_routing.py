"""The sample desk's routing: one team whose new chats and LINE messages find their agent, while all others choose by hand.

The cases of the sample desk stay where they are: the inboxes change teams when all of them are written.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import col

from app.models import AgentSkill, Inbox, Mode, Skill, Strategy, Team, TeamMember, TeamRouting
from app.sample_approvals import seed_approvals

if TYPE_CHECKING:
    from app.sample import Sample

TEAM = "チャット・LINE 即応"
MEMBERS = ("nakamura", "olivia")
KINDS = ("chat", "line")


async def seed_routing(sample: "Sample", begun: datetime) -> None:
    """Who signs in as one of its members becomes available, and gets what comes next."""
    session = sample.session
    team, english = Team(name=TEAM, created_at=begun), Skill(name="英語", kind="language", code="en", created_at=begun)
    session.add_all([team, english])
    await session.flush()
    session.add_all([TeamMember(team_id=team.id, agent_id=sample.agents[key]) for key in MEMBERS])
    session.add(AgentSkill(agent_id=sample.agents["olivia"], skill_id=english.id, level=5))
    session.add(
        TeamRouting(
            team_id=team.id,
            mode=Mode.PUSH,
            strategy=Strategy.LEAST_OCCUPIED,
            overflow=[{"after_s": 120, "widen": True}],
            crowd_over=20,
        )
    )
    await session.execute(update(Inbox).where(col(Inbox.kind).in_(KINDS)).values(team_id=team.id))
    await seed_approvals(sample)
