"""Writing articles: the first text, translations, every change a version; two editors never overwrite each other."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app import feed
from app.actions.desk import NoSuchAgent, NoTicket
from app.actions.knowledge.publishing import withdraw
from app.errors import Conflict, Invalid, Missing
from app.models import (
    Agent,
    Article,
    ArticleAudience,
    ArticleCategory,
    ArticleFiling,
    ArticleSlug,
    ArticleText,
    ArticleVersion,
    Attachment,
    Confidence,
    FileState,
    Ticket,
)
from app.rules.knowledge import life, slugs
from app.rules.knowledge.markdown import files_of
from app.rules.permissions import may
from app.text import plain


class NoArticle(Missing):
    """There is no such article."""


class ArticleChanged(Conflict):
    """Somebody else has changed this article in the meantime."""


class NoSuchPicture(Invalid):
    """A picture must be an image that an agent has uploaded for it."""


class NoSuchCategory(Invalid):
    """There is no such category."""


class SlugTaken(Conflict):
    """Another article has this address."""


async def locked(session: AsyncSession, article_id: int) -> Article:
    """NoArticle."""
    query = select(Article).where(col(Article.id) == article_id).with_for_update()
    found = (await session.scalars(query)).first()
    if found is None:
        raise NoArticle
    return found


async def text_of(session: AsyncSession, article_id: int, locale: str) -> ArticleText | None:
    query = select(ArticleText).where(col(ArticleText.article_id) == article_id, col(ArticleText.locale) == locale)
    return (await session.scalars(query)).first()


async def add(session: AsyncSession, given: Mapping[str, Any], *, by: Agent, now: datetime) -> Article:
    """`given`: the text's fields, locale, audience, category_ids, ticket. What is not said is internal and in progress."""
    if given.get("ticket") is not None and await session.get(Ticket, given["ticket"]) is None:
        raise NoTicket
    made = Article(
        locale=given["locale"], audience=given.get("audience") or ArticleAudience.INTERNAL, owner_id=by.id,
        ticket_id=given.get("ticket"), created_by=by.id, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    await _file(session, made, given.get("category_ids") or ())
    await _write(session, made, None, given, by=by, now=now)
    await _say(session, "article.added", made, by, now, locale=made.locale)
    return made


async def save(
    session: AsyncSession, article_id: int, locale: str, given: Mapping[str, Any], *, by: Agent, now: datetime
) -> ArticleText:
    """One language's text. `given["version"]`: the one that was edited, 0 for a new translation. ArticleChanged."""
    article = await locked(session, article_id)
    text = await text_of(session, article_id, locale)
    if given["version"] != (text.version if text else 0):
        raise ArticleChanged(version=text.version if text else 0, by=text.updated_by if text else None)
    saved = await _write(session, article, text, given, by=by, now=now)
    article.updated_at = now
    await session.flush()
    await _say(session, "article.changed", article, by, now, locale=locale, version=saved.version)
    return saved


async def _write(
    session: AsyncSession,
    article: Article,
    text: ArticleText | None,
    given: Mapping[str, Any],
    *,
    by: Agent,
    now: datetime,
) -> ArticleText:
    fields: dict[str, Any] = {name: plain(given.get(name) or "") for name in life.FIELDS}
    life.check_text(fields["title"], fields["issue"], fields["resolution"])
    await _check_pictures(session, [fields[name] for name in life.PARTS])
    locale = text.locale if text else given["locale"]
    slug = await _slug(session, article, text, locale, given)
    if text is None:
        text = ArticleText(article_id=article.id, locale=locale, slug=slug, title="", version=0, updated_at=now)
        session.add(text)
    elif slug != text.slug:
        await _renamed(session, text, slug)
    for name, value in fields.items():
        setattr(text, name, value)
    text.version, text.updated_by, text.updated_at = text.version + 1, by.id, now
    await _relate(session, article, text, given)
    await session.flush()
    session.add(
        ArticleVersion(
            text_id=text.id, number=text.version, note=plain(given.get("note") or ""), agent_id=by.id, at=now, **fields
        )
    )  # fmt: skip
    await session.flush()
    return text


async def _relate(session: AsyncSession, article: Article, text: ArticleText, given: Mapping[str, Any]) -> None:
    """K6: a translation says which version it translates; a small change of the first text leaves translations current."""
    if text.locale != article.locale:
        source = await text_of(session, article.id, article.locale)
        if source is not None and (text.based_on is None or given.get("current", True)):
            text.based_on = source.version
    elif given.get("minor"):
        current = col(ArticleText.article_id) == article.id, col(ArticleText.based_on) == text.version - 1
        await session.execute(update(ArticleText).where(*current).values(based_on=text.version))


async def _check_pictures(session: AsyncSession, parts: Iterable[str]) -> None:
    """Only what an agent uploaded for it: a customer's file must not come out on a public page."""
    wanted = set().union(*(files_of(part) for part in parts))
    if not wanted:
        return
    query = select(col(Attachment.public_id)).where(
        col(Attachment.public_id).in_(wanted), col(Attachment.agent_id).is_not(None), col(Attachment.message_id).is_(None),
        col(Attachment.state) == FileState.READY, col(Attachment.media_type).like("image/%"),
    )  # fmt: skip
    if missing := wanted - set((await session.scalars(query)).all()):
        raise NoSuchPicture(files=sorted(missing))


async def _slug(
    session: AsyncSession, article: Article, text: ArticleText | None, locale: str, given: Mapping[str, Any]
) -> str:
    """The one that was asked for, or the first from its title. A title that changes later moves nothing. SlugTaken."""
    asked = slugs.slug_of(given.get("slug") or "")
    if text is not None and asked in ("", text.slug):
        return text.slug
    wanted = asked or slugs.slug_of(given["title"]) or f"kb-{article.id}"
    taken = await _taken(session, locale, wanted, article.id)
    if asked and asked in taken:
        raise SlugTaken(slug=asked)
    return slugs.free(wanted, taken)


async def _taken(session: AsyncSession, locale: str, wanted: str, mine: int) -> set[str]:
    """Addresses of others that begin so, those included that lead on."""
    found: set[str] = set()
    for model in (ArticleText, ArticleSlug):
        query = select(col(model.slug)).where(
            col(model.locale) == locale, col(model.article_id) != mine, col(model.slug).startswith(wanted, autoescape=True)
        )  # fmt: skip
        found |= set((await session.scalars(query)).all())
    return found


async def _renamed(session: AsyncSession, text: ArticleText, slug: str) -> None:
    """The old address leads to the new one; a rename back takes the address from the list of old ones."""
    back = col(ArticleSlug.locale) == text.locale, col(ArticleSlug.slug) == slug
    await session.execute(delete(ArticleSlug).where(*back))
    session.add(ArticleSlug(locale=text.locale, slug=text.slug, article_id=text.article_id))
    text.slug = slug


async def change(
    session: AsyncSession, article_id: int, given: Mapping[str, Any], *, by: Agent, now: datetime
) -> Article:
    """`given`: version, and any of state, audience, owner_id, review_at, category_ids. ArticleChanged."""
    article = await locked(session, article_id)
    if given["version"] != article.version:
        raise ArticleChanged(version=article.version, by=None)
    if given.get("state"):
        await _step(session, article, given["state"], by=by, now=now)
    if given.get("audience"):
        await _meant_for(session, article, given["audience"], by=by, now=now)
    if "owner_id" in given:
        await _owned(session, article, given["owner_id"])
    if "review_at" in given:
        article.review_at = given["review_at"]
    if given.get("category_ids") is not None:
        await _file(session, article, given["category_ids"])
    article.version, article.updated_at = article.version + 1, now
    await session.flush()
    if not life.stays_live(article.state, article.audience):
        await withdraw(session, article, by=by.id, now=now)
    await _say(session, "article.changed", article, by, now, state=article.state, audience=article.audience)
    return article


async def _step(session: AsyncSession, article: Article, to: str, *, by: Agent, now: datetime) -> None:
    source = await text_of(session, article.id, article.locale)
    resolved = bool(source and source.resolution.strip())
    life.check_step(article.state, to, resolved=resolved, publisher=may(by.role, life.PUBLISH))
    if to == Confidence.VALIDATED and article.state != to:
        article.validated_at, article.validated_by = now, by.id
        article.review_at = now + life.REVIEW_AFTER
    article.state = to


async def _meant_for(session: AsyncSession, article: Article, audience: str, *, by: Agent, now: datetime) -> None:
    """Whom customers' eyes may reach is decided by who may publish, once something can be seen or soon will."""
    if audience == article.audience:
        return
    shown = col(ArticleText.live_version).is_not(None) | col(ArticleText.publish_at).is_not(None)
    query = select(col(ArticleText.id)).where(col(ArticleText.article_id) == article.id, shown)
    if (await session.scalars(query)).first() is not None and not may(by.role, life.PUBLISH):
        raise life.MayNotPublish(permission=life.PUBLISH)
    article.audience = audience


async def _owned(session: AsyncSession, article: Article, owner_id: int | None) -> None:
    if owner_id is not None:
        owner = await session.get(Agent, owner_id)
        if owner is None or not owner.active:
            raise NoSuchAgent
    article.owner_id = owner_id


async def _file(session: AsyncSession, article: Article, category_ids: Iterable[int]) -> None:
    wanted = set(category_ids)
    query = select(col(ArticleCategory.id)).where(col(ArticleCategory.id).in_(wanted))
    if set((await session.scalars(query)).all()) != wanted:
        raise NoSuchCategory
    await session.execute(delete(ArticleFiling).where(col(ArticleFiling.article_id) == article.id))
    session.add_all([ArticleFiling(article_id=article.id, category_id=each) for each in sorted(wanted)])
    await session.flush()


async def _say(session: AsyncSession, kind: str, article: Article, by: Agent, now: datetime, **params: Any) -> None:
    await feed.record(session, feed.event(kind, now, agent=by.id, article=article.id, **params), clocks=frozenset())
