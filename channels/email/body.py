"""What a mail says: its text, its HTML and its attachments, chosen from the tree of its parts (E19 to E21)."""

import html
import importlib
import re
from dataclasses import dataclass, field

from channels.contract import Part
from channels.email.charsets import Decoded, clean, decode, read_as
from channels.email.headers import clean_name
from channels.email.mime import Piece, read_fields
from channels.email.tnef import attachments

LONGEST_TEXT = 300_000  # characters of text on a message; a longer one stays whole as a file beside it
LONGEST_HTML = 1_000_000  # characters of HTML
LONGEST_LAYOUT = 200_000  # characters of HTML that are laid out as text (about 0.3 s); longer ones lose their tags only
READABLE = 3_000_000  # bytes of all text parts together that are decoded; what comes later is a file
DEEPEST_HTML = 200  # open elements that the HTML converter, which recurses, is given

_WHOLE = {"text/plain": "message.txt", "text/html": "message.html"}  # the names of texts that are kept as files
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]{0,40})")
_VOID = {"br", "img", "hr", "meta", "link", "input", "col", "area", "base", "wbr", "source", "embed", "param", "track"}
_CLOSES_ITSELF = {"p", "li", "td", "tr", "th", "dt", "dd", "option", "tbody", "thead", "tfoot"}
_DROPPED = re.compile(r"<(script|style|head|title)\b[^<>]*>[^<]*", re.IGNORECASE)
_STUB = re.compile(r"html|ブラウザ|browser|表示でき|表示され", re.IGNORECASE)


@dataclass(slots=True)
class Content:
    """The readable part of a mail. `charset`: of its main text; `guessed`: the screens may offer another reading."""

    text: str = ""
    html: str = ""
    parts: list[Part] = field(default_factory=list)
    charset: str = ""
    guessed: bool = False
    defects: list[str] = field(default_factory=list)


def content(root: Piece, charset: str = "") -> Content:
    """Text, HTML and attachments of a mail. `charset`: what somebody chose, against what the mail says (E14)."""
    found = _content(root, [READABLE], charset)
    found.parts = _inlined(found.parts, found.html)
    if found.html and (not found.text.strip() or _is_stub(found.text, found.html)):
        found.text = html_to_text(found.html)
    return _shortened(found)


def _content(piece: Piece, room: list[int], charset: str) -> Content:
    """Recurses at most as deep as `mime.DEEPEST`. `room`: how many bytes may still be decoded, in one counter for all."""
    if piece.children:
        merge = _alternative if piece.media_type == "multipart/alternative" else _mixed
        return merge([_content(child, room, charset) for child in piece.children])
    readable = piece.media_type in ("text/plain", "text/html") and piece.disposition != "attachment"
    if not readable or (piece.name and piece.disposition != "inline" and piece.media_type == "text/html"):
        return _file(piece)
    if piece.media_type == "text/plain" and piece.name:
        return _file(piece)
    return _text(piece, room, charset)


def _text(piece: Piece, room: list[int], charset: str) -> Content:
    raw = piece.content
    whole = len(raw) <= room[0]
    taken = raw[: max(room[0], 0)]
    found = read_as(taken, charset) if charset else decode(taken, piece.parameters.get("charset", ""))
    room[0] -= len(raw)
    read = _read(piece, found)
    if not whole:
        read.parts.append(_part(piece.name or _WHOLE[piece.media_type], piece.media_type, raw))
        read.defects.append("text_too_long")
    return read


def _read(piece: Piece, found: Decoded) -> Content:
    text = found.text.replace("\r\n", "\n").replace("\r", "\n")
    if piece.media_type == "text/html":
        return Content(html=text, charset=found.charset, guessed=found.guessed)
    if piece.parameters.get("format", "").lower() == "flowed":
        text = unflow(text, delete_space=piece.parameters.get("delsp", "").lower() == "yes")
    return Content(text=text, charset=found.charset, guessed=found.guessed)


def _alternative(choices: list[Content]) -> Content:
    """The plainest text and the richest HTML; attachments of all."""
    merged = Content(parts=[part for one in choices for part in one.parts])
    for one in choices:
        merged.defects += one.defects
        if one.text.strip() and not merged.text.strip():
            merged.text, merged.charset, merged.guessed = one.text, one.charset, one.guessed
        if one.html.strip():
            merged.html = one.html
            merged.charset = merged.charset or one.charset
    return merged


def _mixed(pieces: list[Content]) -> Content:
    """Everything in order. Text between HTML parts becomes HTML as well, so that neither view loses any."""
    merged = Content(parts=[part for one in pieces for part in one.parts])
    merged.defects = [code for one in pieces for code in one.defects]
    written = [one for one in pieces if one.text.strip() or one.html.strip()]
    rich = any(one.html for one in written)
    as_text = html_to_text if sum(len(one.html) for one in written) <= LONGEST_LAYOUT else _without_tags
    for one in written:
        merged.charset = merged.charset or one.charset
        merged.guessed = merged.guessed or one.guessed
        if rich and len(written) > 1:
            merged.text += (one.text or as_text(one.html)).rstrip("\n") + "\n"
            merged.html += one.html or f"<pre>{html.escape(one.text)}</pre>"
        else:
            merged.text += one.text if len(written) == 1 else one.text.rstrip("\n") + "\n"
            merged.html += one.html
    return merged


