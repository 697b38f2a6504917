"""Messages, their attachments, and calls."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import BigInt, fk, json_object, opt, pk


class Audience(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    SUCCESS = "success"


class Delivery(StrEnum):
    """What became of a message. A queued row is the outbox."""

    RECEIVED = "received"
    HELD = "held"  # a stranger's, by a signed reply address: an agent decides (E7)
    REFUSED = "refused"  # the agent did not let it in
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"  # the provider took it; that is not yet "delivered" (L17)
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"  # it may have gone out: a person decides
    DISCARDED = "discarded"
    NOTED = "noted"  # an internal note goes nowhere


OUTBOX = text("state IN ('queued', 'sending')")


class Message(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("inbox_id", "external_id"),
        UniqueConstraint("thread_id", "seq"),
        UniqueConstraint("ticket_id", "client_id"),
        Index("ix_message_ticket", "ticket_id", "id"),
        Index("ix_message_reference", "inbox_id", "reference"),
        Index("ix_message_outbox", "retry_at", sqlite_where=OUTBOX, postgresql_where=OUTBOX),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("audience IN ('public', 'internal', 'success')", name="audience"),
    )

    id: int = pk()
    ticket_id: int = fk("ticket.id")
    thread_id: int | None = opt("thread.id")  # empty for notes
    inbox_id: int | None = opt("inbox.id")
    seq: int | None = None  # gap-free within the thread (W4)
    direction: str = Field(max_length=3)
    audience: str = Field(default=Audience.PUBLIC, max_length=10)
    author: str = Field(default="customer", max_length=10)  # customer, agent, machine
    agent_id: int | None = opt("agent.id")
    identity_id: int | None = opt("identity.id")
    kind: str = Field(default="text", max_length=16)
    subject: str = Field(default="", max_length=400)
    text: str = ""
    html: str = ""  # sanitised before it is stored
    meta: dict[str, Any] = json_object()
    auto: bool = False
    external_id: str | None = Field(default=None, max_length=1100)  # the provider's; ours once it is sent
    reference: str | None = Field(default=None, max_length=1000)  # what answers will cite: the bare Message-ID
    client_id: str | None = Field(
        default=None, max_length=64
    )  # the browser's own id: a second post is the same message
    raw_id: int | None = opt("raw_hook.id")
    sent_at: datetime  # the provider's time for what came in, ours for what goes out
    created_at: datetime
    edited_at: datetime | None = None
    unsent_at: datetime | None = None
    original: str = ""  # the text before it was edited
    state: str = Field(default=Delivery.RECEIVED, max_length=12)
    send_key: str = Field(default="", max_length=36)  # the provider's idempotency key, the same at each attempt
    attempts: int = 0
    retry_at: datetime | None = None  # queued: not before; sending: the lease's end
    failure: str = Field(default="", max_length=60)  # a code for the screens
    failure_detail: str = Field(default="", max_length=500)
    memory: dict[str, Any] = json_object()  # between attempts
    handle: str = Field(default="", max_length=200)  # the reply handle this message claimed
    handle_at: datetime | None = None
    via: str = Field(default="", max_length=12)
    cost: int = 0
    read_at: datetime | None = None


class FileState(StrEnum):
    READY = "ready"
    WAITING = "waiting"  # to be fetched from the provider
    GONE = "gone"  # the provider has it no longer, or the customer took it back


WAITING = text("state = 'waiting'")


class Attachment(SQLModel, table=True):
    __table_args__ = (
        Index("ix_attachment_waiting", "retry_at", sqlite_where=WAITING, postgresql_where=WAITING),
        Index("ix_attachment_file", "file_key", sqlite_where=text("file_key <> ''"), postgresql_where=text("file_key <> ''")),
        Index(
            "ix_attachment_preview", "preview_key",
            sqlite_where=text("preview_key <> ''"), postgresql_where=text("preview_key <> ''"),
        ),
    )  # fmt: skip

    id: int = pk()
    public_id: str = Field(unique=True, max_length=40)
    message_id: int | None = opt("message.id", index=True)  # empty: uploaded, not yet sent
    agent_id: int | None = opt("agent.id")  # who uploaded it
    name: str = Field(default="", max_length=255)
    media_type: str = Field(default="application/octet-stream", max_length=120)
    size: int | None = None
    file_key: str = Field(default="", max_length=80)
    preview_key: str = Field(default="", max_length=80)
    content_id: str = Field(default="", max_length=255)
    inline: bool = False
    duration_ms: int | None = None
    state: str = Field(default=FileState.READY, max_length=10)
    remote: str = ""
    attempts: int = 0
    retry_at: datetime | None = None
    failure: str = Field(default="", max_length=60)
    created_at: datetime


class CallState(StrEnum):
    WAITING = "waiting"
    CONNECTING = "connecting"  # the agent's leg rings: to answer this call, or first of all when we call
    DIALLING = "dialling"  # we call: the agent is there, the customer's telephone rings
    CONNECTED = "connected"
    VOICEMAIL = "voicemail"
    ENDED = "ended"


CALLING = text("direction = 'out' AND state <> 'ended'")  # one at a time for each agent


class Call(SQLModel, table=True):
    """A telephone call: its message in the thread, its legs and times.

    `external_id` is the CallSid of a customer who called us, and "out:<uuid>" when we call: then their leg begins later.
    """

    __table_args__ = (
        UniqueConstraint("inbox_id", "external_id"),
        Index(
            "ix_call_live",
            "inbox_id",
            "started_at",
            sqlite_where=text("state <> 'ended'"),
            postgresql_where=text("state <> 'ended'"),
        ),
        Index("ix_call_started", "started_at", "id"),
        Index("uq_call_calling", "agent_id", unique=True, sqlite_where=CALLING, postgresql_where=CALLING),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
    )

    id: int = pk()
    inbox_id: int = fk("inbox.id")
    ticket_id: int = fk("ticket.id", index=True)
    message_id: int = fk("message.id", index=True)
    direction: str = Field(default="in", max_length=3)
    external_id: str = Field(max_length=64)
    customer_leg: str = Field(default="", max_length=64)  # CallSid of the customer whom we call; empty: not known
    state: str = Field(default=CallState.WAITING, max_length=12)
    state_at: datetime | None = None  # since when; empty: since `started_at`
    outcome: str = Field(default="", max_length=16)  # answered; in: missed, voicemail; out: unreached, canceled
    reason: str = Field(default="", max_length=24)  # the provider's final word
    agent_id: int | None = opt("agent.id")
    agent_leg: str = Field(default="", max_length=64)
    order_key: str = Field(default="", max_length=36)  # of the connect order that now counts
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int | None = None
    voicemail_s: int | None = None
    heard_at: datetime | None = None  # the provider's latest word (T6); empty: since `started_at`
    asked_at: datetime | None = None  # when the provider was last asked what became of it
    team_id: int | None = Field(default=None, sa_type=BigInt)  # whose queue it entered
    repeated: bool = False  # the same customer's call before it was within 30 minutes
    wrap_s: int | None = None  # the agent's wrap-up after it; empty: not over, not answered, or nobody knows

    @property
    def leg(self) -> str:
        """The customer's leg at the provider; empty while it is not known."""
        return self.external_id if self.direction == "in" else self.customer_leg


