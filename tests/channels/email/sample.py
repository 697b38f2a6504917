"""A mail inbox and what providers hand it: for the email tests and for the contract suite."""

import hashlib
import hmac
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels.contract import Hook, Inbound, Outbound, Site
from channels.email import Email
from channels.email.config import DOOR, MailConfig

FIXTURES = Path(__file__).parent / "mails"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECRET = "sample-mime-secret"
ADDRESS = "support@mikawaya.example"
SITE = Site(
    public_url="https://desk.example",
    hook_url="https://desk.example/hooks/abc",
    key=bytes(range(32)),
    installation="mkw-sample",
)


def channel(**config: Any) -> Email:
    """An inbox; keywords override its settings."""
    given = {
        "address": ADDRESS,
        "aliases": ["help@mikawaya.example"],
        "sender_name": "三河屋サポート",
        "mime_secret": SECRET,
        "authserv_ids": ["mx.mikawaya.example"],
        "timeout_s": 10,
    }
    return Email(MailConfig.model_validate(given | config), SITE)


def posted(body: bytes, **headers: str) -> Hook:
    """Raw MIME as it comes through the hooks door, signed."""
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return Hook(route="mime", body=body, received_at=NOW, headers={"x-mikawaya-signature": signature, **headers})


def at_door(body: bytes, **headers: str) -> Hook:
    """A mail from the channel's own SMTP door."""
    return Hook(route="smtp", method=DOOR, body=body, received_at=NOW, headers=headers)


def mail(headers: str = "", body: str = "こんにちは\n") -> bytes:
    """A small UTF-8 mail; `headers` come first and may replace the usual ones."""
    lines = headers.splitlines()
    names = {line.partition(":")[0].lower() for line in lines}
    usual = {
        "From": "Hanako <hanako@example.jp>",
        "To": ADDRESS,
        "Subject": "test",
        "Message-ID": "<m1@example.jp>",
        "Date": "Sun, 22 Nov 2026 11:59:00 +0900",
        "Content-Type": "text/plain; charset=utf-8",
    }
    lines += [f"{name}: {value}" for name, value in usual.items() if name.lower() not in names]
    return ("\r\n".join(lines) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode()


def hooks() -> list[Hook]:
    """Valid ones: every fixture, by HTTP, by the door and by IMAP."""
    bodies = [path.read_bytes() for path in sorted(FIXTURES.glob("*.eml"))] + [mail()]
    by_door = [at_door(body, **{"x-envelope-from": "hanako@example.jp", "x-envelope-to": ADDRESS}) for body in bodies]
    by_imap = [
        Hook(route="imap", method=DOOR, body=body, received_at=NOW, headers={"x-imap-uid": "1"}) for body in bodies
    ]
    return [*map(posted, bodies), *by_door, *by_imap]


def forged() -> list[Hook]:
    """Refused by `verify`: unsigned, wrongly signed, changed after signing, and HTTP requests that play our own door."""
    good = posted(mail())
    return [
        Hook(route="mime", body=good.body, received_at=NOW),
        Hook(route="mime", body=good.body, received_at=NOW, headers={"x-mikawaya-signature": "0" * 64}),
        Hook(route="mime", body=good.body + b"x", received_at=NOW, headers=good.headers),
        Hook(route="mime", body=good.body, received_at=NOW, headers={"x-mikawaya-signature": "あ"}),
        Hook(route="smtp", body=good.body, received_at=NOW, headers=good.headers),
        Hook(route="imap", body=good.body, received_at=NOW, headers=good.headers),
        Hook(route="", body=good.body, received_at=NOW, headers=good.headers),
        Hook(route="mime", method=DOOR, body=good.body, received_at=NOW, headers=good.headers),
    ]


def answer_to(item: Inbound, text: str, **more: Any) -> Outbound:
    """An agent's answer in thread 42."""
    given: dict[str, Any] = {
        "key": "018f0000-0000-7000-8000-000000000002",
        "to": item.sender,
        "conversation": item.conversation,
        "now": NOW,
        "thread": 42,
        "message": 8,
        "ticket": 3,
        "text": text,
        "subject": item.subject,
        "answers": (item.external_id,),
    }
    return Outbound(**given | more)
