"""kill -9 between DATA and its answer: a sender that was not told 250 sends again, and it is one ticket."""

import aiosmtplib
import pytest

from app.config import Settings
from demo.mail import MailCloud
from tests.crash.rig import ON_SQLITE, free_port, open_desk, serving

pytestmark = pytest.mark.timeout(400)
MAIL = (
    b"From: Yamada <yamada@customer.example>\r\nTo: support@mikawaya.example\r\nSubject: soy sauce\r\n"
    b"Message-ID: <only-one@customer.example>\r\nDate: Wed, 1 Jul 2026 12:00:00 +0900\r\n\r\nWhere is my order?\r\n"
)


async def deliver(port: int) -> bool:
    """One try of the sender's mail server. Whether it was told that the mail is taken."""
    try:
        await aiosmtplib.send(
            MAIL, hostname="127.0.0.1", port=port, start_tls=False, timeout=60,
            sender="yamada@customer.example", recipients=["support@mikawaya.example"],
        )  # fmt: skip
    except (aiosmtplib.SMTPException, OSError):
        return False
    return True


@ON_SQLITE
@pytest.mark.parametrize("point", ["intake.begun", "intake.written", "intake.committing", "intake.committed"])
async def test_a_mail_becomes_one_ticket(settings: Settings, point: str) -> None:
    door = free_port()
    desk = await open_desk(settings, "email", {"address": MailCloud().inbox, "listen_port": door})
    async with serving(desk.settings, point) as product:
        told = await deliver(door)
        await product.died()
    kept = len(await desk.rows("SELECT id FROM message"))
    if point == "intake.committing":  # death is somewhere near the commit's end: told or not, but told means kept
        assert kept == 1 or not told
    else:
        assert (told, kept) == (False, 1 if point == "intake.committed" else 0)
    async with serving(desk.settings):
        assert await deliver(door)
        ticket = await desk.only_ticket()
    assert [each["subject"] for each in ticket["messages"]] == ["soy sauce"]
    await desk.is_sound()
