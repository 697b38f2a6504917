"""IMAP against a real Dovecot (E25 to E27)."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from channels.contract import Checks, Inbound, Polls, TryAgain
from channels.email import Email
from channels.email.imap import BATCH
from tests.channels.email import dovecot, sample

Cursor = dict[str, Any]


@pytest.fixture(scope="module")
def server(certificate: Path) -> Iterator[dovecot.Dovecot]:
    base = Path(tempfile.mkdtemp(prefix="mkw-imap-", dir="/tmp"))  # short: Dovecot's sockets have short paths
    base.chmod(0o755)
    try:
        with dovecot.running(base, certificate) as running:
            yield running
    finally:
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(autouse=True)
def _empty(server: dovecot.Dovecot) -> None:
    for folder in ("cur", "new"):
        for path in (server.maildir / folder).iterdir():
            path.unlink()


def polling(server: dovecot.Dovecot, **config: Any) -> Email:
    given = {"imap_host": "127.0.0.1", "imap_port": server.port, "imap_tls": "none", "imap_user": dovecot.USER}
    channel = sample.channel(**given | {"imap_password": dovecot.PASSWORD} | config)
    assert isinstance(channel, Polls) and isinstance(channel, Checks)
    return channel


def put(server: dovecot.Dovecot, *numbers: int) -> None:
    for number in numbers:
        server.put(sample.mail(f"Message-ID: <n{number}@example.jp>"), f"n{number:04d}.host")


async def ids(channel: Email, cursor: Cursor) -> tuple[list[str], Cursor]:
    hooks, after = await channel.poll(cursor)
    items = [item for hook in hooks for item in channel.parse(hook)]
    for hook in hooks:
        channel.verify(hook)
    return [item.meta["message_id"].partition("@")[0] for item in items if isinstance(item, Inbound)], after


async def test_E25_a_new_inbox_begins_at_the_present(server: dovecot.Dovecot) -> None:
    put(server, 1)
    channel = polling(server)
    found, cursor = await ids(channel, {})
    assert found == []
    put(server, 2)
    assert (await ids(channel, cursor))[0] == ["n2"]


async def test_E25_existing_mail_is_imported_when_asked_for(server: dovecot.Dovecot) -> None:
    put(server, 3, 4)
    channel = polling(server, import_existing=True)
    found, cursor = await ids(channel, {})
    assert found == ["n3", "n4"]
    assert await ids(channel, cursor) == ([], cursor | {"proven": cursor["uid"]})


async def test_E27_a_cursor_that_was_not_stored_gives_the_same_mail_again(server: dovecot.Dovecot) -> None:
    channel = polling(server)
    _, cursor = await ids(channel, {})
    put(server, 5)
    assert (await ids(channel, cursor))[0] == ["n5"]
    assert (await ids(channel, cursor))[0] == ["n5"]


async def test_E27_mail_is_marked_only_when_the_cursor_came_back(server: dovecot.Dovecot) -> None:
    channel = polling(server, after_import="seen")
    _, cursor = await ids(channel, {})
    put(server, 6)
    _, after = await ids(channel, cursor)
    assert server.flags() == {"n0006.host": ""}, "nothing proves yet that it is kept"
    await ids(channel, after)
    assert server.flags() == {"n0006.host": "S"}


async def test_E27_by_default_the_mailbox_stays_as_it_is(server: dovecot.Dovecot) -> None:
    channel = polling(server)
    _, cursor = await ids(channel, {})
    put(server, 7)
    _, cursor = await ids(channel, cursor)
    await ids(channel, cursor)
    assert server.flags() == {"n0007.host": ""}


async def test_E25_batches_are_bounded_and_in_order(server: dovecot.Dovecot) -> None:
    channel = polling(server)
    _, cursor = await ids(channel, {})
    put(server, *range(1000, 1000 + BATCH + 20))
    first, cursor = await ids(channel, cursor)
    second, cursor = await ids(channel, cursor)
    assert len(first) == BATCH
    assert sorted(first + second) == [f"n{number}" for number in range(1000, 1000 + BATCH + 20)]


async def test_E25_a_batch_ends_before_it_is_too_heavy(
    server: dovecot.Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.email.imap.BATCH_BYTES", 500)
    channel = polling(server)
    _, cursor = await ids(channel, {})
    put(server, 11, 12, 13, 14)
    seen: list[str] = []
    while len(seen) < 4:
        found, cursor = await ids(channel, cursor)
        assert 1 <= len(found) <= 2
        seen += found
    assert sorted(seen) == ["n11", "n12", "n13", "n14"]


async def test_E25_a_new_uidvalidity_means_a_rescan_of_this_inboxs_time(server: dovecot.Dovecot) -> None:
    channel = polling(server)
    _, cursor = await ids(channel, {})
    put(server, 21, 22)
    _, cursor = await ids(channel, cursor)
    server.renumber()
    again, after = await ids(channel, cursor)
    assert sorted(again) == ["n21", "n22"], "the app drops what it has by its external id"
    assert after["uidvalidity"] != cursor["uidvalidity"]
    put(server, 23)
    assert (await ids(channel, after))[0] == ["n23"]


async def test_E27_a_mail_that_is_too_big_comes_as_its_header(server: dovecot.Dovecot) -> None:
    channel = polling(server, max_bytes=10_000)
    _, cursor = await ids(channel, {})
    server.put(sample.mail("Subject: big", "x" * 20_000), "n0031.host")
    put(server, 32)
    hooks, _ = await channel.poll(cursor)
    items = [item for hook in hooks for item in channel.parse(hook)]
    kinds = {item.subject: item.kind for item in items if isinstance(item, Inbound)}
    assert kinds == {"big": "unsupported", "test": "text"}
    assert all(len(hook.body) < 2000 for hook in hooks)


async def test_E27_a_poison_mail_does_not_block(server: dovecot.Dovecot) -> None:
    channel = polling(server)
    _, cursor = await ids(channel, {})
    server.put(b"\x00\xff\x1b$B garbage", "n0041.host")
    put(server, 42)
    hooks, _ = await channel.poll(cursor)
    assert len([item for hook in hooks for item in channel.parse(hook)]) == 2


async def test_the_time_of_receipt_is_the_servers(server: dovecot.Dovecot) -> None:
    channel = polling(server)
    _, cursor = await ids(channel, {})
    put(server, 51)
    (hook,), _ = await channel.poll(cursor)
    assert hook.received_at.tzinfo is not None and hook.route == "imap"


async def test_a_wrong_password_waits_for_somebody_to_mend_it(server: dovecot.Dovecot) -> None:
    channel = polling(server, imap_password="wrong")
    with pytest.raises(TryAgain) as later:
        await channel.poll({})
    assert later.value.code == "imap_login" and "wrong" not in later.value.detail
    (finding,) = await channel.check()
    assert (finding.ok, finding.code) == (False, "email.imap_login")


async def test_a_missing_folder_and_a_missing_server(server: dovecot.Dovecot) -> None:
    (finding,) = await polling(server, imap_folder="どこにもない").check()
    assert (finding.ok, finding.code) == (False, "email.imap_unreachable")
    with pytest.raises(TryAgain) as later:
        await polling(server, imap_port=dovecot.free_port()).poll({})
    assert later.value.code == "imap_unreachable"


async def test_check(server: dovecot.Dovecot) -> None:
    assert [(one.ok, one.code) for one in await polling(server).check()] == [(True, "email.imap_ok")]


@pytest.mark.parametrize("mode", ["tls", "starttls"])
async def test_encryption_needs_a_certificate_that_is_trusted(
    server: dovecot.Dovecot, certificate: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    channel = polling(server, imap_tls=mode, imap_port=server.tls_port if mode == "tls" else server.port)
    assert [one.code for one in await channel.check()] == ["email.imap_unreachable"]
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert [one.code for one in await channel.check()] == ["email.imap_ok"]


async def test_an_inbox_without_imap_has_no_news() -> None:
    assert await sample.channel().poll({"uid": 1}) == ([], {"uid": 1})
