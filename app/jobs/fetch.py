"""Fetches attachments from their providers, and asks channels who is writing (L13, L34)."""

import asyncio
import mimetypes

from sqlalchemy import select, update
from sqlmodel import col

from app import clock, feed, log
from app.actions import outbox
from app.models import Attachment, Identity, Message, Person, Thread
from app.parts import Parts
from app.queries.inboxes import Open
from channels.contract import Address, Fetches, Part, Profiles, TryAgain, Undeliverable

logger = log.get("fetch")
AT_ONCE = 8


class Fetch:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def step(self) -> int:
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


class AskNames:
    """New identities of channels that tell names: asked once, kept for the screens."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def step(self) -> int:
        latest = select(col(Thread.inbox_id)).where(col(Thread.identity_id) == col(Identity.id)).limit(1)
        query = select(Identity, latest.scalar_subquery()).where(col(Identity.profiled_at).is_(None)).limit(20)
        async with self._parts.database.read() as session:
            unknown = (await session.execute(query)).all()
        await asyncio.gather(*[self._ask(identity, inbox) for identity, inbox in unknown])
        return len(unknown)

    async def _ask(self, identity: Identity, inbox_id: int | None) -> None:
        opened = await self._parts.inboxes.by_id(inbox_id or 0)
        found = None
        if opened and isinstance(opened.channel, Profiles):
            asked = Address(kind=identity.kind, value=identity.value, scope=identity.scope)
            try:
                found = await opened.channel.profile(asked)
            except (TryAgain, Undeliverable) as unknown:
                logger.info("profile.unknown", identity=identity.id, code=unknown.code)
            except Exception as bug:
                logger.error("profile.bug", identity=identity.id, error=type(bug).__name__)
        await self._keep(identity, found)

    async def _keep(self, identity: Identity, found: Address | None) -> None:
        now = clock.utcnow()
        async with self._parts.database.write() as session:
            values = {"profiled_at": now}
            if found is not None:
                values |= {"name": found.name[:200], "picture_url": found.picture_url[:2000]}  # type: ignore[dict-item]
            await session.execute(update(Identity).where(col(Identity.id) == identity.id).values(**values))
            if found is None or not found.name:
                return
            person = await session.get_one(Person, identity.person_id)
            person.name = person.name or found.name[:200]
            person.language = person.language or found.language[:8]
            await session.flush()
            threads = select(col(Thread.ticket_id)).where(col(Thread.identity_id) == identity.id)
            for ticket in (await session.scalars(threads.order_by(col(Thread.id).desc()).limit(5))).all():
                await feed.record(session, feed.event("person.changed", now, ticket=ticket, person=person.id))
