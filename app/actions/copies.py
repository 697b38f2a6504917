"""Where else the bytes of a message stand: redelivered hooks and edits. They go with it when it is taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Update, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.rows import insert, row
from app.models import EarlyWord, HookState, Message, RawHook

COPY = "copy:"  # a word about a message: one more hook has it
GONE: dict[str, Any] = {"body": None, "file_key": "", "headers": {}, "url": "", "state": HookState.SCRUBBED}
Copy = tuple[int, str, int, int | None]  # inbox, external id, the raw hook, the message


def keep(connection: Connection, copies: Sequence[Copy], now: datetime) -> None:
    """Notes copies that came with redelivered hooks; those of a message that was taken back are emptied at once."""
    ids = [message for *_, message in copies if message is not None]
    query = select(col(Message.id)).where(col(Message.id).in_(ids), col(Message.unsent_at).is_not(None))
    unsent = set(connection.scalars(query).all())
    forget_now(connection, [raw for _, _, raw, message in copies if message in unsent])
    found = {(inbox, about, raw) for inbox, about, raw, message in copies if message not in unsent}
    words = [_word(inbox, about, raw, now) for inbox, about, raw in sorted(found)]
    insert(connection, EarlyWord, [{name: value for name, value in each.items() if name != "id"} for each in words])


def _word(inbox: int, about: str, raw: int, now: datetime) -> dict[str, Any]:
    return row(EarlyWord, inbox_id=inbox, about=about, word=f"{COPY}{raw}", params={"raw": raw}, at=now)


def forget_now(connection: Connection, raws: Sequence[int]) -> None:
    """The raw bytes of these hooks may not be kept."""
    if raws:
        connection.execute(_emptied(raws))


async def add(session: AsyncSession, inbox: int, about: str, raw: int | None, now: datetime) -> None:
    """An edit's hook has words of the message, too."""
    known = select(col(EarlyWord.id)).where(*_about(inbox, about), col(EarlyWord.word) == f"{COPY}{raw}")
    if raw is not None and await session.scalar(known) is None:
        session.add(EarlyWord(inbox_id=inbox, about=about, word=f"{COPY}{raw}", params={"raw": raw}, at=now))
        await session.flush()


async def forget(session: AsyncSession, inbox: int, about: str, *more: int | None) -> None:
    """Empties every hook that has bytes of this message, and what was said of it before it came."""
    words: Select[Any] = select(col(EarlyWord.word), col(EarlyWord.params)).where(*_about(inbox, about))
    raws = [params["raw"] for word, params in (await session.execute(words)).all() if word.startswith(COPY)]
    raws += [raw for raw in more if raw is not None]
    if raws:
        await session.execute(_emptied(raws))
    edits = (*_about(inbox, about), col(EarlyWord.word) == "edited")
    await session.execute(update(EarlyWord).where(*edits).values(params={"text": ""}))


def _about(inbox: int, about: str) -> tuple[Any, Any]:
    return col(EarlyWord.inbox_id) == inbox, col(EarlyWord.about) == about


def _emptied(raws: Sequence[int]) -> Update:
    return update(RawHook).where(col(RawHook.id).in_(raws)).values(**GONE)
