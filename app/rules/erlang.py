"""How many agents a load of calls needs: Erlang C, and its counterpart for what may wait (domain 5.3). Pure."""

from dataclasses import dataclass
from math import ceil, exp, inf, isclose

MOST_AGENTS = 2000  # more erlangs than that are no desk's hour


@dataclass(frozen=True, slots=True)
class Staffed:
    """What so many agents make of the load."""

    agents: int
    waits: float  # the share of callers who wait at all
    service_level: float  # the share who is answered within the target
    asa_s: float  # the mean wait
    occupancy: float


def erlang_b(load: float, agents: int) -> float:
    """The share that finds all agents taken, when nobody waits."""
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def staffed(load: float, agents: int, *, handling_s: float, within_s: float) -> Staffed:
    """With no more agents than erlangs the queue only grows: all wait, for ever."""
    if load <= 0:
        return Staffed(agents, 0.0, 1.0, 0.0, 0.0)
    if agents <= load:
        return Staffed(agents, 1.0, 0.0, inf, 1.0)
    blocked = erlang_b(load, agents)
    waits = agents * blocked / (agents - load * (1 - blocked))
    spare = agents - load
    level = 1 - waits * exp(-spare * within_s / handling_s)
    return Staffed(agents, waits, level, waits * handling_s / spare, load / agents)


@dataclass(frozen=True, slots=True)
class Goal:
    """What a plan must reach. 80/20, and nobody busier than 85 %, unless said otherwise."""

    share: float = 0.8
    within_s: float = 20.0
    occupancy: float = 0.85
    shrinkage: float = 0.0  # breaks, training, illness: of the paid time


def needed(calls: float, *, interval_s: float, handling_s: float, goal: Goal) -> Staffed | None:
    """The fewest agents that reach the goal; None when there are no calls, or more than a desk takes."""
    load = calls * handling_s / interval_s
    if load <= 0 or load > MOST_AGENTS:
        return None
    agents = int(load) + 1
    while True:
        found = staffed(load, agents, handling_s=handling_s, within_s=goal.within_s)
        if found.service_level >= goal.share and found.occupancy <= goal.occupancy:
            return found
        agents += 1


def rostered(agents: int, shrinkage: float) -> int:
    """How many must be on the roster so that so many sit there."""
    wanted = agents / (1 - shrinkage)
    return round(wanted) if isclose(wanted, round(wanted), abs_tol=1e-9) else ceil(wanted)


def work_through(volume: float, *, interval_s: float, handling_s: float, occupancy: float, concurrency: float) -> float:
    """Agents for mail, LINE and chat, where an answer may wait: the work itself, not a queue."""
    return volume * handling_s / (interval_s * occupancy * concurrency)
