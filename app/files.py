"""The file store: bytes by their SHA-256, on a local disk. The same bytes are kept once; a write is durable when it returns."""

import asyncio
import contextlib
import hashlib
import importlib
import math
import os
import secrets
from pathlib import Path

PREVIEW_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})


class Files:
    """`key` is the SHA-256 in hex; unknown keys raise FileNotFoundError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._one = asyncio.Semaphore(1)  # a picture of many pixels takes 400 MB while it is opened

    def path(self, key: str) -> Path:
        if len(key) != 64 or not key.isalnum():
            raise FileNotFoundError(key)
        return self.folder / key[:2] / key

    async def put(self, content: bytes) -> str:
        return await asyncio.to_thread(self._put, content)

    async def get(self, key: str) -> bytes:
        return await asyncio.to_thread(self.path(key).read_bytes)

    async def remove(self, key: str, since: float = math.inf) -> bool:
        """False when the bytes were stored again after `since` (seconds since 1970): somebody relies on them now."""
        return await asyncio.to_thread(self._remove, key, since)

    async def touched(self, key: str) -> float:
        """When these bytes were stored last, in seconds since 1970; 0 when they are not there."""
        path = self.path(key)
        return (await asyncio.to_thread(path.stat)).st_mtime if path.exists() else 0.0

    async def preview(self, content: bytes, media_type: str) -> str:
        """The key of a JPEG of at most 1024 px and 1 MB; empty when the bytes are no picture we can open."""
        if media_type not in PREVIEW_TYPES:
            return ""
        async with self._one:
            small = await asyncio.to_thread(_shrunk, content)
        return await self.put(small) if small else ""

    def _put(self, content: bytes) -> str:
        key = hashlib.sha256(content).hexdigest()
        path = self.path(key)
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)  # it is there, and new again: nobody may sweep it away now
            return key
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{key}.{secrets.token_hex(4)}")
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        return key

    def _remove(self, key: str, since: float) -> bool:
        path = self.path(key)
        aside = path.with_name(f"{key}.{secrets.token_hex(4)}")  # from now on, who stores these bytes writes them anew
        try:
            path.rename(aside)
        except FileNotFoundError:
            return True
        if aside.stat().st_mtime > since:  # stored again just before
            aside.replace(path)
            return False
        aside.unlink()
        return True


def _shrunk(content: bytes) -> bytes:
    """Pillow is loaded with the first picture: a server at rest does without its 4 MB."""
    small: bytes = importlib.import_module("app.pictures").shrink(content)
    return small
