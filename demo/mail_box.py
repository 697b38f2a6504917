"""A mailbox of the demonstration: mails taken apart for display. Pure."""

import contextlib
import email
import email.policy
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any, cast

from demo.mail_letters import Upload


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail in a customer's mailbox, as read for display. `outgoing`: the customer wrote it."""

    number: int
    at: datetime
    sender: str
    reply_to: str
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    references: tuple[str, ...]
    files: tuple[Upload, ...]
    raw: bytes
    envelope_from: str = ""
    outgoing: bool = False

    def shown(self) -> dict[str, Any]:
        """As JSON for the demo page."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "message_id": self.message_id,
            "outgoing": self.outgoing,
            "files": [{"name": one.name, "media_type": one.media_type, "size": len(one.content)} for one in self.files],
        }


def opened(raw: bytes, number: int, *, at: datetime, outgoing: bool, envelope_from: str) -> Mail:
    """A mail for display. What the standard library cannot decode is shown as it is."""
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    references = str(mail.get("References", "")).split()
    return Mail(
        number=number,
        at=at,
        sender=str(mail.get("From", "")),
        reply_to=str(mail.get("Reply-To", "")),
        to=", ".join(address for _, address in getaddresses([str(mail.get("To", ""))])),
        subject=str(mail.get("Subject", "")),
        text=_words(mail, "plain"),
        html=_words(mail, "html"),
        message_id=str(mail.get("Message-ID", "")).strip("<> "),
        references=tuple(one.strip("<>") for one in references),
        files=tuple(
            Upload(
                name=part.get_filename("") or "",
                media_type=part.get_content_type(),
                content=cast(bytes, part.get_payload(decode=True) or b""),
            )
            for part in mail.walk()
            if part.get_filename()
        ),
        raw=raw,
        envelope_from=envelope_from,
        outgoing=outgoing,
    )


def _words(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    raw = cast(bytes, part.get_payload(decode=True) or b"")
    charset = str(part.get_content_charset("utf-8"))
    with contextlib.suppress(LookupError):
        return raw.decode("iso2022_jp_ext" if charset == "iso-2022-jp" else charset, "replace").replace("\r\n", "\n")
    return raw.decode("utf-8", "replace")
