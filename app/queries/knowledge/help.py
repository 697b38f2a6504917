"""What customers may read: published versions only, and what is for customers only by its own link."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    Article,
    ArticleAudience,
    ArticleCategory,
    ArticleFiling,
    ArticleSlug,
    ArticleText,
    ArticleVersion,
    Confidence,
)
from app.queries.knowledge.articles import words_of
from app.rules.knowledge import search
from app.rules.knowledge.help_page import Entry, address
from app.security import Vault

PURPOSE, FEEDBACK = "article", "article-feedback"  # of signatures
EVERYBODY = (ArticleAudience.PUBLIC,)
CUSTOMERS = (ArticleAudience.PUBLIC, ArticleAudience.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Live:
    """A text and the version of it that customers see."""

    article: Article
    text: ArticleText
    version: ArticleVersion

    @property
    def public(self) -> bool:
        return self.article.audience == ArticleAudience.PUBLIC


def shared(url: str, vault: Vault, article_id: int, locale: str) -> str:
    """Where an article for customers can be read: who has the link may."""
    return f"{url}/help/{locale}/shared/{article_id}-{vault.sign(PURPOSE, str(article_id))}"


def number_of(token: str, vault: Vault, purpose: str) -> int | None:
    """The number in a signed token; None when we did not sign it."""
    number, _, signature = token.partition("-")
    genuine = number.isascii() and number.isdigit() and len(number) <= 18
    return int(number) if genuine and vault.signed(purpose, number, signature) else None


def _live(audiences: Sequence[str]) -> Any:
    """The only way to what customers see: the filter stands in the query, not behind it."""
    shown = and_(
        col(ArticleVersion.text_id) == col(ArticleText.id), col(ArticleVersion.number) == col(ArticleText.live_version)
    )
    query = select(Article, ArticleText, ArticleVersion).join(
        ArticleText, col(ArticleText.article_id) == col(Article.id)
    )
    query = query.join(ArticleVersion, shown).where(col(Article.audience).in_(audiences))
    return query.where(col(Article.state) == Confidence.VALIDATED)


async def everything(session: AsyncSession) -> list[Live]:
    """All that is public, the newest first."""
    found = await session.execute(_live(EVERYBODY).order_by(col(ArticleText.published_at).desc(), col(ArticleText.id)))
    return [Live(*row) for row in found.all()]


async def by_slug(session: AsyncSession, locale: str, slug: str) -> Live | None:
    query = _live(EVERYBODY).where(col(ArticleText.locale) == locale, col(ArticleText.slug) == slug)
    row = (await session.execute(query)).first()
    return Live(*row) if row else None


async def moved(session: AsyncSession, locale: str, slug: str) -> str | None:
    """The address of today for one of before; None when there is nothing public there."""
    old = select(col(ArticleSlug.article_id)).where(col(ArticleSlug.locale) == locale, col(ArticleSlug.slug) == slug)
    query = _live(EVERYBODY).where(col(Article.id).in_(old), col(ArticleText.locale) == locale)
    row = (await session.execute(query)).first()
    return address(locale, row[1].slug) if row else None


async def by_number(session: AsyncSession, article_id: int) -> list[Live]:
    """What customers with a link may read, in every language."""
    found = await session.execute(_live(CUSTOMERS).where(col(Article.id) == article_id))
    return [Live(*row) for row in found.all()]


async def by_text(session: AsyncSession, text_id: int) -> Live | None:
    row = (await session.execute(_live(CUSTOMERS).where(col(ArticleText.id) == text_id))).first()
    return Live(*row) if row else None


async def entries(session: AsyncSession, found: Sequence[Live], locale: str) -> list[Entry]:
    """One for each article: in the reader's language, or else in the one there is (K6)."""
    names = "name_en" if locale == "en" else "name_ja"
    query = select(col(ArticleFiling.article_id), ArticleCategory).join(
        ArticleCategory, col(ArticleCategory.id) == col(ArticleFiling.category_id)
    )
    filed: dict[int, list[str]] = {}
    for number, category in (await session.execute(query)).all():
        filed.setdefault(number, []).append(getattr(category, names) or category.name_ja)
    chosen: dict[int, Live] = {}
    for each in found:
        if each.article.id not in chosen or each.text.locale == locale:
            chosen[each.article.id] = each
    return [
        Entry(
            title=each.version.title, locale=each.text.locale, slug=each.text.slug, categories=tuple(filed.get(number, ()))
        )
        for number, each in chosen.items()
    ]  # fmt: skip


async def categories(session: AsyncSession, locale: str) -> list[str]:
    query = select(ArticleCategory).order_by(col(ArticleCategory.position), col(ArticleCategory.id))
    found = (await session.scalars(query)).all()
    return [(each.name_en if locale == "en" else each.name_ja) or each.name_ja for each in found]


async def sought(session: AsyncSession, q: str, locale: str, most: int = 30) -> list[Entry]:
    """The best first, whatever the language of its words; each article once."""
    found = {each.text.id: each for each in await everything(session)}
    best = search.find(q, (words_of(number, each.version) for number, each in found.items()), most=200)
    order = list(dict.fromkeys(found[number].article.id for number, _ in best))[:most]
    shown = [each for each in found.values() if each.article.id in order]
    ranked = sorted(shown, key=lambda each: order.index(each.article.id))
    return await entries(session, ranked, locale)
