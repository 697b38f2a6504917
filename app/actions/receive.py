"""What was handed to us becomes tickets: one set-based transaction for all that waits (house.md, the two paths).

Order: the raw bytes, then customers' messages in the order they were sent (L9), then what changes existing things. The
whole batch is looked up in a few statements, judged in memory, and written in bulk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from app import feed
from app.actions import calls, early, updates
from app.actions.intake import Batch
from app.actions.rows import allocate, change, insert, row
from app.db import Done
from app.models import Event, HookState, Inbox, RawHook
from app.queries.inboxed import Inboxed
from app.text import clean_html, plain, storable
from channels.contract import CallUpdate, Hook, Inbound, Item, Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One hook with what its channel read in it. `error` says why it could not be read: then only its bytes are kept."""

    inbox: Inboxed
    hook: Hook
    items: Sequence[Item] = ()
    error: str = ""
    file_key: str = ""  # a large body stands in the file store
    uploads: dict[str, str] = field(default_factory=dict)  # part content: sha256 -> file key, stored beforehand
    cleaned: dict[str, str] = field(
        default_factory=dict
    )  # HTML as it came -> as it is kept, made beforehand by `cleaned`
    raw_id: int | None = None  # a replay: the bytes are kept already
    cursor: dict[str, Any] | None = None  # of a polled mailbox: stored with its last hook (E27)


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that judge where a message goes."""

    reopen_days: int


def cleaned(items: Sequence[Item]) -> dict[str, str]:
    """What may be kept of their HTML. It takes long for a large mail: made before the transaction, whose writer has no
    time for it; HTML that was not cleaned is not kept."""
    return {item.html: clean_html(item.html) for item in items if isinstance(item, Inbound) and item.html}


def take(
    connection: Connection, arrivals: Sequence[Arrival], *, now: datetime, rules: Rules
) -> Done[list[list[Placement]]]:
    """Writes a batch that is `only_said`; returns where each arrival's items went, in the order of its items."""
    places, _, wakes = _write(connection, arrivals, now, rules)
    return Done([[places[id(item)] for item in arrival.items] for arrival in arrivals], news=True, work=wakes)


def only_said(arrivals: Sequence[Arrival]) -> bool:
    """Customers only wrote: nothing in it changes what exists, and nobody calls."""
    return all(isinstance(item, Inbound) and item.kind != "call" for arrival in arrivals for item in arrival.items)


async def receive(
    session: AsyncSession, arrivals: Sequence[Arrival], *, now: datetime, rules: Rules
) -> list[list[Placement]]:
    """Writes any batch, as `take` does, and then what changes existing things."""
    await early.one_by_one(session, [(a.inbox.id, name) for a in arrivals for item in a.items if (name := _call(item))])
    places, raws, _ = await (await session.connection()).run_sync(_write, arrivals, now, rules)
    feed.tell(session)
    found = [await _placements(session, *each, places, now) for each in zip(arrivals, raws, strict=True)]
    for arrival in arrivals:
        begun = [item.external_id for item in arrival.items if isinstance(item, Inbound) and item.kind == "call"]
        if begun:
            await calls.settle_early(session, arrival.inbox, begun, now)
    return found


def _call(item: Item) -> str:
    """The name of the call that it begins, or tells of."""
    if isinstance(item, CallUpdate):
        return item.call
    return item.external_id if isinstance(item, Inbound) and item.kind == "call" else ""


def _write(
    connection: Connection, arrivals: Sequence[Arrival], now: datetime, rules: Rules
) -> tuple[dict[int, Placement], list[int], frozenset[str]]:
    """The raw bytes and the messages: id(item) -> its placement, the raw ids, and the clocks that have something to do."""
    raws = _keep(connection, arrivals, now)
    inbound = [
        (arrival.inbox, raw, item, arrival.uploads, arrival.cleaned)
        for arrival, raw in zip(arrivals, raws, strict=True)
        for item in arrival.items
        if isinstance(item, Inbound)
    ]
    if not inbound:
        return {}, raws, frozenset()
    inbound.sort(key=lambda each: each[2].sent_at)
    batch = Batch(connection, now=now, reopen_days=rules.reopen_days)
    return batch.write(inbound), raws, batch.sets.wakes


async def _placements(
    session: AsyncSession, arrival: Arrival, raw: int, places: dict[int, Placement], now: datetime
) -> list[Placement]:
    found = []
    for item in arrival.items:
        if isinstance(item, Inbound):
            found.append(places[id(item)])
        else:
            found.append(await updates.apply(session, arrival.inbox, item, now, raw))
    return found


def _keep(connection: Connection, arrivals: Sequence[Arrival], now: datetime) -> list[int]:
    """The raw bytes of every arrival, before anything is judged."""
    fresh = [a for a in arrivals if a.raw_id is None]
    ids = allocate(connection, {"raw_hook": len(fresh)}).get("raw_hook", [])
    given = iter(ids)
    raws = [a.raw_id if a.raw_id is not None else next(given) for a in arrivals]
    insert(connection, RawHook, [_raw(a, raw) for a, raw in zip(arrivals, raws, strict=True) if a.raw_id is None])
    change(connection, RawHook, ["state", "error"], [_again(a) for a in arrivals if a.raw_id is not None])
    failed = [feed.event("hook.failed", now, inbox=a.inbox.id, error=plain(a.error)) for a in fresh if a.error]
    insert(connection, Event, failed)
    cursors = {a.inbox.id: a.cursor for a in arrivals if a.cursor is not None}
    change(connection, Inbox, ["cursor"], [{"id": key, "cursor": cursor} for key, cursor in cursors.items()])
    heard = {a.inbox.id: a for a in arrivals if a.inbox.quiet(now, news=_says_something(a))}
    told = [a.inbox.hear(a.hook.received_at, news=_says_something(a)) for a in heard.values()]
    change(connection, Inbox, ["heard_at", "news_at", "quiet_s"], told)
    return raws


def _says_something(arrival: Arrival) -> bool:
    """A provider's test of our address carries nothing."""
    return bool(arrival.items or arrival.error)


def _again(arrival: Arrival) -> dict[str, Any]:
    """A hook that is read again leaves the list together with what it says, never before."""
    state = HookState.FAILED if arrival.error else HookState.TAKEN
    return {"id": arrival.raw_id, "state": state.value, "error": plain(arrival.error)}


def _raw(arrival: Arrival, raw_id: int) -> dict[str, Any]:
    hook = arrival.hook
    return row(
        RawHook,
        id=raw_id,
        inbox_id=arrival.inbox.id,
        route=hook.route[:60],
        method=hook.method,
        url=plain(hook.url),
        headers=storable(hook.headers),
        body=None if arrival.file_key else hook.body,
        file_key=arrival.file_key,
        state=HookState.FAILED if arrival.error else HookState.TAKEN,
        error=plain(arrival.error),
        received_at=hook.received_at,
    )


async def dead_letter(session: AsyncSession, arrival: Arrival, error: Exception, now: datetime) -> list[Placement]:
    """Our own bug: the bytes and the error are kept for a retry, and the provider still hears 200."""
    text = f"{type(error).__name__}: {error}"[:500]
    connection = await session.connection()
    if arrival.raw_id is not None:
        again = {"id": arrival.raw_id, "state": HookState.FAILED, "error": text}
        await connection.run_sync(change, RawHook, ["state", "error"], [again])
        return []
    kept = Arrival(inbox=arrival.inbox, hook=arrival.hook, error=text, file_key=arrival.file_key, cursor=arrival.cursor)
    await connection.run_sync(_keep, [kept], now)
    feed.tell(session)
    return []
