"""The figures of the knowledge base: one statement each, whether it becomes a card, a list or a file.

A statement's rows are (at, ticket, article, hit, since): `hit` says whether a row is in the numerator, `since` from when a
duration runs. Period and team are those of the reports.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.sqltypes import UTCDateTime

from app.models import (
    Article,
    ArticleFeedback,
    ArticleLink,
    ArticleOffer,
    ArticleText,
    ArticleVersion,
    ArticleVisit,
    ArticleWaiver,
    Identity,
    Message,
    Resolution,
    Status,
    Thread,
    Ticket,
)
from app.models.columns import table_of
from app.queries.reports.asked import Asked, Words, words
from app.rules.knowledge.kpi import FIGURES
from app.rules.knowledge.offer import QUIET, READ_QUIET
from app.rules.kpi import COUNT, DURATION, Value, spread

Row = dict[str, Any]
NOTHING = null().cast(UTCDateTime())
EXISTING = col(ArticleLink.how) != "written"


def _row(at: Any, ticket: Any, article: Any, hit: Any, since: Any = NOTHING) -> Select[Any]:
    said = case((hit, literal(True)), else_=literal(False)) if isinstance(hit, ColumnElement) else hit
    return select(
        at.label("at"), ticket.label("ticket"), article.label("article"), said.label("hit"), since.label("since")
    )


def _within(asked: Asked, at: Any) -> ColumnElement[bool]:
    return and_(at >= asked.begin, at < asked.end)


def _team(asked: Asked, ticket: Any) -> list[ColumnElement[bool]]:
    """The ticket's team of today; no article belongs to one."""
    if asked.team is None:
        return []
    other = table_of(Ticket).alias("teamed")
    return [exists().where(other.c.id == ticket, _of_team(asked, other.c.team_id))]


def _of_team(asked: Asked, team: Any) -> ColumnElement[bool]:
    wanted: ColumnElement[bool] = team == asked.team if asked.team else team.is_(None)
    return wanted


