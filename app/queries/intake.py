"""What a batch of customers' messages must know before it is judged: looked up in sets, a few statements for all.

The lists of names go in as one JSON parameter, so that a statement is the same text for any batch: it is prepared once,
and both databases walk from the list into the index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection

from app.db import fetch
from app.models import Status
from channels.contract import Inbound

CONTINUES = (Status.OPEN, Status.PENDING, Status.SNOOZED)
Came = tuple[int, Inbound]  # the inbox's id and one message

THREAD = (
    "id", "ticket_id", "inbox_id", "identity_id", "conversation", "current", "last_seq", "subject", "participants",
    "handle", "handle_at", "customer_at",
)  # fmt: skip
TICKET = (
    "id", "status", "channel", "preview", "preview_kind", "preview_from", "updated_at", "needs_reply_since", "due_at",
    "snoozed_until", "first_response_at", "resolved_at", "reopened", "account_id", "team_id",
)  # fmt: skip
THREAD_TIMES = ("handle_at", "customer_at")
TICKET_TIMES = ("updated_at", "needs_reply_since", "due_at", "snoozed_until", "first_response_at", "resolved_at")
IDENTITY = ("id", "person_id", "key", "value")

# A list of names, or of (inbox, name), as rows.
LISTS = {
    "sqlite": {
        "names": "(SELECT value AS name FROM json_each(:names))",
        "pairs": "(SELECT json_extract(value, '$[0]') AS inbox, json_extract(value, '$[1]') AS name FROM json_each(:pairs))",
        "ids": "(SELECT value AS id FROM json_each(:ids))",
        "calling": "(SELECT value AS id FROM json_each(:calling))",
        "lock": "",
    },
    "postgresql": {
        "names": "(SELECT value AS name FROM jsonb_array_elements_text(CAST(:names AS JSONB)) AS value)",
        "pairs": "(SELECT CAST(value->>0 AS BIGINT) AS inbox, value->>1 AS name "
        "FROM jsonb_array_elements(CAST(:pairs AS JSONB)) AS value)",
        "ids": "(SELECT CAST(value AS BIGINT) AS id FROM jsonb_array_elements_text(CAST(:ids AS JSONB)) AS value)",
        "calling": "(SELECT CAST(value AS BIGINT) AS id FROM jsonb_array_elements_text(CAST(:calling AS JSONB)) AS value)",
        "lock": "FOR UPDATE OF thread",
    },
}
# CROSS JOIN keeps SQLite from walking the table and searching the list.
DUPLICATES = """
SELECT m.inbox_id, m.external_id, m.ticket_id, m.thread_id, m.id
FROM {pairs} AS p CROSS JOIN message AS m WHERE m.inbox_id = p.inbox AND m.external_id = p.name
"""
EARLY_WORDS = """
SELECT e.inbox_id, e.about, e.word, e.params, e.at
FROM {pairs} AS p CROSS JOIN early_word AS e WHERE e.inbox_id = p.inbox AND e.about = p.name ORDER BY e.at
"""
IDENTITIES = """
SELECT {identity}, p.language, k.id, k.tier FROM {names} AS n CROSS JOIN identity AS i
JOIN person AS p ON p.id = i.person_id
LEFT JOIN account AS k ON k.id = (SELECT MIN(a.account_id) FROM account_person AS a WHERE a.person_id = i.person_id)
WHERE i.key = n.name
"""
CITED = """
SELECT m.inbox_id, m.reference, m.thread_id FROM {pairs} AS p CROSS JOIN message AS m
WHERE m.inbox_id = p.inbox AND m.reference = p.name AND m.thread_id IS NOT NULL ORDER BY m.id
"""
_WANTED = """(
  SELECT t.id FROM {pairs} AS p CROSS JOIN thread AS t WHERE t.inbox_id = p.inbox AND t.conversation = p.name AND t.current
  UNION ALL SELECT id FROM {ids} AS ids
  UNION ALL SELECT t.id FROM {calling} AS c CROSS JOIN thread AS t JOIN ticket AS k ON k.id = t.ticket_id
    WHERE t.identity_id = c.id AND k.status IN ('open', 'pending', 'snoozed')
)"""
# While threads are looked up and written, none goes to another ticket: whoever moves some holds the same lock alone.
MOVES_KEY = 5_151_001
STAYS = f"SELECT pg_advisory_xact_lock_shared({MOVES_KEY})"
# The ticket before its threads, as every verb locks them: two that go the other way round would wait for each other.
# A statement of its own, so that what follows sees what they committed for whom we waited.
LOCKS = """
SELECT id FROM ticket WHERE id IN (SELECT thread.ticket_id FROM thread WHERE thread.id IN {wanted}) ORDER BY id FOR UPDATE
"""
LINES = """
SELECT {thread}, {ticket} FROM thread JOIN ticket ON ticket.id = thread.ticket_id WHERE thread.id IN {wanted}
ORDER BY thread.ticket_id, thread.id {lock}
"""
MEMBERS = """
SELECT t.id, i.value FROM {ids} AS ids CROSS JOIN thread AS t JOIN identity AS i ON i.id = t.identity_id
WHERE t.id = ids.id
"""


@dataclass(slots=True)
class Line:
    """A thread with its ticket, as they change in this batch."""

    thread: dict[str, Any]
    ticket: dict[str, Any]
    new_thread: bool = False


@dataclass(slots=True)
class Known:
    identities: dict[str, dict[str, Any]] = field(default_factory=dict)  # by key; with the account's
    lines: dict[int, Line] = field(default_factory=dict)  # by thread id
    current: dict[tuple[int, str], int] = field(default_factory=dict)  # (inbox, conversation) -> thread id
    cited: dict[tuple[int, str], int] = field(default_factory=dict)  # (inbox, reference) -> thread id
    calling: dict[int, int] = field(default_factory=dict)  # identity id -> a thread of its unsolved ticket
    members: dict[int, set[str]] = field(default_factory=dict)  # thread id -> addresses that may write into it (E7)


@lru_cache
def _statement(template: str, names: tuple[str, ...], dialect: str) -> str:
    """A template in the words of a dialect, its parameters numbered."""
    said = template.replace("{wanted}", _WANTED).format(
        thread=", ".join(f"thread.{name}" for name in THREAD),
        ticket=", ".join(f"ticket.{name}" for name in TICKET),
        identity=", ".join(f"i.{name}" for name in IDENTITY),
        **LISTS[dialect],
    )
    for number, name in enumerate(names, 1):
        said = said.replace(f":{name}", f"?{number}" if dialect == "sqlite" else f"${number}")
    return said


def _read(connection: Connection, template: str, **lists: Iterable[Any]) -> list[Any]:
    given = [orjson.dumps(list(values)).decode() for values in lists.values()]
    return fetch(connection, _statement(template, tuple(lists), connection.dialect.name), given)


def duplicates(connection: Connection, came: Sequence[Came]) -> dict[tuple[int, str], tuple[Any, Any, Any]]:
    """(inbox, external id) -> (ticket, thread, message) of what is there already."""
    found = _read(connection, DUPLICATES, pairs=_named(came))
    return {(inbox, name): (ticket, thread, message) for inbox, name, ticket, thread, message in found}


@dataclass(frozen=True, slots=True)
class Early:
    """Something that was said of a message before it came."""

    word: str
    params: dict[str, Any]
    at: datetime


def early_words(connection: Connection, came: Sequence[Came]) -> dict[tuple[int, str], list[Early]]:
    """(inbox, external id) -> what was said of these messages before they came, oldest first."""
    found: dict[tuple[int, str], list[Early]] = {}
    for inbox, about, word, params, at in _read(connection, EARLY_WORDS, pairs=_named(came)):
        found.setdefault((inbox, about), []).append(Early(word, _json(params), _time(at)))
    return found


def _named(came: Sequence[Came]) -> Iterable[tuple[int, str]]:
    return {(inbox, item.external_id) for inbox, item in came}


def known(connection: Connection, came: Sequence[Came]) -> Known:
    """Identities, threads and tickets that the batch may touch; their rows are locked on PostgreSQL."""
    found = Known()
    for each in _read(connection, IDENTITIES, names={item.sender.key for _, item in came}):
        found.identities[each[2]] = dict(zip((*IDENTITY, "language", "account_id", "tier"), each, strict=True))
    cited = {(inbox, reference) for inbox, item in came for reference in item.answers}
    if cited:
        for inbox, reference, thread in _read(connection, CITED, pairs=cited):
            found.cited.setdefault((inbox, reference), thread)  # the first that had it: a later one may be a copy
    _lines(connection, came, found)
    return found


def _lines(connection: Connection, came: Sequence[Came], found: Known) -> None:
    ids = {item.thread for _, item in came if item.thread is not None} | set(found.cited.values())
    calling = {
        found.identities[item.sender.key]["id"]
        for _, item in came
        if item.kind == "call" and item.sender.key in found.identities
    }
    pairs = {(inbox, item.conversation) for inbox, item in came}
    tickets: dict[int, dict[str, Any]] = {}
    if connection.dialect.name == "postgresql":
        fetch(connection, STAYS)
        _read(connection, LOCKS, pairs=pairs, ids=ids, calling=calling)
    for each in _read(connection, LINES, pairs=pairs, ids=ids, calling=calling):
        thread, number = dict(zip(THREAD, each, strict=False)), each[len(THREAD)]
        if number not in tickets:
            tickets[number] = dict(zip(TICKET, each[len(THREAD) :], strict=True))
            _typed(tickets[number], TICKET_TIMES)
        _typed(thread, THREAD_TIMES)
        thread["participants"] = _json(thread["participants"])
        _remember(found, Line(thread, tickets[number]), calling)
    mails = {(inbox, item.conversation) for inbox, item in came if item.sender.kind == "email"}
    ids |= {thread for pair, thread in found.current.items() if pair in mails}
    if ids:
        _members(connection, ids, found)


def _typed(row: dict[str, Any], times: Sequence[str]) -> None:
    for name in times:
        if row[name] is not None:
            row[name] = _time(row[name])


def _time(given: Any) -> datetime:
    """SQLite keeps times as text, in UTC."""
    return datetime.fromisoformat(given + "+00:00") if type(given) is str else given


def _json(given: Any) -> Any:
    return orjson.loads(given) if type(given) is str else given


def _remember(found: Known, line: Line, calling: set[int]) -> None:
    thread: Mapping[str, Any] = line.thread
    found.lines[thread["id"]] = line
    if thread["current"]:
        found.current[(thread["inbox_id"], thread["conversation"])] = thread["id"]
    if thread["identity_id"] in calling and line.ticket["status"] in CONTINUES:
        found.calling[thread["identity_id"]] = thread["id"]


def _members(connection: Connection, ids: set[int], found: Known) -> None:
    """E7: a thread's customer and its participants. Who wrote in it by a forwarded reply address is none of them."""
    for thread in ids & set(found.lines):
        found.members[thread] = {p["value"] for p in found.lines[thread].thread["participants"]}
    for thread, value in _read(connection, MEMBERS, ids=ids):
        found.members.setdefault(thread, set()).add(value)
