"""Saved views: kept, changed, put in order, thrown away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.errors import Conflict, Forbidden, Invalid, Missing
from app.models import Agent, Audit, SavedView, Tag, Team
from app.queries.views import saved
from app.rules import views as rules

SHARE = "view.share"


class NoView(Missing):
    """There is no such view."""


class TooManyViews(Conflict):
    """There are as many views as can be. Remove one that nobody needs."""


class UnknownInView(Invalid):
    """The view names a team, a tag or an agent that is not there."""


class OtherViews(Conflict):
    """The views are others meanwhile. Look at them again."""


async def add(session: AsyncSession, given: Mapping[str, Any], *, by: Agent | None, now: datetime) -> SavedView:
    """`given`: name, conditions, sort, columns, agent_id or team_id or neither. Raises UnknownInView, TooManyViews."""
    conditions = rules.asked(given["conditions"])
    await _known(session, conditions, given.get("team_id"))
    same = _same(given.get("agent_id"), given.get("team_id"))
    query = select(func.count(), func.max(col(SavedView.position))).where(*same)
    count, last = (await session.execute(query)).one()
    if count >= rules.MOST:
        raise TooManyViews
    made = SavedView(
        agent_id=given.get("agent_id"), team_id=given.get("team_id"), name=given["name"], conditions=conditions,
        position=(last or 0) + 1, sort=given["sort"], columns=_ordered(given["columns"]), created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(made)
    await session.flush()
    _say(session, "view.added", made, by, now)
    return made


async def change(
    session: AsyncSession, view_id: int, given: Mapping[str, Any], *, by: Agent, shares: bool, now: datetime
) -> SavedView:
    """Only what is named changes. Raises NoView, Forbidden, UnknownInView."""
    view = await _changeable(session, view_id, by, shares=shares)
    if "conditions" in given:
        view.conditions = rules.asked(given["conditions"])
        await _known(session, view.conditions, None)
    view.name, view.sort = given.get("name", view.name), given.get("sort", view.sort)
    view.columns = _ordered(given.get("columns", view.columns))
    view.updated_at = now
    await session.flush()
    _say(session, "view.changed", view, by, now)
    return view


async def remove(session: AsyncSession, view_id: int, *, by: Agent, shares: bool, now: datetime) -> None:
    """Raises NoView, Forbidden."""
    view = await _changeable(session, view_id, by, shares=shares)
    _say(session, "view.removed", view, by, now)
    await session.delete(view)
    await session.flush()


async def order(session: AsyncSession, view_ids: Sequence[int], *, by: Agent, shares: bool) -> None:
    """All views of the same people, in their new order. Raises NoView, Forbidden, OtherViews."""
    first = await _changeable(session, view_ids[0], by, shares=shares)
    query = select(SavedView).where(*_same(first.agent_id, first.team_id)).order_by(col(SavedView.id))
    found = {each.id: each for each in (await session.scalars(query.with_for_update())).all()}
    if sorted(view_ids) != sorted(found):
        raise OtherViews
    for place, view_id in enumerate(view_ids, start=1):
        found[view_id].position = place
    await session.flush()


async def _changeable(session: AsyncSession, view_id: int, by: Agent, *, shares: bool) -> SavedView:
    query = select(SavedView).where(col(SavedView.id) == view_id, saved.visible(by.id, shares=shares))
    view = (await session.scalars(query.with_for_update())).first()
    if view is None:
        raise NoView
    if rules.shares(by.id, view.agent_id) and not shares:
        raise Forbidden(permission=SHARE)
    return view


def _same(agent_id: int | None, team_id: int | None) -> tuple[Any, ...]:
    """The views of the same people."""
    return tuple(
        column.is_(None) if value is None else column == value
        for column, value in ((col(SavedView.agent_id), agent_id), (col(SavedView.team_id), team_id))
    )


def _ordered(columns: Sequence[str]) -> list[str]:
    return [each for each in rules.COLUMNS if each in columns]


async def _known(session: AsyncSession, conditions: Mapping[str, Any], team_id: int | None) -> None:
    named: list[tuple[Any, int | None]] = [
        (Team, team_id), (Team, conditions.get("team")), (Tag, conditions.get("tag")), (Agent, conditions.get("assignee")),
    ]  # fmt: skip
    for model, number in named:
        if number is not None and await session.get(model, number) is None:
            raise UnknownInView


def _say(session: AsyncSession, code: str, view: SavedView, by: Agent | None, now: datetime) -> None:
    """One's own is one's own business."""
    if view.agent_id is None:
        session.add(Audit(at=now, agent_id=by.id if by else None, code=code, subject=view.name))
