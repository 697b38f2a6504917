"""Messages that quote another (L27): which one, and by which of the provider's tokens."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Message
from app.models.columns import table_of
from app.text import preview

QUOTED = select(table_of(Message)).where(col(Message.external_id).in_(bindparam("names", expanding=True)))


def token(meta: dict[str, Any], memory: dict[str, Any]) -> str:
    """By which a message can be quoted: the provider told it with what came in, or when it took what went out."""
    given = memory.get("quote_tokens") or ()
    return str(meta.get("quote_token") or (given[0] if given else ""))


async def outgoing_token(session: AsyncSession, message: Message) -> str:
    """For a message that is about to leave; "" when what it quotes has been taken back meanwhile."""
    name = message.meta.get("quotes")
    if not name:
        return ""
    query = select(Message).where(col(Message.inbox_id) == message.inbox_id, col(Message.external_id) == name)
    found = (await session.scalars(query)).first()
    return token(found.meta, found.memory) if found is not None and found.unsent_at is None else ""


def shown_in(connection: Connection, messages: Sequence[dict[str, Any]]) -> None:
    """Puts what each of these quotes beside it. What we do not have is shown as unknown: it cannot be fetched again."""
    names = {each["meta"]["quotes"] for each in messages if each["meta"].get("quotes")}
    if not names:
        return
    rows = connection.execute(QUOTED, {"names": sorted(names)}).mappings()
    found = {(each["inbox_id"], each["external_id"]): each for each in rows}
    for each in messages:
        if name := each["meta"].get("quotes"):
            each["quoted"] = _brief(found.get((each["inbox_id"], name)))


def _brief(row: Any | None) -> dict[str, Any]:
    if row is None:
        return {"id": None, "author": "", "kind": "", "text": ""}
    gone = row["unsent_at"] is not None
    text = "" if gone else preview(row["text"])
    return {"id": row["id"], "author": row["author"], "kind": "unsent" if gone else row["kind"], "text": text}
