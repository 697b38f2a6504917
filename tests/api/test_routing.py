"""Routing over HTTP: its settings, offers, the next ticket, and why a ticket is where it is."""

from typing import Any

from app.actions import routing
from app.clock import utcnow
from tests.api.conftest import Desk

WEIGHTS = {"phone": 100, "chat": 30, "line": 15, "email": 10}


async def plan(desk: Desk, **fields: Any) -> dict[str, Any]:
    """The lead's plan for the team; its agents are there."""
    lead, team = desk.client(desk.cast.lead), desk.cast.team.id
    answer = await lead.put(f"/api/v1/teams/{team}/routing", json={"mode": "push"} | fields)
    assert answer.status_code == 200, answer.text
    for who in (desk.cast.hanako, desk.cast.jiro):
        await desk.client(who).put("/api/v1/me/presence", json={"presence": "available"})
    found: dict[str, Any] = answer.json()
    return found


async def waits(desk: Desk, number: int = 1) -> int:
    """A customer writes, it goes to the team, and the clock (which does not run here) looks once."""
    await desk.say(number, user=f"U{number:032x}")
    lead = desk.client(desk.cast.lead)
    ticket = max(each["number"] for each in (await lead.get("/api/v1/tickets?view=all")).json()["items"])
    moved = await lead.post(f"/api/v1/tickets/{ticket}/assign", json={"team_id": desk.cast.team.id})
    assert moved.status_code == 200, moved.text
    async with desk.database.read() as session:
        numbers, _ = await routing.look(session, utcnow(), {})
    async with desk.database.write() as session:
        await routing.route(session, numbers, utcnow())
    found: int = ticket
    return found


async def test_a_plan_is_kept_and_shown_to_every_screen(desk: Desk) -> None:
    kept = await plan(desk, mode="offer", strategy="round_robin", overflow=[{"after_s": 90, "widen": True}])
    lead = desk.client(desk.cast.lead)
    shown = (await lead.get("/api/v1/routing")).json()
    assert [each for each in shown["plans"] if each["team_id"] == desk.cast.team.id] == [kept]
    assert shown["weights"] == WEIGHTS
    assert (await lead.get("/api/v1/desk")).json()["routing"] == {str(desk.cast.team.id): "offer"}
    setup = {"weights": WEIGHTS | {"chat": 50}, "rest_after_s": 300, "wrap_up_s": 45, "away_after_s": 90}
    assert (await lead.put("/api/v1/routing", json=setup)).json() == setup
    assert (await lead.get("/api/v1/routing")).json()["wrap_up_s"] == 45


