"""A ticket's episodes and resolutions from its log and its messages alone: what the reports must equal. Pure.

The verbs write these facts as things happen; here they are told again from the beginning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.models import Status
from app.rules.lifecycle import SOLVED

Between = Callable[[int | None, datetime, datetime], float]  # open seconds of a team from one moment to another
PAUSED = (Status.PENDING, Status.SNOOZED, *SOLVED)  # nobody works on it then


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the log, with the message that it speaks of."""

    kind: str
    at: datetime
    agent: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    message: Mapping[str, Any] | None = None  # id, direction, auto, held, sent_at, inbox_id, channel
    part: "Told | None" = None  # a ticket that was merged into this one, as it was then


@dataclass(slots=True)
class EpisodeTold:
    message_id: int
    channel: str
    inbox_id: int
    team_id: int | None
    initial: bool
    opened_at: datetime
    answered_at: datetime | None = None
    agent_id: int | None = None
    void: bool = False
    waited_s: int | None = None
    worked_s: int | None = None


@dataclass(slots=True)
class ResolutionTold:
    resolved_at: datetime
    agent_id: int | None
    channel: str
    inbox_id: int
    team_id: int | None
    initial: bool
    turns: int
    transfers: int
    took_s: int | None
    worked_s: int | None
    reopened_at: datetime | None = None


@dataclass(slots=True)
class Told:
    """A ticket as far as its log was read."""

    created_at: datetime
    inbox_id: int
    channel: str
    team_id: int | None
    between: Between
    inbound: bool = True
    status: str = Status.OPEN
    assignee: int | None = None
    transfers: int = 0
    answered: bool = False
    holder: int | None = None  # the agent who had it last
    back: "Happened | None" = None  # a message whose reopening comes next in the log
    moves: list[tuple[datetime, str]] = field(default_factory=list)
    episodes: list[EpisodeTold] = field(default_factory=list)
    resolutions: list[ResolutionTold] = field(default_factory=list)


def tell(ticket: Told, log: Sequence[Happened]) -> Told:
    """Reads the whole log, oldest first."""
    for each in _answers_first(log):
        _READ.get(each.kind, _nothing)(ticket, each)
    return ticket


def _answers_first(log: Sequence[Happened]) -> list[Happened]:
    """An answer that solves is told after what follows from it: the log has the queued message last."""
    found: list[Happened] = []
    for each in log:
        place = len(found)
        if each.kind == "message.queued":
            while place and found[place - 1].at == each.at and found[place - 1].kind in _FOLLOWS:
                place -= 1
        found.insert(place, each)
    return found


def paused(moves: Sequence[tuple[datetime, str]], until: datetime) -> list[tuple[datetime, datetime]]:
    """When nobody worked on it, of (when, the status it got), oldest first."""
    found: list[tuple[datetime, datetime]] = []
    since: datetime | None = None
    for at, status in moves:
        if status in PAUSED and since is None:
            since = at
        elif status not in PAUSED and since is not None:
            found.append((since, at))
            since = None
    return [*found, (since, until)] if since is not None else found


def lapse(
    between: Between, team: int | None, created: datetime, until: datetime, moves: Sequence[tuple[datetime, str]]
) -> tuple[int, int]:
    """A resolution's elapsed seconds, and its open ones without the pauses."""
    idle = sum(between(team, begin, end) for begin, end in paused(moves, until))
    return round((until - created).total_seconds()), max(0, round(between(team, created, until) - idle))


def _nothing(ticket: Told, each: Happened) -> None:
    """An event that no figure is counted from."""


def _received(ticket: Told, each: Happened) -> None:
    message = each.message
    if message is None:
        return
    ticket.channel = message["channel"]
    if message["auto"] or message["held"]:
        return
    if ticket.status != Status.OPEN:
        ticket.back = each
        return
    _waits(ticket, message, min(message["sent_at"], each.at))


def _approved(ticket: Told, each: Happened) -> None:
    if each.message is not None and not each.message["auto"] and ticket.status == Status.OPEN:
        _waits(ticket, each.message, min(each.message["sent_at"], each.at))


def _waits(ticket: Told, message: Mapping[str, Any], since: datetime) -> None:
    waiting = _waiting(ticket)
    if waiting is not None:
        waiting.opened_at = min(waiting.opened_at, since)
        return
    ticket.episodes.append(
        EpisodeTold(message["id"], message["channel"], message["inbox_id"], ticket.team_id, not ticket.answered, since)
    )


def _waiting(ticket: Told) -> EpisodeTold | None:
    return next((each for each in ticket.episodes if each.answered_at is None and not each.void), None)


