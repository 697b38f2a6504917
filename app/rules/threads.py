"""Where a customer's message belongs (E1, E7, L9). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.models import Status

UNSOLVED = frozenset({Status.OPEN, Status.PENDING, Status.SNOOZED})


class Where(StrEnum):
    APPEND = "append"  # to the thread, the ticket's status stays
    REOPEN = "reopen"  # to the thread, and the ticket is open again
    NEW = "new"  # a new ticket
    NOWHERE = "nowhere"  # only the raw bytes are kept


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the thread that a message points at."""

    ticket_id: int
    status: str
    resolved_at: datetime | None
    updated_at: datetime
    customer_at: datetime | None  # the latest customer message in the thread


@dataclass(frozen=True, slots=True)
class Came:
    """What is known of the message."""

    sent_at: datetime
    auto: bool
    opens: bool
    reopens: bool


@dataclass(frozen=True, slots=True)
class Place:
    where: Where
    related: int | None = None  # a ticket that the new one seems to continue


def may_continue(sender: str, members: Sequence[str]) -> bool:
    """E7: may this mail address write into a thread of these addresses? A member, or the same company domain.

    Public mail domains are nobody's company.
    """
    value = sender.lower()
    if value in members:
        return True
    domain = value.rpartition("@")[2]
    return domain not in PUBLIC_DOMAINS and any(domain == member.rpartition("@")[2] for member in members)


def place(came: Came, known: Known | None, *, now: datetime, reopen_days: int) -> Place:
    """What a message does. `known` is the thread it may continue, None when there is none."""
    if known is None:
        return Place(Where.NEW if came.opens else Where.NOWHERE)
    if known.status == Status.SPAM:
        return Place(Where.APPEND)
    if known.status in UNSOLVED:
        wakes = came.reopens and not came.auto and known.status != Status.OPEN
        return Place(Where.REOPEN if wakes else Where.APPEND)
    if came.auto or not came.reopens or _late(came, known):
        return Place(Where.APPEND)
    ended = known.resolved_at or known.updated_at
    if known.status == Status.RESOLVED and now - ended <= timedelta(days=reopen_days):
        return Place(Where.REOPEN)
    return Place(Where.NEW if came.opens else Where.APPEND, related=known.ticket_id)


def _late(came: Came, known: Known) -> bool:
    """L9: sent before the ticket was resolved, and not the newest word of the customer."""
    ended = known.resolved_at
    newer = known.customer_at is not None and came.sent_at < known.customer_at
    return ended is not None and came.sent_at < ended and newer


PUBLIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "yahoo.co.jp", "ymail.ne.jp", "yahoo.com", "outlook.jp", "outlook.com", "hotmail.com",
    "hotmail.co.jp", "live.jp", "live.com", "msn.com", "icloud.com", "me.com", "mac.com", "docomo.ne.jp", "ezweb.ne.jp",
    "au.com", "softbank.ne.jp", "i.softbank.jp", "vodafone.ne.jp", "ymobile.ne.jp", "rakuten.jp", "nifty.com",
    "ocn.ne.jp", "biglobe.ne.jp", "so-net.ne.jp", "plala.or.jp", "dion.ne.jp", "excite.co.jp", "proton.me",
    "protonmail.com", "gmx.com", "aol.com", "mail.com",
})  # fmt: skip
