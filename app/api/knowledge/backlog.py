"""What should be written, and what should be mended: gaps in the knowledge base, readers' and agents' complaints."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from app.actions.knowledge import gaps as verbs
from app.actions.knowledge import tasks
from app.api.door import Now, Reader, Reading, Writing, having, json_response
from app.api.knowledge.flow import WrittenUp
from app.api.knowledge.shapes import Locale, Number
from app.models import Agent
from app.queries.knowledge import gaps as queries
from app.queries.knowledge import tasks as task_queries
from app.rules.knowledge import gaps, life

router = APIRouter(prefix="/api/v1", tags=["articles"])
Author = Annotated[Agent, Depends(having(life.WRITE))]
GapKind = Literal["cluster", "search", "reopened", "unhelpful"]
Subject = Annotated[str, Field(min_length=1, max_length=120)]
FlagReason = Literal["wrong", "outdated", "unclear", "other"]


class GapAnswerOut(BaseModel):
    """Left aside with a reason, or a draft was begun."""

    reason: Literal["", "not_worth", "exists", "product", "other"]
    comment: str
    article_id: int | None
    agent_id: int | None
    at: datetime


class GapOut(BaseModel):
    """`count`: cases, searches, reopened cases, or views. `hours`: what it would save in 30 days."""

    kind: GapKind
    subject: str
    title: str
    count: int
    hours: float
    tickets: list[int]
    article_id: int | None
    answer: GapAnswerOut | None


class Formula(BaseModel):
    """By what the hours are estimated."""

    days: int
    answer_s: int
    saved: float
    asks: float


class BacklogOut(BaseModel):
    formula: Formula
    gaps: list[GapOut]


class GapIn(BaseModel):
    kind: GapKind
    subject: Subject


class GapDraftIn(GapIn):
    locale: Locale = "ja"


class GapDismissIn(GapIn):
    reason: Literal["not_worth", "exists", "product", "other"]
    comment: str = Field(default="", max_length=400, description='Needed with "other"')


class ArticleTaskOut(BaseModel):
    id: int
    article_id: int
    title: str
    locale: Locale
    kind: Literal["feedback", "flag"]
    reason: str
    comment: str
    agent_id: int | None = Field(description="Who flagged it; null: a reader")
    owner_id: int | None
    at: datetime


class FlagIn(BaseModel):
    locale: Locale = "ja"
    reason: FlagReason
    comment: str = Field(default="", max_length=1000)


class TaskDoneIn(BaseModel):
    outcome: Literal["fixed", "kept"]


@router.get("/knowledge/gaps", response_model=BacklogOut)
async def list_knowledge_gaps(session: Reading, agent: Author, now: Now) -> Response:
    """What saves most comes first."""
    formula = {"days": gaps.DAYS, "answer_s": gaps.ANSWER_S, "saved": gaps.SAVED, "asks": gaps.ASKS}
    return json_response({"formula": formula, "gaps": await queries.backlog(session, now)})


@router.post("/knowledge/gaps/draft", status_code=201, response_model=WrittenUp)
async def draft_from_gap(session: Writing, agent: Author, now: Now, asked: GapDraftIn) -> Response:
    """A draft in one step."""
    made = await verbs.draft(session, asked.kind, asked.subject, locale=asked.locale, by=agent, now=now)
    return json_response({"id": made.id}, 201)


@router.post("/knowledge/gaps/dismiss", status_code=204)
async def dismiss_gap(session: Writing, agent: Author, now: Now, asked: GapDismissIn) -> Response:
    """Leaves it aside, and why."""
    given = {"reason": asked.reason, "comment": asked.comment}
    await verbs.dismiss(session, asked.kind, asked.subject, given, by=agent, now=now)
    return Response(status_code=204)


@router.post("/knowledge/gaps/reopen", status_code=204)
async def reopen_gap(session: Writing, agent: Author, asked: GapIn) -> Response:
    """Takes the answer back."""
    await verbs.reopen(session, asked.kind, asked.subject)
    return Response(status_code=204)


@router.get("/knowledge/tasks", response_model=list[ArticleTaskOut])
async def list_article_tasks(session: Reading, agent: Reader, *, mine: bool = False) -> Response:
    """Open ones, the oldest first."""
    return json_response(await task_queries.waiting(session, agent.id if mine else None))


@router.post("/knowledge/tasks/{task_id}/done", status_code=204)
async def finish_article_task(
    session: Writing, agent: Author, now: Now, task_id: Number, asked: TaskDoneIn
) -> Response:
    await tasks.finish(session, task_id, asked.outcome, by=agent, now=now)
    return Response(status_code=204)


@router.post("/articles/{article_id}/flags", status_code=204)
async def flag_article(session: Writing, agent: Reader, now: Now, article_id: Number, asked: FlagIn) -> Response:
    """Whoever reads it may say that it is wrong."""
    given = {"locale": asked.locale, "reason": asked.reason, "comment": asked.comment}
    await tasks.flag(session, article_id, **given, by=agent, now=now)
    return Response(status_code=204)
