"""Knowledge at the end of a case (K3): asked by the team's setting, answered by a link, a draft or a reason."""

from typing import Any

import httpx2

from app import clock
from app.actions.desk import locked
from app.actions.effects import Doer, perform
from tests.api.conftest import Desk
from tests.api.knowledge.test_help import publish


async def open_ticket(
    desk: Desk, number: int = 1, *, team: bool = True, text: str = "しょうゆの瓶が割れて届きました"
) -> tuple[int, str]:
    """A LINE user writes; the ticket's number and address. `team`: it is handed to the cast's."""
    hanako = desk.client(desk.cast.hanako)
    await desk.say(number, text, user=f"U{number:032d}")
    rows = (await hanako.get("/api/v1/tickets?view=open&sort=updated")).json()["items"]
    ticket = max(row["number"] for row in rows)
    if team:
        await hanako.post(f"/api/v1/tickets/{ticket}/assign", json={"team_id": desk.cast.team.id})
    return ticket, f"/api/v1/tickets/{ticket}"


async def _mode(desk: Desk, mode: str, status: int = 200) -> None:
    place = f"/api/v1/knowledge/teams/{desk.cast.team.id}"
    assert (await desk.client(desk.cast.lead).put(place, json={"mode": mode})).status_code == status


async def resolve(client: httpx2.AsyncClient, base: str, **more: Any) -> httpx2.Response:
    return await client.patch(base, json={"status": "resolved", **more})


async def test_K3_a_team_that_requires_it_resolves_nothing_without_an_answer(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    article = await publish(desk)
    _, base = await open_ticket(desk)
    await _mode(desk, "required")
    refused = await resolve(hanako, base)
    assert (refused.status_code, refused.json()["code"]) == (409, "knowledge_needed")
    answer = await hanako.post(
        f"{base}/replies", json={"text": "代わりを送ります", "then": "resolved", "client_id": "a"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "knowledge_needed")
    assert [each["direction"] for each in (await hanako.get(f"{base}/messages")).json()["items"]] == ["in"], "not sent"
    macro = {"name": "完了", "actions": [{"do": "status", "to": "resolved"}]}
    made = (await hanako.post("/api/v1/macros", json=macro)).json()["id"]
    assert (await hanako.post(f"{base}/macros/{made}", json={})).json()["code"] == "knowledge_needed"
    assert (await hanako.get(base)).json()["ticket"]["status"] == "open"
    assert (await resolve(hanako, base, no_article={"reason": "other"})).json()["code"] == "needs_comment"
    await hanako.post(f"{base}/articles", json={"article_id": article})
    known = (await hanako.get(f"{base}/knowledge")).json()
    assert (known["mode"], known["open"], known["waiver"]) == ("required", False, None)
    assert (await resolve(hanako, base)).status_code == 200


async def test_K3_not_applicable_with_its_reason_in_one_stroke(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    await _mode(desk, "required")
    number, base = await open_ticket(desk)
    done = await resolve(hanako, base, no_article={"reason": "no_question"})
    assert (done.status_code, done.json()["status"]) == (200, "resolved")
    waiver = (await hanako.get(f"{base}/knowledge")).json()["waiver"]
    assert (waiver["reason"], waiver["agent_id"]) == ("no_question", desk.cast.hanako.id)
    back = (await hanako.delete(f"{base}/knowledge/waiver")).json()
    assert (back["waiver"], back["open"]) == (None, True)
    assert (await resolve(hanako, base)).status_code == 200, "it is resolved already: nothing is asked again"
    again = {"reason": "other", "comment": "試験のお問い合わせ"}
    assert (await hanako.put(f"{base}/knowledge/waiver", json=again)).json()["waiver"]["comment"] == again["comment"]
    assert (await desk.client(desk.cast.success).put(f"{base}/knowledge/waiver", json=again)).status_code == 403
    assert (await hanako.get(f"/api/v1/tickets/{number + 999}/knowledge")).status_code == 404


async def test_K3_asked_or_off_holds_nobody_up_and_neither_does_automation(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    await _mode(desk, "ask")
    _, base = await open_ticket(desk)
    known = (await hanako.get(f"{base}/knowledge")).json()
    assert (known["mode"], known["open"]) == ("ask", True)
    assert (await resolve(hanako, base)).status_code == 200
    _, alone = await open_ticket(desk, 2, team=False)
    await _mode(desk, "required")
    assert (await hanako.get(f"{alone}/knowledge")).json()["mode"] == "off", "no team, no question"
    number, ruled = await open_ticket(desk, 3)
    assert (await hanako.get(f"{ruled}/knowledge")).json()["open"]
    async with desk.database.write() as session:
        ticket = await locked(session, number)
        await perform(session, ticket, {"do": "status", "to": "resolved"}, Doer(), clock.utcnow())
    assert (await hanako.get(ruled)).json()["ticket"]["status"] == "resolved"
    assert (await hanako.put(f"/api/v1/knowledge/teams/{desk.cast.team.id}", json={"mode": "off"})).status_code == 403


async def test_K3_whether_a_linked_article_was_right(desk: Desk) -> None:
    hanako, lead = desk.client(desk.cast.hanako), desk.client(desk.cast.lead)
    article = await publish(desk)
    _, base = await open_ticket(desk)
    assert (await lead.patch(f"{base}/articles/{article}", json={"accurate": True})).json()["code"] == "no_article_link"
    await hanako.post(f"{base}/articles", json={"article_id": article})
    for said in (False, True, None):
        linked = (await lead.patch(f"{base}/articles/{article}", json={"accurate": said})).json()["linked"]
        assert [each["accurate"] for each in linked] == [said]
    outsider = await desk.client(desk.cast.outsider).patch(f"{base}/articles/{article}", json={"accurate": True})
    assert outsider.status_code == 401
