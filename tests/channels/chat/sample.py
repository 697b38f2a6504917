"""What the contract suite needs of the chat channel, and an independent signer of identities."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from channels.chat import Chat
from channels.contract import Hook, Site

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
SECRET = "soy-sauce-must-be-running-out-by-now"
WIDGET = "wgt_4nHkQ"
VISITOR = "v_8d7ac0f2b1"
THREAD = "t_51e0"
CLIENT_ID = "7b0d2f0e-2f5c-4f3c-9a53-0f8b7c7b7a11"


def channel(**config: Any) -> Chat:
    """A widget with an identity secret."""
    site = Site(
        public_url="https://desk.example",
        hook_url=f"https://desk.example/hooks/{WIDGET}",
        key=b"k" * 32,
        installation="test",
    )
    return Chat(Chat.Config.model_validate({"identity_secret": SECRET, **config}), site)


def said(**changes: Any) -> Hook:
    """What the socket door hands over when a visitor says something; `changes` go into the body."""
    body = {"visitor": VISITOR, "thread": THREAD, "client_id": CLIENT_ID, "text": "醤油はまだありますか?", **changes}
    return Hook(route="message", method="DOOR", body=json.dumps(body).encode(), received_at=NOW)


def hooks() -> list[Hook]:
    """A text, a text of a verified visitor, a picture without words, and something nobody knows yet."""
    return [
        said(name="佐藤", email="sato@example.jp", page="https://shop.example/soy"),
        said(
            client_id="b", verified={"sub": "42", "email": "s@example.jp", "name": "佐藤 花子", "company": "佐藤商店"}
        ),
        said(
            client_id="c", text="", files=[{"public_id": "f1", "name": "棚.jpg", "media_type": "image/jpeg", "size": 9}]
        ),
        Hook(route="reaction", method="DOOR", body=b"{}", received_at=NOW),
    ]


def forged() -> Hook:
    """The same bytes, but over HTTP."""
    return Hook(route="message", method="POST", body=said().body, received_at=NOW)


def claims(**changes: Any) -> dict[str, Any]:
    """A good identity for this widget; a change to None leaves the claim out."""
    begun = int(NOW.timestamp())
    good = {
        "sub": "42",
        "aud": WIDGET,
        "iat": begun,
        "exp": begun + 600,
        "jti": "n-1",
        "email": "hanako@example.jp",
        "name": "佐藤 花子",
        "company": "佐藤商店",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(payload: Any, *, key: str = SECRET, header: Any = None) -> str:
    """A JWT as a customer's site would sign it."""
    pieces = [_encoded(json.dumps(piece).encode()) for piece in (header or {"alg": "HS256", "typ": "JWT"}, payload)]
    mac = hmac.new(key.encode(), ".".join(pieces).encode(), hashlib.sha256).digest()
    return ".".join([*pieces, _encoded(mac)])


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
