"""Signed LINE webhooks as bytes on the wire. Every message's text ends in its own number, so that a screen can be timed."""

import base64
import hmac
import random
import time
from dataclasses import dataclass, field

import orjson

DESTINATION = "U" + "0" * 32
WORDS = (
    "注文した醤油がまだ届きません。確認をお願いします。", "請求書の宛名を変更したいのですが。",
    "Where is my order? It should have come yesterday.", "ログインできなくなりました。パスワードの再設定メールも届きません。",
    "ありがとうございます。よろしくお願いします。",
)  # fmt: skip


@dataclass(slots=True)
class Customers:
    """Who writes: known users in turn at random, and every now and then somebody new."""

    run: str  # keeps the ids of two runs apart
    known: int
    share_new: float
    dice: random.Random = field(default_factory=lambda: random.Random(1))
    fresh: int = 0

    def next(self) -> str:
        if self.dice.random() < self.share_new:
            self.fresh += 1
            return f"U{self.run}{self.fresh:024x}"
        return known_user(self.dice.randrange(self.known))


def known_user(number: int) -> str:
    return f"U{number:032x}"


class Webhooks:
    """Whole HTTP requests, signed as LINE signs."""

    def __init__(self, path: str, host: str, secret: bytes) -> None:
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=utf-8\r\n".encode()
        )
        self._secret = secret

    def request(self, messages: list[tuple[int, str]]) -> bytes:
        """One webhook with an event for each (message number, user)."""
        at = int(time.time() * 1000)
        body = orjson.dumps({"destination": DESTINATION, "events": [_event(n, user, at) for n, user in messages]})
        proof = base64.b64encode(hmac.digest(self._secret, body, "sha256"))
        return (
            self._head + b"User-Agent: LineBotWebhook/2.0\r\nX-Line-Signature: " + proof
            + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )  # fmt: skip


def _event(number: int, user: str, at: int) -> dict[str, object]:
    return {
        "type": "message",
        "message": {
            "type": "text",
            "id": str(500_000_000_000_000_000 + number),
            "quoteToken": "q3Plxr4AgKd9NQQMnQQcDgYp5s4d",
            "text": f"{WORDS[number % len(WORDS)]} #{number}",
        },
        "webhookEventId": f"01{number:024d}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": at,
        "source": {"type": "user", "userId": user},
        "replyToken": f"{number:032x}",
        "mode": "active",
    }
