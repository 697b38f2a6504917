"""One box for everything: tickets, messages, persons, accounts."""

from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from app.api.door import Here, Now, Reader, Reading, json_response
from app.api.throttle import Throttle
from app.errors import Invalid
from app.models import Agent
from app.queries.search import index
from app.queries.search.find import Caller, Group, Search
from app.queries.search.sources import SOURCES
from app.rules.permissions import GRANTS, may
from app.rules.search.query import MOST_QUERY, parse

router = APIRouter(prefix="/api/v1", tags=["search"])
MOST_A_MINUTE = 300  # of one agent: somebody who types fast, and no program that reads the desk through this door
GROUP = 5  # of each kind, when all are asked for
ORDER = ("ticket", "message", "person", "account", "article")
NAMED = ("person", "account")  # found with typing errors
KindName = Literal["ticket", "message", "person", "account", "article"]


class WrongSearchCursor(Invalid):
    """The cursor is not of this search."""


class PieceOut(BaseModel):
    """A piece of text; `hit`: it is what was looked for. Text, never HTML."""

    text: str
    hit: bool


class HitOut(BaseModel):
    """`ticket`: where it leads. `alike`: the name is spelt a little differently."""

    kind: KindName
    id: int
    ticket: int | None
    title: list[PieceOut]
    snippet: list[PieceOut]
    at: datetime
    channel: str
    status: str
    author: str
    audience: str
    alike: bool


class GroupOut(BaseModel):
    """The newest of a kind. `capped`: there are more than `count`, or it was not looked to the end."""

    kind: KindName
    items: list[HitOut]
    count: int
    capped: bool
    next_cursor: str | None


class WrongOut(BaseModel):
    filter: str
    value: str


class SearchOut(BaseModel):
    """`wrong`: filters whose value means nothing here. `behind`: the index is still reading what was there before."""

    groups: list[GroupOut]
    wrong: list[WrongOut]
    behind: bool


@router.get("/search", response_model=SearchOut)
async def search(
    request: Request,
    session: Reading,
    agent: Reader,
    here: Here,
    now: Now,
    q: Annotated[str, Query(max_length=MOST_QUERY)] = "",
    kind: KindName | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Response:
    """Words, "side by side", and from: channel: status: tag: assignee: before: after: (docs/search.md)."""
    throttle: Throttle = request.app.state.throttle
    throttle.check(**{f"search {agent.id}": MOST_A_MINUTE})
    zone = ZoneInfo(here.settings.timezone)
    query = parse(q, now.astimezone(zone).date())
    below = _place(cursor)
    kinds = [each for each in ORDER if kind in (None, each) and _may(agent, each)]
    async with here.search.read() as indexed:
        state = await index.state(indexed)
        if state is None or (query.empty and not query.wrong):
            return json_response({"groups": [], "wrong": [], "behind": state is None})
        asked = Search(session, indexed, Caller(agent_id=agent.id, scopes=GRANTS[agent.role]), query, zone)
        wrong = await asked.prepare()
        size = limit if kind else GROUP
        groups = [await asked.group(each, size, below if kind else None) for each in kinds]
        groups = [await asked.alike(each.kind) if _misspelt(each, below) else each for each in groups]
    return json_response(
        {
            "groups": [_shape(each) for each in groups if each.items],
            "wrong": [{"filter": name, "value": value} for name, value in wrong],
            "behind": bool(state.kind),
        }
    )


def _may(agent: Agent, kind: str) -> bool:
    return kind in SOURCES and may(agent.role, SOURCES[kind].permission)


def _misspelt(group: Group, below: int | None) -> bool:
    return group.kind in NAMED and group.count == 0 and below is None


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isdecimal() or len(cursor) > 18:
        raise WrongSearchCursor
    return int(cursor)


def _shape(group: Group) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "items": [_item(each) for each in group.items],
        "count": group.count,
        "capped": group.capped,
        "next_cursor": None if group.below is None else str(group.below),
    }


def _item(item: dict[str, Any]) -> dict[str, Any]:
    pieces = {name: [{"text": text, "hit": hit} for text, hit in item[name]] for name in ("title", "snippet")}
    return {**item, **pieces}
