"""What a batch of customers' messages means for promises: whose turn it is now, and since when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import col

from app.actions.clocks import Clocks
from app.actions.writing import Sets
from app.models import Account, Status
from app.queries.inboxed import Inboxed
from app.rules.policies import Facts


@dataclass(slots=True)
class Turn:
    """What happened to one ticket in the batch."""

    ticket: dict[str, Any]
    inbox: Inboxed | None = None  # it was opened here
    tier: str | None = None  # of its account, as far as it was known before
    language: str = ""
    was: str = ""  # it was opened again: its status before
    since: datetime | None = None  # a customer waits since then
    later: bool = False  # they did already, but we thought since a later message


class Turns:
    """Told by the batch while it places its messages; `promise` once, before the rows are written."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._turns: dict[int, Turn] = {}

    def of(self, ticket: dict[str, Any]) -> Turn:
        return self._turns.setdefault(ticket["id"], Turn(ticket))

    def opened(self, ticket: dict[str, Any], inbox: Inboxed, *, tier: str | None, language: str) -> None:
        self._turns[ticket["id"]] = Turn(ticket, inbox, tier, language[:8] or inbox.language)

    def promise(self, connection: Connection, sets: Sets) -> None:
        """The clocks of the batch: a few statements whatever its size, none when nobody's turn changed."""
        if not self._turns:
            return
        sets.clocks = clocks = Clocks(connection, self._now)
        if known := [number for number, turn in self._turns.items() if turn.inbox is None]:
            clocks.load(known)
        tiers = _tiers(connection, [turn for turn in self._turns.values() if turn.inbox])
        for number, turn in self._turns.items():
            if turn.inbox is not None:
                clocks.open(_facts(turn, turn.inbox, tiers))
                turn.ticket["policy_id"] = clocks.facts[number].policy_id
                clocks.assigned(number, turn.ticket["assignee_id"])
            elif turn.was:
                clocks.moved(number, turn.was, Status.OPEN, reason="customer")
            if turn.since is not None:
                (clocks.waited_longer if turn.later else clocks.waits)(number, turn.since)
            turn.ticket["due_at"] = clocks.due(number)
        sets.older = [turn.ticket for turn in self._turns.values() if turn.later]


def _tiers(connection: Connection, opened: list[Turn]) -> dict[int, str]:
    """Of accounts that the batch itself linked its tickets to."""
    fresh = {turn.ticket["account_id"] for turn in opened if turn.tier is None} - {None}
    if not fresh:
        return {}
    query = select(col(Account.id), col(Account.tier)).where(col(Account.id).in_(fresh))
    return {each.id: each.tier for each in connection.execute(query)}


def _facts(turn: Turn, inbox: Inboxed, tiers: Mapping[int, str]) -> Facts:
    ticket, account = turn.ticket, turn.ticket["account_id"]
    return Facts(
        number=ticket["id"], channel=ticket["channel"], inbox=inbox.id, default_s=inbox.first_response_s,
        team=ticket["team_id"], priority=ticket["priority"], account=account, tier=turn.tier or tiers.get(account, ""),
        language=turn.language, status=ticket["status"], created_at=ticket["created_at"], forced=ticket["forced_policy_id"],
    )  # fmt: skip
