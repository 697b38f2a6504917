"""A mail to the items of the contract. Pure and total: whatever the bytes are, something comes out and nothing raises."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from channels.contract import Address, Hook, Inbound, Item, Noticed, Part, Site
from channels.email.body import Content, content
from channels.email.bounces import reports
from channels.email.charsets import decode
from channels.email.config import MailConfig
from channels.email.headers import Fields, Mailbox, parse_addresses
from channels.email.mime import Piece, read, read_fields
from channels.email.origin import authentication, is_auto, is_loop
from channels.email.quotes import folded_at
from channels.email.replies import plain_address, proven_thread, ticket_hint

LONGEST_SUBJECT = 998
MOST_ANSWERS = 50
MOST_SHOWN = 100  # addresses of To and Cc that are kept
HEADER_BYTES = 262_144  # what is read of a mail that is too big or cannot be parsed
AHEAD = timedelta(minutes=5)
BEHIND = timedelta(days=30)

_FORWARDED = re.compile(
    r"^[ \t>]{0,20}(?:-{2,}[ ]?(?:Forwarded message|転送メッセージ|転送されたメッセージ)[ ]?-{2,}|Begin forwarded message:)",
    re.M | re.I,
)
_FORWARDED_FROM = re.compile(r"^[ \t>*]{0,20}(?:From|差出人)[ ]?[:：][* \t]{0,10}(.{3,300})$", re.M | re.I)


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail taken apart, with all that its items are made of."""

    hook: Hook
    root: Piece
    defects: tuple[str, ...]
    config: MailConfig
    site: Site

    @property
    def fields(self) -> Fields:
        return self.root.fields


def parse_mail(hook: Hook, config: MailConfig, site: Site) -> list[Item]:
    """The items of one mail: a message, the receipts of a report, or a note that it was our own."""
    error = hook.headers.get("x-imap-error", "") if hook.route == "imap" else ""
    if error or len(hook.body) > config.max_bytes:
        return [_unreadable(hook, config, site, error or "too_large")]
    try:
        root, defects = read(hook.body)
        return _items(_Mail(hook, root, tuple(defects), config, site))
    except (
        Exception
    ) as problem:  # the last resort that the contract asks for: a mail must never block its mailbox (E27)
        return [_unreadable(hook, config, site, f"unparsable:{type(problem).__name__}")]


def _items(mail: _Mail) -> list[Item]:
    boxes = [*mail.fields.addresses("from"), *mail.fields.addresses("reply-to")]
    senders = {box.address for box in boxes}
    if items := reports(mail.root, mail.hook.received_at, senders):
        return list(items)
    if is_loop(mail.fields, mail.site.installation):
        sent = next(iter(mail.fields.ids("message-id")), "")
        return [Noticed(code="email.loop", at=mail.hook.received_at, params={"message_id": sent})]
    return [_message(mail, auto=is_auto(mail.fields, mail.hook.headers, senders))]


def reread_mail(hook: Hook, config: MailConfig, site: Site, charset: str) -> Inbound | None:
    """The same mail with its words in another charset (E14); None when it could never be read."""
    try:
        root, defects = read(hook.body)
        return _message(_Mail(hook, root, tuple(defects), config, site), auto=False, charset=charset)
    except Exception:  # as in parse_mail: such a mail is shown with its raw bytes attached, and stays so
        return None


def _message(mail: _Mail, *, auto: bool, charset: str = "") -> Inbound:
    found = content(mail.root, charset)
    fields = mail.fields
    bare, external = identity(mail.root)
    sender = _sender(mail, external)
    references = fields.ids("references")
    answers = [*fields.ids("in-reply-to"), *reversed(references)]
    subject = fields.text("subject")[:LONGEST_SUBJECT]
    defects = list(dict.fromkeys([*mail.defects, *found.defects]))
    parts = (*found.parts, _raw_part(mail.hook.body)) if mail.defects else tuple(found.parts)
    return Inbound(
        external_id=external,
        conversation=next(iter([*references, *answers]), bare or external),
        sender=sender,
        sent_at=_sent_at(fields, mail.hook.received_at),
        text=found.text,
        html=found.html,
        subject=subject,
        parts=parts,
        thread=_thread(mail),
        answers=tuple(dict.fromkeys(answers))[:MOST_ANSWERS],
        ticket_hint=ticket_hint(subject),
        participants=_participants(mail, sender),
        auto=auto,
        reopens=not auto,
        meta=_meta(mail, found, bare) | ({"defects": defects} if defects else {}),
    )


def identity(root: Piece) -> tuple[str, str]:
    """(bare Message-ID or "", external id). The external id tells mails apart that share a Message-ID, and is the same
    for one mail that came by two ways: trace fields and line ends do not count (E26)."""
    digest = hashlib.sha256()
    for name in ("date", "from", "subject"):
        digest.update(b" ".join(root.fields.raw(name).split()) + b"\0")
    body = root.raw[root.body : root.end]
    digest.update(body.replace(b"\r\n", b"\n").rstrip(b"\n"))
    bare = next(iter(root.fields.ids("message-id")), "")
    return bare, f"{bare}#{digest.hexdigest()[:12]}" if bare else f"sha256:{digest.hexdigest()[:32]}"


