"""Rules and macros over HTTP: who may, what is refused and why, the rehearsal that changes nothing, one stroke."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from app.models import Audit, AutomationRun, Event, Message, Ticket, Webhook
from tests.api.conftest import Desk

NOTE: dict[str, Any] = {"do": "note", "text": "確認 {{ticket.number}}"}
RULE: dict[str, Any] = {
    "name": "返金", "trigger": {"on": ["message.received"]},
    "conditions": {"all": [{"field": "message_text", "op": "contains", "value": "返金"}]}, "actions": [NOTE],
}  # fmt: skip


def faults(answer: Any) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(each["at"], each["code"]) for each in answer.json()["fields"]]


async def test_a_lead_makes_orders_and_switches_rules_and_each_change_is_audited(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    made = await lead.post("/api/v1/automations", json=RULE)
    assert made.status_code == 201 and (made.json()["active"], made.json()["version"]) == (False, 1)
    path = f"/api/v1/automations/{made.json()['id']}"
    assert (await lead.post("/api/v1/automations/dry-run", json=RULE)).status_code == 200
    on = (await lead.patch(path, json={"active": True})).json()
    assert (on["active"], on["version"]) == (True, 1) and on["since"] is not None
    more = {"actions": [NOTE, {"do": "hand_over"}]}
    assert (await lead.post("/api/v1/automations/dry-run", json=RULE | more)).status_code == 200
    changed = (await lead.patch(path, json={**more, "version": 1})).json()
    assert (changed["version"], changed["active"]) == (2, True)
    stale = await lead.patch(path, json={"actions": [NOTE], "version": 1})
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (409, "rule_changed", 2)
    other = (await lead.post("/api/v1/automations", json={**RULE, "name": "b"})).json()["id"]
    ids = [other, made.json()["id"]]
    ordered = (await lead.put("/api/v1/automations/order", json={"rule_ids": ids})).json()
    assert [each["id"] for each in ordered] == ids
    assert (await lead.put("/api/v1/automations/order", json={"rule_ids": [other]})).json()["code"] == "wrong_order"
    assert (await lead.delete(path)).status_code == 204
    assert [each["id"] for each in (await lead.get("/api/v1/automations")).json()] == [other]
    assert (await lead.patch(path, json={"active": True})).json()["code"] == "no_rule"
    async with desk.database.read() as session:
        codes = set((await session.scalars(select(col(Audit.code)))).all())
    assert {"automation.added", "automation.changed", "automation.ordered", "automation.removed"} <= codes


async def test_a_rule_is_switched_on_only_after_a_rehearsal_of_just_this_version(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    new = await lead.post("/api/v1/automations", json={**RULE, "active": True})
    assert (new.status_code, new.json()["code"]) == (409, "not_rehearsed")
    path = f"/api/v1/automations/{(await lead.post('/api/v1/automations', json=RULE)).json()['id']}"
    assert (await lead.patch(path, json={"active": True})).json()["code"] == "not_rehearsed"
    await lead.post("/api/v1/automations/dry-run", json=RULE)
    assert (await lead.patch(path, json={"active": True})).json()["active"] is True
    other = {"conditions": {"all": [{"field": "message_text", "op": "contains", "value": "返品"}]}}
    refused = await lead.patch(path, json=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_rehearsed")
    (kept,) = (await lead.get("/api/v1/automations")).json()
    assert (kept["version"], kept["conditions"], kept["active"]) == (1, RULE["conditions"], True), "and nothing changed"
    await lead.post("/api/v1/automations/dry-run", json=RULE | other)
    assert (await lead.patch(path, json=other)).json()["version"] == 2
    assert (await lead.patch(path, json={"name": "別の名前"})).status_code == 200, "its name is no part of what it does"


async def test_rules_that_would_chase_each_other_are_refused_with_their_names(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)

    def rule(name: str, on: str, **deed: Any) -> dict[str, Any]:
        return {"name": name, "trigger": {"on": [on]}, "conditions": {"all": []}, "actions": [deed]}

    high = rule("上げる", "ticket.team", do="priority", to="high")
    team = rule("渡す", "ticket.priority", do="assign_team", team=desk.cast.team.id)
    for each in (high, team):
        assert (await lead.post("/api/v1/automations", json=each)).status_code == 201, (
            "the second round changes nothing"
        )
    low = rule("下げる", "ticket.priority", do="priority", to="low")
    back = rule("戻す", "ticket.priority", do="assign_team", team=None)
    assert (await lead.post("/api/v1/automations", json=back)).status_code == 201
    refused = await lead.post("/api/v1/automations", json=rule("また", "ticket.team", do="priority", to="urgent"))
    assert faults(refused) == [("actions", "circle")]
    assert refused.json()["fields"][0]["rules"] == ["また", "渡す"]
    assert faults(await lead.post("/api/v1/automations", json={**low, "trigger": {"on": ["ticket.team"]}}))


async def test_what_makes_no_sense_is_refused_when_it_is_saved_with_field_and_reason(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    cases: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"conditions": {"all": [{"field": "colour", "op": "is", "value": 1}]}}, [("conditions.all.0.field", "field")]),
        (
            {"conditions": {"all": [{"field": "team", "op": "is", "value": 987}]}},
            [("conditions.all.0.value", "unknown")],
        ),
        ({"actions": [{"do": "webhook", "webhook": 5}]}, [("actions.0.webhook", "unknown")]),
        ({"actions": [{"do": "note", "text": "{{person.nmae}}"}]}, [("actions.0.text", "variable")]),
        ({"trigger": {"on": ["note.written"]}, "conditions": {"all": []}}, [("actions", "loop")]),
        ({"trigger": {"time": True}}, [("conditions", "time")]),
        ({"actions": []}, [("actions", "actions")]),
    ]
    for change, expected in cases:
        asked = {**RULE, **change}
        assert faults(await lead.post("/api/v1/automations", json=asked)) == expected
        assert faults(await lead.post("/api/v1/automations/dry-run", json=asked)) == expected
    assert (await lead.get("/api/v1/automations")).json() == []
    deep: Any = {"all": []}
    for _ in range(200):
        deep = {"all": [deep]}
    assert [code for _, code in faults(await lead.post("/api/v1/automations", json={**RULE, "conditions": deep}))] == [
        "deep"
    ]


async def test_a_rehearsal_lists_what_would_have_been_done_and_changes_nothing(desk: Desk) -> None:
    lead = desk.client(desk.cast.lead)
    await desk.say(1, "返金してください")
    await desk.say(2, "ありがとう", user="U" + "2" * 32)
    before = await counted(desk)
    seen = (await lead.post("/api/v1/automations/dry-run", json=RULE)).json()
    assert (seen["looked_at"], seen["matched"], seen["capped"]) == (2, 1, False)
    assert [(each["ticket"], each["kind"]) for each in seen["items"]] == [(1, "message.received")]
    old = {"field": "hours_since_created", "op": "greater", "value": 5}
    timed = {**RULE, "trigger": {"time": True}, "conditions": {"all": [old]}}
    seen = (await lead.post("/api/v1/automations/dry-run", json=timed)).json()
    assert (seen["looked_at"], seen["matched"], seen["later"]) == (2, 0, 2)
    assert await counted(desk) == before


async def counted(desk: Desk) -> list[int]:
    async with desk.database.read() as session:
        return [
            await session.scalar(select(func.count()).select_from(m)) or 0
            for m in (Event, Message, AutomationRun, Audit)
        ]


async def test_agents_read_what_rules_can_say_but_not_where_webhooks_lead(desk: Desk) -> None:
    async with desk.database.write() as session:
        session.add(
            Webhook(name="CRM", url="https://crm.example/secret", cursor="0", created_at=desk.cast.team.created_at)
        )
        await session.flush()
    answer = await desk.client(desk.cast.hanako).get("/api/v1/automations/words")
    assert answer.json()["webhooks"] == [{"id": 1, "name": "CRM"}] and "crm.example" not in answer.text
    fields = {each["name"]: each for each in answer.json()["fields"]}
    assert fields["status"]["words"][0] == "open" and "any_of" in fields["tag"]["operators"]
    assert (await desk.client(desk.cast.hanako).get("/api/v1/automations")).status_code == 403


# -- macros -------------------------------------------------------------------------------------------------------------


async def test_ones_own_macros_are_ones_own_and_everybodys_are_a_leads_to_change(desk: Desk) -> None:
    hanako, jiro, lead = (desk.client(m) for m in (desk.cast.hanako, desk.cast.jiro, desk.cast.lead))
    own = (await hanako.post("/api/v1/macros", json={"name": "mine", "text": "x"})).json()
    assert own["agent_id"] == desk.cast.hanako.id
    refused = await hanako.post("/api/v1/macros", json={"name": "all", "text": "x", "shared": True})
    assert refused.status_code == 403
    shared = (await lead.post("/api/v1/macros", json={"name": "all", "text": "x", "shared": True})).json()
    assert [each["name"] for each in (await jiro.get("/api/v1/macros")).json()] == ["all"]
    assert (await jiro.patch(f"/api/v1/macros/{own['id']}", json={"name": "stolen"})).status_code == 404
    assert (await lead.delete(f"/api/v1/macros/{own['id']}")).status_code == 404
    assert (await jiro.patch(f"/api/v1/macros/{shared['id']}", json={"name": "n"})).status_code == 403
    assert (await lead.patch(f"/api/v1/macros/{shared['id']}", json={"name": "n"})).json()["name"] == "n"
    assert (await lead.delete(f"/api/v1/macros/{shared['id']}")).status_code == 204
    assert (await jiro.get("/api/v1/macros")).json() == []
    for text, actions, expected in (
        ("", [], ("text", "text")), ("{{x.y}}", [], ("text", "variable")), ("{{", [], ("text", "brace")),
        ("x", [{"do": "reply", "text": "x"}], ("actions.0", "action")),
        ("x", [{"do": "add_tag", "tag": 9}], ("actions.0.tag", "unknown")),
    ):  # fmt: skip
        asked = {"name": "n", "text": text, "actions": actions}
        assert faults(await hanako.post("/api/v1/macros", json=asked)) == [expected]


async def test_a_macro_answers_and_acts_in_one_stroke_once(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    await desk.say(1)
    deeds = [{"do": "priority", "to": "high"}, {"do": "status", "to": "pending"}]
    made = (await hanako.post("/api/v1/macros", json={
        "name": "m", "text": "#{{ticket.number}} {{agent.name}} {{account.name|個人}}", "actions": deeds,
    })).json()  # fmt: skip
    path = f"/api/v1/tickets/1/macros/{made['id']}"
    assert (await hanako.get(path)).json() == {"text": "#1 花子 個人"}
    used = await hanako.post(path, json={"client_id": "a"})
    assert used.status_code == 201
    assert used.json()["message"]["text"] == "#1 花子 個人" and used.json()["message"]["author"] == "agent"
    ticket = used.json()["ticket"]
    assert (ticket["priority"], ticket["status"], ticket["assignee_id"]) == ("high", "pending", desk.cast.hanako.id)
    await hanako.patch("/api/v1/tickets/1", json={"priority": "low"})
    again = (await hanako.post(path, json={"client_id": "a"})).json()
    assert (again["message"]["id"], again["did"], again["ticket"]["priority"]) == (
        used.json()["message"]["id"],
        [],
        "low",
    )
    assert (await hanako.get("/api/v1/macros")).json()[0]["uses"] == 1
    mine = (await hanako.post(path, json={"client_id": "b", "text": "書き直した"})).json()
    assert mine["message"]["text"] == "書き直した"


async def test_when_the_answer_cannot_go_out_the_deeds_are_not_done_either(desk: Desk) -> None:
    hanako = desk.client(desk.cast.hanako)
    await desk.say(1)
    await desk.client(desk.cast.owner).patch(f"/api/v1/inboxes/{desk.inboxes['line'].id}", json={"enabled": False})
    asked = {"name": "m", "text": "x", "actions": [{"do": "priority", "to": "high"}]}
    made = (await hanako.post("/api/v1/macros", json=asked)).json()
    refused = await hanako.post(f"/api/v1/tickets/1/macros/{made['id']}", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_reply")
    async with desk.database.read() as session:
        ticket = await session.get_one(Ticket, 1)
    assert ticket.priority == "normal" and (await hanako.get("/api/v1/macros")).json()[0]["uses"] == 0
