"""The sample desk's articles, written and published as agents do it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.actions.knowledge import articles, categories, publishing
from app.models import Agent, Article, ArticleAudience, Confidence
from app.sample_learning import seed_learning
from demo.desk_articles import ARTICLES, CATEGORIES, Piece, Words


async def seed_knowledge(session: AsyncSession, agents: Mapping[str, int], now: datetime) -> None:
    """The agents must be there. Whoever owns an article wrote it; the lead validated and published it."""
    filed = {ja: (await categories.add(session, {"name_ja": ja, "name_en": en})).id for ja, en in CATEGORIES}
    lead = await session.get_one(Agent, agents["aoki"])
    for piece in ARTICLES:
        owner = await session.get_one(Agent, agents[piece.owner])
        at = now - timedelta(days=piece.days)
        given = {
            **_words(piece.ja),
            "locale": "ja",
            "audience": piece.audience,
            "category_ids": [filed[piece.category]],
        }
        made = await articles.add(session, given, by=owner, now=at)
        if piece.en:
            await articles.save(
                session, made.id, "en", {**_words(piece.en), "locale": "en", "version": 0}, by=owner, now=at
            )
        await _grown(session, made, piece, lead, at + timedelta(hours=3))
    await seed_learning(session, agents, now)


async def _grown(session: AsyncSession, made: Article, piece: Piece, lead: Agent, at: datetime) -> None:
    if piece.state == Confidence.WIP:
        return
    change = {"version": made.version, "state": piece.state}
    await articles.change(session, made.id, change, by=lead, now=at)
    if piece.outdated:
        words = {**_words(piece.ja), "locale": "ja", "version": 1, "note": "アプリ 4.3 に合わせた"}
        words["environment"] = words["environment"].replace("4.2", "4.3")
        await articles.save(session, made.id, "ja", words, by=lead, now=at)
    if piece.state != Confidence.VALIDATED or piece.audience == ArticleAudience.INTERNAL:
        return
    for locale in ("ja", "en") if piece.en else ("ja",):
        await publishing.publish(session, made.id, locale, (None, None), by=lead, now=at)


def _words(words: Words) -> dict[str, Any]:
    names = ("title", "issue", "environment", "cause", "resolution", "keywords", "slug")
    return {name: getattr(words, name) for name in names}
