"""Articles as agents see them: lists with filters and search, one with all its texts, its versions and what changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Article, ArticleCategory, ArticleFiling, ArticleText, ArticleVersion, Confidence
from app.models.columns import table_of
from app.rules.knowledge import diff, life, search

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a list is asked for; None: all the same."""

    q: str = ""
    state: str | None = None
    audience: str | None = None
    category: int | None = None
    owner: int | None = None
    show: str | None = (
        None  # "review": review is due; "outdated": a translation is; "live"; "unpublished": newer than live
    )


async def listed(
    session: AsyncSession, wanted: Wanted, now: datetime, *, skip: int, limit: int
) -> tuple[list[Json], bool]:
    """A page, and whether there is more. With words the best first, else the latest change first."""
    query = _filtered(wanted, now)
    if wanted.q.strip():
        allowed = set((await session.scalars(query)).all())
        texts = {words.id: (number, words) for number, words in await corpus(session)}
        best: dict[int, float] = {}
        for text_id, score in search.find(wanted.q, (words for _, words in texts.values()), most=500):
            if (number := texts[text_id][0]) in allowed:
                best.setdefault(number, score)
        ids = list(best)[skip : skip + limit + 1]
    else:
        ordered = query.order_by(col(Article.updated_at).desc(), col(Article.id).desc())
        ids = list((await session.scalars(ordered.offset(skip).limit(limit + 1))).all())
    return await rows(session, ids[:limit], now), len(ids) > limit


def _filtered(wanted: Wanted, now: datetime) -> Select[int]:
    query = select(col(Article.id))
    if wanted.state is not None:
        query = query.where(col(Article.state) == wanted.state)
    elif not wanted.q.strip():
        query = query.where(col(Article.state) != Confidence.ARCHIVED)
    if wanted.audience is not None:
        query = query.where(col(Article.audience) == wanted.audience)
    if wanted.owner is not None:
        query = query.where(col(Article.owner_id) == wanted.owner)
    if wanted.category is not None:
        filed = col(ArticleFiling.article_id) == col(Article.id), col(ArticleFiling.category_id) == wanted.category
        query = query.where(exists().where(*filed))
    text = col(ArticleText.article_id) == col(Article.id)
    match wanted.show:
        case "review":
            query = query.where(col(Article.review_at) <= now, col(Article.state) != Confidence.ARCHIVED)
        case "live":
            query = query.where(exists().where(text, col(ArticleText.live_version).is_not(None)))
        case "unpublished":
            query = query.where(exists().where(text, col(ArticleText.live_version) < col(ArticleText.version)))
        case "outdated":
            source = table_of(ArticleText).alias("source")
            behind = source.c.article_id == col(Article.id), col(ArticleText.based_on) < source.c.version
            query = query.where(exists().where(text, source.c.locale == col(Article.locale), *behind))
    return query


async def corpus(session: AsyncSession) -> list[tuple[int, search.Words]]:
    """(article, its words) of each text, as agents have them."""
    found = (await session.scalars(select(ArticleText))).all()
    return [(each.article_id, words_of(each.id, each)) for each in found]


def words_of(number: int, text: ArticleText | ArticleVersion) -> search.Words:
    body = "\n".join((text.issue, text.environment, text.cause, text.resolution))
    return search.words_of(number, text.title, text.keywords, body)


async def rows(session: AsyncSession, ids: Sequence[int], now: datetime) -> list[Json]:
    """In the order of the ids."""
    found = {each.id: each for each in (await session.scalars(select(Article).where(col(Article.id).in_(ids)))).all()}
    texts = await _texts(session, ids)
    filed = await _filed(session, ids)
    return [_row(found[each], texts.get(each, []), filed.get(each, []), now) for each in ids if each in found]


async def one(session: AsyncSession, article_id: int, now: datetime) -> Json | None:
    """With its texts in full."""
    article = await session.get(Article, article_id)
    if article is None:
        return None
    texts = (await _texts(session, [article_id])).get(article_id, [])
    filed = await _filed(session, [article_id])
    more = {"created_by": article.created_by, "created_at": article.created_at, "validated_by": article.validated_by}
    row = _row(article, texts, filed.get(article_id, []), now)
    return {
        **row,
        **more,
        "validated_at": article.validated_at,
        "texts": [_full(article, each, texts) for each in texts],
    }


