"""The public help centre: server-rendered, without script. Looking changes nothing but the list of what was not found."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.background import BackgroundTask

from app.actions.knowledge import offers as offering
from app.actions.knowledge import readers
from app.api.door import Here, Now, Reading
from app.api.throttle import Throttle, peer_of
from app.errors import TooMany
from app.parts import Parts
from app.queries.knowledge import help as queries
from app.queries.knowledge import offers
from app.queries.knowledge.help import Live
from app.queries.knowledge.pictures import placing
from app.rules.knowledge import help_page as pages
from app.rules.knowledge import search
from app.rules.knowledge.help_words import LONGEST_COMMENT, REASONS
from app.rules.knowledge.life import PARTS, is_outdated
from app.rules.knowledge.markdown import to_html

router = APIRouter(include_in_schema=False)
WINDOW_S, MANY_SEARCHES, MANY_ANSWERS, MANY_VIEWS = 60.0, 60, 10, 60  # of one peer in a minute
Locale = Literal["ja", "en"]


def html(here: Parts, body: str, status: int = 200, *, kept: bool = False) -> HTMLResponse:
    headers = {
        "Content-Security-Policy": pages.policy(here.settings.public_url), "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer", "Cache-Control": "public, max-age=60" if kept else "no-store",
    }  # fmt: skip
    return HTMLResponse(body, status, headers=headers)


def busy(request: Request, most: int, what: str) -> bool:
    helped: Throttle = request.app.state.helped
    try:
        helped.check(**{f"{what} {peer_of(request)}": most})
    except TooMany:
        return True
    return False


@router.get("/help")
async def help_door(request: Request, here: Here) -> Response:
    """To the reader's language."""
    asked = request.headers.get("accept-language", here.settings.language).lower()
    locale = "ja" if asked.startswith("ja") or "ja" in asked.split(",")[0] else "en"
    return RedirectResponse(f"/help/{locale}", 302, {"Vary": "Accept-Language"})


@router.get("/help/{locale}")
async def help_home(session: Reading, here: Here, locale: Locale) -> Response:
    entries = await queries.entries(session, await queries.everything(session), locale)
    return html(here, pages.home(locale, entries, await queries.categories(session, locale)), kept=True)


@router.get("/help/{locale}/search")
async def help_search(
    request: Request, here: Here, now: Now, locale: Locale, q: Annotated[str, Query(max_length=500)] = ""
) -> Response:
    """What was not found is remembered: it is what the desk should write."""
    if busy(request, MANY_SEARCHES, "search"):
        return html(here, pages.notice(locale, "busy"), TooMany.status)
    q = q.strip()[: search.LONGEST]
    async with here.database.read() as session:
        found = await queries.sought(session, q, locale) if search.asked(q) else []
    if search.asked(q) and not found:
        async with here.database.write() as session:
            await readers.missed(session, q, locale, now)
    return html(here, pages.results(locale, q, found))


@router.get("/help/{locale}/articles/{slug}")
async def help_article(
    request: Request, session: Reading, here: Here, now: Now, locale: Locale, slug: str, *, o: str = ""
) -> Response:
    """A public article; an address of before leads to the one of today. That it was read is counted after the answer.

    `o` is the offer by whose link the reader came: the only readers whom we know (K4).
    """
    found = await queries.by_slug(session, locale, slug)
    if found is None:
        if place := await queries.moved(session, locale, slug):
            return RedirectResponse(place, 301)
        return html(here, pages.notice(locale, "gone"), 404)
    offer = offers.number_of(o, here.vault) if o else None
    answer = html(here, pages.article(locale, await _shown(session, here, found)), kept=not o)
    if not busy(request, MANY_VIEWS, "view"):
        answer.background = BackgroundTask(_count, here, found.text.id, offer, now)
    return answer


async def _count(here: Parts, text_id: int, offer: int | None, now: datetime) -> None:
    async with here.database.write() as session:
        await readers.seen(session, text_id, now)
        if offer is not None:
            await offering.opened(session, offer, now)


@router.get("/help/{locale}/shared/{token}")
async def help_shared(session: Reading, here: Here, locale: Locale, token: str) -> Response:
    """An article for customers. Open to whoever holds the link: it is the key."""
    number = queries.number_of(token, here.vault, queries.PURPOSE)
    found = await queries.by_number(session, number) if number is not None else []
    if not found:
        return html(here, pages.notice(locale, "gone"), 404)
    best = next((each for each in found if each.text.locale == locale), found[0])
    answer = html(here, pages.article(locale, await _shown(session, here, best)))
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@router.post("/help/{locale}/feedback/{token}")
async def help_feedback(request: Request, here: Here, now: Now, locale: Locale, token: str) -> Response:
    """Whether it helped. Open to whoever was shown the article: the signature is of its page."""
    if busy(request, MANY_ANSWERS, "feedback"):
        return html(here, pages.notice(locale, "busy"), TooMany.status)
    number = queries.number_of(token, here.vault, queries.FEEDBACK)
    async with here.database.read() as session:
        found = await queries.by_text(session, number) if number is not None else None
        if found is None:
            return html(here, pages.notice(locale, "gone"), 404)
        shown = await _shown(session, here, found)
    async with request.form(max_files=0, max_fields=10) as form:
        helpful, reason, comment = (str(form.get(name) or "") for name in ("helpful", "reason", "comment"))
    if helpful not in ("yes", "no") or (reason and reason not in REASONS):
        return html(here, pages.article(locale, shown, wrong=True), 422)
    given: dict[str, Any] = {"helpful": helpful == "yes", "reason": reason, "comment": comment[:LONGEST_COMMENT]}
    async with here.database.write() as session:
        await readers.said(session, found.text, found.version.number, **given, now=now)
    return html(here, pages.notice(locale, "thanks"))


@router.get("/sitemap.xml")
async def sitemap(session: Reading, here: Here) -> Response:
    """Public pages and nothing else."""
    found = await queries.everything(session)
    told = [
        (_place(here, each), each.text.published_at or each.version.at, _others(here, each, found)) for each in found
    ]
    return Response(pages.sitemap(told), media_type="application/xml")


def _place(here: Parts, live: Live) -> str:
    return here.settings.public_url + pages.address(live.text.locale, live.text.slug)


def _others(here: Parts, live: Live, found: list[Live]) -> dict[str, str]:
    return {each.text.locale: _place(here, each) for each in found if each.article.id == live.article.id}


async def _shown(session: AsyncSession, here: Parts, live: Live) -> pages.Shown:
    url, number = here.settings.public_url, live.text.id
    texts = {name: getattr(live.version, name) for name in PARTS}
    place = await placing(session, texts.values(), here.vault, url)
    family = await queries.by_number(session, live.article.id)
    source = next((each for each in family if each.text.locale == live.article.locale), None)
    others = _others(here, live, family)
    if not live.public:
        others = {each: queries.shared(url, here.vault, live.article.id, each) for each in others}
    return pages.Shown(
        title=live.version.title, parts={name: to_html(text, place) for name, text in texts.items()},
        published_at=live.text.published_at or live.version.at, shared=not live.public,
        outdated=source is not None and is_outdated(live.text.based_on, source.version.number),
        feedback=f"/help/{live.text.locale}/feedback/{number}-{here.vault.sign(queries.FEEDBACK, str(number))}",
        address=_place(here, live), others=others,
    )  # fmt: skip
