"""Who gets which work: presence with its history, skills, each team's plan, offers, and every decision with its reasons."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, goes_with, json_list, json_object, kept, key, opt, pk


class Mode(StrEnum):
    OFF = "off"  # people choose for themselves
    PUSH = "push"  # the ticket is assigned
    OFFER = "offer"  # it is offered, and goes on when it is not taken
    PULL = "pull"  # agents ask for the next one


class Strategy(StrEnum):
    """Whom of those who can (R2)."""

    LONGEST_IDLE = "longest_idle"
    LEAST_OCCUPIED = "least_occupied"
    ROUND_ROBIN = "round_robin"
    SKILL_LEVEL = "skill_level"


PRESENT_SPAN = text("ended_at IS NULL")
OPEN_OFFER = text("state = 'open'")
OPEN_TICKET_OFFER = text("state = 'open' AND call_id IS NULL")
RINGING = text("state = 'open' AND call_id IS NOT NULL")
OVERFLOWS = text("overflow_at IS NOT NULL")
RETURNS = text("returns_at IS NOT NULL")


class PresenceSpan(SQLModel, table=True):
    """How long an agent was what (R5): no gaps, no overlaps. The base of utilisation."""

    __tablename__ = "presence_span"
    __table_args__ = (
        Index("uq_presence_span_present", "agent_id", unique=True, sqlite_where=PRESENT_SPAN, postgresql_where=PRESENT_SPAN),
        Index("ix_presence_span_agent", "agent_id", "began_at", "state", "ended_at"),
        Index("ix_presence_span_began", "began_at", "agent_id", "state", "ended_at"),
        CheckConstraint("ended_at >= began_at", name="order"),
    )  # fmt: skip

    id: int = pk()
    agent_id: int = fk("agent.id")
    state: str = Field(max_length=16)
    channels_off: list[str] = json_list()
    reason: str = Field(default="", max_length=20)  # "set", "ringing", "call", "full", "disconnected", ...
    by_agent_id: int | None = opt("agent.id")  # empty: the machine
    began_at: datetime
    ended_at: datetime | None = None


class Skill(SQLModel, table=True):
    """Something that some can do and others cannot; of kind "language", the language of its code."""

    __table_args__ = (UniqueConstraint("name"), CheckConstraint("kind IN ('skill', 'language')", name="kind"))

    id: int = pk()
    name: str = Field(max_length=60)
    kind: str = Field(default="skill", max_length=10)
    code: str = Field(default="", max_length=8)  # of a language: "ja", "en"
    created_at: datetime


class AgentSkill(SQLModel, table=True):
    __tablename__ = "agent_skill"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 5", name="level"),)

    agent_id: int = key("agent.id")
    skill_id: int = key("skill.id", index=True)
    level: int = 3


class Requirement(SQLModel, table=True):
    """Tickets of this team, inbox or tag need this skill, at least at this level."""

    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint(
            "CASE WHEN team_id IS NULL THEN 0 ELSE 1 END + CASE WHEN inbox_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN tag_id IS NULL THEN 0 ELSE 1 END = 1",
            name="one",
        ),
    )

    id: int = pk()
    skill_id: int = fk("skill.id", index=True, cascade=True)
    level: int = 1
    team_id: int | None = goes_with("team.id")
    inbox_id: int | None = goes_with("inbox.id")
    tag_id: int | None = goes_with("tag.id")


class RoutingSetup(SQLModel, table=True):
    """What holds for the whole desk: one row, or none while nobody has changed anything."""

    __tablename__ = "routing_setup"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = pk()
    weights: dict[str, int] = json_object()  # of an agent's capacity, by channel (R4)
    rest_after_s: int = 600  # answered and quiet for so long: the ticket no longer counts
    wrap_up_s: int = 0  # after a talk on the telephone; 0: none
    away_after_s: int = 60  # after an agent's last connection is lost (R5)


class TeamRouting(SQLModel, table=True):
    """How a team's tickets find their agents. No row: off."""

    __tablename__ = "team_routing"
    __table_args__ = (
        CheckConstraint("mode IN ('off', 'push', 'offer', 'pull')", name="mode"),
        CheckConstraint("strategy IN ('longest_idle', 'least_occupied', 'round_robin', 'skill_level')", name="strategy"),
    )  # fmt: skip

    team_id: int = key("team.id")
    mode: str = Field(default=Mode.OFF, max_length=8)
    strategy: str = Field(default=Strategy.LONGEST_IDLE, max_length=16)
    offer_timeout_s: int = 30
    return_after_s: int | None = None  # assigned, the customer waits, and the agent does nothing: back to the queue
    sticky_s: int = 60  # a new ticket waits for the person's last agent while they are only busy (R7)
    calendar_id: int | None = kept("calendar.id")  # when work is handed out; empty: always
    overflow: list[dict[str, Any]] = (
        json_list()
    )  # [{"after_s": 60, "widen": true}, {"after_s": 120, "team_id": 3}] (R6)
    crowd_over: int | None = None  # when more wait, those behind overflow at once; empty: any number may wait (R6)
    crowd_team_id: int | None = kept("team.id")  # to this team; empty: skills no longer count for them