def _linked(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(col(ArticleLink.ticket_id) == col(Resolution.ticket_id), *which)


def _solved(asked: Asked, hit: ColumnElement[bool], *more: ColumnElement[bool]) -> Select[Any]:
    """Tickets first resolved in the period, by the team that they had then."""
    counted = exists().where(
        col(Ticket.id) == col(Resolution.ticket_id), col(Ticket.status) != Status.SPAM, col(Ticket.merged_into_id).is_(None)
    )  # fmt: skip
    query = _row(col(Resolution.resolved_at), col(Resolution.ticket_id), null(), hit).where(
        col(Resolution.initial).is_(True), _within(asked, col(Resolution.resolved_at)), counted, *more
    )
    return query if asked.team is None else query.where(_of_team(asked, col(Resolution.team_id)))


def _waived(asked: Asked) -> Select[Any]:
    return _solved(asked, exists().where(col(ArticleWaiver.ticket_id) == col(Resolution.ticket_id)))


def _links(asked: Asked, at: Any, hit: Any, *which: ColumnElement[bool]) -> Select[Any]:
    ticket = col(ArticleLink.ticket_id)
    return _row(at, ticket, col(ArticleLink.article_id), hit).where(_within(asked, at), *which, *_team(asked, ticket))


def _modified(asked: Asked) -> Select[Any]:
    """One row for each article that was reused."""
    text = (
        col(ArticleVersion.text_id) == col(ArticleText.id),
        col(ArticleText.article_id) == col(ArticleLink.article_id),
    )
    changed = exists().where(*text, col(ArticleVersion.number) > 1, _within(asked, col(ArticleVersion.at)))
    at = func.max(col(ArticleLink.at), type_=UTCDateTime())
    query = _row(at, null(), col(ArticleLink.article_id), changed).where(EXISTING, _within(asked, col(ArticleLink.at)))
    return query.where(*_team(asked, col(ArticleLink.ticket_id))).group_by(col(ArticleLink.article_id))


def _published(asked: Asked) -> Select[Any]:
    """In whichever language it came out first."""
    begun: Any = func.min(col(ArticleText.first_published_at), type_=UTCDateTime()).label("at")
    first = select(col(ArticleText.article_id).label("article"), begun)
    out = first.group_by(col(ArticleText.article_id)).subquery()
    since = func.coalesce(col(Ticket.created_at), col(Article.created_at), type_=UTCDateTime())
    query = _row(out.c.at, col(Article.ticket_id), col(Article.id), null().cast(Boolean), since)
    query = query.join_from(out, Article, col(Article.id) == out.c.article)
    query = query.outerjoin(Ticket, col(Ticket.id) == col(Article.ticket_id)).where(_within(asked, out.c.at))
    return query.where(*_team(asked, col(Article.ticket_id)))


def _answers(asked: Asked) -> Select[Any]:
    at = col(ArticleFeedback.at)
    query = _row(at, null(), col(ArticleText.article_id), col(ArticleFeedback.helpful))
    return query.join_from(ArticleFeedback, ArticleText, col(ArticleText.id) == col(ArticleFeedback.text_id)).where(
        _within(asked, at)
    )


STATEMENTS: dict[str, Callable[[Asked], Select[Any]]] = {
    "link_rate": lambda asked: _solved(asked, _linked()),
    "waived_rate": _waived,
    "create_rate": lambda asked: _solved(asked, _linked(col(ArticleLink.how) == "written")),
    "known_to_new": lambda asked: _solved(asked, ~_linked(col(ArticleLink.how) == "written"), _linked()),
    "reuse": lambda asked: _links(asked, col(ArticleLink.at), null().cast(Boolean), EXISTING),
    "link_accuracy": lambda asked: _links(
        asked, col(ArticleLink.judged_at), col(ArticleLink.accurate), col(ArticleLink.accurate).is_not(None)
    ),
    "modify_rate": _modified,
    "publish_time": _published,
    "self_service": _answers,
}


def _offers(code: str, asked: Asked, said: Words) -> Select[Any]:
    """K4, both ways. Only those whose time to come back is over: nobody is counted early, and no reader whom we do not know."""
    explicit = code == "deflection_explicit"
    quiet, at = (QUIET, "at") if explicit else (READ_QUIET, "opened_at")
    until = said.plus(f"article_offer.{'solved_at' if explicit else at}", round(quiet.total_seconds()))
    since = col(ArticleOffer.solved_at) if explicit else col(ArticleOffer.opened_at)
    line = col(Thread.id) == col(Message.thread_id), col(Thread.identity_id) == col(ArticleOffer.identity_id)
    spoke = col(Message.direction) == "in", col(Message.auto).is_(False), col(Message.created_at) > since
    back = exists().where(*line, *spoke, col(Message.created_at) <= literal_column(until))
    begun = col(ArticleOffer.at) if explicit else col(ArticleOffer.opened_at)
    solved = col(ArticleOffer.solved_at).is_not(None), col(ArticleOffer.person_at).is_(None)
    hit = and_(~back, *(solved if explicit else (~_answered(), col(ArticleOffer.person_at).is_(None))))
    query = _row(begun, col(ArticleOffer.ticket_id), null(), hit).where(
        _within(asked, begun), begun <= asked.now - quiet
    )
    if not explicit:
        query = query.where(col(ArticleOffer.solved_at).is_(None))
    return query.where(*_team(asked, col(ArticleOffer.ticket_id)))


def _visits(code: str, asked: Asked, said: Words) -> Select[Any]:
    """K4 of those who read in the chat's window before asking: one row a visitor and day, known by their key.

    Who wrote in the day before reads beside a case that is there: nothing could be spared.
    """
    explicit = code == "widget_explicit"
    quiet, opened = (QUIET if explicit else READ_QUIET), col(ArticleVisit.opened_at)
    since = col(ArticleVisit.solved_at) if explicit else opened
    until = said.plus(f"article_visit.{'solved_at' if explicit else 'opened_at'}", round(quiet.total_seconds()))
    before = said.plus("article_visit.opened_at", -round(READ_QUIET.total_seconds()))
    back = _wrote(col(Message.created_at) > since, col(Message.created_at) <= literal_column(until))
    already = _wrote(col(Message.created_at) <= opened, col(Message.created_at) > literal_column(before))
    hit = and_(~back, col(ArticleVisit.solved_at).is_not(None)) if explicit else ~back
    query = _row(opened, null(), col(ArticleVisit.article_id), hit)
    query = query.where(_within(asked, opened), func.coalesce(since, opened) <= asked.now - quiet, ~already)
    if not explicit:
        query = query.where(col(ArticleVisit.solved_at).is_(None))
    return query if asked.team is None else query.where(false())


def _wrote(*when: ColumnElement[bool]) -> ColumnElement[bool]:
    theirs = col(Identity.key) == col(ArticleVisit.visitor), col(Thread.identity_id) == col(Identity.id)
    line = col(Message.thread_id) == col(Thread.id), col(Message.direction) == "in", col(Message.auto).is_(False)
    return exists().where(*theirs, *line, *when)


def _answered() -> ColumnElement[bool]:
    ticket = table_of(Ticket).alias("answered")
    return exists().where(ticket.c.id == col(ArticleOffer.ticket_id), ticket.c.first_response_at.is_not(None))


def _statement(session: AsyncSession, code: str, asked: Asked) -> Subquery:
    if code in STATEMENTS:
        return STATEMENTS[code](asked).subquery()
    return (_visits if code.startswith("widget_") else _offers)(code, asked, words(session)).subquery()


async def value(session: AsyncSession, code: str, asked: Asked) -> Value:
    rows = _statement(session, code, asked)
    if FIGURES[code].kind == DURATION:
        found = (await session.execute(select(rows.c.at, rows.c.since))).all()
        return spread((max(0, round((at - since).total_seconds())), 1) for at, since in found)
    hits = func.coalesce(func.sum(case((rows.c.hit, 1), else_=0)), 0)
    hit, whole = (await session.execute(select(hits, func.count()).select_from(rows))).one()
    return Value(whole) if FIGURES[code].kind == COUNT else Value(hit, whole)


async def counted(
    session: AsyncSession, code: str, asked: Asked, *, which: str = "all", skip: int = 0, limit: int
) -> list[Row]:
    """Exactly what the figure counted, the newest first, with the words of tickets and articles."""
    rows = _statement(session, code, asked)
    query = select(rows)
    if which != "all":
        query = query.where(rows.c.hit.is_(which == "hit"))
    order = rows.c.at.desc(), rows.c.ticket.desc(), rows.c.article.desc()
    found = (await session.execute(query.order_by(*order).offset(skip).limit(limit))).mappings().all()
    tickets = await _subjects(session, [each["ticket"] for each in found])
    articles = await titles(session, [each["article"] for each in found])
    return [_shown(each, tickets, articles) for each in found]


def _shown(row: Any, tickets: dict[int, str], articles: dict[int, str]) -> Row:
    took = (row["at"] - row["since"]).total_seconds() if row["since"] is not None else None
    ticket, article = row["ticket"], row["article"]
    return {
        "at": row["at"], "hit": bool(row["hit"]) if row["hit"] is not None else None, "value": took,
        "ticket": {"number": ticket, "subject": tickets.get(ticket, "")} if ticket is not None else None,
        "article": {"id": article, "title": articles.get(article, "")} if article is not None else None,
    }  # fmt: skip


async def _subjects(session: AsyncSession, numbers: Sequence[int | None]) -> dict[int, str]:
    query = select(col(Ticket.id), col(Ticket.subject)).where(col(Ticket.id).in_({n for n in numbers if n is not None}))
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def titles(session: AsyncSession, ids: Sequence[int | None]) -> dict[int, str]:
    """Of articles, in the language in which each was written."""
    first = (col(ArticleText.article_id) == col(Article.id)) & (col(ArticleText.locale) == col(Article.locale))
    query = select(col(Article.id), col(ArticleText.title)).join(ArticleText, first)
    found = await session.execute(query.where(col(Article.id).in_({n for n in ids if n is not None})))
    return {row[0]: row[1] for row in found.all()}
