"""Articles for customers before a person answers: which inboxes offer them, and the page of a mail that hears what came of it."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.actions.knowledge import offers as verbs
from app.api.door import Admin, Here, Now, Reading, Writing, json_response
from app.api.knowledge.help import MANY_ANSWERS, busy, html
from app.api.knowledge.shapes import Number
from app.errors import TooMany
from app.models import Inbox
from app.queries.knowledge import offers as queries
from app.rules.knowledge import help_page as pages
from app.rules.knowledge import offer as rules

router = APIRouter(tags=["articles"])
Locale = Literal["ja", "en"]


class OffersIn(BaseModel):
    inbox_ids: list[Number] = Field(max_length=1000, description="Whose customers are shown articles first")


class OffersOut(BaseModel):
    inbox_ids: list[int]


async def _shown(session: AsyncSession) -> dict[str, Any]:
    on = select(col(Inbox.id)).where(col(Inbox.offers_articles).is_(True)).order_by(col(Inbox.id))
    return {"inbox_ids": list((await session.scalars(on)).all())}


@router.get("/api/v1/knowledge/offers", response_model=OffersOut)
async def get_article_offers(session: Reading, agent: Admin) -> Response:
    return json_response(await _shown(session))


@router.put("/api/v1/knowledge/offers", response_model=OffersOut)
async def set_article_offers(session: Writing, agent: Admin, now: Now, asked: OffersIn) -> Response:
    await verbs.switch(session, set(asked.inbox_ids), by=agent, now=now)
    return json_response(await _shown(session))


@router.get("/help/{locale}/offers/{token}", include_in_schema=False)
async def offer_page(request: Request, here: Here, locale: Locale, token: str) -> HTMLResponse:
    """Did it help? Open to whoever holds the link: it is the key. Looking answers nothing: machines follow links."""
    if queries.number_of(token, here.vault) is None:
        return html(here, pages.told(locale, rules.WORDS[locale]["gone"]), 404)
    return html(here, pages.asked(locale, rules.WORDS[locale], f"/help/{locale}/offers/{token}"))


@router.post("/help/{locale}/offers/{token}", include_in_schema=False)
async def answer_offer(request: Request, here: Here, now: Now, locale: Locale, token: str) -> HTMLResponse:
    """What came of it. Open to whoever holds the link: it is the key."""
    if busy(request, MANY_ANSWERS, "offer"):
        return html(here, pages.notice(locale, "busy"), TooMany.status)
    number, words = queries.number_of(token, here.vault), rules.WORDS[locale]
    async with request.form(max_files=0, max_fields=2) as form:
        what = str(form.get("what") or "")
    if number is None:
        return html(here, pages.told(locale, words["gone"]), 404)
    if what not in (rules.SOLVED, rules.PERSON):
        return html(here, pages.asked(locale, words, f"/help/{locale}/offers/{token}"), 422)
    async with here.database.write() as session:
        made = await verbs.answer(session, number, what, now)
    if made is None:
        return html(here, pages.told(locale, words["gone"]), 404)
    return html(here, pages.told(locale, words["wait" if made.person_at is not None else "thanks"]))
