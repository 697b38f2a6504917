"""The sample desk's playbooks with their runs, and its renewals, through the same verbs as a success team's."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.success import accounts, playbooks, renewals
from app.models import Account, Agent, Contract, PlaybookStep
from app.rules.success.workdays import plain
from demo import desk_playbooks as sample

HOURS = plain("Asia/Tokyo")


async def seed_playbooks(session: AsyncSession, agents: Mapping[str, int], now: datetime) -> None:
    """The accounts must be there."""
    by = await session.get_one(Agent, agents["mori"])
    coded = {
        each.code: each.id for each in (await session.scalars(select(Account).where(col(Account.code) != ""))).all()
    }
    begun = now - timedelta(days=60)
    made = [
        await playbooks.put(session, {"name": name, "kind": kind, "enabled": True, "spec": spec}, by=by.id, now=begun)
        for name, kind, spec in sample.PLAYBOOKS
    ]
    for code, which, ago, done in sample.RUNS:
        at = now - timedelta(days=ago)
        run = await playbooks.start(session, coded[code], made[which].id, HOURS, at, by=by.id)
        for key in done:
            mine = col(PlaybookStep.run_id) == run.id, col(PlaybookStep.key) == key, col(PlaybookStep.state) == "open"
            number = await session.scalar(select(col(PlaybookStep.id)).where(*mine))
            if number is not None:
                later = at + timedelta(days=1)
                await playbooks.end_step(session, number, "done", agent=by, note="", hours=HOURS, now=later)
    await _renewals(session, coded, by.id, now)


async def _renewals(session: AsyncSession, coded: Mapping[str, int], by: int, now: datetime) -> None:
    for code, category, note in sample.FORECASTS:
        held = (await session.scalars(select(Contract).where(col(Contract.account_id) == coded[code]))).first()
        if held is not None and held.renews_on is not None:
            await renewals.forecast(
                session, held.id, held.renews_on, {"category": category, "note": note}, by=by, now=now
            )
    for code, number, product, value, ago, renewed, why in sample.PAST:
        due = now - timedelta(days=ago)
        given = {
            "code": number, "product": product, "value": value, "currency": "JPY", "renews_on": due.date(),
            "starts_on": (due - timedelta(days=365)).date(), "seats": 1,
        }  # fmt: skip
        contract = await accounts.put_contract(session, coded[code], given, by=by, now=due - timedelta(days=365))
        outcome = {"outcome": "renewed" if renewed else "lost", "amount": renewed or None, "reason": why}
        await renewals.decide(session, contract.id, due.date(), outcome, by=by, now=due)
