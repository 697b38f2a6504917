"""Shows and hides articles at the times that were planned."""

from app import clock
from app.actions.knowledge import publishing
from app.parts import Parts
from app.queries.knowledge import articles

AT_ONCE = 50


class PublishArticles:
    def __init__(self, parts: Parts) -> None:
        self._database = parts.database

    async def step(self) -> int:
        """Returns how many texts came to their time."""
        now = clock.utcnow()
        async with self._database.read() as session:
            if not await articles.due(session, now):
                return 0
        async with self._database.write() as session:
            return await publishing.publish_due(session, now, AT_ONCE)
