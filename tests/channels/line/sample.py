"""LINE for the contract suite: a channel, webhooks that LINE signed, and one that somebody else wrote."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from channels.contract import Hook, Site
from channels.line import Line

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
BOT = "U8e742f61d673b39c7fff3cecb7536ef0"
NOW = datetime(2026, 3, 2, 9, 0, 30, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures"


def site(hook_url: str = "https://desk.example/hooks/t0ken", **more: Any) -> Site:
    return Site(public_url="https://desk.example", hook_url=hook_url, key=b"k" * 32, installation="test", **more)


def channel(**config: Any) -> Line:
    """A LINE inbox; its settings may be changed by name."""
    given = {"channel_id": "1650000000", "channel_secret": SECRET, "access_token": "token", "bot_user_id": BOT}
    return Line(Line.Config.model_validate(given | config), site())


def sign(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def hook(body: bytes, secret: str = SECRET) -> Hook:
    """A signed webhook of these bytes."""
    return Hook(route="", body=body, received_at=NOW, headers={"x-line-signature": sign(body, secret)})


def webhook(*events: Any) -> Hook:
    return hook(json.dumps({"destination": BOT, "events": list(events)}, ensure_ascii=False).encode())


def fixture(name: str) -> list[Any]:
    """The events of a fixture file."""
    found: list[Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def hooks() -> list[Hook]:
    """Webhooks of every kind that LINE knows, and one of a kind that nobody knows."""
    names = sorted(path.stem for path in FIXTURES.glob("*.json"))
    return [webhook(), *(webhook(*fixture(name)) for name in names)]


def forged() -> Hook:
    """What a stranger would post: well-formed, signed with another secret."""
    return hook(webhook(*fixture("messages")).body, "a stranger's secret")
