"""Articles for a chat's visitor who has not asked yet: for their page, popular ones, or what they look for."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import ArticleText, ArticleViews, Inbox
from app.queries.knowledge import help as readers
from app.queries.knowledge.articles import words_of
from app.queries.knowledge.pictures import placing
from app.rules.knowledge import search, visit
from app.rules.knowledge.help_page import address
from app.rules.knowledge.help_words import say
from app.rules.knowledge.life import PARTS
from app.rules.knowledge.markdown import to_html
from app.rules.knowledge.suggest import suggest
from app.rules.knowledge.tree import tree
from app.security import Vault

Shape = dict[str, Any]


async def offers(session: AsyncSession, inbox_id: int) -> bool:
    """Whether this inbox's customers are shown articles: asked anew each time, a switch works at once."""
    return bool(await session.scalar(select(col(Inbox.offers_articles)).where(col(Inbox.id) == inbox_id)))


async def suggested(
    session: AsyncSession, page: str, title: str, language: str, now: datetime
) -> tuple[list[Shape], bool]:
    """For the page that the visitor is on as far as any fit, then the most read; and whether any are for the page."""
    found = await readers.everything(session)
    owner = {each.text.id: each.article.id for each in found}
    corpus = [words_of(each.text.id, each.version) for each in found]
    fitting = [owner[number] for number, _ in suggest(visit.words_of(page, title), corpus, most=visit.TOP * 2)]
    shown, for_page = visit.chosen(fitting, await _popular(session, now), owner.values())
    best = _in_language(found, language)
    return [_listed(best[number]) for number in shown if number in best], for_page


async def _popular(session: AsyncSession, now: datetime) -> list[int]:
    since = (now - timedelta(days=visit.READ_DAYS)).date()
    query = (
        select(col(ArticleText.article_id), func.sum(col(ArticleViews.views)))
        .join(ArticleText, col(ArticleText.id) == col(ArticleViews.text_id))
        .where(col(ArticleViews.day) >= since)
        .group_by(col(ArticleText.article_id))
    )
    return visit.ranked([(row[0], int(row[1])) for row in (await session.execute(query)).all()])


async def sought(session: AsyncSession, q: str, language: str) -> list[Shape]:
    found = await readers.everything(session)
    owner = {each.text.id: each.article.id for each in found}
    best = search.find(q, (words_of(each.text.id, each.version) for each in found), most=50)
    known = _in_language(found, language)
    return [_listed(known[number]) for number in dict.fromkeys(owner[text] for text, _ in best)][: visit.TOP * 2]


def _in_language(found: list[readers.Live], language: str) -> dict[int, readers.Live]:
    """One text for each article: in the reader's language, or else in the one there is (K6)."""
    best: dict[int, readers.Live] = {}
    for each in found:
        if each.article.id not in best or each.text.locale == language:
            best[each.article.id] = each
    return best


def _listed(live: readers.Live) -> Shape:
    return {"id": live.article.id, "title": live.version.title, "locale": live.text.locale}


async def article(
    session: AsyncSession, number: int, language: str, *, vault: Vault, url: str
) -> tuple[Shape, int] | None:
    """A public article to read, and the id of its text; None when there is none."""
    found = _in_language([each for each in await readers.by_number(session, number) if each.public], language)
    if number not in found:
        return None
    live = found[number]
    texts = {name: getattr(live.version, name) for name in PARTS}
    place = await placing(session, texts.values(), vault, url)
    parts = [
        {"name": say(name, language), "nodes": tree(to_html(texts[name], place))}
        for name in PARTS if texts[name].strip()
    ]  # fmt: skip
    return {**_listed(live), "url": url + address(live.text.locale, live.text.slug), "parts": parts}, live.text.id
