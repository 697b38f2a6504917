"""Articles in the flow of a ticket: suggested, sent, linked, and written from its answer."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.actions import desk
from app.actions.knowledge import linking
from app.api.door import Here, Now, Reader, Reading, Worker, Writing, having, json_response
from app.api.knowledge.shapes import For, Locale, Number, State
from app.models import Agent, Ticket
from app.queries.knowledge import flow
from app.rules.knowledge import life

router = APIRouter(prefix="/api/v1/tickets/{number}", tags=["articles"])
Author = Annotated[Agent, Depends(having(life.WRITE))]


class SuggestedArticle(BaseModel):
    id: int
    title: str
    locale: Locale
    state: State
    audience: For
    link: str = Field(description="For the customer; empty while nothing is published for them")
    text: str = Field(description="The published resolution without markup, for channels that carry none")


class LinkedArticle(BaseModel):
    id: int
    title: str
    how: Literal["linked", "sent", "written"]
    state: State
    accurate: bool | None = Field(description="Whether it was the right one; null: nobody has said")
    agent_id: int | None
    at: datetime


class ArticleLinkIn(BaseModel):
    article_id: Number
    how: Literal["linked", "sent"] = "linked"


class WriteUpIn(BaseModel):
    locale: Locale = "ja"


class WrittenUp(BaseModel):
    id: int


async def _ticket(session: AsyncSession, number: int) -> Ticket:
    found = await session.get(Ticket, number)
    if found is None:
        raise desk.NoTicket
    return found


@router.get("/articles/suggestions", response_model=list[SuggestedArticle])
async def suggest_articles(
    session: Reading, agent: Reader, here: Here, number: Number, q: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """By what the customer wrote; with `q` by these words."""
    ticket = await _ticket(session, number)
    return json_response(await flow.suggestions(session, ticket, q, here.vault, here.settings.public_url))


@router.get("/articles", response_model=list[LinkedArticle])
async def list_linked_articles(session: Reading, agent: Reader, number: Number) -> Response:
    return json_response(await flow.linked(session, (await _ticket(session, number)).id))


@router.post("/articles", status_code=201, response_model=list[LinkedArticle])
async def link_article(session: Writing, agent: Worker, now: Now, number: Number, asked: ArticleLinkIn) -> Response:
    ticket = await desk.locked(session, number)
    await linking.link(session, ticket, asked.article_id, how=asked.how, by=agent, now=now)
    return json_response(await flow.linked(session, number), 201)


@router.delete("/articles/{article_id}", status_code=204)
async def unlink_article(session: Writing, agent: Worker, number: Number, article_id: Number) -> Response:
    await linking.unlink(session, await desk.locked(session, number), article_id)
    return Response(status_code=204)


@router.post("/articles/draft", status_code=201, response_model=WrittenUp)
async def write_up_ticket(session: Writing, agent: Author, now: Now, number: Number, asked: WriteUpIn) -> Response:
    """A draft from the customer's first words and the latest answer."""
    ticket = await desk.locked(session, number)
    made = await linking.write_up(session, ticket, locale=asked.locale, by=agent, now=now)
    return json_response({"id": made.id}, 201)