def _sender(mail: _Mail, external: str) -> Address:
    """Reply-To when it is a stranger's, else From, else the envelope. Never verified (a mail's From proves nothing)."""
    others = [box for box in mail.fields.addresses("reply-to") if plain_address(box.address) not in mail.config.own]
    envelope = parse_addresses(mail.hook.headers.get("x-envelope-from", "").encode("utf-8", "replace"))
    boxes = [*others[:1], *mail.fields.addresses("from"), *mail.fields.addresses("sender"), *envelope]
    return _address(boxes[0]) if boxes else _nobody(external)


def _address(box: Mailbox) -> Address:
    return Address(kind="email", value=box.address, name=box.name)


def _nobody(external: str) -> Address:
    """A sender of its own for each mail that names none: strangers must not become one person."""
    return Address(
        kind="email", value=f"unknown-{hashlib.sha256(external.encode('utf-8', 'replace')).hexdigest()[:12]}@invalid"
    )


def _delivered(mail: _Mail) -> Iterable[str]:
    """The addresses that the mail was delivered to, most trustworthy first."""
    yield from (
        box.address for box in parse_addresses(mail.hook.headers.get("x-envelope-to", "").encode("utf-8", "replace"))
    )
    for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc"):
        yield from (box.address for box in mail.fields.addresses(name))


def _thread(mail: _Mail) -> int | None:
    """The thread that our own signature in a recipient's address proves (E1, first)."""
    found = (proven_thread(address, mail.site.key) for address in _delivered(mail))
    return next((thread for thread in found if thread is not None), None)


def _participants(mail: _Mail, sender: Address) -> tuple[Address, ...]:
    """To and Cc without ourselves and the sender, each once (E4)."""
    boxes = [*mail.fields.addresses("to"), *mail.fields.addresses("cc")]
    known = {sender.value, *mail.config.own}
    others = {box.address: _address(box) for box in boxes if plain_address(box.address) not in known}
    return tuple(others.values())[:MOST_SHOWN]


def _sent_at(fields: Fields, received_at: datetime) -> datetime:
    """The Date field where it can be true, else the time of receipt."""
    try:
        date = parsedate_to_datetime(fields.text("date"))
        date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return received_at
    return date if received_at - BEHIND <= date <= received_at + AHEAD else received_at


def _meta(mail: _Mail, found: Content, bare: str) -> dict[str, Any]:
    fields, origin = mail.fields, mail.fields.addresses("from")
    domain = origin[0].address.rpartition("@")[2] if origin else ""
    ours = next(
        (plain_address(one) for one in _delivered(mail) if plain_address(one) in mail.config.own), mail.config.address
    )
    meta: dict[str, Any] = {
        "from": _shown(origin[0]) if origin else "",
        "to": [_shown(box) for box in fields.addresses("to")[:MOST_SHOWN]],
        "cc": [_shown(box) for box in fields.addresses("cc")[:MOST_SHOWN]],
        "message_id": bare,
        "date": fields.text("date")[:100],
        "auth": authentication(fields, trusted=mail.config.authserv_ids, domain=domain),
        "inbox_address": ours,
        "folded_at": folded_at(found.text),
        "charset": found.charset,
        "charset_guessed": found.guessed,
    }
    return meta | ({"forwarded": origin_of} if (origin_of := _forwarded(found, mail.root)) else {})


def _shown(box: Mailbox) -> str:
    return f"{box.name} <{box.address}>" if box.name else box.address


def _forwarded(found: Content, root: Piece) -> Mapping[str, str] | None:
    """Who wrote a forwarded mail: a proposal for the screens, which know whether an agent forwarded it (E6)."""
    nested = next((piece for piece in root.walk() if piece.media_type == "message/rfc822"), None)
    boxes = read_fields(nested.content.lstrip()).addresses("from") if nested else []
    if not boxes and (mark := _FORWARDED.search(found.text[:200_000])):
        line = _FORWARDED_FROM.search(found.text, mark.end(), mark.end() + 3000)
        boxes = parse_addresses(line[1].encode("utf-8", "replace")) if line else []
    return {"name": boxes[0].name, "address": boxes[0].address} if boxes else None


def _raw_part(body: bytes) -> Part:
    return Part(name="original.eml", media_type="message/rfc822", content=body, size=len(body))


def _unreadable(hook: Hook, config: MailConfig, site: Site, error: str) -> Inbound:
    """A visible message instead of a lost one: the raw mail is attached, sender and subject are read as far as they go."""
    external = f"sha256:{hashlib.sha256(hook.body).hexdigest()[:32]}"
    subject, sender, bare, thread, auto = "", _nobody(external), "", None, False
    try:
        root, _ = read(hook.body[:HEADER_BYTES])
        mail = _Mail(hook, root, (), config, site)
        subject, sender, thread = root.fields.text("subject")[:LONGEST_SUBJECT], _sender(mail, external), _thread(mail)
        bare = next(iter(root.fields.ids("message-id")), "")
        auto = is_auto(root.fields, hook.headers, {sender.value})
    except Exception:  # it is unreadable: what could be read until here is all there is
        subject = subject or decode(hook.body[:200]).text.partition("\n")[0]
    return Inbound(
        external_id=f"{bare}#{external[7:19]}" if bare else external,
        conversation=bare or external,
        sender=sender,
        sent_at=hook.received_at,
        kind="unsupported",
        subject=subject,
        parts=(_raw_part(hook.body),),
        thread=thread,
        auto=auto,
        reopens=not auto,
        meta={
            "error": error,
            "message_id": bare,
            "from": sender.value,
            "to": [],
            "cc": [],
            "auth": "none",
            "folded_at": None,
        },
    )
