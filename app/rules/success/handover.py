"""The life of a hand-over: what may follow what, by whom, and who writes to the customer meanwhile. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.errors import Conflict, Forbidden, Invalid
from app.models import Role

FORMS = ("inform", "consult", "transfer")
OUTCOMES = ("solved", "saved", "renewed", "expanded", "lost", "none")
FOLLOWS: Mapping[str, frozenset[str]] = {
    "offered": frozenset({"accepted", "declined"}),
    "accepted": frozenset({"returned", "closed"}),
}
# What the desk knows is drafted; the words of people go over it.
WRITTEN = ("facts", "asked", "tried", "promised", "told", "deadline", "sentiment")
SENTIMENTS = ("", "pleased", "calm", "worried", "upset", "angry")  # how the customer feels, in the agent's judgment
LONGEST = 4000


class NotSo(Conflict):
    """This hand-over is no longer in a state in which that can be done."""


class NotForYou(Forbidden):
    """This hand-over was offered to somebody else, or somebody else has taken it."""


class NeedsReason(Invalid):
    """Say why in a few words."""


class NotYourVoice(Forbidden):
    """Somebody else writes to this customer now: only the present owner does."""


@dataclass(frozen=True, slots=True)
class Held:
    """What decides about a hand-over."""

    form: str
    state: str
    to: int | None
    taken_by: int | None


def check(held: Held, to: str, *, agent: int, role: str) -> None:
    """Raises NotSo, NotForYou. Leads may do everything that the ones they lead may."""
    if to not in FOLLOWS.get(held.state, ()):
        raise NotSo(state=held.state)
    if role in (Role.LEAD, Role.OWNER):
        return
    named = held.to if held.state == "offered" else held.taken_by
    if named not in (None, agent):
        raise NotForYou(agent_id=named)


def voice(held: Iterable[Held]) -> int | None:
    """Who alone writes to the customer: the one who has accepted a transfer. None: the desk does, as before.

    What is only offered changes nothing: a customer never falls between two.
    """
    return next((each.taken_by for each in held if each.form == "transfer" and each.state == "accepted"), None)


def may_write(voice: int | None, *, agent: int, role: str, override: bool) -> bool:
    """A lead may go over it, by saying so."""
    if voice == agent:
        return True
    if voice is not None:
        return override and role in (Role.LEAD, Role.OWNER)
    return role != Role.SUCCESS
