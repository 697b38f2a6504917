"""What a visitor said, from the door's JSON to the contract's values. Pure, and never raises."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

import orjson

from channels.contract import Address, Chosen, Inbound, Item, Noticed, Part

UPLOAD = "upload:"  # `Part.remote` of a file that the visitor uploaded before: the app knows it by its public id


def parse_said(body: bytes, received_at: datetime, widget: str) -> Item:
    """One message. Body: {"visitor", "thread", "client_id", "text", "name"?, "email"?, "language"?, "page"?,
    "verified"?: {"sub", "email", "name", "company"}, "files"?: [{"public_id", "name", "media_type", "size"}]}."""
    said = _object(body)
    visitor, thread, client_id = (_word(said, name) for name in ("visitor", "thread", "client_id"))
    text, parts = _text(said), _parts(said)
    if not (visitor and thread and client_id and (text or parts)):
        return Noticed(code="chat.unsupported", at=received_at, conversation=thread)
    return Inbound(
        external_id=f"c:{visitor}:{client_id}",
        conversation=thread,
        sender=_sender(said, visitor, widget),
        sent_at=received_at,
        kind=_kind(text, parts),
        text=text,
        parts=parts,
        meta=_meta(said, client_id),
    )


def parse_chosen(body: bytes, received_at: datetime, widget: str) -> Item:
    """A tap on a choice. Body: {"visitor", "thread", "data", "verified"?}."""
    said = _object(body)
    visitor, thread, data = (_word(said, name, 250) for name in ("visitor", "thread", "data"))
    if not (visitor and thread and data):
        return Noticed(code="chat.unsupported", at=received_at, conversation=thread)
    return Chosen(sender=_sender(said, visitor, widget), conversation=thread, data=data, at=received_at)


def _sender(said: Mapping[str, Any], visitor: str, widget: str) -> Address:
    """Signed attributes win: what a visitor typed never overwrites what their site vouches for (W2)."""
    proven = said.get("verified")
    language = _word(said, "language", 16)
    if isinstance(proven, dict) and (sub := _word(proven, "sub", 200)):
        name = _word(proven, "name")
        return Address(kind="chat", scope=widget, value=f"u:{sub}", name=name, verified=True, language=language)
    return Address(kind="chat", value=visitor, name=_word(said, "name"), language=language)


def _meta(said: Mapping[str, Any], client_id: str) -> dict[str, Any]:
    """The client's own id, and claims that prove nothing: "name" and "email" as typed, the page they were on."""
    meta: dict[str, Any] = {"client_id": client_id}
    claims = {"name": _word(said, "name"), "email": _word(said, "email", 254), "page": _word(said, "page", 2000)}
    meta.update({name: value for name, value in claims.items() if value})
    proven = said.get("verified")
    if isinstance(proven, dict):
        words = {name: _word(proven, name, 254) for name in ("sub", "email", "name", "company")}
        meta["verified"] = {name: value for name, value in words.items() if value}
    return meta


def _parts(said: Mapping[str, Any]) -> tuple[Part, ...]:
    files = said.get("files")
    usable = files if isinstance(files, list) else []
    return tuple(_part(file) for file in usable if isinstance(file, dict) and _word(file, "public_id"))


def _part(file: Mapping[str, Any]) -> Part:
    size = file.get("size")
    return Part(
        name=PurePath(_word(file, "name", 255).replace("\\", "/")).name,
        media_type=_word(file, "media_type") or "application/octet-stream",
        remote=f"{UPLOAD}{_word(file, 'public_id')}",
        size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
    )


def _kind(text: str, parts: tuple[Part, ...]) -> str:
    """A message of files alone is of their kind, when all are of one."""
    if text or not parts:
        return "text"
    kinds = {part.media_type.partition("/")[0] for part in parts}
    only = kinds.pop() if len(kinds) == 1 else ""
    return only if only in ("image", "video", "audio") else "file"


def _text(said: Mapping[str, Any]) -> str:
    value = said.get("text")
    return value.replace("\0", "").replace("\r\n", "\n").strip() if isinstance(value, str) else ""


def _word(said: Mapping[str, Any], name: str, longest: int = 120) -> str:
    """A short value on one line: no control characters, cut at `longest`; "" when it is missing or no text."""
    value = said.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(char for char in value if char.isprintable()).strip()[:longest]


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
