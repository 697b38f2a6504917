"""What a careful colleague would say before an answer goes out: warnings, never refusals. Pure.

Only what the writer wrote counts: quoted lines and what stands behind a quotation's head belong to somebody else.
"""

import re
import unicodedata
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

_HEAD = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|forwarded message|元のメッセージ|転送)"
    r"|on .{6,200} wrote:\s*$"
    r"|.{6,200}(?:のメール|のメッセージ|wrote)\s*[:\uff1a]\s*$"
    r"|\d{4}[年/-]\d{1,2}[月/-]\d{1,2}.{0,200}<[^<>\s]+@[^<>\s]+>.{0,20}[:\uff1a]\s*$)",
    re.I,
)
_SAYS = re.compile(
    r"添付(?:いた|致|し(?:ます|まし|てお|て送)|の(?:とお|通)り|ファイル|資料|書類|画像|写真|をご|のご|にて)"
    r"|(?:資料|見積書?|請求書|写真|画像|ファイル)を(?:お付け|同封)"
    r"|\bi(?:'ve| have)? attach(?:ed)?\b|\battached (?:is|are|you|please)\b"
    r"|\b(?:is|are|see|find)(?: the)? attached\b(?! to)|\bsee (?:the )?attachment\b",
    re.I,
)
_ASKS = re.compile(
    r"添付(?:して|のうえ|の上)(?:いただ|頂|くださ|下さ|ご)|\b(?:please|could you|can you|kindly) (?:\w+ )?attach\b",
    re.I,
)
_URL = re.compile(r"https?://[^\s<>\"'`「」『』【】、。\uff08\uff09]+", re.I)
_PRIVATE = (".local", ".internal", ".localhost", ".lan", ".intra")
FORGOTTEN, OUTSIDE, INTERNAL = "forgotten_attachment", "outside_recipient", "internal_link"


def own_words(text: str) -> str:
    """Without what is quoted."""
    kept: list[str] = []
    for line in text.split("\n"):
        if _HEAD.match(line):
            break
        if not line.lstrip().startswith((">", "\uff1e")):
            kept.append(line)
    return "\n".join(kept)


def forgets_attachment(text: str, files: int) -> bool:
    """It speaks of an attachment and has none. Asking the customer for one is another thing."""
    words = unicodedata.normalize("NFKC", own_words(text))
    return files == 0 and _SAYS.search(_ASKS.sub(" ", words)) is not None


def internal_links(text: str, url: str, open_to_all: Iterable[str]) -> list[str]:
    """Links that only colleagues can open: the desk's own pages but those for customers, and hosts of an inner network."""
    ours, doors = urlsplit(url).netloc, tuple(open_to_all)
    return [found for found in _URL.findall(own_words(text)) if _is_internal(found, ours, doors)]


def _is_internal(link: str, ours: str, doors: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.netloc.lower() == ours.lower():
        return not parts.path.startswith(doors)
    if host == "localhost" or host.endswith(_PRIVATE) or "." not in host:
        return True
    try:
        return ip_address(host).is_private
    except ValueError:
        return False


def outside(addresses: Iterable[str], known: Iterable[str], domains: Iterable[str]) -> list[str]:
    """Who reads along and belongs neither to the company's domain nor to its people."""
    people, theirs = {each.lower() for each in known}, {each.lower() for each in domains if each}
    return [
        each
        for each in addresses
        if theirs and each.lower() not in people and each.rpartition("@")[2].lower() not in theirs
    ]
