"""Fetches attachments from their providers, and asks channels who is writing (L13, L34)."""

import asyncio
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from app import clock, log
from app.actions import names, outbox
from app.models import Attachment, Message
from app.parts import Parts
from app.queries.inboxes import Open
from channels.contract import Address, Fetches, Part, Profiles, TryAgain, Undeliverable

logger = log.get("fetch")
AT_ONCE = 8
ASKED_AT_ONCE = 20
TOGETHER_S = 0.2  # answers that come within it share a commit: many strangers at once must not hold up the doors


class Fetch:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def step(self) -> int:
        async with self._parts.database.read() as session:
            if not await outbox.any_files_due(session, clock.utcnow()):
                return 0
        async with self._parts.database.write() as session:
            files = await outbox.claim_files(session, clock.utcnow(), AT_ONCE)
        await asyncio.gather(*[self._file(each) for each in files])
        return len(files)

    async def _file(self, file_id: int) -> None:
        async with self._parts.database.read() as session:
            file = await session.get_one(Attachment, file_id)
            message = await session.get_one(Message, file.message_id)
            opened = await self._parts.inboxes.by_id(message.inbox_id or 0)
        try:
            found = await self._fetch(opened, file)
        except Exception as error:
            async with self._parts.database.write() as session:
                await outbox.file_failed(session, file_id, error, clock.utcnow())
            if not isinstance(error, TryAgain | Undeliverable):
                logger.error("fetch.bug", file=file_id, error=type(error).__name__)
            return
        async with self._parts.database.write() as session:
            await outbox.file_ready(session, file_id, clock.utcnow(), **found)

    async def _fetch(self, opened: Open | None, file: Attachment) -> dict[str, object]:
        if opened is None or not isinstance(opened.channel, Fetches):
            raise Undeliverable("inbox_disabled")
        part = Part(name=file.name, media_type=file.media_type, remote=file.remote, size=file.size)
        found = await opened.channel.fetch(part)
        media_type = (found.media_type or file.media_type).split(";")[0].strip().lower()[:120]
        key = await self._parts.files.put(found.content)
        name = file.name or found.name or f"file{mimetypes.guess_extension(media_type) or ''}"
        return {
            "file_key": key,
            "preview_key": await self._parts.files.preview(found.content, media_type),
            "media_type": media_type,
            "size": len(found.content),
            "name": name[:255],
        }


@dataclass(frozen=True, slots=True)
class Said:
    """What a channel said of an identity; `again`: nothing yet."""

    id: int
    found: Address | None = None
    again: bool = False
    after: float | None = None  # seconds


class AskNames:
    """New identities of channels that tell names: asked until there is an answer, kept for the screens."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def step(self) -> int:
        database = self._parts.database
        async with database.read() as session:
            if not await names.any_unasked(session, clock.utcnow()):
                return 0
        unknown = await database.bulk(partial(names.claim, now=clock.utcnow(), most=ASKED_AT_ONCE))
        asking = [asyncio.create_task(self._ask(each)) for each in unknown]
        try:
            while asking:
                await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(TOGETHER_S)
                answered = [task.result() for task in asking if task.done()]
                asking = [task for task in asking if not task.done()]
                await self._keep(answered)
        finally:
            for task in asking:
                task.cancel()
        return len(unknown)

    async def _keep(self, answered: Sequence[Said]) -> None:
        found = {each.id: each.found for each in answered if not each.again}
        later = {each.id: each.after for each in answered if each.again}
        if found:
            await self._parts.database.bulk(partial(names.told, found=found, now=clock.utcnow()))
        if later:
            await self._parts.database.bulk(partial(names.unanswered, given=later, now=clock.utcnow()))

    async def _ask(self, identity: names.Unasked) -> Said:
        try:
            return Said(identity.id, await self._profile(identity))
        except TryAgain as error:
            logger.info("profile.later", identity=identity.id, code=error.code)
            return Said(identity.id, again=True, after=error.after)
        except Exception as error:
            logger.error("profile.bug", identity=identity.id, error=type(error).__name__)
            return Said(identity.id, again=True)

    async def _profile(self, identity: names.Unasked) -> Address | None:
        """The channel where they last wrote; who only followed us has written nowhere: then any that may know them."""
        for opened in await self._parts.inboxes.all():
            fits = opened.row.id == identity.inbox_id if identity.inbox_id else opened.row.kind == identity.address.kind
            if not fits or not isinstance(opened.channel, Profiles):
                continue
            try:
                if found := await opened.channel.profile(identity.address):
                    return found
            except Undeliverable as unknown:
                logger.info("profile.unknown", identity=identity.id, code=unknown.code)
        return None
