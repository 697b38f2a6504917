"""Where a customer answers how satisfied they are. Looking changes nothing: mail scanners follow every link."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.actions import survey
from app.api.door import Here, Now, parts_of
from app.api.throttle import Throttle, peer_of
from app.errors import TooMany
from app.models import Survey, Ticket
from app.queries import survey as queries
from app.rules import survey as rules
from app.rules import survey_page as pages

router = APIRouter(include_in_schema=False)
WINDOW_S, MANY = 60.0, 60  # looks and answers of one peer in a minute: an office behind one address
HEADERS = {
    "Content-Security-Policy": pages.CSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow",
}  # fmt: skip


def _html(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(body, status, headers=HEADERS)


def _told(asked: Survey, ticket: Ticket, name: str) -> pages.Asked:
    shown = ticket.subject if ticket.channel == "email" else ""
    return pages.Asked(
        language=asked.language, name=name, subject=shown, score=asked.score, reason=asked.reason, comment=asked.comment
    )


def _refusal(request: Request) -> HTMLResponse | None:
    rates: Throttle = request.app.state.rates
    try:
        rates.check(**{f"peer {peer_of(request)}": MANY})
    except TooMany:
        return _html(pages.notice("busy", parts_of(request).settings.language), TooMany.status)
    return None


@router.get("/rate/{token}")
async def rate_page(request: Request, here: Here, now: Now, token: str, change: str = "") -> HTMLResponse:
    """The question, or what was answered. Open to whoever holds the link: it is the key."""
    if refusal := _refusal(request):
        return refusal
    number = queries.number_of(token, here.vault)
    async with here.database.read() as session:
        found = await queries.of_page(session, number) if number is not None else None
    if found is None:
        return _html(pages.notice("gone", here.settings.language), 404)
    asked, told = found[0], _told(*found)
    able = rules.may_answer(asked.asked_at, asked.answered_at, now)
    if asked.score is None or (change and able):
        return _html(pages.form(told) if able else pages.notice("closed", asked.language), 200 if able else 410)
    return _html(pages.thanks(told, changeable=able))


@router.post("/rate/{token}")
async def rate(request: Request, here: Here, now: Now, token: str) -> HTMLResponse:
    """An answer. Open to whoever holds the link: it is the key."""
    if refusal := _refusal(request):
        return refusal
    number = queries.number_of(token, here.vault)
    async with here.database.read() as session:
        found = await queries.of_page(session, number) if number is not None else None
    if found is None or number is None:
        return _html(pages.notice("gone", here.settings.language), 404)
    async with request.form(max_files=0, max_fields=10) as form:
        score, reason, comment = (str(form.get(name) or "") for name in ("score", "reason", "comment"))
    if score not in map(str, rules.SCORES) or (reason and reason not in rules.REASONS):
        return _html(pages.form(_told(*found), wrong=True), 422)
    given = {"score": int(score), "reason": reason, "comment": comment.strip()}
    try:
        async with here.database.write() as session:
            asked = await survey.answer(session, number, given, now)
    except (survey.SurveyClosed, survey.NoSurvey):
        return _html(pages.notice("closed", found[0].language), 410)
    told = _told(asked, *found[1:])
    if rules.is_low(asked.score) and not asked.reason:
        return _html(pages.reasons(told))
    return _html(pages.thanks(told, changeable=True))
