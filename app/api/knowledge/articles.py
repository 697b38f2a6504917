"""Articles: written by agents, validated and published by who may (rules/knowledge/life.py)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.actions.knowledge import articles as verbs
from app.actions.knowledge import categories, publishing
from app.api.door import Here, Now, Page, Reader, Reading, Writing, having, json_response
from app.api.knowledge import shapes
from app.api.knowledge.shapes import For, Locale, Number, State
from app.errors import Invalid
from app.models import Agent, ArticleVersion
from app.queries.knowledge import articles as queries
from app.queries.knowledge.pictures import placing
from app.rules.knowledge import life
from app.rules.knowledge.markdown import to_html

router = APIRouter(prefix="/api/v1", tags=["articles"])
Author = Annotated[Agent, Depends(having(life.WRITE))]
Publisher = Annotated[Agent, Depends(having(life.PUBLISH))]
Show = Literal["review", "outdated", "live", "unpublished"]
PAGE = 50


class WrongCursor(Invalid):
    """This is no cursor of this list."""


async def _shown(session: AsyncSession, article_id: int, now: datetime, status: int = 200) -> Response:
    found = await queries.one(session, article_id, now)
    if found is None:
        raise verbs.NoArticle
    return json_response(found, status)


async def _version(session: AsyncSession, article_id: int, locale: str, number: int) -> ArticleVersion:
    found = await queries.version(session, article_id, locale, number)
    if found is None:
        raise verbs.NoArticle
    return found


@router.get("/articles", response_model=Page[shapes.ArticleRow])
async def list_articles(
    session: Reading, agent: Reader, now: Now, *,
    q: Annotated[str, Query(max_length=200)] = "", state: State | None = None, audience: For | None = None,
    category: int | None = None, owner: int | None = None, show: Show | None = None, cursor: str = "",
) -> Response:  # fmt: skip
    """With words: the best first, in either language; else the latest change first. Without `state` none that is archived."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 6):
        raise WrongCursor
    skip = int(cursor or 0)
    wanted = queries.Wanted(q=q, state=state, audience=audience, category=category, owner=owner, show=show)
    items, more = await queries.listed(session, wanted, now, skip=skip, limit=PAGE)
    return json_response({"items": items, "next_cursor": str(skip + PAGE) if more else None})


@router.post("/articles", status_code=201, response_model=shapes.ArticleOut)
async def add_article(session: Writing, agent: Author, now: Now, asked: shapes.ArticleIn) -> Response:
    """A new one, in progress and unpublished."""
    made = await verbs.add(session, asked.model_dump(), by=agent, now=now)
    return await _shown(session, made.id, now, 201)


@router.post("/articles/preview", response_model=shapes.PreviewOut)
async def preview_article(session: Reading, agent: Reader, here: Here, asked: shapes.ArticleParts) -> Response:
    """How it will read: nothing is kept."""
    parts = asked.model_dump()
    place = await placing(session, parts.values(), here.vault, here.settings.public_url)
    return json_response({name: to_html(text, place) for name, text in parts.items()})


@router.get("/articles/{article_id}", response_model=shapes.ArticleOut)
async def get_article(session: Reading, agent: Reader, now: Now, article_id: Number) -> Response:
    return await _shown(session, article_id, now)


@router.patch("/articles/{article_id}", response_model=shapes.ArticleOut)
async def change_article(
    session: Writing, agent: Author, now: Now, article_id: Number, change: shapes.ArticleChange
) -> Response:
    """State, audience, owner, review, categories. `version` is the article's own; 409 when somebody was faster."""
    await verbs.change(session, article_id, change.model_dump(exclude_unset=True), by=agent, now=now)
    return await _shown(session, article_id, now)


@router.put("/articles/{article_id}/texts/{locale}", response_model=shapes.ArticleOut)
async def save_article_text(
    session: Writing, agent: Author, now: Now, article_id: Number, locale: Locale, asked: shapes.ArticleTextIn
) -> Response:
    """A new version of one language's text. 409 when somebody saved another in between: nothing is overwritten."""
    given = {**asked.model_dump(), "locale": locale}
    await verbs.save(session, article_id, locale, given, by=agent, now=now)
    return await _shown(session, article_id, now)


@router.put("/articles/{article_id}/texts/{locale}/publication", response_model=shapes.ArticleOut)
async def publish_article(
    session: Writing, agent: Publisher, now: Now, article_id: Number, locale: Locale, asked: shapes.PublishIn
) -> Response:
    """Its newest version, now or at a time, for good or until a time."""
    await publishing.publish(session, article_id, locale, (asked.begins, asked.ends), by=agent, now=now)
    return await _shown(session, article_id, now)


@router.delete("/articles/{article_id}/texts/{locale}/publication", response_model=shapes.ArticleOut)
async def unpublish_article(
    session: Writing, agent: Publisher, now: Now, article_id: Number, locale: Locale
) -> Response:
    await publishing.unpublish(session, article_id, locale, by=agent, now=now)
    return await _shown(session, article_id, now)


@router.get("/articles/{article_id}/texts/{locale}/versions", response_model=list[shapes.ArticleVersionRow])
async def list_article_versions(session: Reading, agent: Reader, article_id: Number, locale: Locale) -> Response:
    """The newest first."""
    return json_response(await queries.versions(session, article_id, locale))


@router.get("/articles/{article_id}/texts/{locale}/versions/{version_id}", response_model=shapes.ArticleVersionOut)
async def get_article_version(
    session: Reading, agent: Reader, article_id: Number, locale: Locale, version_id: int
) -> Response:
    found = await _version(session, article_id, locale, version_id)
    return json_response({"number": found.number, **queries.fields_of(found)})


@router.get("/articles/{article_id}/texts/{locale}/versions/{version_id}/diff", response_model=shapes.DiffOut)
async def diff_article_version(
    session: Reading, agent: Reader, article_id: Number, locale: Locale, version_id: int, *, since: int | None = None
) -> Response:
    """What it changed since another version; without `since` since the one before."""
    new = await _version(session, article_id, locale, version_id)
    before = version_id - 1 if since is None else since
    old = await _version(session, article_id, locale, before) if before > 0 else None
    return json_response(queries.difference(old, new))


@router.get("/article-categories", response_model=list[shapes.CategoryOut])
async def list_article_categories(session: Reading, agent: Reader) -> Response:
    return json_response(await queries.categories(session))


@router.post("/article-categories", status_code=201, response_model=list[shapes.CategoryOut])
async def add_article_category(session: Writing, agent: Publisher, asked: shapes.CategoryIn) -> Response:
    await categories.add(session, asked.model_dump())
    return json_response(await queries.categories(session), 201)


@router.put("/article-categories/order", response_model=list[shapes.CategoryOut])
async def order_article_categories(session: Writing, agent: Publisher, asked: shapes.CategoryOrder) -> Response:
    """All of them, in the order in which readers see them."""
    await categories.order(session, asked.ids)
    return json_response(await queries.categories(session))


@router.delete("/article-categories/{category_id}", response_model=list[shapes.CategoryOut])
async def remove_article_category(session: Writing, agent: Publisher, category_id: Number) -> Response:
    """Its articles stay."""
    await categories.remove(session, category_id)
    return json_response(await queries.categories(session))


@router.patch("/article-categories/{category_id}", response_model=list[shapes.CategoryOut])
async def change_article_category(
    session: Writing, agent: Publisher, category_id: Number, change: shapes.CategoryChange
) -> Response:
    given: dict[str, Any] = change.model_dump(exclude_unset=True)
    await categories.change(session, category_id, given)
    return json_response(await queries.categories(session))