def _split(ticket: Told, each: Happened) -> None:
    """A turn that came with a message from another ticket, or that went with it: the rest waits since what is left."""
    waiting, left = _waiting(ticket), each.params.get("left")
    if "number" not in each.params:
        if each.message is not None:
            _waits(ticket, each.message, min(each.message["sent_at"], each.at))
    elif waiting is not None and left is None:
        ticket.episodes.remove(waiting)
    elif waiting is not None and left is not None:
        waiting.opened_at = datetime.fromisoformat(left["at"])
        if waiting.message_id in each.params["moved"]:
            waiting.message_id = left["id"]


def _replied(ticket: Told, each: Happened) -> None:
    if each.agent is not None:  # a machine's answer is none
        _answer(ticket, each.at, each.agent)


def _connected(ticket: Told, each: Happened) -> None:
    _answer(ticket, datetime.fromisoformat(each.params["answered_at"]), each.params["by"])


def _answer(ticket: Told, at: datetime, agent: int | None) -> None:
    waiting, ticket.answered = _waiting(ticket), True
    if waiting is None:
        return
    waiting.answered_at, waiting.agent_id, waiting.team_id = at, agent, ticket.team_id
    begin = min(waiting.opened_at, at)
    waiting.waited_s = round((at - begin).total_seconds())
    waiting.worked_s = round(ticket.between(ticket.team_id, begin, at))


def _reopened(ticket: Told, each: Happened) -> None:
    _move(ticket, Status.OPEN, each)
    if ticket.back is not None and ticket.back.at == each.at:
        _received(ticket, ticket.back)
    ticket.back = None


def _status(ticket: Told, each: Happened) -> None:
    _move(ticket, each.params["to"], each)


def _move(ticket: Told, to: str, each: Happened) -> None:
    before, ticket.status = ticket.status, to
    if to in SOLVED and before not in SOLVED:
        _resolve(ticket, each)
    elif before in SOLVED and to not in SOLVED and ticket.resolutions:
        ticket.resolutions[-1].reopened_at = each.at
    ticket.moves.append((each.at, to))
    waiting = _waiting(ticket)
    if to in (*SOLVED, Status.SPAM) and waiting is not None:
        waiting.void = True


def _resolve(ticket: Told, each: Happened) -> None:
    took, worked = lapse(ticket.between, ticket.team_id, ticket.created_at, each.at, ticket.moves)
    ticket.resolutions.append(
        ResolutionTold(
            each.at, each.agent, ticket.channel, ticket.inbox_id, ticket.team_id, not ticket.resolutions,
            sum(one.answered_at is not None for one in ticket.episodes), ticket.transfers, took, worked,
        )
    )  # fmt: skip


def _merged(ticket: Told, each: Happened) -> None:
    """What the part has told goes on here; of two who wait one waits, since the earlier, and one turn is the first."""
    if each.part is None:
        _became_part(ticket)
        return
    ticket.created_at = min(ticket.created_at, each.part.created_at)
    ticket.answered = ticket.answered or each.part.answered
    ticket.episodes = sorted([*ticket.episodes, *each.part.episodes], key=lambda one: (one.opened_at, one.message_id))
    for one in [one for one in ticket.episodes if one.answered_at is None and not one.void][1:]:
        one.void = True
    for one in [one for one in ticket.episodes if one.initial and not one.void][1:]:
        one.initial = False


def _became_part(ticket: Told) -> None:
    """Its turns are the master's, and the master's resolution is the case's."""
    ticket.episodes = []
    for period in ticket.resolutions:
        period.initial, period.took_s, period.worked_s = False, None, None


def _assigned(ticket: Told, each: Happened) -> None:
    ticket.assignee = to = each.params["to"]
    if to is not None:
        ticket.transfers += ticket.holder not in (None, to)
        ticket.holder = to


def _team(ticket: Told, each: Happened) -> None:
    ticket.transfers += ticket.assignee is not None and each.params["was"] is not None
    ticket.team_id = each.params["to"]


_FOLLOWS = ("ticket.status", "ticket.assigned", "clock.breached", "clock.kept", "clock.retargeted")
_READ: dict[str, Callable[[Told, Happened], None]] = {
    "message.received": _received,
    "message.approved": _approved,
    "message.queued": _replied,
    "call.connected": _connected,
    "ticket.reopened": _reopened,
    "ticket.status": _status,
    "ticket.assigned": _assigned,
    "ticket.team": _team,
    "ticket.merged": _merged,
    "ticket.split": _split,
}
