"""The desk: who works here, in which teams, and how they are let in."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from app.models.columns import fk, json_list, kept, key, opt, pk


class Role(StrEnum):
    OWNER = "owner"  # everything, settings included
    LEAD = "lead"  # the desk's work and its people
    AGENT = "agent"  # answers customers
    SUCCESS = "success"  # reads tickets of accounts, writes notes, no replies to customers


class Presence(StrEnum):
    """What an agent is (R5). Busy and wrap-up come by themselves, and away when the connection is lost."""

    AVAILABLE = "available"
    BUSY = "busy"
    WRAP_UP = "wrap_up"
    AWAY = "away"
    BREAK = "break"
    TRAINING = "training"
    OFFLINE = "offline"


class Agent(SQLModel, table=True):
    """A person who works at this desk."""

    id: int = pk()
    email: str = Field(unique=True, max_length=320)  # lower case
    name: str = Field(max_length=120)
    alias: str = Field(default="", max_length=60)  # what customers see (L30, J6); empty: the team's or inbox's name
    role: str = Field(default=Role.AGENT, max_length=16)
    password_hash: str = Field(default="", max_length=255)
    language: str = Field(default="ja", max_length=8)
    phone: str = Field(default="", max_length=20)  # E.164, where calls may ring
    presence: str = Field(default=Presence.OFFLINE, max_length=16)
    presence_at: datetime | None = None  # since when; empty: since they were taken on
    presence_reason: str = Field(default="", max_length=20)
    presence_before: str = Field(
        default="", max_length=16
    )  # what they go back to from busy, wrap-up or a lost connection
    presence_until: datetime | None = None  # the end of a wrap-up
    channels_off: list[str] = json_list()  # kinds of channels that they take nothing from now
    capacity: int = 100
    live_at: datetime | None = None  # when a browser of theirs was last connected; empty: none is expected
    warn_mail: str = Field(default="away", max_length=10)  # which warnings come by mail: see rules/mailings/warnings.py
    warned_at: datetime | None = None  # when the latest such mail was written
    given_at: datetime | None = None  # when routing last gave them something
    calendar_id: int | None = kept("calendar.id")  # their own working hours; empty: their team's
    active: bool = True
    needs_approval: bool = False  # a lead reads each of their answers first: somebody new
    created_at: datetime
    seen_at: datetime | None = None


class Team(SQLModel, table=True):
    id: int = pk()
    name: str = Field(unique=True, max_length=80)
    calendar_id: int | None = kept("calendar.id")  # when it works
    needs_approval: bool = False  # a lead reads the answers to its tickets first
    created_at: datetime


class TeamMember(SQLModel, table=True):
    __tablename__ = "team_member"

    team_id: int = key("team.id")
    agent_id: int = key("agent.id", index=True)


class Login(SQLModel, table=True):
    """A signed-in browser. Only the token's hash is kept."""

    id: int = pk()
    agent_id: int = fk("agent.id", index=True, cascade=True)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime
    expires_at: datetime
    user_agent: str = Field(default="", max_length=200)


class ApiToken(SQLModel, table=True):
    """A program's key to the API, acting as its agent. Only the hash is kept."""

    __tablename__ = "api_token"

    id: int = pk()
    agent_id: int = fk("agent.id", index=True, cascade=True)
    name: str = Field(max_length=80)
    token_hash: str = Field(unique=True, max_length=64)
    created_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Tag(SQLModel, table=True):
    id: int = pk()
    name: str = Field(unique=True, max_length=60)
    color: str = Field(default="", max_length=16)


class Audit(SQLModel, table=True):
    """What was done to the desk itself: settings, people, secrets (J9)."""

    id: int = pk()
    at: datetime
    agent_id: int | None = opt("agent.id")
    code: str = Field(max_length=60)
    subject: str = Field(default="", max_length=200)
