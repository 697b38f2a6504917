"""Articles that can be found: by title, words and keywords of each language, and by the number that people say (KB-12)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Article, ArticleText, Event
from app.rules.search.document import Document, apart
from app.rules.search.snippet import found as found_in
from app.rules.search.snippet import snippet


async def documents(session: AsyncSession, numbers: Sequence[int]) -> list[Document]:
    rows = (await session.scalars(select(Article).where(col(Article.id).in_(numbers)))).all()
    texts = await _texts(session, numbers)
    return [
        Document(
            kind="article", number=each.id, at=each.created_at, scope="ticket.read",
            text=apart(f"KB-{each.id}", *(part for text in texts.get(each.id, ()) for part in (text.title, *_parts(text)))),
        )
        for each in rows
    ]  # fmt: skip


def _parts(text: ArticleText) -> tuple[str, ...]:
    return text.keywords, text.issue, text.environment, text.cause, text.resolution


async def _texts(session: AsyncSession, numbers: Sequence[int]) -> dict[int, list[ArticleText]]:
    query = select(ArticleText).where(col(ArticleText.article_id).in_(numbers)).order_by(col(ArticleText.id))
    found: dict[int, list[ArticleText]] = {}
    for text in (await session.scalars(query)).all():
        found.setdefault(text.article_id, []).append(text)
    return found


async def concerned(session: AsyncSession, events: Sequence[Event]) -> set[int]:
    return {int(e.params["article"]) for e in events if isinstance(e.params.get("article"), int)}


async def shown(session: AsyncSession, numbers: Sequence[int], marks: Sequence[str]) -> dict[int, dict[str, Any]]:
    """In the language in which it was found, else in its first."""
    rows = (await session.scalars(select(Article).where(col(Article.id).in_(numbers)))).all()
    texts = await _texts(session, numbers)
    found: dict[int, dict[str, Any]] = {}
    for each in rows:
        own = texts.get(each.id, [])
        text = max(own, key=lambda t: (_hits(t, marks), t.locale == each.locale), default=None)
        parts = [] if text is None else [part for part in _parts(text) if part]
        found[each.id] = {
            "ticket": None,
            "title": snippet(text.title if text else "", marks),
            "snippet": snippet(max(parts, key=lambda part: bool(found_in(part, marks)), default=""), marks),
            "at": each.created_at,
            "channel": "",
            "status": "",
            "author": f"KB-{each.id}",
            "audience": "",
        }
    return found


def _hits(text: ArticleText, marks: Sequence[str]) -> bool:
    return any(found_in(part, marks) for part in (text.title, *_parts(text)))