class Queued(SQLModel, table=True):
    """Where a ticket of a routed team stands: since when it waits, and what time will do."""

    __table_args__ = (
        Index("ix_queued_overflow", "overflow_at", sqlite_where=OVERFLOWS, postgresql_where=OVERFLOWS),
        Index("ix_queued_returns", "returns_at", sqlite_where=RETURNS, postgresql_where=RETURNS),
    )

    ticket_id: int = key("ticket.id")
    team_id: int = fk("team.id")
    since: datetime
    step: int = 0  # overflow steps that were taken
    widened: bool = False  # skills no longer count
    overflow_at: datetime | None = None
    returns_at: datetime | None = None
    given_at: datetime | None = None  # to whom: the ticket's assignee
    waiting_key: str = Field(default="", max_length=200)  # of the latest decision, when it was to wait


class Offer(SQLModel, table=True):
    """A ticket that one agent may take now, or a call that rings with them; meanwhile it fills their capacity."""

    __table_args__ = (
        Index("uq_offer_open", "ticket_id", unique=True, sqlite_where=OPEN_TICKET_OFFER, postgresql_where=OPEN_TICKET_OFFER),
        Index("uq_offer_ringing", "call_id", "agent_id", unique=True, sqlite_where=RINGING, postgresql_where=RINGING),
        Index("ix_offer_expires", "expires_at", sqlite_where=OPEN_OFFER, postgresql_where=OPEN_OFFER),
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')", name="state"),
    )  # fmt: skip

    id: int = pk()
    ticket_id: int = fk("ticket.id", index=True)
    call_id: int | None = kept("call.id")  # it rings: several may hear the same call
    agent_id: int = fk("agent.id")
    state: str = Field(default="open", max_length=10)
    weight: int  # of a call that rings with everybody: none
    offered_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


class CallWait(SQLModel, table=True):
    """Where a waiting call of a routed team stands: whose turn it is to hear it, and what time has done (R6)."""

    __tablename__ = "call_wait"

    call_id: int = key("call.id")
    entered_id: int = fk("team.id")  # the ticket's team when it began to wait: another one begins anew
    team_id: int = fk("team.id")  # where it rings
    since: datetime
    step: int = 0  # overflow steps that were taken
    widened: bool = False  # skills no longer count, and it rings with all who can
    waiting_key: str = Field(default="", max_length=200)  # of the latest decision, when it was to wait


class Decision(SQLModel, table=True):
    """What routing decided, and why: "why me", "why does it wait" (R1)."""

    __table_args__ = (Index("ix_decision_ticket", "ticket_id", "id"),)

    id: int = pk()
    ticket_id: int = fk("ticket.id")
    at: datetime
    outcome: str = Field(max_length=12)  # offered, assigned, waiting, returned, overflowed, declined, expired
    why: str = Field(default="", max_length=24)  # the strategy, "sticky", "pulled", "nobody", "acted_not", ...
    team_id: int | None = opt("team.id")
    agent_id: int | None = opt("agent.id")
    reasons: dict[str, Any] = json_object()  # {"candidates": [{"agent": 3, "no": ["full"], "load": 90}], ...}
