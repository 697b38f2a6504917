"""The rows that a batch of customers' messages writes, and how: a bulk statement for each table."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select, update
from sqlmodel import col

from app.actions import facts
from app.actions.clocks import Clocks
from app.actions.copies import forget_now
from app.actions.rows import change, insert, row
from app.db import EVERYBODY
from app.models import (
    Account,
    AccountPerson,
    Assignment,
    Attachment,
    Call,
    Episode,
    Event,
    FileState,
    Identity,
    Message,
    Notification,
    OutreachCopy,
    Person,
    Resolution,
    Thread,
    Ticket,
    TouchDecision,
)
from app.text import plain
from channels.contract import Part

Row = dict[str, Any]
# What one more message in a waiting ticket changes. Few columns, because an update rewrites every index that has one of them.
TOUCHED = ("preview", "preview_kind", "preview_from", "updated_at")
TICKET_COLUMNS = (
    *TOUCHED, "status", "channel", "needs_reply_since", "due_at", "snoozed_until", "resolved_at", "reopened",
    "account_id",
)  # fmt: skip
HEARD = ("last_seq", "customer_at", "handle", "handle_at")
THREAD_COLUMNS = (*HEARD, "participants", "subject")


@dataclass(slots=True)
class Sets:
    """The rows that the batch will write."""

    persons: list[Row] = field(default_factory=list)
    identities: list[Row] = field(default_factory=list)
    members: list[Row] = field(default_factory=list)  # of accounts
    tickets: list[Row] = field(default_factory=list)
    threads: list[Row] = field(default_factory=list)
    retired: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    attachments: list[Row] = field(default_factory=list)
    taken: list[Row] = field(default_factory=list)  # uploads that are here already
    calls: list[Row] = field(default_factory=list)
    episodes: list[Row] = field(default_factory=list)
    clocks: Clocks | None = None
    older: list[Row] = field(default_factory=list)  # tickets whose episode began earlier than was known
    reopened: list[int] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    decided: list[Row] = field(default_factory=list)  # what the touch-point matrix said of new tickets
    given: list[Row] = field(default_factory=list)  # assignments of new tickets
    told: list[Row] = field(default_factory=list)  # notifications of them
    answers: list[tuple[int, int]] = field(default_factory=list)  # a letter's copy, and the ticket that answers it
    emptied: list[int] = field(default_factory=list)  # raw hooks whose bytes may not stay
    touched: dict[int, Row] = field(default_factory=dict)  # tickets: only TOUCHED changed
    changed: dict[int, Row] = field(default_factory=dict)  # tickets: more did
    heard: dict[int, Row] = field(default_factory=dict)  # threads: only HEARD changed
    moved: dict[int, Row] = field(default_factory=dict)  # threads: more did

    @property
    def wakes(self) -> frozenset[str]:
        """The clocks that have something to do now: an agent to find, a name to ask, a file to fetch. A call is news to all."""
        if self.calls:
            return EVERYBODY
        found = {
            "route": bool(self.tickets or self.changed),
            "names": any(each["ask_at"] is not None for each in self.identities),
            "fetch": any(each["state"] == FileState.WAITING for each in self.attachments),
        }
        return frozenset(name for name, has in found.items() if has)


def flush(connection: Connection, sets: Sets, now: datetime) -> None:
    """Writes everything, in the order of the foreign keys."""
    insert(connection, Person, sets.persons)
    insert(connection, Identity, sets.identities)
    insert(connection, AccountPerson, sets.members)
    change(connection, Thread, ["current"], sets.retired)
    insert(connection, Ticket, sets.tickets)
    insert(connection, TouchDecision, sets.decided)
    insert(connection, Assignment, _without_id(sets.given))
    insert(connection, Notification, _without_id(sets.told))
    insert(connection, Thread, sets.threads)
    insert(connection, Message, sets.messages)
    insert(connection, Attachment, _without_id(sets.attachments))
    for upload in sets.taken:
        own = col(Attachment.public_id) == upload["public_id"], col(Attachment.message_id).is_(None)
        connection.execute(update(Attachment).where(*own).values(message_id=upload["message_id"]))
    insert(connection, Call, _without_id(sets.calls))
    _again(connection, sets, now)
    _update(connection, sets)
    insert(connection, Episode, _without_id(sets.episodes))
    for older in sets.older:
        waits = col(Episode.ticket_id) == older["id"], col(Episode.answered_at).is_(None), col(Episode.void).is_(False)
        connection.execute(update(Episode).where(*waits).values(opened_at=older["needs_reply_since"]))
    if sets.clocks:
        sets.clocks.flush()
    if sets.reopened:
        open_periods = col(Resolution.ticket_id).in_(sets.reopened), col(Resolution.reopened_at).is_(None)
        connection.execute(update(Resolution).where(*open_periods).values(reopened_at=now, reopened_by="customer"))
    for copy, number in sets.answers:
        first = col(OutreachCopy.id) == copy, col(OutreachCopy.answered_at).is_(None)
        connection.execute(update(OutreachCopy).where(*first).values(answered_at=now, answer_id=number))
    insert(connection, Event, sets.events)
    forget_now(connection, sets.emptied)


def _again(connection: Connection, sets: Sets, now: datetime) -> None:
    """Somebody whom we know calls, or begins a ticket, again."""
    if sets.calls:
        begun = [each["started_at"] for each in sets.calls]
        facts.called_again(connection, min(begun), max(begun))
    if known := {each["person_id"] for each in sets.tickets} - {each["id"] for each in sets.persons}:
        facts.followed(connection, known, now)


def _update(connection: Connection, sets: Sets) -> None:
    """Each row once, by the widest change, always in the order of the ids: two processes must not wait for each other."""
    new = {each["id"] for each in sets.tickets}
    change(connection, Ticket, TICKET_COLUMNS, _ordered(sets.changed, but=new))
    change(connection, Ticket, TOUCHED, _ordered(sets.touched, but=new | set(sets.changed)))
    change(connection, Thread, THREAD_COLUMNS, _ordered(sets.moved, but=set()))
    change(connection, Thread, HEARD, _ordered(sets.heard, but=set(sets.moved)))


def _ordered(rows: Mapping[int, Row], *, but: set[int]) -> list[Row]:
    return [rows[number] for number in sorted(rows) if number not in but]


def link_accounts(connection: Connection, sets: Sets) -> None:
    """A new person of a company domain that we know belongs to that account, and so do the tickets that they open."""
    domains = {i["value"].rpartition("@")[2]: i for i in sets.identities if i["kind"] == "email"}
    if not domains:
        return
    query = select(col(Account.id), col(Account.domain)).where(col(Account.domain).in_(domains))
    accounts = {domain: account for account, domain in connection.execute(query)}
    if not accounts:
        return
    owners: dict[int, int] = {}
    for identity in sets.identities:
        account = accounts.get(identity["value"].rpartition("@")[2]) if identity["kind"] == "email" else None
        if account is not None:
            owners[identity["person_id"]] = account
    sets.members = [row(AccountPerson, person_id=p, account_id=a) for p, a in owners.items()]
    for ticket in sets.tickets:
        ticket["account_id"] = owners.get(ticket["person_id"], ticket["account_id"])


def _without_id(rows: list[Row]) -> list[Row]:
    for each in rows:
        each.pop("id", None)
    return rows


def attachment(part: Part, uploads: dict[str, str], *, message_id: int | None, now: datetime) -> dict[str, Any]:
    """The row of an incoming part. `uploads` maps the SHA-256 of stored content to its file key."""
    key = uploads.get(sha256(part.content).hexdigest(), "") if part.content is not None else ""
    return row(
        Attachment,
        public_id=uuid.uuid4().hex,
        message_id=message_id,
        name=plain(part.name)[:255],
        media_type=plain(part.media_type)[:120],
        size=len(part.content) if part.content is not None else part.size,
        file_key=key,
        preview_key=uploads.get(f"preview:{key}", "") if key else "",
        content_id=plain(part.content_id)[:255],
        inline=part.inline,
        duration_ms=part.duration_ms,
        state=FileState.READY if key else FileState.WAITING,
        remote=plain(part.remote),
        retry_at=None if key else now,
        created_at=now,
    )
