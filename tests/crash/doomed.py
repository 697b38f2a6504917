"""The product with an appointed death: `python -m tests.crash.doomed POINT NTH LATER_S serve`.

The process kills itself with SIGKILL when it comes to POINT for the NTH time; the point "none" never comes. Its clock
is LATER_S seconds ahead, so that nobody has to wait for a lease to run out. The product itself knows nothing of this:
what is here is wrapped around its own functions.
"""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from app import clock
from app.__main__ import main
from app.db import GroupCommit
from app.jobs.deliver import Deliver
from channels.contract import Sent

COMMITTING_S = 0.004  # a commit's fsync takes about as long; death comes somewhere in it


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Fate:
    """Counts how often the point was reached."""

    def __init__(self, point: str, nth: int) -> None:
        self.point, self.left = point, nth
        self.written = False  # the intake's rows are written, not yet committed

    def meets(self, point: str) -> bool:
        """Whether this is the appointed moment."""
        if point != self.point:
            return False
        self.left -= 1
        return self.left == 0

    def reach(self, point: str) -> None:
        if self.meets(point):
            die()


def watch_intake(fate: Fate) -> None:
    """Points of the one transaction that takes webhooks and mails: intake.begun, written, committing, committed."""
    make, commit = GroupCommit.__init__, GroupCommit._commit

    def doomed_make(self: GroupCommit[Any, Any], database: Any, work: Any, rescue: Any, **more: Any) -> None:
        if "swift" in more:
            more["swift"] = _doomed_swift(more["swift"], fate)
        make(self, database, _doomed_work(work, fate), rescue, **more)

    async def doomed_commit(self: GroupCommit[Any, Any], items: Any) -> Any:
        result = await commit(self, items)
        fate.written = False
        fate.reach("intake.committed")
        return result

    def committing(connection: Any) -> None:
        if fate.written and fate.meets("intake.committing"):
            threading.Thread(target=_soon, daemon=True).start()

    GroupCommit.__init__ = doomed_make  # type: ignore[method-assign]
    GroupCommit._commit = doomed_commit  # type: ignore[method-assign]
    event.listen(Engine, "commit", committing)


def _doomed_work(work: Callable[..., Any], fate: Fate) -> Callable[..., Any]:
    """Around what is written with a session."""

    async def run(session: Any, items: Any) -> Any:
        fate.reach("intake.begun")
        result = await work(session, items)
        fate.reach("intake.written")
        fate.written = True
        return result

    return run


def _doomed_swift(swift: Callable[..., Any], fate: Fate) -> Callable[..., Any]:
    """Around what is written as a set, in a thread."""

    def plan(items: Any) -> Callable[[Any], Any] | None:
        planned = swift(items)
        if planned is None:
            return None

        def run(connection: Any) -> Any:
            fate.reach("intake.begun")
            result = planned(connection)
            fate.reach("intake.written")
            fate.written = True
            return result

        return run

    return plan


def _soon() -> None:
    time.sleep(random.uniform(0, COMMITTING_S))
    die()


def watch_sending(fate: Fate) -> None:
    """Points of everything that is sent, by its kind: claimed (nothing else done), ready (not sent), sent (not written)."""
    begin: dict[str, Callable[..., Any]] = {"message": Deliver._message, "order": Deliver._order}
    send = Deliver._send

    def doomed(kind: str) -> Callable[..., Any]:
        async def run(self: Deliver, number: int) -> None:
            fate.reach(f"{kind}.claimed")
            await begin[kind](self, number)

        return run

    async def doomed_send(self: Deliver, opened: Any, out: Any, attempts: int) -> Any:
        kind = "message" if out.kind == "message" else "order"
        fate.reach(f"{kind}.ready")
        result = await send(self, opened, out, attempts)
        if isinstance(result, Sent):
            fate.reach(f"{kind}.sent")
        return result

    Deliver._message, Deliver._order = doomed("message"), doomed("order")  # type: ignore[method-assign]
    Deliver._send = doomed_send  # type: ignore[method-assign]


def advance(seconds: float) -> None:
    ahead = timedelta(seconds=seconds)
    clock.utcnow = lambda: datetime.now(UTC) + ahead


if __name__ == "__main__":
    point, nth, later, *command = sys.argv[1:]
    fate = Fate(point, int(nth))
    watch_intake(fate)
    watch_sending(fate)
    advance(float(later))
    sys.argv = ["app", *command]
    main()
