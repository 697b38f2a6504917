"""The ticket: the unit of work, its channel threads, and the facts that reports are computed from."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import NEVER, BigInt, fk, json_list, kept, key, opt, pk


class Status(StrEnum):
    """Status categories. Names on screen are labels."""

    OPEN = "open"
    PENDING = "pending"  # we wait for the customer
    SNOOZED = "snoozed"  # until a time, or until the customer writes
    RESOLVED = "resolved"
    CLOSED = "closed"
    SPAM = "spam"


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


LETTER = "outreach"  # the origin of a ticket that only carries a letter (outreach.py): no list and no figure has it
NO_LETTER = text(f"origin <> '{LETTER}'")
UNSOLVED = text("status IN ('open', 'pending')")
MINE = text("status IN ('open', 'pending') AND assignee_id IS NOT NULL")
UNASSIGNED = text("status IN ('open', 'pending') AND assignee_id IS NULL")
# Not all statuses: SQLite without statistics would take such an index for the unsolved too, and sort them all.
SET_ASIDE = text("status NOT IN ('open', 'pending')")
TAKEN = text("status = 'snoozed'")
QUEUED = text("status = 'open' AND assignee_id IS NULL")
CURRENT = text("current")


def _index(name: str, *columns: str, where: Any = None, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


class Ticket(SQLModel, table=True):
    """One case. Its number, which people say to each other, is its id.

    Each list view has its own partial index: what the view fixes, its sort key, the id (performance.md, queue views).
    """

    __table_args__ = (
        _index("ix_ticket_mine_due", "assignee_id", "due_at", "id", where=MINE),
        _index("ix_ticket_mine_updated", "assignee_id", "updated_at", "id", where=MINE),
        _index("ix_ticket_unassigned_due", "assignee_id", "due_at", "id", where=UNASSIGNED),
        _index("ix_ticket_unassigned_updated", "assignee_id", "updated_at", "id", where=UNASSIGNED),
        _index("ix_ticket_team_due", "team_id", "due_at", "id", where=UNSOLVED),
        _index("ix_ticket_team_updated", "team_id", "updated_at", "id", where=UNSOLVED),
        _index("ix_ticket_queued", "team_id", "due_at", "id", where=QUEUED),
        _index("ix_ticket_unsolved_due", "due_at", "id", where=UNSOLVED),
        _index("ix_ticket_unsolved_updated", "updated_at", "id", where=UNSOLVED),
        _index("ix_ticket_channel_due", "channel", "due_at", "id", where=UNSOLVED),
        _index("ix_ticket_channel_updated", "channel", "updated_at", "id", where=UNSOLVED),
        _index("ix_ticket_snoozed", "snoozed_until", "id", where=TAKEN),
        _index("ix_ticket_set_aside_updated", "status", "updated_at", "id", where=SET_ASIDE),
        Index("ix_ticket_updated", "updated_at", "id"),
        Index("ix_ticket_created", "created_at"),
        Index("ix_ticket_person", "person_id", "id"),
        CheckConstraint("status IN ('open','pending','snoozed','resolved','closed','spam')", name="status"),
        CheckConstraint("priority IN ('urgent','high','normal','low')", name="priority"),
    )

    id: int = pk()
    subject: str = Field(default="", max_length=400)
    status: str = Field(default=Status.OPEN, max_length=12)
    priority: str = Field(default=Priority.NORMAL, max_length=8)
    origin: str = Field(default="inbound", max_length=10)  # "inbound", "outbound"; "outreach": it only carries a letter
    channel: str = Field(max_length=16)  # of the latest customer thread
    inbox_id: int = fk("inbox.id", index=True)
    team_id: int | None = opt("team.id")
    assignee_id: int | None = opt("agent.id")
    person_id: int = fk("person.id")
    account_id: int | None = opt("account.id", index=True)
    preview: str = Field(default="", max_length=200)  # the latest public message, shortened
    preview_kind: str = Field(default="text", max_length=16)
    preview_from: str = Field(default="customer", max_length=10)
    created_at: datetime
    updated_at: datetime  # the latest message, note or change of status
    needs_reply_since: datetime | None = None  # the first unanswered public customer message
    due_at: datetime = NEVER  # the earliest running clock
    policy_id: int | None = kept("policy.id")  # what is promised; empty: what its inbox promises
    forced_policy_id: int | None = kept("policy.id")  # somebody chose it, whatever conditions say; empty: they decide
    snoozed_until: datetime | None = None
    first_response_at: datetime | None = None
    resolved_at: datetime | None = None  # of the present resolution; empty while unsolved
    reopened: int = 0
    transfers: int = 0  # to another agent, or to another team once somebody had it
    merged_into_id: int | None = kept("ticket.id")  # it is a part of that one now; see cases.py


class TicketTag(SQLModel, table=True):
    __tablename__ = "ticket_tag"

    ticket_id: int = key("ticket.id")
    tag_id: int = key("tag.id", index=True)


class Thread(SQLModel, table=True):
    """One channel's line to the customer inside a ticket."""

    __table_args__ = (
        Index(
            "uq_thread_current",
            "inbox_id",
            "conversation",
            unique=True,
            sqlite_where=CURRENT,
            postgresql_where=CURRENT,
        ),
    )

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    inbox_id: int = fk("inbox.id")
    identity_id: int = fk("identity.id", index=True)
    channel: str = Field(max_length=16)
    conversation: str = Field(max_length=1000)  # the provider's own key: a new message of it lands here
    current: bool = True  # the latest thread of this conversation
    last_seq: int = 0
    subject: str = Field(default="", max_length=400)
    participants: list[Any] = json_list()  # [{"value","name"}]: others who read along (mail's Cc)
    handle: str = Field(default="", max_length=200)  # the newest unused reply handle
    handle_at: datetime | None = None
    customer_at: datetime | None = None  # the latest customer message, by the provider's time
    seen_at: datetime | None = None  # chat: what the visitor has seen
    created_at: datetime


