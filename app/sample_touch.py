"""The sample desk's touch-point matrix: the usual one, tuned a little, and what stands behind its tickets."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.success import background, harassment, touch
from app.models import Agent, Status, Ticket
from app.queries.success.background import suggested
from app.rules.success.touch import TEMPLATE

NOTES = ("はじめの形", "研修は夜間もサクセスへ: 導入中のお客様のため")
SHOWN = 8  # of the latest that the matrix has decided about
LATEST = 60  # tickets of accounts whose kind the desk has said


REPORT = (
    "一時間半のあいだ、同じ返金の要求を繰り返し、電話を切らせてもらえなかった。",
    "耳が遠いとのことで、声が大きいのはそのためかもしれない。",
)
ARRANGED = "電話は二人で受け、三十分で書面に切り替える。返事はメールで行う。"


async def seed_touch(session: AsyncSession, agents: Mapping[str, int], now: datetime) -> None:
    """What was said of kinds comes first: the matrix decides about what is opened from now on."""
    by = await session.get_one(Agent, agents["aoki"])
    query = select(Ticket).where(col(Ticket.account_id).is_not(None), col(Ticket.status) != Status.SPAM)
    mine = query.where(col(Ticket.merged_into_id).is_(None))
    found = (await session.scalars(mine.order_by(col(Ticket.id).desc()).limit(LATEST))).all()
    for ticket in found:
        if kind := await suggested(session, ticket.id):
            await background.describe(session, ticket, {"kind": kind}, agent=by, now=now)
    night = [each for each in TEMPLATE if not (each["kind"] == "training" and each["hours"] == "out")]
    for note, cells, ago in zip(NOTES, (TEMPLATE, night), (30, 3), strict=True):
        made = await touch.save(session, cells, note, by=by.id, now=now - timedelta(days=ago))
    await touch.switch(session, made.id, by=by.id, now=now - timedelta(days=3))
    await touch.again(session, [each.id for each in found[:SHOWN]], by=None, now=now)
    await seed_report(session, found[-1], by, await session.get_one(Agent, agents["nakamura"]), now)


async def seed_report(session: AsyncSession, ticket: Ticket, lead: Agent, agent: Agent, now: datetime) -> None:
    """One that stands, with how this person is now spoken with."""
    reason, care = REPORT
    at = now - timedelta(days=5)
    made = await harassment.report(session, ticket, "holding", reason=reason, care=care, agent=agent, now=at)
    review = (now + timedelta(days=25)).date()
    await harassment.arrange(session, made, ARRANGED, review, agent=lead, now=now - timedelta(days=4))
