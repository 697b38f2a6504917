"""What is left of each inbox's counted messages (L22), remembered for a minute: no screen waits for a provider."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from app import clock, log

logger = log.get("quotas")
FRESH_S = 60.0
Ask = Callable[[], Awaitable[Mapping[str, int | None]]]


class Quotas:
    def __init__(self) -> None:
        self._known: dict[int, tuple[float, Mapping[str, int | None]]] = {}
        self._asking: dict[int, asyncio.Task[None]] = {}

    def get(self, inbox_id: int) -> Mapping[str, int | None] | None:
        """The last known quota, None when it was never told."""
        found = self._known.get(inbox_id)
        return found[1] if found else None

    def learn(self, inbox_id: int, quota: Mapping[str, int | None]) -> None:
        """Somebody else has asked."""
        self._known[inbox_id] = (clock.monotonic(), quota)

    def ask(self, inbox_id: int, ask: Ask) -> None:
        """Asks in the background when what is known is old."""
        known = self._known.get(inbox_id)
        if (known and clock.monotonic() - known[0] < FRESH_S) or inbox_id in self._asking:
            return
        self._asking[inbox_id] = asyncio.create_task(self._ask(inbox_id, ask))

    def spent(self, inbox_id: int, cost: int) -> None:
        """A message of ours went out: count it until the provider is asked again."""
        known = self._known.get(inbox_id)
        if known and cost:
            self._known[inbox_id] = (known[0], {**known[1], "used": (known[1].get("used") or 0) + cost})

    async def _ask(self, inbox_id: int, ask: Ask) -> None:
        try:
            self.learn(inbox_id, await ask())
        except Exception as unknown:
            logger.info("quota.unknown", inbox=inbox_id, error=type(unknown).__name__)
        finally:
            self._asking.pop(inbox_id, None)
