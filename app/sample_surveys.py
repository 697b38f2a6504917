"""What the sample desk's customers said of their cases in the past two months; from now on its channels ask."""

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.models import Inbox, Resolution, Survey, SurveySetup, Ticket
from app.rules.survey import REASONS, REST, is_low

NAME = "三河屋サポート"
SHARE = 0.45  # of those who are asked answer
SCORES, WEIGHTS = (5, 4, 3, 2, 1), (46, 30, 13, 7, 4)
COMMENTS = {
    5: "とても助かりました。",
    4: "",
    3: "",
    2: "もう少し早く返事がほしかったです。",
    1: "まだ解決していません。",
}


async def seed_surveys(session: AsyncSession, now: datetime) -> None:
    """By the product's own rules: who was answered in writing, and nobody twice in 30 days."""
    await session.execute(update(Inbox).values(surveyed=True))
    setup = await session.get_one(SurveySetup, 1)
    setup.name, setup.reached_at = NAME, now
    query = select(Resolution, Ticket).join(Ticket, col(Ticket.id) == col(Resolution.ticket_id))
    query = query.where(col(Resolution.channel) != "phone", col(Resolution.turns) > 0)
    dice, lately, events = random.Random(1950), dict[int, datetime](), []  # noqa: S311 - the same past each time
    for resolution, ticket in (await session.execute(query.order_by(col(Resolution.resolved_at)))).all():
        at = resolution.resolved_at + timedelta(seconds=setup.delay_s)
        if at >= now or at < lately.get(ticket.person_id, at - REST) + REST:
            continue
        lately[ticket.person_id] = at
        survey = Survey(
            resolution_id=resolution.id, ticket_id=ticket.id, person_id=ticket.person_id, agent_id=resolution.agent_id,
            channel=resolution.channel, inbox_id=resolution.inbox_id, team_id=resolution.team_id, asked_at=at,
        )  # fmt: skip
        answered = at + timedelta(minutes=dice.randint(1, 300))
        if dice.random() < SHARE and answered < now:
            score = dice.choices(SCORES, weights=WEIGHTS)[0]
            survey.state, survey.score, survey.answered_at, survey.changed_at = "answered", score, answered, answered
            survey.reason, survey.comment = (dice.choice(REASONS) if is_low(score) else ""), COMMENTS[score]
            said: dict[str, Any] = {
                "score": score,
                "reason": survey.reason,
                "comment": survey.comment,
                "changed": False,
            }
            events.append(feed.event("survey.answered", answered, ticket=ticket.id, **said))
        session.add(survey)
    await session.flush()
    await feed.record(session, *events)
