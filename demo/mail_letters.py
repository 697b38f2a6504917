"""The letters of the demonstration's customers, written as their mail programs write them, and the bounces of their
provider. Pure. Knows nothing of the product: it is the other side of the wire."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.generator import BytesGenerator
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from io import BytesIO

_JIS_ON, _JIS_OFF, _KANA_ON = b"\x1b$B", b"\x1b(B", b"\x1b(I"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that a customer attaches."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a customer writes. `charset`: "utf-8", or "iso-2022-jp" as old Japanese mail programs write it."""

    sender_name: str
    sender: str
    to: str
    subject: str
    text: str
    message_id: str
    date: datetime
    in_reply_to: str = ""
    references: Sequence[str] = ()
    charset: str = "utf-8"
    files: Sequence[Upload] = field(default_factory=tuple)


def written(letter: Letter) -> bytes:
    """The letter as bytes on the wire."""
    body = _text(letter.text, letter.charset)
    mail: Message = _with_files(body, letter) if letter.files else body
    mail["From"] = f"{_words(letter.sender_name, letter.charset)} <{letter.sender}>"
    mail["To"] = letter.to
    mail["Subject"] = _words(letter.subject, letter.charset)
    mail["Date"] = format_datetime(letter.date)
    mail["Message-ID"] = f"<{letter.message_id}>"
    if letter.in_reply_to:
        mail["In-Reply-To"] = f"<{letter.in_reply_to}>"
        mail["References"] = " ".join(f"<{one}>" for one in [*letter.references, letter.in_reply_to])
    return _bytes(mail)


def quoted(text: str, *, name: str, address: str, at: datetime) -> str:
    """A former letter below a new one, with the line that a Japanese web mailer puts above it."""
    day = "月火水木金土日"[at.weekday()]
    lines = "\n".join(f"> {line}".rstrip() for line in text.splitlines())
    return f"{at.year}年{at.month}月{at.day}日({day}) {at:%H:%M} {name} <{address}>:\n\n{lines}\n"


def bounce(original: bytes, *, recipient: str, status: str, words: str, host: str, date: datetime) -> bytes:
    """A delivery status notification (RFC 3464) about a letter that came in but could not be delivered."""
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"] = f"Mail Delivery System <MAILER-DAEMON@{host}>"
    header = BytesHeaderParser().parsebytes(original)
    report["To"] = header.get("From", "")
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Date"] = format_datetime(date)
    report["Message-ID"] = f"<bounce.{int(date.timestamp() * 1_000_000)}@{host}>"
    report["Auto-Submitted"] = "auto-replied"
    report.attach(_text(f"Your mail to {recipient} could not be delivered.\n\n{words}\n", "utf-8"))
    report.attach(_delivery_status(recipient, status, words, host))
    returned = Message()
    for name in ("From", "To", "Subject", "Date", "Message-ID"):
        if header.get(name):
            returned[name] = str(header[name])
    report.attach(MIMEMessage(returned))
    return _bytes(report)


def _delivery_status(recipient: str, status: str, words: str, host: str) -> Message:
    about = Message()
    about["Reporting-MTA"] = f"dns; {host}"
    one = Message()
    one["Final-Recipient"] = f"rfc822; {recipient}"
    one["Action"] = "failed"
    one["Status"] = status
    one["Diagnostic-Code"] = f"smtp; 550 {status} {words}"
    part = MIMEBase("message", "delivery-status")
    part.set_payload([about, one])
    return part


def _with_files(body: Message, letter: Letter) -> Message:
    mail = MIMEMultipart("mixed")
    mail.attach(body)
    for one in letter.files:
        part = MIMEApplication(one.content)
        part.replace_header("Content-Type", one.media_type)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", one.name))
        mail.attach(part)
    return mail


def _text(text: str, charset: str) -> Message:
    part = MIMENonMultipart("text", "plain", charset=charset)
    if charset == "iso-2022-jp":
        part["Content-Transfer-Encoding"] = "7bit"
        part.set_payload(jis(text).decode("ascii"))
    else:
        part["Content-Transfer-Encoding"] = "base64"
        part.set_payload(base64.encodebytes(text.encode(charset)).decode("ascii"))
    return part


def _words(text: str, charset: str) -> str:
    """RFC 2047, a dozen characters a word: words stay short and no character is cut."""
    if text.isascii():
        return text.replace("\r", " ").replace("\n", " ")
    chunks = [text[at : at + 12] for at in range(0, len(text), 12)]
    raw = [jis(chunk) if charset == "iso-2022-jp" else chunk.encode(charset) for chunk in chunks]
    return " ".join(f"=?{charset}?B?{base64.b64encode(one).decode()}?=" for one in raw)


def jis(text: str) -> bytes:
    """ISO-2022-JP as Windows mailers write it: the vendors' characters (①㈱髙) and half-width kana included."""
    out, mode = bytearray(), _JIS_OFF
    for sign in text:
        raw = sign.encode("cp932", "replace")
        wanted = _JIS_ON if len(raw) == 2 else _KANA_ON if raw[0] > 0xA0 else _JIS_OFF
        if wanted != mode:
            out += wanted
            mode = wanted
        out += _pair(*raw) if len(raw) == 2 else bytes((raw[0] & 0x7F,))
    return bytes(out + (_JIS_OFF if mode != _JIS_OFF else b""))


def _pair(lead: int, trail: int) -> bytes:
    """A double byte of Shift_JIS as its row and cell in JIS X 0208."""
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21
    if trail >= 0x9F:
        return bytes((row + 1, trail - 0x7E))
    return bytes((row, trail - (0x20 if trail > 0x7F else 0x1F)))


def _bytes(mail: Message) -> bytes:
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, maxheaderlen=0, policy=mail.policy.clone(linesep="\r\n")).flatten(mail)
    return out.getvalue()
