"""Header fields: encoded words, parameters, addresses and message ids as mailers really write them (E3, E16 to E18).

Everything takes the raw bytes of a field's value, raises nothing and walks its input once.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from channels.email.charsets import clean, decode, detect

LONGEST_VALUE = 65_536  # bytes of one field's value that are looked at
LONGEST_ID = 900  # characters of a message id; a header line holds 998
MOST_ADDRESSES = 500
MOST_RUNS = 1_000  # padded segments in one base64 body
LONGEST_NAME = 200  # characters of a file name

_NOT_BASE64 = bytes(sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")))
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_WHOLE_WORD = re.compile(r"\s*=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?=\s*")
_ID = re.compile(r"<([^<>\s]{1,2000})>")
_CONTROL = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CONTINUED = re.compile(r"(.{1,60}?)\*(\d{1,3})(\*?)")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a header: its display name and its address, lower-cased (E18)."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Fields:
    """The header fields of one part, in order: (name in lower case, raw value)."""

    items: tuple[tuple[str, bytes], ...] = field(default=())

    def all(self, name: str) -> list[bytes]:
        return [value for key, value in self.items if key == name]

    def raw(self, name: str) -> bytes:
        return next((value for key, value in self.items if key == name), b"")

    def text(self, name: str) -> str:
        """The first field of that name, decoded; "" without one."""
        return decode_header(self.raw(name))

    def token(self, name: str) -> str:
        """For fields whose values are keywords: lower case, without comments and what follows a semicolon."""
        return re.sub(r"\([^()]*\)", "", self.text(name).partition(";")[0]).strip().lower()

    def addresses(self, name: str) -> list[Mailbox]:
        """The mailboxes of all fields of that name, as far as LONGEST_VALUE and MOST_ADDRESSES go."""
        return parse_addresses(b",".join(self.all(name)))

    def ids(self, name: str) -> list[str]:
        return [one for value in self.all(name) for one in parse_ids(value)]


def decode_header(raw: bytes) -> str:
    """A field's text in one line: encoded words, even when cut within a character, raw eight bits, raw JIS (E16)."""
    text = decode_words(_text(raw))
    if _WHOLE_WORD.fullmatch(text):  # encoded twice
        text = decode_words(text)
    return " ".join(_CONTROL.sub(" ", text).split())


def _text(raw: bytes) -> str:
    unfolded = raw[:LONGEST_VALUE].replace(b"\r\n", b"").replace(b"\n", b"").strip()
    return clean(detect(unfolded).text)


def decode_words(text: str) -> str:
    """Decodes the encoded words of a text. Neighbours of one charset are joined as bytes before they are decoded."""
    out: list[str] = []
    run, charset, at = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[at : word.start()]
        label = word.group(1).partition("*")[0].lower()
        if run and (between.strip() or label != charset):
            out.append(decode(run, charset).text)
            run = b""
        out.append(between if between.strip() else "")
        run, charset, at = run + _word_bytes(word.group(2), word.group(3)), label, word.end()
    out.append(decode(run, charset).text if run else "")
    out.append(text[at:])
    return "".join(out)


def _word_bytes(encoding: str, payload: str) -> bytes:
    if encoding in "bB":
        return decode_base64(payload.encode("ascii", "ignore"))
    return binascii.a2b_qp(payload.encode("utf-8", "replace"), header=True)


def decode_base64(raw: bytes) -> bytes:
    """Base64 with whatever else stands between; segments that were padded one by one are joined."""
    letters = raw.translate(None, _NOT_BASE64)
    return b"".join(_base64_run(run.replace(b"=", b"")) for run in re.split(rb"=+", letters, maxsplit=MOST_RUNS) if run)


def _base64_run(run: bytes) -> bytes:
    whole = run[:-1] if len(run) % 4 == 1 else run
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def parse_ids(raw: bytes) -> list[str]:
    """Message ids without angle brackets, in order, without repeats. A lone id without brackets counts too."""
    text = re.sub(r"\s+", " ", decode_words(_text(raw)))
    found = _ID.findall(text) or [word for word in text.split() if "@" in word and "<" not in word][:1]
    return [one for one in dict.fromkeys(found) if len(one) <= LONGEST_ID]


def normal_address(address: str) -> str:
    """Lower case; needless quotes around the local part removed; "" when it is no address. Odd dots are kept (E18)."""
    local, at, domain = _CONTROL.sub("", address).strip().lower().rpartition("@")
    if len(local) > 2 and local[0] == local[-1] == '"' and not re.search(r'[\s"\\<>,;:@]', local[1:-1]):
        local = local[1:-1]
    domain = domain.strip().rstrip(".")
    if not at or not local or not domain or re.search(r"[\s<>()\",;:\\]", domain) or len(local) + len(domain) > 320:
        return ""
    return f"{local}@{domain}" if local[0] == '"' or not re.search(r"[\s<>,;()]", local) else ""


