"""Polled mailboxes against a real Dovecot, on both databases (E25, E27)."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from app import clock
from app.actions import inboxes
from app.config import Settings
from app.jobs.poll import EVERY, LEASE, Poll
from app.models import Inbox, Message, RawHook
from app.parts import Parts, assemble
from channels.email.imap import BATCH
from tests.channels.email import dovecot, sample
from tests.channels.email.certificate import self_signed
from tests.conftest import Hands

ON_POSTGRES = pytest.mark.parametrize(  # on SQLite there is one process
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
PLENTY = 2 * BATCH + 1  # three batches


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dovecot.Dovecot]:
    base = Path(tempfile.mkdtemp(prefix="mkw-poll-", dir="/tmp"))  # short: Dovecot's sockets have short paths
    base.chmod(0o755)
    try:
        with dovecot.running(base, self_signed(tmp_path_factory.mktemp("tls") / "cert.pem")) as running:
            yield running
    finally:
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
async def inbox(server: dovecot.Dovecot, parts: Parts) -> Inbox:
    """A mail inbox that has been polled once; its mailbox is empty."""
    for folder in ("cur", "new"):
        for path in (server.maildir / folder).iterdir():
            path.unlink()
    config = {
        "address": sample.ADDRESS, "imap_host": "127.0.0.1", "imap_port": server.port, "imap_tls": "none",
        "imap_user": dovecot.USER, "imap_password": dovecot.PASSWORD,
    }  # fmt: skip
    async with parts.database.write() as session:
        made = await inboxes.add(session, parts.vault, kind="email", name="mail", config=config, now=clock.utcnow())
    parts.inboxes.expire()
    assert await Poll(parts).step() == 0
    await free(parts, made)
    return made


async def free(parts: Parts, inbox: Inbox) -> None:
    """As if the rest after an empty batch were over."""
    async with parts.database.write() as session:
        (await session.get_one(Inbox, inbox.id)).polled_until = None


@pytest.fixture
async def other(settings: Settings, inbox: Inbox) -> AsyncIterator[Parts]:
    """A second process over the same database, which knows the inbox."""
    made = assemble(settings)
    await made.start()
    yield made
    await made.stop()


def put(server: dovecot.Dovecot, count: int) -> None:
    for number in range(count):
        server.put(sample.mail(f"Message-ID: <n{number}@example.jp>"), f"n{number:04d}.host")


async def counted(parts: Parts) -> tuple[int, int]:
    """(mails, hooks): one that was fetched twice is one mail and two hooks."""
    async with parts.database.read() as session:
        mails = await session.scalar(select(func.count(col(Message.id))))
        return mails or 0, await session.scalar(select(func.count(col(RawHook.id)))) or 0


async def test_E25_a_full_batch_is_followed_by_the_next_at_once(
    server: dovecot.Dovecot, parts: Parts, inbox: Inbox
) -> None:
    put(server, PLENTY)
    poll = Poll(parts)
    assert [await poll.step() for _ in range(5)] == [BATCH, BATCH, 1, 0, 0]
    assert await counted(parts) == (PLENTY, PLENTY)


@ON_POSTGRES
async def test_E25_two_processes_fetch_each_mail_once(
    server: dovecot.Dovecot, parts: Parts, other: Parts, inbox: Inbox
) -> None:
    put(server, PLENTY)
    polls, found = (Poll(parts, timedelta()), Poll(other, timedelta())), 0
    while found < PLENTY:
        found += sum(await asyncio.gather(*[each.step() for each in polls]))
    assert found == PLENTY
    assert await counted(parts) == (PLENTY, PLENTY)


@ON_POSTGRES
async def test_the_lease_of_a_process_that_died_runs_out(
    server: dovecot.Dovecot, parts: Parts, inbox: Inbox, hands: Hands
) -> None:
    put(server, 1)
    async with parts.database.write() as session:
        (await session.get_one(Inbox, inbox.id)).polled_until = hands.now + LEASE
    assert await Poll(parts).step() == 0
    hands.now += LEASE
    assert await Poll(parts).step() == 1


@ON_POSTGRES
async def test_after_an_empty_batch_no_process_asks_again_before_the_interval_is_over(
    server: dovecot.Dovecot, parts: Parts, other: Parts, inbox: Inbox, hands: Hands
) -> None:
    assert await Poll(parts).step() == 0
    put(server, 1)
    assert await Poll(other).step() == 0
    hands.now += EVERY
    assert await Poll(other).step() == 1


@ON_POSTGRES
async def test_a_lease_that_ran_out_is_not_taken_from_its_new_owner(
    server: dovecot.Dovecot, parts: Parts, inbox: Inbox, hands: Hands
) -> None:
    slow, until = Poll(parts), hands.now + LEASE
    assert await slow._lease(inbox.id, until)
    hands.now += LEASE
    assert await Poll(parts)._lease(inbox.id, hands.now + LEASE)
    await slow._release(inbox.id, until, rests=False)
    assert not await slow._lease(inbox.id, hands.now + LEASE)
