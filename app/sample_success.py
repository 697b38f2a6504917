"""The sample desk's accounts: imported from a file, as a success manager would, with their use of a month."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.success import accounts as verbs
from app.actions.success import background, handovers, usage
from app.actions.success.importing import Import
from app.models import Agent, Status, Ticket
from app.rules.success import accounts_file
from app.rules.success.tiers import Ladder
from app.sample_health import seed_health
from app.sample_outreach import seed_outreach
from app.sample_playbooks import seed_playbooks
from app.sample_touch import seed_touch
from demo import desk_accounts as sample


async def seed_success(session: AsyncSession, agents: Mapping[str, int], now: datetime) -> None:
    await seed_accounts(session, agents["mori"], now)
    await seed_handovers(session, agents, now)
    await seed_playbooks(session, agents, now)
    await seed_outreach(session, agents, now)
    await seed_health(session, agents, now)
    await seed_touch(session, agents, now)


async def seed_accounts(session: AsyncSession, by: int, now: datetime) -> None:
    high, low = sample.LADDER
    await verbs.set_ladder(session, Ladder(high, low, "JPY"), by=by, now=now)
    rows, faults, _ = accounts_file.read(sample.table(now.date()).encode())
    await Import(session, now, by).run(rows, faults)
    await usage.take(session, [
        {
            "key": f"sample-{code}-{name}-{n}", "kind": "track", "name": name, "account_code": code,
            "member": next((firm[12] for firm in sample.FIRMS if firm[0] == code), ""),
            "at": now - timedelta(hours=5 + 700 * n / times), "properties": {},
        }
        for code, name, times in sample.USE for n in range(times)
    ], now)  # fmt: skip


async def seed_handovers(session: AsyncSession, agents: Mapping[str, int], now: datetime) -> None:
    """One waits, one is being worked at, one has come back with its outcome."""
    query = select(Ticket).where(col(Ticket.account_id).is_not(None), col(Ticket.status) != Status.SPAM)
    found = (await session.scalars(query.order_by(col(Ticket.id).desc()).limit(len(sample.HANDOVERS)))).all()
    giver, taker = await session.get_one(Agent, agents["aoki"]), await session.get_one(Agent, agents["mori"])
    for ticket, (form, cause, reason, promised, answer) in zip(found, sample.HANDOVERS, strict=False):
        given = {"form": form, "cause": cause, "reason": reason, "package": {"promised": promised}}
        made = await handovers.offer(session, ticket, given, by=giver, now=now - timedelta(hours=3))
        if answer is None:
            continue
        await handovers.move(session, made, "accepted", agent=taker, now=now - timedelta(hours=2))
        if answer:
            ended = now - timedelta(minutes=40)
            await handovers.move(session, made, "closed", agent=taker, now=ended, answer=answer, outcome="expanded")
        about = {"bottleneck": "hidden" if cause == "expansion" else "shown", "stage": "adopting", "cause": "仕入れの手間",
                 "outcome": "二号店でも同じ味を"}  # fmt: skip
        await background.describe(session, ticket, about, agent=giver, now=now - timedelta(hours=3))
