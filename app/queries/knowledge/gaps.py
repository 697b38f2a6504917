"""The backlog of articles (K8): what is asked, searched and read in vain, with the hours that writing would save."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import (
    ArticleFeedback,
    ArticleLink,
    ArticleText,
    ArticleViews,
    ArticleWaiver,
    Call,
    GapAnswer,
    Message,
    MissedSearch,
    Resolution,
    Status,
    Ticket,
)
from app.queries.knowledge.figures import titles
from app.rules.knowledge import gaps

Json = dict[str, Any]
MOST_OF_A_KIND = 50
SHOWN_TICKETS = 8


async def backlog(session: AsyncSession, now: datetime) -> list[Json]:
    """What saves most comes first; what somebody answered comes with the answer."""
    since = now - timedelta(days=gaps.DAYS)
    cases = await _cases(session, since)
    mean = sum(each.handling_s for each in cases) / len(cases) if cases else 0.0
    found = await _clusters(cases)
    found += await _searches(session, since, mean)
    found += await _reopened(session, since)
    found += await _unhelpful(session, since, mean)
    answers = {(each.kind, each.subject): each for each in (await session.scalars(select(GapAnswer))).all()}
    for each in found:
        each["answer"] = _answer(answers, each)
    return sorted(found, key=lambda each: (-each["hours"], each["kind"], each["subject"]))


def _answer(answers: dict[tuple[str, str], GapAnswer], gap: Json) -> Json | None:
    """A cluster's is found by any of its cases: its leader of today may be too old tomorrow."""
    names = [str(number) for number in gap.pop("cases", ())] or [gap["subject"]]
    held = next((answers[key] for name in names if (key := (gap["kind"], name)) in answers), None)
    fields = ("reason", "comment", "article_id", "agent_id", "at")
    return {name: getattr(held, name) for name in fields} if held else None


async def _cases(session: AsyncSession, since: datetime) -> list[gaps.Case]:
    """First resolved since then, without an article and without a reason for that; the latest so many."""
    mine = col(Resolution.ticket_id) == col(Ticket.id)
    query = select(col(Ticket.id), col(Ticket.subject)).join(Resolution, mine)
    query = query.where(
        col(Resolution.initial).is_(True), col(Resolution.resolved_at) >= since, col(Ticket.status) != Status.SPAM,
        col(Ticket.merged_into_id).is_(None), ~exists().where(col(ArticleLink.ticket_id) == col(Ticket.id)),
        ~exists().where(col(ArticleWaiver.ticket_id) == col(Ticket.id)),
    )  # fmt: skip
    rows = (await session.execute(query.order_by(col(Ticket.id).desc()).limit(gaps.MOST_CASES))).all()
    numbers = [number for number, _ in rows]
    first, took = await _first_words(session, numbers), await _handling(session, numbers)
    return [gaps.Case(number, f"{subject}\n{first.get(number, '')}", took.get(number, 0.0)) for number, subject in rows]


async def _first_words(session: AsyncSession, numbers: Sequence[int]) -> dict[int, str]:
    mine = col(Message.ticket_id).in_(numbers), col(Message.direction) == "in", col(Message.auto).is_(False)
    first = select(func.min(col(Message.id))).where(*mine).group_by(col(Message.ticket_id))
    words = func.substr(col(Message.text), 1, gaps.MOST_TEXT)
    found = await session.execute(select(col(Message.ticket_id), words).where(col(Message.id).in_(first)))
    return {row[0]: row[1] for row in found.all()}


async def _handling(session: AsyncSession, numbers: Sequence[int]) -> dict[int, float]:
    """Seconds of work on each."""
    said = select(col(Message.ticket_id), func.count()).where(
        col(Message.ticket_id).in_(numbers), col(Message.author) == "agent", col(Message.audience) == "public",
        col(Message.kind) != "call",
    )  # fmt: skip
    answers = {row[0]: row[1] for row in (await session.execute(said.group_by(col(Message.ticket_id)))).all()}
    talked = select(col(Call.ticket_id), func.sum(col(Call.duration_s))).where(
        col(Call.ticket_id).in_(numbers), col(Call.answered_at).is_not(None)
    )
    calls = {row[0]: row[1] for row in (await session.execute(talked.group_by(col(Call.ticket_id)))).all()}
    return {each: gaps.handling(float(calls.get(each) or 0), int(answers.get(each, 0))) for each in numbers}


