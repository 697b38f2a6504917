"""Saved views: one's own, a team's, everybody's."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from app.actions import views as verbs
from app.api.door import Now, Reader, Reading, Writing, json_response
from app.api.shapes import Channel, PriorityName, StatusName
from app.errors import Forbidden
from app.models import Agent
from app.queries.views import saved
from app.rules.permissions import may
from app.rules.views import COLUMNS

router = APIRouter(prefix="/api/v1/views", tags=["views"])
Base = Literal["open", "mine", "unassigned", "pending", "snoozed", "resolved", "closed", "all"]
Shown = Literal["company", "preview", "priority", "tags", "status", "assignee"]
Name = Annotated[str, Field(min_length=1, max_length=60)]
Sort = Literal["due", "updated"]


class ViewConditions(BaseModel):
    """As in the list of tickets. All of them hold."""

    view: Base = "open"
    team: int | None = None
    channel: Channel | None = None
    status: StatusName | None = None
    priority: PriorityName | None = None
    assignee: int | None = None
    tag: int | None = None
    text: str | None = Field(default=None, max_length=200)


class ViewIn(BaseModel):
    name: Name
    shared: Literal["mine", "team", "all"] = "mine"
    team_id: int | None = Field(default=None, description="Whose it is, when it is shared with a team")
    conditions: ViewConditions = ViewConditions()
    sort: Sort = "due"
    columns: list[Shown] = Field(default=[*COLUMNS], max_length=20, validate_default=True)


class ViewChange(BaseModel):
    """Only what is named changes."""

    name: Name | None = None
    conditions: ViewConditions | None = None
    sort: Sort | None = None
    columns: list[Shown] | None = None


class ViewOut(BaseModel):
    id: int
    agent_id: int | None = Field(description="Whose own it is")
    team_id: int | None = Field(description="Whose team's it is; neither: everybody's")
    name: str
    conditions: ViewConditions
    sort: Sort
    columns: list[Shown]


class ViewOrder(BaseModel):
    view_ids: list[int] = Field(min_length=1, max_length=100)


@router.get("", response_model=list[ViewOut])
async def list_views(session: Reading, agent: Reader) -> Response:
    """One's own, one's teams', everybody's."""
    return json_response([saved.shape(each) for each in await saved.of(session, agent.id, shares=_shares(agent))])


@router.post("", status_code=201, response_model=ViewOut)
async def add_view(session: Writing, agent: Reader, now: Now, asked: ViewIn) -> Response:
    if asked.shared != "mine" and not _shares(agent):
        raise Forbidden(permission=verbs.SHARE)
    if asked.shared == "team" and asked.team_id is None:
        raise verbs.UnknownInView
    given: dict[str, Any] = {
        **asked.model_dump(exclude={"shared"}),
        "agent_id": agent.id if asked.shared == "mine" else None,
        "team_id": asked.team_id if asked.shared == "team" else None,
    }
    return json_response(saved.shape(await verbs.add(session, given, by=agent, now=now)), 201)


@router.put("/order", status_code=204)
async def order_views(session: Writing, agent: Reader, asked: ViewOrder) -> Response:
    """All of one's own, of one team's, or of everybody's, as they shall stand."""
    await verbs.order(session, asked.view_ids, by=agent, shares=_shares(agent))
    return Response(status_code=204)


@router.patch("/{view_id}", response_model=ViewOut)
async def change_view(session: Writing, agent: Reader, now: Now, view_id: int, change: ViewChange) -> Response:
    given = {name: value for name, value in change.model_dump(exclude_unset=True).items() if value is not None}
    return json_response(
        saved.shape(await verbs.change(session, view_id, given, by=agent, shares=_shares(agent), now=now))
    )


@router.delete("/{view_id}", status_code=204)
async def remove_view(session: Writing, agent: Reader, now: Now, view_id: int) -> Response:
    await verbs.remove(session, view_id, by=agent, shares=_shares(agent), now=now)
    return Response(status_code=204)


def _shares(agent: Agent) -> bool:
    return may(agent.role, verbs.SHARE)
