"""A large desk for the queue's figures: 1,000,000 tickets and 5,000,000 messages, made by a few SQL statements and kept.

It is made by arithmetic on the row's number: the same on both databases and in every run. Indexes are built after the
rows. What is kept is thrown away when the migration or this file changes.
"""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.actions.rows import row
from app.models import (
    Account,
    Agent,
    Identity,
    Inbox,
    Message,
    Person,
    Tag,
    Team,
    Thread,
    Ticket,
    TicketTag,
)
from bench import facts
from bench.stage import KEPT, ROOT, Postgres, environment
from bench.words import CHANNEL, TEAMS, Words, dice

AGENTS, INBOXES, TAGS = 50, 8, 20
CHANNELS = ("line", "email", "chat", "phone")

Run = Callable[[str], Any]


def stamp(dialect: str, tickets: int) -> str:
    """Changes when what is kept no longer fits."""
    said = [path.read_text() for path in sorted((ROOT / "alembic" / "versions").glob("*.py"))]
    return hashlib.sha256("\n".join([*said, *statements(Words(dialect), tickets)]).encode()).hexdigest()[:12]


def statements(words: Words, tickets: int) -> list[str]:
    """The whole desk; five messages a ticket."""
    return [*_people(words, tickets), *_work(words, tickets), *facts.statements(words, tickets)]