class Order(SQLModel, table=True):
    """Something to do at a provider that is no message: connect, join or end a call. Claimed like messages."""

    __tablename__ = "channel_order"
    __table_args__ = (Index("ix_channel_order_outbox", "retry_at", sqlite_where=OUTBOX, postgresql_where=OUTBOX),)

    id: int = pk()
    key: str = Field(unique=True, max_length=36)
    inbox_id: int = fk("inbox.id")
    call_id: int | None = opt("call.id", index=True)
    agent_id: int | None = opt("agent.id")
    kind: str = Field(max_length=12)  # connect, join, dial, hangup
    params: dict[str, Any] = json_object()
    state: str = Field(default=Delivery.QUEUED, max_length=12)
    attempts: int = 0
    retry_at: datetime | None = None
    failure: str = Field(default="", max_length=60)
    failure_detail: str = Field(default="", max_length=500)
    memory: dict[str, Any] = json_object()
    created_at: datetime


class EarlyWord(SQLModel, table=True):
    """An unsend, an edit or a call's progress that came before what it speaks of (L: unsend, T6)."""

    __tablename__ = "early_word"
    __table_args__ = (UniqueConstraint("inbox_id", "about", "word", "at"),)

    id: int = pk()
    inbox_id: int = fk("inbox.id", cascade=True)
    about: str = Field(max_length=1100)  # the external id
    word: str = Field(max_length=24)  # "unsent", "edited"; calls: early.py; other copies of the bytes: copies.py
    params: dict[str, Any] = json_object()
    at: datetime