class Assignment(SQLModel, table=True):
    """A decision who works on it, with its reasons."""

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    agent_id: int | None = opt("agent.id")
    team_id: int | None = opt("team.id")
    by_agent_id: int | None = opt("agent.id")
    reason: str = Field(max_length=40)  # "claimed", "assigned", "released", "answered_call"
    at: datetime


class Episode(SQLModel, table=True):
    """From the first unanswered customer message to its answer: what the response rate is computed from.

    What reports are counted by stands in the row as it was then: a ticket that moves on changes no figure of the past.
    """

    __table_args__ = (
        Index(
            "uq_episode_unanswered",
            "ticket_id",
            unique=True,
            sqlite_where=text("answered_at IS NULL AND void = false"),
            postgresql_where=text("answered_at IS NULL AND void = false"),
        ),
        UniqueConstraint("message_id"),
        Index("ix_episode_opened", "opened_at", "id"),
    )

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    message_id: int = fk("message.id")
    channel: str = Field(max_length=16)
    opened_at: datetime
    answered_at: datetime | None = None
    answer_id: int | None = opt("message.id")
    agent_id: int | None = opt("agent.id")
    void: bool = False  # needs no answer: spam, thanks, resolved without a reply
    inbox_id: int | None = Field(default=None, sa_type=BigInt)  # the message's
    team_id: int | None = Field(default=None, sa_type=BigInt)  # the ticket's, when it began, and when it was answered
    initial: bool = False  # nobody has answered in this ticket before
    waited_s: int | None = None  # from the message to the answer
    worked_s: int | None = None  # of that, while the team was open


class Resolution(SQLModel, table=True):
    """A period of being resolved."""

    __table_args__ = (Index("ix_resolution_resolved", "resolved_at", "id"),)

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    resolved_at: datetime
    agent_id: int | None = opt("agent.id")
    reopened_at: datetime | None = None
    reopened_by: str = Field(default="", max_length=10)  # "customer" or "agent"
    channel: str = Field(default="", max_length=16)
    inbox_id: int | None = Field(default=None, sa_type=BigInt)
    team_id: int | None = Field(default=None, sa_type=BigInt)
    initial: bool = False  # the ticket's first
    turns: int = 0  # answers until then
    transfers: int = 0
    took_s: int | None = None  # since the ticket's beginning
    worked_s: int | None = None  # of that, while the team was open and nothing else was waited for
    followed: bool = False  # the same person began another ticket within 7 days after it, about whatever


ACTIVE_CLOCK = text("state IN ('running', 'paused')")
RUNNING_CLOCK = text("state = 'running'")


class Clock(SQLModel, table=True):
    """One promise: when it is due, and when it was kept or broken. What happened in between is in its entries.

    `left_s` of the target was left at `counts_from`, the start or the latest resumption; while it is paused, it is what is
    left. One index over `wake_at` says what is to be done now, whatever is open.
    """

    __table_args__ = (
        _index("uq_clock_active", "ticket_id", "metric", where=ACTIVE_CLOCK, unique=True),
        _index("ix_clock_wake", "wake_at", where=RUNNING_CLOCK),
    )

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    metric: str = Field(max_length=20)  # first_response, next_response, resolution, callback, assignment
    state: str = Field(default="running", max_length=10)  # running, paused, met, cancelled
    started_at: datetime
    target_s: int
    due_at: datetime
    counts_from: datetime
    left_s: float
    wake_at: datetime = NEVER  # the next moment at which something happens: a warning, the deadline
    step: int = 0  # percent of the latest warning
    paused_at: datetime | None = None
    met_at: datetime | None = None
    breached_at: datetime | None = None  # exactly the deadline, whenever it was noticed
    by_change: bool = False  # broken by a change of what was promised, at the time of the change (SLA4)
    priority: str = Field(default=Priority.NORMAL, max_length=8)  # whose target it is
    policy_id: int | None = kept("policy.id")  # empty: the inbox's own promise
    policy_version: int | None = None
    calendar_id: int | None = kept("calendar.id")  # empty: all time counts
    calendar_version: int | None = None
