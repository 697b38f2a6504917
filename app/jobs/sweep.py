"""Removes the bytes of files that were taken back, when no other message has them."""

from sqlalchemy import or_, select, update
from sqlmodel import col

from app import clock
from app.models import Attachment, FileState
from app.parts import Parts

EVERY_S = 600.0
SETTLED_S = 600.0  # bytes that came again just now may belong to a message that is being written
MANY = 500


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
        held = or_(col(Attachment.file_key) != "", col(Attachment.preview_key) != "")
        query = select(Attachment).where(col(Attachment.state) == FileState.GONE, held).limit(MANY)
        async with self._parts.database.read() as session:
            gone = (await session.scalars(query)).all()
        done = [
            each.id for each in gone if all([await self._remove(k) for k in (each.file_key, each.preview_key) if k])
        ]
        if done:
            async with self._parts.database.write() as session:
                cleared = update(Attachment).where(col(Attachment.id).in_(done)).values(file_key="", preview_key="")
                await session.execute(cleared)
        return len(done)

    async def _remove(self, key: str) -> bool:
        """False when it must wait."""
        if await self._parts.files.touched(key) > clock.utcnow().timestamp() - SETTLED_S:
            return False
        has = or_(col(Attachment.file_key) == key, col(Attachment.preview_key) == key)
        used = select(col(Attachment.id)).where(col(Attachment.state) != FileState.GONE, has).limit(1)
        async with self._parts.database.read() as session:
            if await session.scalar(used) is not None:
                return True
        await self._parts.files.remove(key)
        return True