def _row(article: Article, texts: Sequence[ArticleText], filed: Sequence[int], now: datetime) -> Json:
    first = next((each for each in texts if each.locale == article.locale), None)
    return {
        "id": article.id, "locale": article.locale, "title": first.title if first else "", "state": article.state,
        "audience": article.audience, "owner_id": article.owner_id, "ticket": article.ticket_id,
        "review_at": article.review_at, "review_due": life.review_due(article.review_at, article.state, now),
        "version": article.version, "updated_at": article.updated_at, "category_ids": list(filed),
        "locales": [_brief(each, first) for each in texts],
    }  # fmt: skip


def _brief(text: ArticleText, first: ArticleText | None) -> Json:
    return {
        "locale": text.locale, "title": text.title, "live": text.live_version is not None,
        "changed": text.live_version is not None and text.live_version < text.version,
        "planned": text.publish_at is not None,
        "outdated": first is not None and life.is_outdated(text.based_on, first.version),
    }  # fmt: skip


def _full(article: Article, text: ArticleText, texts: Sequence[ArticleText]) -> Json:
    first = next((each for each in texts if each.locale == article.locale), None)
    fields = (
        "slug", "version", "based_on", "live_version", "published_at", "publish_at", "unpublish_at", "updated_by", "updated_at",
    )  # fmt: skip
    return {
        **_brief(text, first), **{name: getattr(text, name) for name in life.FIELDS}, **{n: getattr(text, n) for n in fields}
    }  # fmt: skip


async def _texts(session: AsyncSession, ids: Iterable[int]) -> dict[int, list[ArticleText]]:
    query = select(ArticleText).where(col(ArticleText.article_id).in_(list(ids))).order_by(col(ArticleText.id))
    found: dict[int, list[ArticleText]] = {}
    for each in (await session.scalars(query)).all():
        found.setdefault(each.article_id, []).append(each)
    return found


async def _filed(session: AsyncSession, ids: Iterable[int]) -> dict[int, list[int]]:
    query = select(ArticleFiling).where(col(ArticleFiling.article_id).in_(list(ids)))
    found: dict[int, list[int]] = {}
    for each in (await session.scalars(query.order_by(col(ArticleFiling.category_id)))).all():
        found.setdefault(each.article_id, []).append(each.category_id)
    return found


async def versions(session: AsyncSession, article_id: int, locale: str) -> list[Json]:
    """The newest first."""
    query = select(ArticleVersion).join(ArticleText, col(ArticleText.id) == col(ArticleVersion.text_id))
    query = query.where(col(ArticleText.article_id) == article_id, col(ArticleText.locale) == locale)
    found = (await session.scalars(query.order_by(col(ArticleVersion.number).desc()).limit(200))).all()
    return [
        {"number": each.number, "title": each.title, "note": each.note, "agent_id": each.agent_id, "at": each.at}
        for each in found
    ]


async def version(session: AsyncSession, article_id: int, locale: str, number: int) -> ArticleVersion | None:
    query = select(ArticleVersion).join(ArticleText, col(ArticleText.id) == col(ArticleVersion.text_id))
    query = query.where(col(ArticleText.article_id) == article_id, col(ArticleText.locale) == locale)
    return (await session.scalars(query.where(col(ArticleVersion.number) == number))).first()


def fields_of(found: ArticleVersion | None) -> Mapping[str, str]:
    """Its words; nothing before the first version."""
    return {name: getattr(found, name) if found else "" for name in life.FIELDS}


def difference(old: ArticleVersion | None, new: ArticleVersion) -> Json:
    return {
        "before": old.number if old else 0,
        "to": new.number,
        "fields": diff.between(fields_of(old), fields_of(new)),
    }


async def categories(session: AsyncSession) -> list[Json]:
    query = select(ArticleCategory).order_by(col(ArticleCategory.position), col(ArticleCategory.id))
    fields = ("id", "name_ja", "name_en", "position")
    return [{name: getattr(each, name) for name in fields} for each in (await session.scalars(query)).all()]


async def due(session: AsyncSession, now: datetime) -> bool:
    """Whether something was planned until now."""
    planned = or_(col(ArticleText.publish_at) <= now, col(ArticleText.unpublish_at) <= now)
    return await session.scalar(select(col(ArticleText.id)).where(planned).limit(1)) is not None