def parse_addresses(raw: bytes) -> list[Mailbox]:
    """The mailboxes of a field; groups are flattened, what is no address is left out."""
    found = (_mailbox(phrase, address) for phrase, address in _split_addresses(_text(raw)))
    return [box for box in found if box][:MOST_ADDRESSES]


def _mailbox(phrase: str, address: str) -> Mailbox | None:
    normal = normal_address(address) or normal_address(phrase)
    name = " ".join(_CONTROL.sub("", decode_words(phrase)).split()).strip("'\" ")
    return Mailbox("" if normal_address(name) == normal else name[:LONGEST_NAME], normal) if normal else None


def _split_addresses(text: str) -> Iterator[tuple[str, str]]:
    """(phrase, address) of each mailbox. One pass over the characters."""
    phrase: list[str] = []
    angle: list[str] = []
    comment: list[str] = []
    state, depth, skip, at = "", 0, False, False
    for sign in text:
        if skip:  # after a backslash
            (comment if depth else phrase).append(sign)
            skip = False
        elif state == "<":
            state = "" if sign == ">" else state
            angle.extend(sign if state else "")
        elif state == '"':
            skip = sign == "\\"
            state = "" if sign == '"' else state
            phrase.extend("" if sign in '\\"' else sign)
        elif sign == "(" or depth:
            depth += (sign == "(") - (sign == ")")
            comment.extend("" if sign in "()" else sign)
        elif sign == '"':
            state = sign
            phrase.append("\uffff")  # where the quotes began: they may belong to a local part
        elif sign == "<":
            state = sign
        elif sign in ",;":
            yield _joined(phrase, angle, comment)
            phrase, angle, comment, at = [], [], [], False
        elif sign == ":" and not at and not angle:
            phrase = []  # a group's name
        else:
            at = at or sign == "@"
            phrase.append(sign)
    yield _joined(phrase, angle, comment)


def _joined(phrase: list[str], angle: list[str], comment: list[str]) -> tuple[str, str]:
    words = "".join(phrase).strip()
    if angle:
        return (words.replace("\uffff", "") or "".join(comment).strip()), "".join(angle)
    local = words.replace("\uffff", "")
    return "".join(
        comment
    ).strip(), f'"{local.rpartition("@")[0]}"@{local.rpartition("@")[2]}' if "\uffff" in words else local


def parse_parameters(raw: bytes) -> tuple[str, dict[str, str]]:
    """A field like Content-Type: its main value in lower case and its parameters, decoded by every known habit (E17)."""
    main, *rest = _split_parameters(_text(raw))
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for piece in rest[:100]:
        name, _, value = piece.partition("=")
        name = name.strip().lower()
        if continued := _CONTINUED.fullmatch(name):
            pieces.setdefault(continued[1], {})[int(continued[2])] = (_unquote(value), bool(continued[3]))
        elif name.endswith("*"):
            pieces.setdefault(name[:-1], {})[0] = (_unquote(value), True)
        elif name:
            plain.setdefault(name, decode_words(_unquote(value)))
    extended = {name: _assembled(parts) for name, parts in pieces.items()}
    readable = {name: text for name, text in extended.items() if text and ("\ufffd" not in text or name not in plain)}
    return main.strip().lower(), plain | readable


def _split_parameters(text: str) -> list[str]:
    """At semicolons outside quotes. One pass."""
    out: list[str] = []
    quoted, start, skip = False, 0, False
    for at, sign in enumerate(text):
        if skip:
            skip = False
        elif sign == "\\" and quoted:
            skip = True
        elif sign == '"':
            quoted = not quoted
        elif sign == ";" and not quoted:
            out.append(text[start:at])
            start = at + 1
    return [*out, text[start:]]


def _unquote(value: str) -> str:
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] == '"':
        return re.sub(r"\\([\"\\])", r"\1", value[1:-1])
    return value.strip('"')


def _assembled(parts: dict[int, tuple[str, bool]]) -> str:
    """RFC 2231 pieces in order; also an encoded word that somebody cut into such pieces."""
    ordered = [parts[number] for number in sorted(parts)]
    if not any(percent for _, percent in ordered):
        return decode_words("".join(value for value, _ in ordered))
    charset, mark, first = ordered[0][0].partition("'")
    if mark and ordered[0][1]:
        ordered[0] = (first.partition("'")[2], True)
    else:
        charset = ""
    raw = b"".join(
        unquote_to_bytes(value) if percent else value.encode("utf-8", "replace") for value, percent in ordered
    )
    return decode(raw, charset).text


def clean_name(name: str) -> str:
    """A file name without a path, controls and direction tricks, composed (macOS), at most 200 characters (E17)."""
    name = unicodedata.normalize("NFC", _CONTROL.sub("", clean(name)))
    name = re.split(r"[/\\]", name)[-1].strip().lstrip(".").strip()
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    return (
        f"{stem[: LONGEST_NAME - len(ending) - 1]}{dot}{ending}" if stem and len(ending) <= 16 else name[:LONGEST_NAME]
    )
