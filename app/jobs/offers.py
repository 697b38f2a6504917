"""Shows customers articles that fit what they wrote, while LINE's reply is still free."""

from collections import deque

from app import clock
from app.actions.knowledge import offers
from app.parts import Parts
from app.queries.knowledge import offers as queries

AT_ONCE = 50
REMEMBERED = 2000  # questions that nothing fits: they are not looked at again


class OfferArticles:
    def __init__(self, parts: Parts) -> None:
        self._database, self._url = parts.database, parts.settings.public_url
        self._judged: deque[int] = deque(maxlen=REMEMBERED)

    async def step(self) -> int:
        """Returns how many customers were shown something."""
        now = clock.utcnow()
        async with self._database.read() as session:
            if not await queries.any_offering(session):
                return 0
            found = await queries.waiting(session, now, AT_ONCE + REMEMBERED)
        fresh = [each for each in found if each not in self._judged][:AT_ONCE]
        shown = 0
        for each in fresh:
            async with self._database.write() as session:
                shown += await offers.offer(session, each, self._url, now)
            self._judged.append(each)
        return shown
