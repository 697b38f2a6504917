"""One loop for every clock: it steps while there is work, then waits for a word or a second."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from app import log
from app.bus import Bus

logger = log.get("jobs")


class Loop:
    """`step()` returns how much it did; an error is logged and the loop goes on after a while."""

    def __init__(
        self, name: str, step: Callable[[], Awaitable[int]], bus: Bus, *, every_s: float = 1.0, hears: bool = True
    ) -> None:
        """`hears`: it is woken when a commit left something for it; else it looks by its own time only."""
        self.name, self._step, self._bus, self._every_s = name, step, bus, every_s
        self._hears = hears
        self._news = asyncio.Event()
        self._stopping = False

    async def run(self) -> None:
        stop_hearing = self._bus.subscribe(self._heard)
        try:
            while not self._stopping:
                self._news.clear()
                if not await self._once() and not self._stopping:
                    await self._wait()
        finally:
            stop_hearing()

    def stop(self) -> None:
        """The step under way is finished, then the loop ends."""
        self._stopping = True
        self._news.set()

    def _heard(self, note: dict[str, Any]) -> None:
        names = note.get("news", ())
        if self._hears and ("*" in names or self.name in names):
            self._news.set()

    async def _once(self) -> int:
        try:
            return await self._step()
        except Exception as bug:
            logger.error("job.failed", job=self.name, error=type(bug).__name__, detail=str(bug)[:300])
            await asyncio.sleep(min(self._every_s, 1.0))
            return 0

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), self._every_s)
