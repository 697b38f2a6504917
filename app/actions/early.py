"""Words about a call that came before it did, because its beginning was late, or stands in the dead letters (T6)."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import EarlyWord
from app.text import storable
from channels.contract import CallUpdate, Part

CALL = "call:"  # and a digest of the word: the same word twice is kept once, two different ones at one time are both
ONE_BY_ONE = text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS BIGINT[])) AS key")


async def one_by_one(session: AsyncSession, calls: Iterable[tuple[int, str]]) -> None:
    """Of two processes that hear of one call, one its beginning and one its end, the second waits for the first: or
    neither would see what the other writes. `calls`: inbox and name. On SQLite writes are serial."""
    if (await session.connection()).dialect.name != "postgresql":
        return
    names = {f"{inbox}:{name}".encode() for inbox, name in calls}
    keys = sorted(int.from_bytes(blake2b(each, digest_size=8).digest(), signed=True) for each in names)
    if keys:
        await session.execute(ONE_BY_ONE, {"keys": keys})


async def keep(session: AsyncSession, inbox_id: int, item: CallUpdate) -> None:
    """`waiting` is a question and tells nothing."""
    if item.event == "waiting":
        return
    params = _stored(item)
    word = CALL + blake2b(json.dumps(params, sort_keys=True).encode(), digest_size=8).hexdigest()
    same = col(EarlyWord.inbox_id) == inbox_id, col(EarlyWord.about) == item.call, col(EarlyWord.word) == word
    if await session.scalar(select(col(EarlyWord.id)).where(*same, col(EarlyWord.at) == item.at)) is None:
        session.add(EarlyWord(inbox_id=inbox_id, about=item.call, word=word, at=item.at, params=params))
        await session.flush()


async def settle(session: AsyncSession, inbox_id: int, calls: Collection[str]) -> Sequence[CallUpdate]:
    """What was said of these calls, in the order in which it happened; it is not kept any longer."""
    mine = (
        col(EarlyWord.inbox_id) == inbox_id,
        col(EarlyWord.about).in_(calls),
        col(EarlyWord.word).startswith(CALL, autoescape=True),
    )
    query = select(EarlyWord).where(*mine).order_by(col(EarlyWord.at), col(EarlyWord.id))
    found = [_said(each.about, each.at, each.params) for each in (await session.scalars(query)).all()]
    if found:
        await session.execute(delete(EarlyWord).where(*mine))
    return found


def _stored(item: CallUpdate) -> dict[str, Any]:
    """A recording comes as an address, never as bytes."""
    params = {name: value for name, value in asdict(item).items() if name not in ("call", "at") and value is not None}
    if item.recording is not None:
        params["recording"].pop("content")
    stored: dict[str, Any] = storable(params)
    return stored


def _said(call: str, at: datetime, params: dict[str, Any]) -> CallUpdate:
    recording = params.get("recording")
    return CallUpdate(call=call, at=at, **{**params, "recording": Part(**recording) if recording else None})