async def _clusters(cases: Sequence[gaps.Case]) -> list[Json]:
    found = await asyncio.to_thread(gaps.clusters, cases)
    known = {each.id: each for each in cases}
    return [
        {
            **_gap("cluster", str(each.leader), known[each.leader].text.strip().split("\n")[0][:120], len(each.cases)),
            "hours": gaps.monthly_hours(sum(known[number].handling_s for number in each.cases)),
            "tickets": each.cases[-SHOWN_TICKETS:][::-1], "cases": each.cases,
        }
        for each in found[:MOST_OF_A_KIND]
    ]  # fmt: skip


def _gap(kind: str, subject: str, title: str, count: int) -> Json:
    return {"kind": kind, "subject": subject, "title": title, "count": count, "tickets": [], "article_id": None}


async def _searches(session: AsyncSession, since: datetime, mean: float) -> list[Json]:
    query = select(col(MissedSearch.words), func.count().label("n")).where(
        col(MissedSearch.at) >= since, col(MissedSearch.words) != ""
    )
    query = query.group_by(col(MissedSearch.words)).order_by(func.count().desc(), col(MissedSearch.words))
    found = (await session.execute(query.limit(MOST_OF_A_KIND))).all()
    return [{**_gap("search", words, words, n), "hours": gaps.monthly_hours(n * mean, gaps.ASKS)} for words, n in found]


async def _reopened(session: AsyncSession, since: datetime) -> list[Json]:
    """Articles whose cases came back: they may not say enough."""
    back = func.sum(case((col(Ticket.reopened) > 0, 1), else_=0))
    query = select(col(ArticleLink.article_id), func.count(), back).join(
        Ticket, col(Ticket.id) == col(ArticleLink.ticket_id)
    )
    query = query.where(col(ArticleLink.at) >= since, col(ArticleLink.how) != "written")
    query = query.group_by(col(ArticleLink.article_id)).having(func.count() >= gaps.REOPENED)
    found = [row for row in (await session.execute(query)).all() if row[2] >= row[1] * gaps.OFTEN]
    named = await titles(session, [row[0] for row in found])
    return [await _of_article(session, row[0], named[row[0]], since) for row in found[:MOST_OF_A_KIND]]


async def _of_article(session: AsyncSession, article_id: int, title: str, since: datetime) -> Json:
    query = select(col(Ticket.id)).join(ArticleLink, col(ArticleLink.ticket_id) == col(Ticket.id))
    query = query.where(
        col(ArticleLink.article_id) == article_id, col(ArticleLink.at) >= since, col(Ticket.reopened) > 0
    )
    numbers = list((await session.scalars(query.order_by(col(Ticket.id).desc()).limit(gaps.MOST_CASES))).all())
    took = sum((await _handling(session, numbers)).values())
    return {
        **_gap("reopened", str(article_id), title, len(numbers)), "hours": gaps.monthly_hours(took),
        "tickets": numbers[:SHOWN_TICKETS], "article_id": article_id,
    }  # fmt: skip


async def _unhelpful(session: AsyncSession, since: datetime, mean: float) -> list[Json]:
    """Much read, and most of those who answered were not helped."""
    views = select(col(ArticleText.article_id), func.sum(col(ArticleViews.views))).join(
        ArticleText, col(ArticleText.id) == col(ArticleViews.text_id)
    )
    views = views.where(col(ArticleViews.day) >= since.date()).group_by(col(ArticleText.article_id))
    read = {row[0]: row[1] for row in (await session.execute(views)).all() if row[1] >= gaps.VIEWED}
    no = func.sum(case((col(ArticleFeedback.helpful), 0), else_=1))
    query = select(col(ArticleText.article_id), func.count(), no).join(
        ArticleText, col(ArticleText.id) == col(ArticleFeedback.text_id)
    )
    query = query.where(col(ArticleFeedback.at) >= since).group_by(col(ArticleText.article_id))
    found = [
        row for row in (await session.execute(query)).all()
        if row[0] in read and row[1] >= gaps.ANSWERED and row[1] - row[2] < row[1] * gaps.HELPFUL
    ]  # fmt: skip
    named = await titles(session, [row[0] for row in found])
    return [
        {
            **_gap("unhelpful", str(number), named[number], read[number]), "article_id": number,
            "hours": gaps.monthly_hours(read[number] * no / answers * mean, gaps.ASKS),
        }
        for number, answers, no in found[:MOST_OF_A_KIND]
    ]  # fmt: skip
