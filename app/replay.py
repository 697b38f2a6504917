"""Reading a kept hook again, after a bug of ours is mended: nothing a customer sent is lost to it."""

from sqlalchemy import update
from sqlmodel import col

from app.models import HookState, RawHook
from app.parts import Parts
from channels.contract import Hook


async def replay(parts: Parts, raw_id: int) -> tuple[str | None, str]:
    """(the state after it, the error); (None, "") when there is no such failed hook."""
    async with parts.database.read() as session:
        raw = await session.get(RawHook, raw_id)
    opened = await parts.inboxes.by_id(raw.inbox_id) if raw else None
    if raw is None or raw.state != HookState.FAILED or opened is None or opened.channel is None:
        return None, ""
    async with parts.database.write() as session:
        await session.execute(
            update(RawHook).where(col(RawHook.id) == raw_id).values(attempts=col(RawHook.attempts) + 1)
        )
    try:
        body = await parts.files.get(raw.file_key) if raw.file_key else (raw.body or b"")
        hook = Hook(
            route=raw.route, body=body, received_at=raw.received_at, headers=raw.headers, method=raw.method, url=raw.url
        )
        opened.channel.parse(hook)
    except Exception as still:
        error = f"{type(still).__name__}: {still}"[:500]
        async with parts.database.write() as session:
            await session.execute(update(RawHook).where(col(RawHook.id) == raw_id).values(error=error))
        return HookState.FAILED, error
    await parts.take(opened.brief, opened.channel, hook, raw_id=raw_id)
    async with parts.database.read() as session:
        after = await session.get_one(RawHook, raw_id)
    return after.state, after.error
