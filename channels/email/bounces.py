"""Delivery reports, read receipts and complaints about mails of ours (E12). They never become a message or a ticket."""

import re
from datetime import datetime

from channels.contract import Noticed, Receipt
from channels.email.charsets import decode
from channels.email.headers import Fields, decode_header, normal_address, parse_ids
from channels.email.mime import Piece, read_fields

LONGEST_REASON = 500
MOST_RECIPIENTS = 200

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_OUR_ID = re.compile(rb"t\d{1,18}\.m\d{1,18}\.[0-9a-f]{12}@[\w.-]{1,255}")
_CARRIERS = (
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "au.com",
    "softbank.ne.jp",
    "i.softbank.jp",
    "vodafone.ne.jp",
    "ymobile.ne.jp",
)
_CARRIER_HINT = " / 受信拒否設定の可能性があります (the recipient's carrier may be set to refuse this sender)"


def reports(root: Piece, at: datetime, senders: set[str]) -> list[Receipt | Noticed]:
    """What a report says, one item per recipient; [] when the mail is no report."""
    daemon = any(sender.startswith(("mailer-daemon@", "postmaster@")) for sender in senders)
    if root.media_type != "multipart/report" and not daemon:  # a customer may attach a report to ask about it
        return []
    for piece in root.walk():
        if piece.media_type in ("message/delivery-status", "message/global-delivery-status"):
            return _delivery(root, piece, at)
        if piece.media_type == "message/disposition-notification":
            return _disposition(piece, at)
        if piece.media_type == "message/feedback-report":
            return [Noticed(code="email.complaint", at=at, params={"message_id": _original(root)})]
    return _plain_bounce(root, at) if daemon else []


def _delivery(root: Piece, status: Piece, at: datetime) -> list[Receipt | Noticed]:
    groups = [read_fields(group) for group in re.split(rb"\r?\n[ \t]*\r?\n", status.content.strip())][
        : MOST_RECIPIENTS + 1
    ]
    original = _original(root) or next(iter(groups[0].ids("x-original-message-id")), "")
    return [_recipient(group, original, at) for group in groups if group.raw("action") or group.raw("final-recipient")]


def _recipient(group: Fields, original: str, at: datetime) -> Receipt | Noticed:
    action = group.token("action")
    recipient = _typed_address(group.raw("original-recipient")) or _typed_address(group.raw("final-recipient"))
    given = _STATUS.search(group.text("status"))
    status = given[1] if given else ""
    state = {"failed": "bounced", "delayed": "delayed", "delivered": "delivered", "expanded": "delivered"}.get(
        action, ""
    )
    params = {"action": action, "recipient": recipient, "status": status, "message_id": original}
    if not state or not original:
        return Noticed(code="email.bounce_unmatched" if state else "email.report", at=at, params=params)
    return Receipt(
        external_id=original,
        state=state,
        at=at,
        recipient=recipient,
        reason=_reason(status, group.text("diagnostic-code"), recipient, failed=state == "bounced"),
        permanent=state == "bounced" and not status.startswith("4"),
    )


def _reason(status: str, diagnostic: str, recipient: str, *, failed: bool) -> str:
    words = " ".join(part for part in (status, diagnostic) if part)[:LONGEST_REASON]
    return words + (_CARRIER_HINT if failed and recipient.endswith(_CARRIERS) else "")


def _typed_address(raw: bytes) -> str:
    """`rfc822; a@b` to the address; an xtext-encoded original recipient is decoded."""
    text = decode_header(raw).rpartition(";")[2].strip().strip("<>")
    return normal_address(re.sub(r"\+([0-9A-F]{2})", lambda code: chr(int(code[1], 16)), text) if "+" in text else text)


def _disposition(piece: Piece, at: datetime) -> list[Receipt | Noticed]:
    fields = read_fields(piece.content)
    original = next(iter(parse_ids(fields.raw("original-message-id"))), "")
    mode = fields.text("disposition").rpartition(";")[2].strip().lower()
    if original and mode.startswith("displayed"):
        reader = _typed_address(fields.raw("final-recipient"))
        return [Receipt(external_id=original, state="read", at=at, recipient=reader)]
    return [Noticed(code="email.report", at=at, params={"message_id": original, "disposition": mode[:100]})]


def _original(root: Piece) -> str:
    """The Message-ID of the mail that the report is about, from its returned header."""
    for piece in root.walk():
        if piece.media_type in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"):
            found = read_fields(piece.content.lstrip()).ids("message-id")
            if found:
                return found[0]
    return ""


def _plain_bounce(root: Piece, at: datetime) -> list[Receipt | Noticed]:
    """A bounce in words only (qmail, old carriers): taken for one when a mail daemon cites an id of ours."""
    source = root.raw[root.body : root.body + 200_000]
    cited = _OUR_ID.search(source)
    if not cited:
        return []
    words = decode(source[:4000]).text
    status = _STATUS.search(words)
    code = status[1] if status else ""
    return [
        Receipt(
            external_id=cited.group().decode(),
            state="bounced",
            at=at,
            reason=" ".join(words.split())[:LONGEST_REASON],
            permanent=not code.startswith("4"),
        )
    ]
