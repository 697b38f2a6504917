"""The sample desk's accounts: imported from a file, as a success manager would, with their use of a month."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.actions.success import accounts as verbs
from app.actions.success import usage
from app.actions.success.importing import Import
from app.rules.success import accounts_file
from app.rules.success.tiers import Ladder
from demo import desk_accounts as sample


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
