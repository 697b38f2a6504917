"""What a sample desk is made of: people, cases and what happens in them, as values. Times are relative to the seeding."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An agent of the sample desk. `key` is how cases name them."""

    key: str
    email: str
    name: str
    alias: str
    role: str
    language: str = "ja"
    phone: str = ""
    teams: tuple[str, ...] = ()
    presence: str = "available"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """An account: a company or a household with a contract."""

    name: str
    tier: str
    domain: str = ""
    note: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A customer. `line`: has a LINE account of this name; `visitor`: a chat visitor's id; `member`: signed in at the shop."""

    key: str
    name: str
    kana: str = ""
    language: str = "ja"
    line: bool = False
    mail: str = ""
    phone: str = ""
    visitor: str = ""
    member: str = ""
    firm: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, so many minutes after the step before it."""

    do: str  # says, sends, sticker, place, unsends, blocks, auto, bounce, calls, picks_up, talks, leaves, hangs_up,
    # replies, notes, becomes, gives
    after: float
    text: str = ""
    by: str = ""  # an agent's key
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One ticket: who, by which channel, how many hours before the seeding it began, and what happened."""

    channel: str
    who: str
    hours: float
    steps: tuple[Step, ...]
    subject: str = ""
    owner: str = ""  # the agent who claims it
    team: str = ""
    tags: tuple[str, ...] = ()
    priority: str = ""
    charset: str = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that the demonstration begins with. `targets`: first response in seconds, by channel."""

    members: tuple[Member, ...]
    teams: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]  # name, colour
    firms: tuple[Firm, ...]
    guests: tuple[Guest, ...]
    cases: tuple[Case, ...]
    targets: dict[str, int]
    hours: dict[str, str]  # the calendar of each team


# The customer


def says(text: str, after: float = 1, **more: Any) -> Step:
    """A text, a mail or a chat message. `files`: names of demo.desk_files."""
    return Step("says", after, text, more=more)


def sends(file: str, after: float = 1) -> Step:
    """A picture or a file without words."""
    return Step("sends", after, more={"files": (file,)})


def sticker(text: str = "", after: float = 1) -> Step:
    return Step("sticker", after, text)


def place(title: str, address: str, after: float = 1) -> Step:
    return Step("place", after, title, more={"address": address})


def unsends(after: float = 1) -> Step:
    """The customer takes the last message back."""
    return Step("unsends", after)


def blocks(after: float = 1) -> Step:
    return Step("blocks", after)


def auto(text: str, after: float = 1) -> Step:
    """An automatic answer of the customer's mail program."""
    return Step("auto", after, text)


def bounce(after: float = 1) -> Step:
    """The customer's provider sends the desk's last mail back."""
    return Step("bounce", after)


def calls(after: float = 0) -> Step:
    return Step("calls", after)


def leaves(seconds: int, after: float = 1.5) -> Step:
    """Leaves a voicemail."""
    return Step("leaves", after, more={"seconds": seconds})


def hangs_up(after: float = 1, seconds: int = 30) -> Step:
    return Step("hangs_up", after, more={"seconds": seconds})


# The desk


def picks_up(by: str, after: float = 0.5) -> Step:
    """Takes the waiting call on their telephone."""
    return Step("picks_up", after, by=by)


def replies(by: str, text: str, after: float = 5, **more: Any) -> Step:
    """`then`: a status; `fails`: a failure code; `lost`: nobody knows whether it went out; `files`; `read`: it was seen."""
    return Step("replies", after, text, by, more)


def notes(by: str, text: str, after: float = 1) -> Step:
    return Step("notes", after, text, by)


def becomes(status: str, by: str, after: float = 1, **more: Any) -> Step:
    """`hours`: when a snoozed ticket wakes, counted from the seeding."""
    return Step("becomes", after, status, by, more)


def gives(by: str, to: str, after: float = 1) -> Step:
    """Assigns the ticket to somebody else."""
    return Step("gives", after, to, by)