def _file(piece: Piece) -> Content:
    body = piece.content
    packed = (
        piece.media_type in ("application/ms-tnef", "application/vnd.ms-tnef") or piece.name.lower() == "winmail.dat"
    )
    if packed and (unpacked := attachments(body)) is not None:
        files = [_part(name, "application/octet-stream", raw) for name, raw in unpacked.files]
        return Content(text=unpacked.text, parts=files)
    name = piece.name
    if piece.media_type == "message/rfc822" and not name:
        name = clean_name((read_fields(body[:100_000]).text("subject") or "message")[:100].replace("/", "-") + ".eml")
    if not body and not name:
        return Content()
    inline = piece.disposition == "inline"
    return Content(parts=[_part(name, piece.media_type, body, content_id=piece.content_id, inline=inline)])


def _part(name: str, media_type: str, body: bytes, *, content_id: str = "", inline: bool = False) -> Part:
    return Part(name=name, media_type=media_type, content=body, size=len(body), content_id=content_id, inline=inline)


def _inlined(parts: list[Part], markup: str) -> list[Part]:
    """Parts that the HTML shows are inline whatever their disposition says, and only these and images can be."""
    shown = set(re.findall(r"cid:([^\"'\s)>]{1,900})", markup, re.IGNORECASE))
    return [
        Part(
            name=one.name,
            media_type=one.media_type,
            content=one.content,
            size=one.size,
            content_id=one.content_id,
            inline=one.content_id in shown if one.content_id else one.inline and one.media_type.startswith("image/"),
        )
        for one in parts
    ]


def _is_stub(text: str, markup: str) -> bool:
    """A plain part that only says that the mail is in HTML."""
    return len(text) < 300 and bool(_STUB.search(text)) and len(html_to_text(markup)) > 2 * len(text)


def _shortened(found: Content) -> Content:
    """What is too long for a message stays whole as a file beside it."""
    if len(found.html) > LONGEST_HTML or _depth(found.html) > DEEPEST_HTML * 2:
        found.parts.append(_part("message.html", "text/html", found.html.encode("utf-8")))
        found.html = ""
        found.defects.append("html_too_big")
    if len(found.text) > LONGEST_TEXT:
        if "text_too_long" not in found.defects:
            found.parts.append(_part("message.txt", "text/plain", found.text.encode("utf-8")))
            found.defects.append("text_too_long")
        found.text = found.text[:LONGEST_TEXT]
    return found


def html_to_text(markup: str) -> str:
    """HTML as text with its layout; markup that is too big or too deep for that loses its tags only. Total."""
    if len(markup) > LONGEST_LAYOUT or _depth(markup) > DEEPEST_HTML:
        return _without_tags(markup)
    try:
        text: str = importlib.import_module("channels.email.layout").laid_out(_without_declaration(markup))
    except (ValueError, RecursionError, AssertionError, LookupError, AttributeError, TypeError):
        return _without_tags(markup)
    lines = [line.rstrip() for line in clean(text).replace("\xa0", " ").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _without_declaration(markup: str) -> str:
    """lxml refuses a str that declares an encoding."""
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", markup)


def _depth(markup: str) -> int:
    """An upper bound of the nesting: elements opened and not yet closed. One pass, no tree."""
    deepest = depth = 0
    for closing, name in _TAG.findall(markup):
        name = name.lower()
        if name in _VOID or name in _CLOSES_ITSELF:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _without_tags(markup: str) -> str:
    """Linear, whatever it is given."""
    bare = _DROPPED.sub("", markup[:READABLE])
    pieces = bare.split("<")
    words = [pieces[0], *(piece.partition(">")[2] for piece in pieces[1:])]
    return clean(html.unescape("\n".join(word.strip() for word in words if word.strip())))


def unflow(text: str, *, delete_space: bool) -> str:
    """Undoes format=flowed: soft line ends are joined within one quote depth (RFC 3676)."""
    out: list[list[str]] = []  # lines as pieces: adding to a long string again and again would be quadratic
    open_depth = -1  # quote depth of a line that goes on; -1: none does
    for line in text.split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body[1:] if body.startswith(" ") else body
        flows = body.endswith(" ") and body != "-- "
        kept = body[:-1] if flows and delete_space else body
        if open_depth == depth and body != "-- ":
            out[-1].append(kept)
        else:
            out.append([">" * depth + " " if depth else "", kept])
        open_depth = depth if flows else -1
    return "\n".join("".join(pieces) for pieces in out)