def _people(words: Words, tickets: int) -> list[str]:
    persons, channel, now = tickets // 5, CHANNEL, words.at("0")
    return [
        words.insert(Team, TEAMS, id="i", name="'team ' || i", created_at=now),
        words.insert(Agent, AGENTS, id="i", email="'a' || i || '@example.com'", name="'agent ' || i", created_at=now),
        words.insert(Tag, TAGS, id="i", name="'tag ' || i"),
        words.insert(Inbox, INBOXES, id="i", kind=channel, name="'inbox ' || i", token="'token' || i", created_at=now),
        words.insert(Account, max(1, tickets // 100), id="i", name="'会社 ' || i", created_at=now),
        words.insert(Person, persons, id="i", name="'お客様 ' || i", created_at=now),
        words.insert(
            Identity, persons, id="i", person_id="i", key="'line:' || i", kind="'line'", value="'U' || i",
            created_at=now, profiled_at=now,
        ),
    ]  # fmt: skip


def _work(words: Words, tickets: int) -> list[str]:
    persons, percent, channel = tickets // 5, dice(11, "1000"), CHANNEL
    unsolved = f"({percent} < 50)"
    status = words.choice(
        percent, (30, "'open'"), (50, "'pending'"), (60, "'snoozed'"), (200, "'resolved'"), (980, "'closed'"),
        otherwise="'spam'",
    )  # fmt: skip
    never = words.literal(row(Ticket)["due_at"])
    updated = words.at(f"i * 20 + {dice(5, '400000')}")
    ticket = "((i + 4) / 5)"
    return [
        words.insert(
            Ticket, tickets, id="i", subject="'件名 ' || i", status=status, channel=channel, inbox_id=f"1 + i % {INBOXES}",
            team_id=f"1 + {dice(23, str(TEAMS))}", person_id=f"1 + {dice(31, str(persons))}",
            account_id=f"CASE WHEN i % 3 = 0 THEN 1 + i % {max(1, tickets // 100)} END",
            assignee_id=f"CASE WHEN {dice(41, '10')} < 7 THEN 1 + {dice(43, str(AGENTS))} END",
            preview="'注文した醤油がまだ届きません。確認をお願いします。 ' || i", created_at=words.at("i * 20"),
            updated_at=updated,
            needs_reply_since=f"CASE WHEN {unsolved} THEN {words.at('i * 20')} END",
            due_at=f"CASE WHEN {unsolved} AND {dice(47, '10')} < 8 THEN {words.at('i * 20 + 3600')} ELSE {never} END",
            snoozed_until=f"CASE WHEN {percent} >= 50 AND {percent} < 60 THEN {words.at('i * 20 + 864000')} END",
        ),
        words.insert(
            Thread, tickets, id="i", ticket_id="i", inbox_id=f"1 + i % {INBOXES}", identity_id=f"1 + {dice(31, str(persons))}",
            channel=channel, conversation="'c' || i", last_seq="5", created_at=words.at("i * 20"),
        ),
        words.insert(TicketTag, tickets, ticket_id="i", tag_id=f"1 + {dice(53, str(TAGS))}"),
        words.insert(
            Message, tickets * 5, id="i", ticket_id=ticket, thread_id=ticket, inbox_id=f"1 + {ticket} % {INBOXES}",
            seq="1 + i % 5", direction="CASE WHEN i % 5 IN (2, 4) THEN 'out' ELSE 'in' END",
            text="'本文です。確認をお願いします。 ' || i",
            external_id="'m' || i", reference="'m' || i", sent_at=words.at("i * 4"), created_at=words.at("i * 4"),
        ),
    ]  # fmt: skip


def sqlite_desk(tickets: int) -> Path:
    """The file, made when it is not there."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"queue-{tickets}-{stamp('sqlite', tickets)}.db"
    if path.exists():
        return path
    for old in KEPT.glob(f"queue-{tickets}-*.db*"):
        old.unlink()
    making = path.with_suffix(".new")
    making.unlink(missing_ok=True)
    migrate(f"sqlite:///{making}")
    to = sqlite3.connect(making, isolation_level=None)
    for pragma in (
        "journal_mode=OFF",
        "synchronous=OFF",
        "foreign_keys=OFF",
        "cache_size=-400000",
        "temp_store=MEMORY",
    ):
        to.execute(f"PRAGMA {pragma}")
    later = to.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    to.execute("BEGIN")
    _made(to.execute, [n for n, _ in later], [sql for _, sql in later], statements(Words("sqlite"), tickets))
    to.execute("COMMIT")
    to.execute("ANALYZE")
    to.close()
    making.rename(path)
    return path


def postgres_desk(cluster: Postgres, tickets: int) -> str:
    """The database's URL; made when it is not there."""
    name = f"queue_{tickets}_{stamp('postgresql', tickets)}"
    if name in cluster.sql("SELECT datname FROM pg_database").split():
        return cluster.url(name)
    for old in cluster.sql(f"SELECT datname FROM pg_database WHERE datname LIKE 'queue_{tickets}_%'").split():
        cluster.sql(f"DROP DATABASE {old}")
    making = "making"
    cluster.sql(f"DROP DATABASE IF EXISTS {making}")
    cluster.sql(f"CREATE DATABASE {making}")
    migrate(cluster.url(making))
    unneeded = "SELECT conindid FROM pg_constraint WHERE conindid <> 0"
    later = cluster.sql(
        "SELECT c.relname || '|' || pg_get_indexdef(c.oid) FROM pg_class c JOIN pg_index x ON x.indexrelid = c.oid"
        f" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.oid NOT IN ({unneeded})",
        making,
    )
    named = [line.split("|", 1) for line in later.splitlines()]
    script: list[str] = ["SET session_replication_role = replica", "SET maintenance_work_mem = '512MB'"]
    _made(script.append, [n for n, _ in named], [sql for _, sql in named], statements(Words("postgresql"), tickets))
    cluster.script("; ".join(script), making)
    cluster.sql("VACUUM (ANALYZE)", making)
    cluster.sql(f"ALTER DATABASE {making} RENAME TO {name}")
    return cluster.url(name)


def _made(run: Run, names: list[str], again: list[str], rows: list[str]) -> None:
    """Rows first, then the indexes."""
    for name in names:
        run(f'DROP INDEX "{name}"')
    for each in rows:
        run(each)
    for each in again:
        run(each)


def migrate(url: str) -> None:
    """By the product's own command."""
    done = subprocess.run(
        [sys.executable, "-m", "app", "migrate"], cwd=ROOT, text=True, capture_output=True,
        env=environment(MIKAWAYA_DATABASE_URL=url, MIKAWAYA_SECRET_KEY="b" * 48, MIKAWAYA_VAR=str(KEPT)),
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"python -m app migrate: {done.stderr or done.stdout}")
