"""The clocks of a process."""

import asyncio

from app.jobs.automate import Automate
from app.jobs.calls import FollowCalls
from app.jobs.deliver import Deliver
from app.jobs.fetch import AskNames, Fetch
from app.jobs.health import ComputeHealth, FollowHealth, WatchAlerts
from app.jobs.holidays import Holidays
from app.jobs.hooks import Hooks
from app.jobs.loop import Loop
from app.jobs.mailings import Mailings
from app.jobs.offers import OfferArticles
from app.jobs.playbooks import RunPlaybooks
from app.jobs.poll import Doors, Poll
from app.jobs.publish import PublishArticles
from app.jobs.renewals import RenewContracts
from app.jobs.route import Route
from app.jobs.search import FeedSearch
from app.jobs.snapshot import TakeSnapshot
from app.jobs.success import FollowSuccess, WatchAccounts
from app.jobs.survey import AskSurveys
from app.jobs.sweep import Sweep
from app.jobs.upkeep import Upkeep
from app.jobs.watch import Watch
from app.parts import Parts


class Clocks:
    """Started with the server, or alone by `python -m app jobs`; any number of processes may run them."""

    def __init__(self, parts: Parts) -> None:
        self._doors = Doors(parts)
        self._hooks = Hooks(parts)
        self._loops = [
            Loop("deliver", Deliver(parts).step, parts.bus, every_s=0.5),
            Loop("fetch", Fetch(parts).step, parts.bus),
            Loop("names", AskNames(parts).step, parts.bus),
            Loop("watch", Watch(parts).step, parts.bus),
            Loop("route", Route(parts).step, parts.bus),
            Loop("calls", FollowCalls(parts).step, parts.bus, every_s=2.0, hears=False),
            Loop("sweep", Sweep(parts).step, parts.bus, every_s=60.0, hears=False),
            Loop("upkeep", Upkeep(parts, first_after_s=20.0).step, parts.bus, every_s=60.0, hears=False),
            Loop("holidays", Holidays(parts).step, parts.bus, every_s=60.0, hears=False),
            Loop("snapshot", TakeSnapshot(parts).step, parts.bus, every_s=30.0, hears=False),
            Loop("survey", AskSurveys(parts).step, parts.bus, every_s=5.0, hears=False),
            Loop("success", FollowSuccess(parts).step, parts.bus),
            Loop("accounts", WatchAccounts(parts).step, parts.bus, every_s=5.0, hears=False),
            Loop("playbooks", RunPlaybooks(parts).step, parts.bus, every_s=5.0, hears=False),
            Loop("marks", FollowHealth(parts).step, parts.bus, every_s=2.0, hears=False),
            Loop("alerts", WatchAlerts(parts).step, parts.bus, every_s=60.0, hears=False),
            Loop("health", ComputeHealth(parts).step, parts.bus, every_s=2.0, hears=False),
            Loop("renewals", RenewContracts(parts).step, parts.bus, every_s=60.0, hears=False),
            Loop("publish", PublishArticles(parts).step, parts.bus, every_s=5.0, hears=False),
            Loop("offers", OfferArticles(parts).step, parts.bus, every_s=5.0),
            Loop("mailings", Mailings(parts).step, parts.bus, every_s=2.0),
            Loop("automate", Automate(parts).step, parts.bus, every_s=0.3),
            Loop("search", FeedSearch(parts).step, parts.bus, every_s=0.5, hears=False),
            Loop("hooks", self._hooks.step, parts.bus, every_s=0.3),
            Loop("poll", Poll(parts).step, parts.bus),
            Loop("doors", self._doors.step, parts.bus, every_s=2.0),
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._doors.step()
        self._tasks = [asyncio.create_task(loop.run(), name=loop.name) for loop in self._loops]

    async def stop(self) -> None:
        """What is being sent is finished (at most 10 s), nothing new is begun."""
        for loop in self._loops:
            loop.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=10)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._hooks.close()
        await self._doors.close()
