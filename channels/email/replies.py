"""How our own mails are recognised when they are answered: signed reply addresses and fixed message ids (E1, E2)."""

import base64
import hashlib
import hmac
import re

_TAG = re.compile(r"(?P<local>.+)\+t(?P<thread>[1-9]\d{0,17})\.(?P<mac>[a-z2-7]{16})")
_SUFFIX = re.compile(r"#[0-9a-f]{12}$")
_TICKET = re.compile(r"\[#(\d{1,12})\]")
HINT_HEAD = 500  # characters of a subject that are searched for a ticket number


def reply_address(address: str, thread: int, key: bytes) -> str:
    """`local+t<thread>.<mac>@domain`: whoever writes there answers this thread, and nobody else can make one up."""
    local, _, domain = address.rpartition("@")
    return f"{local}+t{thread}.{_mac(thread, key)}@{domain}"


def proven_thread(address: str, key: bytes) -> int | None:
    """The thread that a reply address belongs to; None when it is no reply address, or a forged one."""
    tag = _TAG.fullmatch(address.lower().rpartition("@")[0])
    if not tag:
        return None
    thread = int(tag["thread"])
    return thread if hmac.compare_digest(_mac(thread, key), tag["mac"]) else None


def plain_address(address: str) -> str:
    """The address without its reply tag, in lower case."""
    local, at, domain = address.lower().rpartition("@")
    tag = _TAG.fullmatch(local)
    return f"{tag['local'] if tag else local}{at}{domain}"


def _mac(thread: int, key: bytes) -> str:
    """80 bits in base32: digits and letters that survive a change of case."""
    digest = hmac.new(key, b"reply:%d" % thread, hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode("ascii").lower()


def message_id(key: str, *, ticket: int, message: int, domain: str, secret: bytes) -> str:
    """The bare Message-ID of an outgoing message: the same at every attempt, and not to be guessed (a forged delivery
    report could name it otherwise)."""
    digest = hmac.new(secret, b"id:" + key.encode(), hashlib.sha256).hexdigest()
    return f"t{ticket}.m{message}.{digest[:12]}@{domain}"


def bare_id(external_id: str) -> str:
    """The Message-ID inside an external id; "" when the mail had none."""
    return "" if external_id.startswith("sha256:") else _SUFFIX.sub("", external_id).strip("<>")


def ticket_hint(subject: str) -> int | None:
    """A ticket number that somebody wrote into the subject. It proves nothing (E1, fourth)."""
    found = _TICKET.search(subject[:HINT_HEAD])
    return int(found[1]) if found else None
