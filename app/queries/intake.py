"""What a batch of customers' messages must know before it is judged: looked up in sets, a few statements for all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import AccountPerson, EarlyWord, Identity, Message, Status, Thread, Ticket
from channels.contract import Inbound

CONTINUES = (Status.OPEN, Status.PENDING, Status.SNOOZED)
Came = tuple[int, Inbound]  # the inbox's id and one message


@dataclass(slots=True)
class Line:
    """A thread with its ticket, as they change in this batch."""

    thread: dict[str, Any]
    ticket: dict[str, Any]
    new_thread: bool = False


@dataclass(slots=True)
class Known:
    identities: dict[str, dict[str, Any]] = field(default_factory=dict)  # by key; with "account_id"
    lines: dict[int, Line] = field(default_factory=dict)  # by thread id
    current: dict[tuple[int, str], int] = field(default_factory=dict)  # (inbox, conversation) -> thread id
    cited: dict[tuple[int, str], int] = field(default_factory=dict)  # (inbox, reference) -> thread id
    calling: dict[int, int] = field(default_factory=dict)  # identity id -> a thread of its unsolved ticket
    members: dict[int, set[str]] = field(default_factory=dict)  # thread id -> addresses that may write into it (E7)


async def duplicates(session: AsyncSession, came: Sequence[Came]) -> dict[tuple[int, str], tuple[Any, Any, Any]]:
    """(inbox, external id) -> (ticket, thread, message) of what is there already."""
    query = select(
        col(Message.inbox_id), col(Message.external_id), col(Message.ticket_id), col(Message.thread_id), col(Message.id)
    ).where(by_inbox(Message.inbox_id, Message.external_id, ((inbox, item.external_id) for inbox, item in came)))
    return {(r[0], r[1]): (r[2], r[3], r[4]) for r in await session.execute(query)}  # type: ignore[misc]


async def early_words(session: AsyncSession, came: Sequence[Came]) -> dict[tuple[int, str], list[EarlyWord]]:
    """What was said of these messages before they came, oldest first."""
    query = select(EarlyWord).where(
        by_inbox(EarlyWord.inbox_id, EarlyWord.about, ((inbox, item.external_id) for inbox, item in came))
    )
    found: dict[tuple[int, str], list[EarlyWord]] = {}
    for word in (await session.scalars(query.order_by(col(EarlyWord.at)))).all():
        found.setdefault((word.inbox_id, word.about), []).append(word)
    return found


async def known(session: AsyncSession, came: Sequence[Came]) -> Known:
    """Identities, threads and tickets that the batch may touch; their rows are locked on PostgreSQL."""
    found = Known()
    identity = Identity.__table__  # type: ignore[attr-defined]
    account = (
        select(func.min(col(AccountPerson.account_id)))
        .where(col(AccountPerson.person_id) == identity.c.person_id)
        .scalar_subquery()
        .label("account_id")
    )
    keys = {item.sender.key for _, item in came}
    for each in (await session.execute(select(identity, account).where(identity.c.key.in_(keys)))).mappings():
        found.identities[each["key"]] = dict(each)
    await _cited(session, came, found)
    await _threads(session, came, found)
    return found


async def _cited(session: AsyncSession, came: Sequence[Came], found: Known) -> None:
    pairs = [(inbox, reference) for inbox, item in came for reference in item.answers]
    if not pairs:
        return
    query = select(col(Message.inbox_id), col(Message.reference), col(Message.thread_id)).where(
        by_inbox(Message.inbox_id, Message.reference, pairs), col(Message.thread_id).is_not(None)
    )
    for inbox, reference, thread in await session.execute(query.order_by(col(Message.id))):
        found.cited[(inbox, reference)] = thread  # type: ignore[index,assignment]


async def _threads(session: AsyncSession, came: Sequence[Came], found: Known) -> None:
    thread, ticket = Thread.__table__, Ticket.__table__  # type: ignore[attr-defined]
    ids = {item.thread for _, item in came if item.thread is not None} | set(found.cited.values())
    calling = {
        found.identities[item.sender.key]["id"]
        for _, item in came
        if item.kind == "call" and item.sender.key in found.identities
    }
    wanted = [and_(thread.c.current, by_inbox(thread.c.inbox_id, thread.c.conversation, _conversations(came)))]
    if ids:
        wanted.append(thread.c.id.in_(ids))
    if calling:
        wanted.append(and_(thread.c.identity_id.in_(calling), ticket.c.status.in_(CONTINUES)))
    query = (
        select(thread, *[c.label(f"t_{c.name}") for c in ticket.c])
        .join(ticket, ticket.c.id == thread.c.ticket_id)
        .where(or_(*wanted))
        .order_by(thread.c.ticket_id, thread.c.id)
        .with_for_update()
    )
    tickets: dict[int, dict[str, Any]] = {}
    for row in (await session.execute(query)).mappings():
        own = {name: value for name, value in row.items() if not name.startswith("t_")}
        of = tickets.setdefault(row["ticket_id"], {n[2:]: v for n, v in row.items() if n.startswith("t_")})
        _remember(found, Line(own, of), calling)
    if ids:
        await _members(session, ids, found)


def _conversations(came: Sequence[Came]) -> Iterable[tuple[int, str]]:
    return ((inbox, item.conversation) for inbox, item in came)


def _remember(found: Known, line: Line, calling: set[int]) -> None:
    thread = line.thread
    found.lines[thread["id"]] = line
    if thread["current"]:
        found.current[(thread["inbox_id"], thread["conversation"])] = thread["id"]
    if thread["identity_id"] in calling and line.ticket["status"] in CONTINUES:
        found.calling[thread["identity_id"]] = thread["id"]


async def _members(session: AsyncSession, ids: set[int], found: Known) -> None:
    """E7: a thread's customer, everybody who wrote in it, its participants."""
    for thread in ids & set(found.lines):
        found.members[thread] = {p["value"] for p in found.lines[thread].thread["participants"]}
    owners = select(col(Thread.id), col(Identity.value)).where(
        col(Thread.id).in_(ids), col(Identity.id) == col(Thread.identity_id)
    )
    authors = select(col(Message.thread_id), col(Identity.value)).where(
        col(Message.thread_id).in_(ids), col(Identity.id) == col(Message.identity_id)
    )
    for thread_id, value in await session.execute(owners.union(authors)):
        found.members.setdefault(thread_id, set()).add(value)


def by_inbox(inbox: Any, name: Any, pairs: Iterable[tuple[int, str]]) -> Any:
    """(inbox = a AND name IN (...)) OR ...: both databases answer it from the index on (inbox, name)."""
    grouped: dict[int, set[str]] = {}
    for inbox_id, value in pairs:
        grouped.setdefault(inbox_id, set()).add(value)
    return or_(*[and_(inbox == inbox_id, col(name).in_(sorted(values))) for inbox_id, values in grouped.items()])
