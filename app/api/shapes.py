"""Shapes that several routes answer with."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

Channel = Literal["line", "email", "chat", "phone"]  # the kinds of channels.KINDS, for the API's document
StatusName = Literal["open", "pending", "snoozed", "resolved", "closed", "spam"]
PriorityName = Literal["urgent", "high", "normal", "low"]
PresenceName = Literal["available", "busy", "wrap_up", "away", "break", "training", "offline"]
ModeName = Literal["off", "push", "offer", "pull"]


class PersonBrief(BaseModel):
    id: int
    name: str


class AccountBrief(BaseModel):
    id: int
    name: str
    tier: str


class LiveCall(BaseModel):
    """`rings`: while it waits, with whom. Empty where routing does not choose: with the members of `team_id`, or with all."""

    id: int
    direction: Literal["in", "out"]
    state: str
    agent_id: int | None
    started_at: datetime
    team_id: int | None = None
    rings: list[int] | None = None


class TicketRow(BaseModel):
    """One row of the queue."""

    number: int
    subject: str
    status: StatusName
    priority: PriorityName
    origin: str
    channel: Channel
    inbox_id: int
    team_id: int | None
    assignee_id: int | None
    person: PersonBrief
    account: AccountBrief | None
    preview: str
    preview_kind: str
    preview_from: str
    created_at: datetime
    updated_at: datetime
    needs_reply_since: datetime | None
    due_at: datetime | None
    snoozed_until: datetime | None
    first_response_at: datetime | None
    resolved_at: datetime | None
    reopened: int
    merged_into: int | None
    tags: list[int]
    call: LiveCall | None
    approval_since: datetime | None = Field(description="Since when an answer has waited for a lead")


class AttachmentOut(BaseModel):
    id: str
    name: str
    media_type: str
    size: int | None
    url: str | None
    preview_url: str | None
    content_id: str
    inline: bool
    duration_ms: int | None
    state: Literal["ready", "waiting", "gone"]
    failure: str


class CallOut(BaseModel):
    """A call that came in, or one that an agent makes ("out": connecting, dialling, connected, ended)."""

    id: int
    direction: Literal["in", "out"]
    state: Literal["waiting", "connecting", "dialling", "connected", "voicemail", "ended"]
    outcome: Literal["", "answered", "missed", "voicemail", "unreached", "canceled"]
    reason: str
    agent_id: int | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    duration_s: int | None
    voicemail_s: int | None
    failure: str


class QuotedOut(BaseModel):
    """What a message quotes, in brief. `id` null: it is not known here; `kind` "unsent": it was taken back."""

    id: int | None
    author: str
    kind: str
    text: str


class MessageOut(BaseModel):
    id: int
    ticket: int
    thread_id: int | None
    inbox_id: int | None
    seq: int | None
    direction: Literal["in", "out"]
    audience: Literal["public", "internal", "success"]
    author: Literal["customer", "agent", "machine"]
    agent_id: int | None
    author_name: str
    kind: str
    subject: str
    text: str
    html: str
    meta: dict[str, Any]
    auto: bool
    sent_at: datetime
    created_at: datetime
    edited_at: datetime | None
    original: str
    unsent_at: datetime | None
    state: Literal[
        "received",
        "held",
        "refused",
        "queued",
        "sending",
        "sent",
        "delivered",
        "failed",
        "unconfirmed",
        "discarded",
        "noted",
    ]
    failure: str
    failure_detail: str
    attempts: int
    retry_at: datetime | None
    via: str
    cost: int
    read_at: datetime | None
    client_id: str | None
    has_raw: bool
    quotable: bool = Field(description="An answer may quote it")
    quoted: QuotedOut | None
    attachments: list[AttachmentOut]
    call: CallOut | None


class EventOut(BaseModel):
    id: int
    at: datetime
    kind: str
    ticket: int | None
    message_id: int | None
    agent_id: int | None
    params: dict[str, Any]


class IdentityOut(BaseModel):
    id: int
    kind: str
    value: str
    name: str
    picture_url: str
    verified: bool
    reachable: bool
    reach_code: str


class PersonOut(BaseModel):
    id: int
    name: str
    kana: str
    language: str
    note: str
    identities: list[IdentityOut]
    accounts: list[AccountBrief]
    tickets: list[TicketRow]


class ReplyWays(BaseModel):
    """How an answer in this thread would go out, and what it would cost."""

    possible: bool
    reason: str
    via: Literal["reply", "push", "smtp", "socket", "none"]
    cost: int
    free_until: datetime | None
    text_units: int | None
    unit: str
    html: bool
    subject: bool
    files: str


class QuotaOut(BaseModel):
    limit: int | None
    used: int


class ThreadOut(BaseModel):
    id: int
    channel: Channel
    inbox_id: int
    identity_id: int
    address: str
    subject: str
    reachable: bool
    reach_code: str
    current: bool
    participants: list[dict[str, Any]]
    reply: ReplyWays
    quota: QuotaOut | None


class ClockOut(BaseModel):
    """A promise: when it is due, kept, or broken."""

    id: int
    metric: str
    state: Literal["running", "paused", "met", "cancelled"]
    started_at: datetime
    due_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    by_change: bool
    paused_at: datetime | None
    left_s: float
    target_s: int
    priority: PriorityName
    policy_id: int | None
    policy_version: int | None


class MergedOut(BaseModel):
    """The other side of a merge."""

    number: int
    subject: str
    at: datetime
    agent_id: int | None


class LinkOut(BaseModel):
    """Another ticket that has to do with this one, and what it is to it."""

    id: int
    kind: Literal["related", "parent", "child"]
    ticket: TicketRow


class CaseOut(BaseModel):
    """A ticket's company."""

    merged_into: MergedOut | None
    merged: list[MergedOut]
    links: list[LinkOut]


class ForcedOut(BaseModel):
    """Who chose a ticket's policy, whatever its conditions say."""

    at: datetime
    agent_id: int | None = Field(description="None: a rule")
    rule: str


class TicketPolicy(BaseModel):
    id: int | None = Field(description="None: what the inbox promises")
    name: str
    forced: ForcedOut | None = Field(description="None: by conditions")


class TicketDetail(BaseModel):
    ticket: TicketRow
    person: PersonOut
    threads: list[ThreadOut]
    messages: list[MessageOut]
    more_before: bool
    events: list[EventOut]
    clocks: list[ClockOut]
    policy: TicketPolicy
    case: CaseOut
    cursor: str
