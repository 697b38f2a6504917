"""Removes the bytes of files that were taken back or never sent, when nothing else has them."""

import contextlib
import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.orm import Mapped
from sqlmodel import col

from app import clock
from app.actions import uploads
from app.models import Attachment, FileState, HookState, RawHook
from app.parts import Parts
from app.queries.success.harassment import unlocked

EVERY_S = 600.0
SETTLED_S = 600.0  # bytes that came again just now may belong to a message that is being written
MANY = 500
PUBLIC_ID = re.compile(rb"[0-9a-f]{32}")


class Sweep:
    """The rows forget their keys only when the bytes are gone: after a crash it goes on where it was."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._next = 0.0

    async def step(self) -> int:
        at = clock.monotonic()
        if at < self._next:
            return 0
        self._next = at + EVERY_S
        await self._give_up_unsent()
        held = or_(col(Attachment.file_key) != "", col(Attachment.preview_key) != "")
        query = select(Attachment).where(col(Attachment.state) == FileState.GONE, held, unlocked()).limit(MANY)
        async with self._parts.database.read() as session:
            gone = (await session.scalars(query)).all()
        done = [
            each.id for each in gone if all([await self._remove(k) for k in (each.file_key, each.preview_key) if k])
        ]
        if done:
            async with self._parts.database.write() as session:
                cleared = update(Attachment).where(col(Attachment.id).in_(done)).values(file_key="", preview_key="")
                await session.execute(cleared)
                empty = col(Attachment.file_key) == "", col(Attachment.preview_key) == ""
                of_nobody = _unsent(FileState.GONE), col(Attachment.id).in_(done)
                await session.execute(delete(Attachment).where(*of_nobody, *empty))
        return len(done)

    async def _give_up_unsent(self) -> None:
        """W11: what visitors handed in and never sent is gone after a day. What a dead letter names waits for its replay."""
        query = select(col(Attachment.id), col(Attachment.public_id)).order_by(col(Attachment.id)).limit(MANY)
        old = _unsent(FileState.READY), col(Attachment.created_at) < clock.utcnow() - uploads.UNSENT_FOR
        named: frozenset[bytes] | None = None
        last = 0
        while True:
            async with self._parts.database.read() as session:
                found = (await session.execute(query.where(*old, col(Attachment.id) > last))).all()
            if not found:
                return
            last = found[-1].id
            if named is None:
                named = await self._named_by_letters()
            orphans = [each.id for each in found if each.public_id.encode() not in named]
            if not orphans:
                continue
            async with self._parts.database.write() as session:  # asked again: a replay may have sent one meanwhile
                mine = _unsent(FileState.READY), col(Attachment.id).in_(orphans)
                await session.execute(update(Attachment).where(*mine).values(state=FileState.GONE))

    async def _named_by_letters(self) -> frozenset[bytes]:
        """The files that a visitor's failed message may name: uploads are named by our own doors only."""
        failed = col(RawHook.state) == HookState.FAILED, col(RawHook.method) == "DOOR"
        ids = select(col(RawHook.id)).where(*failed).order_by(col(RawHook.id))
        async with self._parts.database.read() as session:
            letters: Sequence[int] = (await session.scalars(ids)).all()
        found: set[bytes] = set()
        for number in letters:
            async with self._parts.database.read() as session:
                letter = await session.get(RawHook, number)
            if letter is None:
                continue
            with contextlib.suppress(FileNotFoundError):
                body = await self._parts.files.get(letter.file_key) if letter.file_key else letter.body or b""
                found.update(PUBLIC_ID.findall(body))
        return frozenset(found)

    async def _remove(self, key: str) -> bool:
        """False when it must wait."""
        settled = clock.utcnow().timestamp() - SETTLED_S
        if await self._parts.files.touched(key) > settled:
            return False
        if await self._used(key):
            return True
        return await self._parts.files.remove(key, settled)

    async def _used(self, key: str) -> bool:
        """The same bytes are kept once: by another file, as a preview, or as a hook's large body."""
        has = or_(_is(col(Attachment.file_key), key), _is(col(Attachment.preview_key), key))
        file = select(col(Attachment.id)).where(col(Attachment.state) != FileState.GONE, has).limit(1)
        hook = select(col(RawHook.id)).where(_is(col(RawHook.file_key), key)).limit(1)
        async with self._parts.database.read() as session:
            return await session.scalar(file) is not None or await session.scalar(hook) is not None


def _is(column: Mapped[str], key: str) -> ColumnElement[bool]:
    """As the partial indexes want it."""
    return and_(column == key, column != "")


def _unsent(state: FileState) -> ColumnElement[bool]:
    """A visitor's upload that no message has."""
    visitors = col(Attachment.remote).startswith(uploads.from_visitor(""), autoescape=True)
    return and_(col(Attachment.message_id).is_(None), visitors, col(Attachment.state) == state)
