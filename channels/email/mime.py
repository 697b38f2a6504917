"""The structure of a mail, read by offsets: bounded in depth and number, linear in size (rule E19).

The standard parser asks every enclosing boundary about every line and recurses once a level, so a small hostile mail
stops it. Here one buffer is searched once a level, at most `DEEPEST` times, and nothing is copied before it is asked for.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from channels.email.headers import Fields, clean_name, decode_base64, parse_parameters

DEEPEST = 20
MOST_PARTS = 500
MOST_FIELDS = 2_000
LONGEST_HEADER = 1_000_000  # bytes of one header block

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_BREAK = re.compile(rb"\r?\n|\r")


@dataclass(slots=True)
class Piece:
    """One node: a leaf with content, or a multipart with children. Offsets point into the whole mail."""

    raw: bytes
    start: int
    body: int
    end: int
    fields: Fields
    media_type: str
    parameters: dict[str, str]
    children: list["Piece"] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        """The decoded bytes; a nonsense transfer encoding counts as none."""
        return decoded(self.raw[self.body : self.end], self.fields.token("content-transfer-encoding"))

    @property
    def source(self) -> bytes:
        """The part as it came, its header included."""
        return self.raw[self.start : self.end]

    @property
    def disposition(self) -> str:
        return parse_parameters(self.fields.raw("content-disposition"))[0]

    @property
    def name(self) -> str:
        """The file name, cleaned; "" when the sender gave none (E17)."""
        given = parse_parameters(self.fields.raw("content-disposition"))[1].get("filename", "")
        return clean_name(given) or clean_name(self.parameters.get("name", ""))

    @property
    def content_id(self) -> str:
        return self.fields.text("content-id").strip("<> ")[:900]

    def walk(self) -> Iterator["Piece"]:
        """This node and all below it, in order."""
        stack = [self]
        while stack:
            piece = stack.pop()
            yield piece
            stack.extend(reversed(piece.children))


@dataclass(slots=True)
class _Budget:
    parts: int = MOST_PARTS
    defects: list[str] = field(default_factory=list)

    def note(self, code: str) -> None:
        if code not in self.defects:
            self.defects.append(code)


def read(raw: bytes) -> tuple[Piece, list[str]]:
    """The tree of a mail, and the codes of what was out of bounds: "too_deep", "too_many_parts". Total."""
    budget = _Budget()
    start = raw.find(b"\n") + 1 if raw[:5] == b"From " else 0  # mbox's envelope line
    return _piece(raw, start, len(raw), budget=budget, depth=0, default="text/plain"), budget.defects


def read_fields(raw: bytes) -> Fields:
    """A block of header fields alone: a delivery report's group, a returned header."""
    return _fields(raw, 0, len(raw))[0]


def _piece(raw: bytes, start: int, end: int, *, budget: _Budget, depth: int, default: str) -> Piece:
    fields, body = _fields(raw, start, end)
    media_type, parameters = parse_parameters(fields.raw("content-type"))
    if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", media_type):
        media_type = "text/plain" if media_type in ("text", "") and default == "text/plain" else default
    piece = Piece(raw, start, body, end, fields, media_type, parameters)
    boundary = parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
    if media_type.startswith("multipart/") and boundary:
        _grow(piece, boundary, budget, depth)
    return piece


def _grow(piece: Piece, boundary: bytes, budget: _Budget, depth: int) -> None:
    if depth >= DEEPEST:
        budget.note("too_deep")
        return
    default = "message/rfc822" if piece.media_type == "multipart/digest" else "text/plain"
    for start, end in _spans(piece, boundary):
        if budget.parts <= 0:
            budget.note("too_many_parts")
            return
        budget.parts -= 1
        piece.children.append(_piece(piece.raw, start, end, budget=budget, depth=depth + 1, default=default))


def _spans(piece: Piece, boundary: bytes) -> Iterator[tuple[int, int]]:
    """Where the parts lie. A missing last boundary ends the last part with its parent."""
    raw, start = piece.raw, -1
    line = re.compile(rb"--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r|\n|\Z)")
    for found in line.finditer(raw, piece.body, piece.end):
        at = found.start()
        if at > piece.body and raw[at - 1] not in b"\r\n":
            continue
        if start >= 0:
            yield start, max(start, _before_break(raw, at))
        if found.group(1):
            return
        after = _BREAK.match(raw, found.end(), piece.end)
        start = after.end() if after else piece.end
    if start >= 0:
        yield start, piece.end


def _before_break(raw: bytes, at: int) -> int:
    at -= 1 if raw[at - 1 : at] == b"\n" else 0
    return at - 1 if raw[at - 1 : at] == b"\r" else at


def _fields(raw: bytes, start: int, end: int) -> tuple[Fields, int]:
    """The header fields from `start`, and where the body begins. A line that is no field begins the body."""
    items: list[tuple[str, bytes]] = []
    name, pieces, at = "", [b""], start
    limit = min(end, start + LONGEST_HEADER)
    while at < limit:
        stop = _BREAK.search(raw, at, end)
        line_end, following = (stop.start(), stop.end()) if stop else (end, end)
        if line_end == at:
            at = following
            break
        if raw[at] in b" \t" and name:
            pieces.append(raw[at:line_end])
        elif found := _FIELD.match(raw, at, line_end):
            items.append((name, b"".join(pieces)))
            name, pieces = found.group(1).decode("ascii").lower(), [raw[found.end() : line_end]]
        elif raw[at : at + 5] not in (b"From ", b">From"):
            break
        at = following
    items.append((name, b"".join(pieces)))
    return Fields(tuple(item for item in items if item[0])[:MOST_FIELDS]), at


def decoded(body: bytes, encoding: str) -> bytes:
    """Undoes a transfer encoding. Unknown ones leave the bytes as they are."""
    if encoding == "base64":
        return decode_base64(body)
    if encoding in ("quoted-printable", "quoted_printable"):
        return binascii.a2b_qp(body)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uudecoded(body)
    return body


def _uudecoded(body: bytes) -> bytes:
    out: list[bytes] = []
    for line in body.partition(b"begin ")[2].splitlines()[1:]:
        if line.strip() in (b"end", b"`", b""):
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            length = (((line[0] - 32) & 63) * 4 + 5) // 3
            out.append(_short_uu(line[:length]))
    return b"".join(out)


def _short_uu(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
