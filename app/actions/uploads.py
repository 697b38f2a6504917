"""Files that agents and visitors hand in: stored first, then a row, then a message that takes them."""

import mimetypes
import re
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.files import Files
from app.models import Attachment, FileState
from app.text import plain

UNSENT_FOR = timedelta(days=1)  # a visitor's file that no message has by then is removed by jobs/sweep.py
SENDABLE_FOR = UNSENT_FOR - timedelta(hours=1)  # no message takes one that is about to be removed
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")
_TYPE = re.compile(r"^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$")


@dataclass(frozen=True, slots=True)
class Kept:
    name: str
    media_type: str
    size: int
    file_key: str
    preview_key: str


def safe_name(name: str) -> str:
    """A name without a path, control or direction characters, NFC, at most 200 characters with its extension (E17)."""
    clean = _UNSAFE.sub("_", unicodedata.normalize("NFC", plain(name))).strip(". ") or "file"
    stem, dot, end = clean.rpartition(".")
    if len(clean) <= 200:
        return clean
    return f"{stem[: 199 - len(end)]}.{end}" if dot and len(end) <= 20 else clean[:200]


async def keep(files: Files, content: bytes, name: str, media_type: str) -> Kept:
    """Stores the bytes; the media type is checked against its form only: it is never trusted when served."""
    given = media_type.split(";")[0].strip().lower()
    kind = given if _TYPE.match(given) else mimetypes.guess_type(name)[0] or "application/octet-stream"
    key = await files.put(content)
    return Kept(safe_name(name), kind[:120], len(content), key, await files.preview(content, kind))


def from_visitor(visitor: str) -> str:
    """Where a visitor's upload comes from."""
    return f"visitor:{visitor}"


async def add(
    session: AsyncSession, kept: Kept, *, agent_id: int | None, now: datetime, visitor: str = ""
) -> Attachment:
    """A row that no message has yet. Only its agent, or its visitor by their public id, may send it."""
    made = Attachment(
        public_id=uuid.uuid4().hex,
        agent_id=agent_id,
        remote=from_visitor(visitor) if visitor else "",
        name=kept.name,
        media_type=kept.media_type,
        size=kept.size,
        file_key=kept.file_key,
        preview_key=kept.preview_key,
        state=FileState.READY,
        created_at=now,
    )
    session.add(made)
    await session.flush()
    return made
