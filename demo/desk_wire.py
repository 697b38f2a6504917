"""The sample cases as the providers would have handed them over: LINE's JSON, mails, Twilio's forms. Pure."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from demo.line import BOT
from demo.mail_letters import Letter, Upload, bounce, written

Json = dict[str, Any]
HOST = "mail.demo.example"


def line_hook(kind: str, user: str, at: datetime, number: int, more: Json) -> bytes:
    """A webhook with one event; `number` makes its ids."""
    event = {
        "type": kind,
        "webhookEventId": f"01SAMPLE{number:018d}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": int(at.timestamp() * 1000),
        "source": {"type": "user", "userId": user},
        "mode": "active",
        **more,
    }
    return json.dumps({"destination": BOT, "events": [event]}, ensure_ascii=False).encode()


def line_message(user: str, at: datetime, number: int, message: Json) -> bytes:
    told = {"id": line_id(number), **message}
    token = hashlib.sha256(f"sample {number}".encode()).hexdigest()[:32]
    return line_hook("message", user, at, number, {"message": told, "replyToken": token})


def line_id(number: int) -> str:
    return f"5990000000{number:06d}"


def sticker(text: str) -> Json:
    shape: Json = {"packageId": "446", "stickerId": "1989", "stickerResourceType": "STATIC"}
    return {"type": "sticker", **shape, "keywords": ["ありがとう", "thanks"]} | ({"text": text} if text else {})


def place(title: str, address: str) -> Json:
    return {"type": "location", "title": title, "address": address, "latitude": 35.7289, "longitude": 139.7103}


def mail_id(number: int, *, desk: bool = False) -> str:
    """A bare Message-ID."""
    return f"sample.{number}@{'mikawaya.example' if desk else HOST}"


def mail(
    sender: tuple[str, str],
    to: str,
    *,
    at: datetime,
    number: int,
    subject: str,
    text: str,
    before: Sequence[str] = (),
    charset: str = "utf-8",
    files: Sequence[Upload] = (),
    desk: bool = False,
    auto: bool = False,
) -> bytes:
    """`before`: the Message-IDs of the conversation, oldest first. `desk`: it is ours; `auto`: a machine wrote it."""
    letter = Letter(
        sender_name=sender[0], sender=sender[1], to=to, subject=subject, text=text, message_id=mail_id(number, desk=desk),
        date=at, in_reply_to=before[-1] if before else "", references=before[:-1], charset=charset, files=tuple(files),
    )  # fmt: skip
    raw = written(letter)
    return b"Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\n" + raw if auto else raw


def returned(original: bytes, recipient: str, at: datetime) -> bytes:
    """The provider sends a mail back: the mailbox does not exist."""
    return bounce(original, recipient=recipient, status="5.1.1", words="User unknown", host=HOST, date=at)


def chat_said(visitor: str, thread: str, number: int, text: str, **more: Any) -> bytes:
    said = {"visitor": visitor, "thread": thread, "client_id": f"sample-{number:08d}", "text": text, **more}
    return json.dumps(said, ensure_ascii=False).encode()


def call_sid(number: int, leg: str = "") -> str:
    return "CA" + hashlib.sha256(f"sample call {number} {leg}".encode()).hexdigest()[:32]


def call_form(account: str, sid: str, caller: str, number: str, **more: str) -> bytes:
    """A voice webhook's form."""
    told = {"AccountSid": account, "ApiVersion": "2010-04-01", "CallSid": sid, "CallStatus": "in-progress",
            "Direction": "inbound", "From": caller, "To": number}  # fmt: skip
    return urlencode(told | more).encode()
