"""Contracts that go on by themselves: on their day, when nobody has decided about them."""

from app import clock
from app.actions.success import renewals as verbs
from app.parts import Parts
from app.queries.success import renewals as queries

AT_ONCE = 50


class RenewContracts:
    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def step(self) -> int:
        """Returns how many went on."""
        now = clock.utcnow()
        async with self._database.read() as session:
            if not await queries.of_itself(session, now.date(), 1):
                return 0
        async with self._database.write() as session:
            due = await queries.of_itself(session, now.date(), AT_ONCE)
            return await verbs.renew_of_themselves(session, due, now)
