"""Customer success: what becomes due by time alone."""

from app import clock
from app.actions.success import accounts
from app.parts import Parts
from app.queries.success import accounts as queries

AT_ONCE = 200


class FollowSuccess:
    """Tiers by hand end on their day; each day the rule looks at all: contracts begin and end."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def step(self) -> int:
        now = clock.utcnow()
        async with self._database.read() as session:
            if not await queries.tiers_due(session, now):
                return 0
        async with self._database.write() as session:
            return await accounts.expire(session, now, AT_ONCE) + await accounts.retier_some(session, now, AT_ONCE)
