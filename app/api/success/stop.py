"""Where the receiver of a letter refuses more of it. Looking changes nothing: mail scanners follow every link."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.actions.success import consent
from app.api.door import Here, Now, parts_of
from app.api.throttle import Throttle, peer_of
from app.errors import TooMany
from app.queries.success import outreach as queries
from app.rules.success import outreach_words as pages
from app.rules.survey_page import CSP

router = APIRouter(include_in_schema=False)
MANY = 60  # looks and presses of one peer in a minute: an office behind one address
HEADERS = {
    "Content-Security-Policy": CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow",
}  # fmt: skip


def _html(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(body, status, headers=HEADERS)


def _refusal(request: Request) -> HTMLResponse | None:
    rates: Throttle = request.app.state.rates
    try:
        rates.check(**{f"peer {peer_of(request)}": MANY})
    except TooMany:
        return _html(pages.notice("busy", parts_of(request).settings.language), TooMany.status)
    return None


@router.get("/stop/{token}")
async def stop_page(request: Request, here: Here, token: str) -> HTMLResponse:
    """What may be stopped. Open to whoever holds the link: it is the key."""
    if refusal := _refusal(request):
        return refusal
    number = queries.copy_of(token, here.vault)
    async with here.database.read() as session:
        found = await queries.of_page(session, number) if number is not None else None
        name = (await queries.sender(session))["name"]
    if found is None:
        return _html(pages.notice("gone", here.settings.language), 404)
    _, outreach, language, stopped_at = found
    return _html(pages.stopped(language, never=False) if stopped_at else pages.form(language, outreach.channel, name))


@router.post("/stop/{token}")
async def stop(request: Request, here: Here, now: Now, token: str) -> HTMLResponse:
    """Stops it, by the page's button or by a mail program's (RFC 8058). Open to whoever holds the link: it is the key."""
    if refusal := _refusal(request):
        return refusal
    number = queries.copy_of(token, here.vault)
    async with here.database.read() as session:
        found = await queries.of_page(session, number) if number is not None else None
    if found is None or number is None:
        return _html(pages.notice("gone", here.settings.language), 404)
    async with request.form(max_files=0, max_fields=10) as form:
        never, pressed = form.get("scope") == "never", form.get("List-Unsubscribe") == "One-Click"
    source, peer = "mail_header" if pressed else "page", request.client.host if request.client else ""
    async with here.database.write() as session:
        await consent.stop(session, number, never=never, source=source, address=peer, now=now)
    return _html(pages.stopped(found[2], never=never))
