"""A message of ours as the bytes of a mail. Pure. Written field by field, because the standard policy folds long message
ids into encoded words, which no mailer can match again (E3)."""

import base64
import hashlib
import html
import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.header import Header
from email.utils import format_datetime
from urllib.parse import quote

from channels.contract import Address, File, Outbound, Site
from channels.email.body import html_to_text
from channels.email.config import MailConfig
from channels.email.quotes import DELIMITER
from channels.email.replies import bare_id, message_id, reply_address

CRLF = "\r\n"
REFERENCES = 1_500  # characters of References: some relays refuse long header blocks
LONGEST_SUBJECT = 400

_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]+")
_ANSWER = re.compile(r"\s*(?:re|aw|sv|返信|回复|回覆)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
_TYPE = re.compile(r"[a-zA-Z0-9][\w.+-]{0,80}/[a-zA-Z0-9][\w.+-]{0,80}")
_WORDS = {
    "ja": {"no_subject": "お問い合わせについて", "link": "添付ファイル"},
    "en": {"no_subject": "Your inquiry", "link": "Attachment"},
}


@dataclass(frozen=True, slots=True)
class Attached:
    """A file with its bytes; None: it goes out as a link."""

    file: File
    content: bytes | None


def sender_address(outbound: Outbound, config: MailConfig) -> str:
    """The address that the customer wrote to, if it is one of ours, else the inbox's first (E5)."""
    wanted = str(outbound.params.get("from", "")).lower()
    return wanted if wanted in config.own else config.address


def own_id(outbound: Outbound, config: MailConfig, site: Site) -> str:
    """The bare Message-ID of this message, fixed by its key (E2, E29)."""
    ticket, message = outbound.ticket, outbound.message
    return message_id(outbound.key, ticket=ticket, message=message, domain=config.domain, secret=site.key)


def compose(outbound: Outbound, files: Sequence[Attached], config: MailConfig, site: Site) -> bytes:
    """The whole mail, CRLF line ends, no line over 998 bytes. Only addresses may hold more than ASCII (SMTPUTF8)."""
    if outbound.params.get("desk"):  # no customer reads it
        config = config.model_copy(update={"reply_line": False, "signature": ""})
    head = [*_fields(outbound, config, site), "MIME-Version: 1.0"]
    return "\r\n".join(head).encode("utf-8") + b"\r\n" + _body(outbound, files, config)


def _fields(outbound: Outbound, config: MailConfig, site: Site) -> list[str]:
    address = sender_address(outbound, config)
    own = own_id(outbound, config, site)
    name = " ".join(part for part in dict.fromkeys((config.sender_name, outbound.sender_name)) if part)
    fields = [
        _mailboxes("From", [Address(kind="email", value=address, name=name)]),
        _mailboxes("To", [outbound.to]),
        _mailboxes("Cc", outbound.cc) if outbound.cc else "",
        f"Reply-To: {reply_address(address, outbound.thread, site.key)}"
        if config.plus_addressing and outbound.thread
        else "",
        _words("Subject", _subject(outbound)),
        f"Date: {format_datetime(outbound.now.astimezone(UTC))}",
        f"Message-ID: <{own}>",
        *_references(outbound.answers),
        f"X-Mikawaya-Loop: {one_line(site.installation)}" if site.installation else "",
        *_automatic(outbound),
        *_unsubscribe(outbound),
    ]
    return [line for line in fields if line]


def _automatic(outbound: Outbound) -> list[str]:
    """What tells other machines not to answer this one (E9)."""
    if outbound.params.get("desk"):
        return ["Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"]
    if not outbound.params.get("auto"):
        return []
    return ["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All", "Precedence: auto_reply"]


def _unsubscribe(outbound: Outbound) -> list[str]:
    """How a mail program stops more of it with one press (RFC 8058)."""
    link = _solid(str(outbound.params.get("unsubscribe", "")))
    if not link:
        return []
    return [f"List-Unsubscribe:\r\n <{link}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def _subject(outbound: Outbound) -> str:
    subject = one_line(outbound.subject)[:LONGEST_SUBJECT]
    subject = subject or _WORDS["ja" if outbound.language.startswith("ja") else "en"]["no_subject"]
    return f"Re: {subject}" if outbound.answers and not _ANSWER.match(subject) else subject


def _references(answers: Sequence[str]) -> list[str]:
    """In-Reply-To and References. The first id and the last ones stay when there are too many."""
    ids = [one for one in dict.fromkeys(bare_id(answer) for answer in answers) if re.fullmatch(r"[!-~]{1,900}", one)]
    if not ids:
        return []
    kept: list[str] = []
    room = REFERENCES - len(ids[0])
    for one in reversed(ids[1:]):
        room -= len(one) + 3
        if room < 0 and kept:
            break
        kept.insert(0, one)
    return [f"In-Reply-To: <{ids[-1]}>", "References: " + "\r\n ".join(f"<{one}>" for one in [ids[0], *kept])]


def one_line(text: str) -> str:
    """Text that cannot begin another header field."""
    return _CONTROL.sub(" ", text).strip()


def _solid(text: str) -> str:
    return re.sub(r"[<>\s\x00-\x1f\x7f]", "", text)


def _words(name: str, text: str) -> str:
    """A field of free text, as encoded words where it must be."""
    if text.isascii() and len(text) < 900 and "=?" not in text:
        return f"{name}: {Header(text, 'us-ascii', maxlinelen=76, header_name=name).encode(linesep=CRLF)}"
    return f"{name}: {Header(text, 'utf-8', maxlinelen=76, header_name=name).encode(linesep=CRLF)}"


def _mailboxes(name: str, boxes: Sequence[Address]) -> str:
    """Addresses stand verbatim, odd dots included (E18); one a line, so that no line grows too long."""
    return f"{name}: " + ",\r\n ".join(_mailbox(box) for box in boxes)


def _mailbox(box: Address) -> str:
    name = one_line(box.name)[:200]
    address = f"<{_solid(box.value)}>"
    if not name:
        return address
    if name.isascii() and "=?" not in name:
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + f'" {address}'
    return f"{Header(name, 'utf-8', maxlinelen=70).encode(linesep=CRLF)} {address}"


def _body(outbound: Outbound, files: Sequence[Attached], config: MailConfig) -> bytes:
    """mixed( related( alternative( text, html ), inline images ), files ), each level only when it is needed."""
    links = [one.file for one in files if one.content is None]
    shown = [one for one in files if one.content is not None and one.file.content_id and outbound.html]
    beside = [one for one in files if one.content is not None and one not in shown]
    seed = hashlib.sha256(outbound.key.encode()).hexdigest()[:24]
    written = _leaf("text/plain", full_text(outbound, links, config))
    if outbound.html:
        rich = _leaf("text/html", _full_html(outbound, links, config))
        rich = _multipart("related", [rich, *(_file(one, inline=True) for one in shown)], f"{seed}r") if shown else rich
        written = _multipart("alternative", [written, rich], f"{seed}a")
    return _multipart("mixed", [written, *(_file(one) for one in beside)], f"{seed}m") if beside else written


def full_text(outbound: Outbound, links: Sequence[File], config: MailConfig) -> str:
    """The plain text with everything around it: reply line, links of big files, signature."""
    word = _WORDS["ja" if outbound.language.startswith("ja") else "en"]["link"]
    pieces = [
        DELIMITER["ja" if outbound.language.startswith("ja") else "en"] if config.reply_line else "",
        outbound.text or (html_to_text(outbound.html) if outbound.html else ""),
        "\n".join(f"{word}: {one.name} ({_size(one.size)})\n{one.url}" for one in links),
        f"-- \n{config.signature}" if config.signature.strip() else "",
    ]
    return "\n\n".join(piece.rstrip("\n") for piece in pieces if piece) + "\n"


def _full_html(outbound: Outbound, links: Sequence[File], config: MailConfig) -> str:
    language = "ja" if outbound.language.startswith("ja") else "en"
    items = "".join(
        f'<li><a href="{html.escape(one.url)}">{html.escape(one.name)}</a> ({_size(one.size)})</li>' for one in links
    )
    line = f"<p>{html.escape(DELIMITER[language])}</p>" if config.reply_line else ""
    signature = html.escape(config.signature.strip()).replace("\n", "<br>\n")
    return "".join(
        (
            line,
            outbound.html,
            f"<p>{_WORDS[language]['link']}:</p><ul>{items}</ul>" if items else "",
            f"<div>-- <br>\n{signature}</div>" if signature else "",
        )
    )


def _size(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{max(1, size // 1000)} kB"


def _leaf(media_type: str, text: str) -> bytes:
    raw = re.sub(r"\r\n|\r|\n", "\r\n", text).encode("utf-8", "replace")
    if not raw.isascii():
        return _part(f"Content-Type: {media_type}; charset=utf-8", "base64", _base64(raw))
    if max((len(line) for line in raw.split(b"\r\n")), default=0) > 900:
        quoted = quopri.encodestring(raw.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
        return _part(f"Content-Type: {media_type}; charset=utf-8", "quoted-printable", quoted)
    return _part(f"Content-Type: {media_type}; charset=utf-8", "7bit", raw)


def _part(head: str, encoding: str, body: bytes) -> bytes:
    return f"{head}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body.rstrip(b"\r\n") + b"\r\n"


def _base64(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n")


def _multipart(kind: str, parts: Sequence[bytes], mark: str) -> bytes:
    boundary = f"=_{mark}"
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    opening = f"--{boundary}\r\n".encode()
    return head + b"".join(opening + part for part in parts) + f"--{boundary}--\r\n".encode()


def _file(one: Attached, *, inline: bool = False) -> bytes:
    media_type = one.file.media_type if _TYPE.fullmatch(one.file.media_type) else "application/octet-stream"
    if media_type.startswith(("multipart/", "message/")):  # these may not be encoded as base64
        media_type = "application/octet-stream"
    lines = [
        f"Content-Type: {media_type}",
        f"Content-Disposition: {'inline' if inline else 'attachment'}{_file_name(one.file.name)}",
        f"Content-ID: <{_solid(one.file.content_id)}>" if inline else "",
    ]
    return _part("\r\n".join(line for line in lines if line), "base64", _base64(one.content or b""))


def _file_name(name: str) -> str:
    """The filename parameter: quoted ASCII, or RFC 2231 in pieces that keep lines short."""
    name = one_line(name)[:200] or "file"
    if name.isascii() and len(name) < 60 and not re.search(r'[\\"%]', name):
        return f';\r\n filename="{name}"'
    octets = re.findall(r"%[0-9A-F]{2}|.", quote(name, safe=""))
    pieces = ["".join(octets[at : at + 20]) for at in range(0, len(octets), 20)]
    return "".join(f";\r\n filename*{n}*={_charset(n)}{piece}" for n, piece in enumerate(pieces))


def _charset(number: int) -> str:
    return "utf-8''" if number == 0 else ""
