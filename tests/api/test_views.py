"""Saved views: one's own, a team's, everybody's; who may share and change them; what their badges count."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.models import Ticket
from app.queries.views import saved
from tests.api.conftest import Desk

URGENT = {"view": "unassigned", "priority": "urgent"}


async def keep(desk: Desk, who: Any, name: str, **more: Any) -> int:
    made = await desk.client(who).post("/api/v1/views", json={"name": name, "conditions": URGENT} | more)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


async def seen(desk: Desk, who: Any) -> list[str]:
    return [each["name"] for each in (await desk.client(who).get("/api/v1/views")).json()]


async def test_a_view_is_its_agents_its_teams_or_everybodys_and_only_who_may_shares(desk: Desk) -> None:
    cast = desk.cast
    mine = await keep(desk, cast.hanako, "私の急ぎ")
    team = await keep(desk, cast.lead, "サポートの急ぎ", shared="team", team_id=cast.team.id)
    everybody = await keep(desk, cast.lead, "みんなの急ぎ", shared="all")
    assert await seen(desk, cast.hanako) == ["私の急ぎ", "サポートの急ぎ", "みんなの急ぎ"]
    assert await seen(desk, cast.success) == ["みんなの急ぎ"], "neither hers nor her team's"
    hanako, success, lead = desk.client(cast.hanako), desk.client(cast.success), desk.client(cast.lead)
    for shared in ({"shared": "all"}, {"shared": "team", "team_id": cast.team.id}):
        assert (await hanako.post("/api/v1/views", json={"name": "n", **shared})).status_code == 403
    assert (await hanako.patch(f"/api/v1/views/{everybody}", json={"name": "n"})).status_code == 403
    assert (await success.patch(f"/api/v1/views/{team}", json={"name": "n"})).status_code == 404
    for wrong in (success, lead):
        assert (await wrong.delete(f"/api/v1/views/{mine}")).status_code == 404, "another's own is nobody else's"
    changed = await hanako.patch(f"/api/v1/views/{mine}", json={"name": "急ぎ", "columns": ["tags", "company"]})
    assert (changed.json()["name"], changed.json()["columns"]) == ("急ぎ", ["company", "tags"])
    assert changed.json()["conditions"]["priority"] == "urgent", "only what is named changes"
    assert (await lead.delete(f"/api/v1/views/{everybody}")).status_code == 204
    assert await seen(desk, cast.hanako) == ["急ぎ", "サポートの急ぎ"]


async def test_views_are_put_in_order_and_a_stale_order_is_refused(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    made = [await keep(desk, desk.cast.hanako, name) for name in ("一", "二", "三")]
    turned = {"view_ids": made[::-1]}
    assert (await hanako.put("/api/v1/views/order", json=turned)).status_code == 204
    assert await seen(desk, desk.cast.hanako) == ["三", "二", "一"]
    await keep(desk, desk.cast.hanako, "四")
    assert (await hanako.put("/api/v1/views/order", json=turned)).json()["code"] == "other_views"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"conditions": {"view": "nowhere"}}, "invalid"),
        ({"conditions": {"tag": 987654}}, "unknown_in_view"),
        ({"shared": "team", "team_id": 987654}, "unknown_in_view"),
        ({"shared": "team"}, "unknown_in_view"),
        ({"columns": ["password_hash"]}, "invalid"),
        ({"name": ""}, "invalid"),
    ],
)
async def test_what_does_not_fit_is_refused_with_the_reason(desk: Desk, body: dict[str, Any], code: str) -> None:
    answer = await desk.client(desk.cast.lead).post("/api/v1/views", json={"name": "n"} | body)
    assert answer.status_code == 422 and code in answer.json()["code"], answer.text
    assert await seen(desk, desk.cast.lead) == []


async def test_badges_count_what_the_view_lists_and_say_when_there_may_be_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        await desk.say(number, user="U" + str(number) * 32)
    async with desk.database.write() as session:
        urgent = update(Ticket).where(col(Ticket.id).in_((1, 4, 5))).values(priority="urgent")
        await session.execute(urgent)
    hanako = desk.client(desk.cast.hanako)
    exact = await keep(desk, desk.cast.hanako, "急ぎ")
    line = await keep(desk, desk.cast.hanako, "LINE", conditions={"channel": "line"})
    words = await keep(desk, desk.cast.hanako, "言葉", conditions={"text": "醤油"})
    solved = await keep(desk, desk.cast.hanako, "解決", conditions={"view": "resolved"})
    found = (await hanako.get("/api/v1/tickets/counts")).json()
    assert (found["views"][f"saved:{exact}"], found["views"][f"saved:{line}"], found["least"]) == (3, 5, [])
    assert not {f"saved:{words}", f"saved:{solved}"} & set(found["views"]), "they have no badge"
    listed = (await hanako.get("/api/v1/tickets", params=URGENT)).json()["items"]
    assert len(listed) == found["views"][f"saved:{exact}"]
    monkeypatch.setattr(saved, "LOOKED_AT", 2)
    found = (await hanako.get("/api/v1/tickets/counts")).json()
    assert found["least"] == [f"saved:{exact}"] and found["views"][f"saved:{exact}"] < 3
