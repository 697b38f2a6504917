"""Inboxes, and everything that was handed to them, as it came."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from app.models.columns import fk, json_object, opt, pk


class Inbox(SQLModel, table=True):
    """One configured channel."""

    id: int = pk()
    kind: str = Field(max_length=16)
    name: str = Field(max_length=80)
    token: str = Field(unique=True, max_length=64)  # unguessable, stands in the hook's path
    config: dict[str, Any] = json_object()  # without the secrets
    secrets: str = ""  # encrypted JSON object of the secret fields
    language: str = Field(default="ja", max_length=8)
    team_id: int | None = opt("team.id")
    first_response_s: int = 3600  # the default first-response target, seconds of elapsed time
    enabled: bool = True
    offers_articles: bool = False  # its customers are shown articles before a person answers
    surveyed: bool = False  # its customers are asked how satisfied they are
    cursor: dict[str, Any] = json_object()  # of a polled mailbox
    polled_until: datetime | None = None  # nobody else polls it before: a process does, or there was nothing new
    alarm: str = Field(default="", max_length=60)  # the code of what is wrong now; empty: all is well
    alarm_detail: str = Field(default="", max_length=500)
    alarm_at: datetime | None = None
    heard_at: datetime | None = None  # the last valid hook
    news_at: datetime | None = None  # the last one that said something: a provider's test says nothing
    quiet_s: int = 0  # the longest usual silence between two of those (L12)
    listened_at: datetime | None = None  # the provider was last asked whether it still reaches us
    quota_told: int = 0  # the warning of the month's allowance that was last given, in percent (L22)
    created_at: datetime


class HookState(StrEnum):
    TAKEN = "taken"
    FAILED = "failed"  # the dead-letter list
    SCRUBBED = "scrubbed"  # taken back by the customer: the bytes are gone


class RawHook(SQLModel, table=True):
    """What a provider handed us, kept before we answer, whatever becomes of it."""

    __tablename__ = "raw_hook"
    __table_args__ = (
        Index(
            "ix_raw_hook_failed", "id", sqlite_where=text("state = 'failed'"), postgresql_where=text("state = 'failed'")
        ),
        Index(
            "ix_raw_hook_file", "file_key", sqlite_where=text("file_key <> ''"), postgresql_where=text("file_key <> ''")
        ),
    )

    id: int = pk()
    inbox_id: int = fk("inbox.id", cascade=True)
    route: str = Field(default="", max_length=60)
    method: str = Field(default="POST", max_length=8)
    url: str = ""
    headers: dict[str, Any] = json_object()
    body: bytes | None = None
    file_key: str = Field(default="", max_length=80)  # a large body stands in the file store instead
    state: str = Field(default=HookState.TAKEN, max_length=12)
    error: str = ""
    attempts: int = 0
    received_at: datetime
