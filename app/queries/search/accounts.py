"""Accounts that can be found: by name, mail domain and note."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Account, Event, Ticket
from app.rules.search.document import Document, apart
from app.rules.search.snippet import snippet


async def documents(session: AsyncSession, numbers: Sequence[int]) -> list[Document]:
    rows = (await session.scalars(select(Account).where(col(Account.id).in_(numbers)))).all()
    return [
        Document(
            kind="account", number=each.id, at=each.created_at, scope="person.read", named=each.name,
            text=apart(each.name, each.domain, each.note),
        )
        for each in rows
    ]  # fmt: skip


async def concerned(session: AsyncSession, events: Sequence[Event]) -> set[int]:
    return {int(e.params["account"]) for e in events if isinstance(e.params.get("account"), int)}


async def shown(session: AsyncSession, numbers: Sequence[int], marks: Sequence[str]) -> dict[int, dict[str, Any]]:
    rows = (await session.scalars(select(Account).where(col(Account.id).in_(numbers)))).all()
    return {
        each.id: {
            "ticket": await _latest(session, each.id),
            "title": snippet(each.name, marks),
            "snippet": snippet(each.domain, marks),
            "at": each.created_at,
            "channel": "",
            "status": "",
            "author": "",
            "audience": "",
        }
        for each in rows
    }


async def _latest(session: AsyncSession, account: int) -> int | None:
    query = select(col(Ticket.id)).where(col(Ticket.account_id) == account).order_by(col(Ticket.id).desc()).limit(1)
    return await session.scalar(query)