async def test_a_plan_that_does_not_fit_is_refused_with_its_reason(desk: Desk) -> None:
    lead, team = desk.client(desk.cast.lead), desk.cast.team.id
    cases = [
        ({"overflow": [{"after_s": 60, "team_id": team}]}, ("overflow.0.team_id", "self")),
        ({"overflow": [{"after_s": 60, "team_id": 987654}]}, ("overflow.0.team_id", "team")),
        ({"overflow": [{"after_s": 60}]}, ("overflow.0", "step")),
        ({"calendar_id": 987654}, ("calendar_id", "calendar")),
    ]
    for wrong, (at, code) in cases:
        answer = await lead.put(f"/api/v1/teams/{team}/routing", json={"mode": "push"} | wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_plan")
        assert [(each["at"], each["code"]) for each in answer.json()["fields"]] == [(at, code)]
    second = (await lead.post("/api/v1/teams", json={"name": "二次対応"})).json()["id"]
    to_first = {"mode": "push", "overflow": [{"after_s": 60, "team_id": team}]}
    to_second = {"mode": "push", "overflow": [{"after_s": 60, "team_id": second}]}
    await lead.put(f"/api/v1/teams/{team}/routing", json={"mode": "push"})
    assert (await lead.put(f"/api/v1/teams/{second}/routing", json=to_first)).status_code == 200
    loop = await lead.put(f"/api/v1/teams/{team}/routing", json=to_second)
    assert loop.json()["fields"][0]["code"] == "loop"
    assert (await lead.put("/api/v1/teams/987654/routing", json={"mode": "push"})).status_code == 422


async def test_skills_say_who_has_them_and_what_needs_them(desk: Desk) -> None:
    lead, hanako = desk.client(desk.cast.lead), desk.cast.hanako.id
    asked = {
        "name": "ワイン", "kind": "skill", "code": "", "agents": [{"agent_id": hanako, "level": 4}],
        "needed": [{"team_id": desk.cast.team.id, "inbox_id": None, "tag_id": None, "level": 2}],
    }  # fmt: skip
    made = await lead.post("/api/v1/skills", json=asked)
    assert made.status_code == 201
    number = made.json()["id"]
    assert (await lead.get("/api/v1/skills")).json() == [asked | {"id": number}]
    assert (await lead.put(f"/api/v1/skills/{number}", json=asked | {"agents": []})).json()["agents"] == []
    english = {"name": "英語", "kind": "language", "code": "en"}
    assert (await lead.post("/api/v1/skills", json=english)).status_code == 201
    for wrong, code in (
        ({"name": "ワイン"}, "skill_exists"),
        ({"name": "English", "kind": "language", "code": "en"}, "skill_exists"),
        ({"name": "French", "kind": "language"}, "wrong_skill"),
        ({"name": "x", "agents": [{"agent_id": 987654, "level": 1}]}, "wrong_skill"),
        ({"name": "x", "needed": [{"level": 1}]}, "wrong_skill"),
        ({"name": "x", "needed": [{"tag_id": 987654}]}, "wrong_skill"),
        ({"name": "x", "agents": [{"agent_id": hanako, "level": 6}]}, "invalid"),
    ):
        assert (await lead.post("/api/v1/skills", json=wrong)).json()["code"] == code, wrong
    assert (await lead.delete(f"/api/v1/skills/{number}")).status_code == 204
    assert (await lead.delete(f"/api/v1/skills/{number}")).status_code == 404
    assert (await desk.client(desk.cast.jiro).post("/api/v1/skills", json={"name": "y"})).status_code == 403


async def test_r1_why_me_and_why_it_waits(desk: Desk) -> None:
    await plan(desk)
    lead = desk.client(desk.cast.lead)
    number = await waits(desk)
    found = (await lead.get(f"/api/v1/tickets/{number}/routing")).json()
    assert (found["mode"], found["now"], found["decisions"][0]["outcome"]) == ("push", None, "assigned")
    assert found["decisions"][0]["agent_id"] == desk.cast.hanako.id
    for who in (desk.cast.hanako, desk.cast.jiro):
        await desk.client(who).put("/api/v1/me/presence", json={"presence": "break"})
    second = await waits(desk, 2)
    found = (await lead.get(f"/api/v1/tickets/{second}/routing")).json()
    assert (found["decisions"][0]["outcome"], found["now"]["why"]) == ("waiting", "nobody")
    assert {tuple(each["no"]) for each in found["now"]["reasons"]["candidates"]} == {("not_there:break",)}
    assert found["since"] is not None
    assert (await lead.get("/api/v1/tickets/987654/routing")).status_code == 404


async def test_r1_offers_are_shown_to_their_agent_only_and_taken_or_declined(desk: Desk) -> None:
    await plan(desk, mode="offer")
    number = await waits(desk)
    hanako, jiro = desk.client(desk.cast.hanako), desk.client(desk.cast.jiro)
    offer = (await hanako.get("/api/v1/offers")).json()[0]
    assert offer["ticket"]["number"] == number
    assert (await jiro.get("/api/v1/offers")).json() == []
    assert (await jiro.post(f"/api/v1/offers/{offer['id']}/accept")).json()["code"] == "no_offer"
    assert (await hanako.get(f"/api/v1/tickets/{number}/routing")).json()["offered_to"] == desk.cast.hanako.id
    assert (await hanako.post(f"/api/v1/offers/{offer['id']}/decline")).status_code == 204
    over = await hanako.post(f"/api/v1/offers/{offer['id']}/accept")
    assert (over.status_code, over.json()["code"]) == (409, "offer_over")
    second = await waits(desk, 2)
    mine = [each for who in (hanako, jiro) for each in (await who.get("/api/v1/offers")).json()]
    assert {each["ticket"]["number"] for each in mine} == {number, second}
    own = (await jiro.get("/api/v1/offers")).json()[0]
    assert (await jiro.post(f"/api/v1/offers/{own['id']}/accept")).json()["assignee_id"] == desk.cast.jiro.id


async def test_r2_the_next_ticket_for_who_asks(desk: Desk) -> None:
    await plan(desk, mode="pull")
    number = await waits(desk)
    lead, hanako = desk.client(desk.cast.lead), desk.client(desk.cast.hanako)
    assert (await lead.post("/api/v1/queue/next")).json() == {"ticket": None}, "not of this team"
    got = (await hanako.post("/api/v1/queue/next")).json()["ticket"]
    assert (got["number"], got["assignee_id"]) == (number, desk.cast.hanako.id)
    assert (await hanako.post("/api/v1/queue/next")).json() == {"ticket": None}
    assert (await desk.client(desk.cast.success).post("/api/v1/queue/next")).status_code == 403


async def test_an_agents_capacity_is_set_where_agents_are(desk: Desk) -> None:
    owner, path = desk.client(desk.cast.owner), f"/api/v1/agents/{desk.cast.hanako.id}"
    assert (await owner.patch(path, json={"capacity": 60})).json()["capacity"] == 60
    for wrong in (0, 1001):
        assert (await owner.patch(path, json={"capacity": wrong})).status_code == 422
