"""What a customer's LINE message holds, kind by kind (domain 1.3). Pure and tolerant."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from channels.contract import Part

Json = Mapping[str, Any]

NAME_LENGTH = 200
UNSAFE = re.compile(r"[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # controls, direction overrides (E17)


class Seen(NamedTuple):
    """What a message says; `meta` is a fresh dict that the caller may add to."""

    kind: str
    text: str
    parts: tuple[Part, ...]
    meta: dict[str, Any]


def content_of(message: Json) -> Seen:
    """The kind, text, attachments and extras of a message; kind 'unsupported' for what is not known (L11)."""
    kind = message.get("type")
    read = READERS.get(kind) if type(kind) is str else None
    seen = read(message) if read else _unknown(kind)
    for theirs, ours in TOKENS:
        if type(token := message.get(theirs)) is str:
            seen.meta[ours] = token
    return seen


def clean_name(name: Any) -> str:
    """A file name without path, controls and direction overrides, NFC, at most 200 characters, its extension kept."""
    if not isinstance(name, str):
        return ""
    clean: str = unicodedata.normalize("NFC", UNSAFE.sub("", re.split(r"[/\\]", name)[-1])).strip(" .")
    if len(clean) <= NAME_LENGTH:
        return clean
    stem, dot, extension = clean.rpartition(".")
    if not dot or len(extension) > 20:
        return clean[:NAME_LENGTH]
    return stem[: NAME_LENGTH - len(extension) - 1] + dot + extension


def _unknown(kind: Any) -> Seen:
    return Seen("unsupported", "", (), {"type": kind if type(kind) is str else ""})


def _text(message: Json) -> Seen:
    text = message.get("text")
    if type(text) is not str:
        return _unknown("text")
    meta: dict[str, Any] = {}
    if type(emojis := message.get("emojis")) is list:
        meta["emojis"] = emojis
    if type(mention := message.get("mention")) is dict:
        meta["mention"] = mention
    return Seen("text", text, (), meta)


def _image(message: Json) -> Seen:
    found = message.get("imageSet")
    meta = {"image_set": found} if type(found) is dict else {}
    return Seen("image", "", (_part(message, "content", "image/jpeg"),), meta)


def _video(message: Json) -> Seen:
    return Seen("video", "", (_part(message, "media", "video/mp4"),), {})


def _audio(message: Json) -> Seen:
    return Seen("audio", "", (_part(message, "media", "audio/mp4"),), {})


def _file(message: Json) -> Seen:
    name = clean_name(message.get("fileName"))
    size = _whole(message.get("fileSize"))
    part = _part(message, "content", "application/octet-stream", name=name, size=size)
    return Seen("file", "", (part,), {})


def _location(message: Json) -> Seen:
    title, address = (value if type(value := message.get(key)) is str else "" for key in ("title", "address"))
    place = {"latitude": _number(message.get("latitude")), "longitude": _number(message.get("longitude"))}
    text = "\n".join(line for line in (title, address) if line)
    return Seen("location", text, (), {**place, "title": title, "address": address})


def _sticker(message: Json) -> Seen:
    """Its picture cannot be fetched: a sticker is shown by its own words, or by LINE's keywords for it."""
    text = message.get("text")
    words = message.get("keywords")
    known = {key: message[key] for key in ("packageId", "stickerId") if type(message.get(key)) is str}
    meta = {"keywords": [word for word in words if type(word) is str] if type(words) is list else [], "sticker": known}
    return Seen("sticker", text if type(text) is str else "", (), meta)


def _part(message: Json, road: str, media_type: str, *, name: str = "", size: int | None = None) -> Part:
    """Where the bytes are: 'content:id', 'media:id' (LINE converts these first) or 'external:url' (L13)."""
    provider = message.get("contentProvider")
    remote = f"{road}:{message.get('id')}"
    if type(provider) is dict and provider.get("type") == "external":
        url = provider.get("originalContentUrl")
        remote = f"external:{url}" if type(url) is str else "external:"
    return Part(name=name, media_type=media_type, remote=remote, size=size, duration_ms=_whole(message.get("duration")))


def _whole(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < 2**53 else None


def _number(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and abs(value) <= 180 else None


TOKENS = (("quoteToken", "quote_token"), ("markAsReadToken", "read_token"))  # L27, L28
READERS: Mapping[str, Callable[[Json], Seen]] = {
    "text": _text,
    "image": _image,
    "video": _video,
    "audio": _audio,
    "file": _file,
    "location": _location,
    "sticker": _sticker,
}
