"""kill -9 while a mailbox is polled, between fetching a mail and marking it: exactly one ticket (E25, E27)."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.config import Settings
from tests.channels.email import dovecot, sample
from tests.channels.email.certificate import self_signed
from tests.crash.rig import ON_SQLITE, open_desk, serving, until

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dovecot.Dovecot]:
    base = Path(tempfile.mkdtemp(prefix="mkw-die-", dir="/tmp"))  # short: Dovecot's sockets have short paths
    base.chmod(0o755)
    try:
        with dovecot.running(base, self_signed(tmp_path / "cert.pem")) as running:
            yield running
    finally:
        shutil.rmtree(base, ignore_errors=True)


@ON_SQLITE
@pytest.mark.parametrize("point", ["intake.begun", "intake.written", "intake.committed"])
async def test_E27_a_polled_mail_becomes_one_ticket(settings: Settings, server: dovecot.Dovecot, point: str) -> None:
    config = {
        "address": sample.ADDRESS, "imap_host": "127.0.0.1", "imap_port": server.port, "imap_tls": "none",
        "imap_user": dovecot.USER, "imap_password": dovecot.PASSWORD, "import_existing": True,
    }  # fmt: skip
    desk = await open_desk(settings, "email", config)
    server.put(sample.mail("Message-ID: <only-one@example.jp>"), "n0001.host")
    async with serving(desk.settings, point) as product:
        await product.died()
    assert len(await desk.rows("SELECT id FROM message")) == (1 if point == "intake.committed" else 0)
    server.put(sample.mail("Message-ID: <the-next@example.jp>"), "n0002.host")
    async with serving(desk.settings):

        async def both() -> bool:
            return len(await desk.tickets()) >= 2

        await until(both, "the mailbox was read on")
    ids = "SELECT reference FROM message ORDER BY reference"
    assert await desk.rows(ids) == [("only-one@example.jp",), ("the-next@example.jp",)]
    await desk.is_sound()
