"""Whatever is sent, the answer is a problem with a code, never a 500."""

import base64
import itertools
import json
from typing import Any

from fastapi.routing import APIRoute

from app.api.shapes import TicketDetail
from tests.api.conftest import Desk
from tests.test_house import api_routes, key_of

HUGE = 10**30
IDS = ["0", "-1", str(2**31), str(2**63), str(HUGE), "x", "%00", "1e3", "٣"]


async def problems(desk: Desk, requests: list[tuple[str, str, Any]]) -> list[tuple[str, str, Any, int, str]]:
    """Those that were answered with a 500, or not in the shape of a problem."""
    client, wrong = desk.client(desk.cast.owner), []
    for method, path, body in requests:
        answer = await client.request(method, path, json=body)
        shaped = answer.status_code < 400 or (
            answer.headers.get("content-type") == "application/problem+json"
            and {"type", "title", "status", "code"} <= set(answer.json()) and answer.json()["status"] == answer.status_code
        )  # fmt: skip
        if answer.status_code >= 500 or not shaped:
            wrong.append((method, path, body, answer.status_code, answer.text[:160]))
    return wrong


async def test_ids_of_any_size(desk: Desk) -> None:
    paths = [
        key_of(r) for r in api_routes() if isinstance(r, APIRoute) and r.path.startswith("/api/v1") and "{" in r.path
    ]
    requests = [
        (method, path.split("{")[0] + each + path.split("}")[-1], {} if method != "GET" else None)
        for method, path in paths for each in IDS
    ]  # fmt: skip
    assert await problems(desk, requests) == []


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


NOON = "2026-01-01T12:00:00Z"
CURSORS = [
    "x", "é", "\x00", "bnVsbA==", "eyJhIjoxLCJiIjoyfQ==", cursor(), cursor(1, 2), cursor(NOON, HUGE), cursor(NOON, -1),
    cursor(NOON, "x"), cursor(NOON, None), cursor(NOON, 1, 1), cursor("0001-01-01T00:00:00+14:00", 1), cursor(None, 1),
]  # fmt: skip


async def test_cursors_that_are_none(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    for each, sort in itertools.product(CURSORS, ("due", "updated")):
        answer = await client.get("/api/v1/tickets", params={"cursor": each, "sort": sort})
        assert answer.status_code == 422, (each, answer.text)
        assert answer.json()["code"] == "wrong_cursor", each


async def test_queries_of_any_kind(desk: Desk) -> None:
    await desk.say(1)
    numbers = [
        f"/api/v1/tickets?{name}={value}"
        for name in ("team", "assignee", "tag", "person", "limit") for value in (-1, 0, 2**63, HUGE, "x")
    ]  # fmt: skip
    others = [
        "/api/v1/tickets?view=nonsense", "/api/v1/tickets?view=team", "/api/v1/tickets?q=%00", "/api/v1/tickets?q=%25_%5C",
        "/api/v1/tickets?q=" + "9" * 14, "/api/v1/tickets?q=%E2%91%A0", "/api/v1/tickets?q=" + "x" * 201,
        "/api/v1/tickets?channel=fax", "/api/v1/tickets?status=x", "/api/v1/tickets/1/messages?before=-1",
        f"/api/v1/tickets/1/messages?before={HUGE}", "/api/v1/accounts?limit=-1", f"/api/v1/accounts?limit={HUGE}",
        "/api/v1/accounts?q=%00", "/api/v1/dead-letters?limit=-1", f"/api/v1/dead-letters?limit={HUGE}",
        f"/api/v1/phone/token?inbox={HUGE}", "/api/v1/phone/token?inbox=4", "/api/v1/phone/token",
    ]  # fmt: skip
    assert await problems(desk, [("GET", path, None) for path in numbers + others]) == []


NUL = "a\x00b"


async def test_bodies_of_any_kind(desk: Desk) -> None:
    await desk.say(1)
    many: list[tuple[str, str, Any]] = [
        ("PATCH", "/api/v1/tickets/1", {"subject": NUL}), ("PATCH", "/api/v1/tickets/1", {"team_id": 987}),
        ("PATCH", "/api/v1/tickets/1", {"team_id": HUGE}), ("PATCH", "/api/v1/tickets/1", {"tag_ids": [HUGE, -1]}),
        ("PATCH", "/api/v1/tickets/1", {"status": "snoozed", "snoozed_until": "0001-01-01T00:00:00+09:00"}),
        ("PATCH", "/api/v1/tickets/1", {"status": "snoozed", "snoozed_until": "9999-12-31T23:59:59-12:00"}),
        ("PATCH", "/api/v1/tickets/1", {"status": "snoozed", "snoozed_until": "2026-01-01T00:00:00"}),
        ("PATCH", "/api/v1/tickets/1", {"status": "x"}), ("PATCH", "/api/v1/tickets/1", []),
        ("POST", "/api/v1/tickets/1/assign", {"agent_id": HUGE}), ("POST", "/api/v1/tickets/1/assign", {"agent_id": 987}),
        ("POST", "/api/v1/tickets/1/assign", {"team_id": 987}),
        ("POST", "/api/v1/tickets/1/notes", {"text": NUL, "client_id": NUL}),
        ("POST", "/api/v1/tickets/1/notes", {"text": "x", "attachments": [NUL]}),
        ("POST", "/api/v1/tickets/1/replies", {"text": NUL, "client_id": NUL}),
        ("POST", "/api/v1/tickets/1/replies", {"text": "x", "thread_id": HUGE}),
        ("POST", "/api/v1/tickets/1/replies", {"text": "x", "then": "spam"}),
        ("POST", "/api/v1/tickets", {"inbox_id": HUGE, "to": "a@b.example", "subject": "s", "text": "t"}),
        ("POST", "/api/v1/tickets", {"inbox_id": 2, "to": "a\x00@b.example", "subject": NUL, "text": NUL}),
        ("POST", "/api/v1/tickets", {"inbox_id": 1, "to": "a@b.example", "subject": "s", "text": "t"}),
        ("PATCH", "/api/v1/persons/1", {"name": NUL, "note": NUL}), ("PATCH", "/api/v1/persons/1", {"account_id": HUGE}),
        ("PATCH", "/api/v1/persons/1", {"account_id": 987}), ("POST", "/api/v1/accounts", {"name": NUL}),
        ("POST", "/api/v1/tags", {"name": NUL}), ("POST", "/api/v1/tags", {"name": ""}),
        ("POST", "/api/v1/me/tokens", {"name": NUL}), ("PATCH", "/api/v1/session", {"alias": NUL}),
        ("POST", "/api/v1/inboxes", {"kind": "chat", "name": "n", "team_id": 987}),
        ("POST", "/api/v1/inboxes", {"kind": "chat", "name": "n", "team_id": HUGE}),
        ("POST", "/api/v1/inboxes", {"kind": "chat", "name": NUL, "config": {"title_ja": NUL}}),
        ("POST", "/api/v1/inboxes", {"kind": "line", "name": "n", "config": {"channel_secret": {"a": 1}}}),
        ("POST", "/api/v1/inboxes", {"kind": "line", "name": "n", "config": {"channel_secret": None}}),
        ("POST", "/api/v1/inboxes", {"kind": "email", "name": "n", "config": {"address": ["x"], "imap_port": HUGE}}),
        ("POST", "/api/v1/inboxes", {"kind": "fax", "name": "n"}),
        ("PATCH", "/api/v1/inboxes/1", {"team_id": 987}), ("PATCH", "/api/v1/inboxes/1", {"config": {"nonsense": 1}}),
        ("PATCH", "/api/v1/inboxes/1", {"config": {"channel_id": None}}),
        ("POST", "/api/v1/agents", {"email": "n@b.example", "name": "n", "password": "x" * 10, "team_ids": [987]}),
        ("POST", "/api/v1/agents", {"email": "n\x00@b.example", "name": NUL, "password": "x" * 10}),
        ("POST", "/api/v1/agents", {"email": "hanako@mikawaya.example", "name": "n", "password": "x" * 10}),
        ("PATCH", "/api/v1/agents/1", {"team_ids": [987]}), ("PATCH", "/api/v1/agents/1", {"team_ids": [HUGE]}),
        ("PATCH", "/api/v1/agents/1", {"role": None, "name": None, "active": None}),
        ("POST", "/api/v1/teams", {"name": "n", "calendar_id": HUGE}), ("PATCH", "/api/v1/calendars/987", {"name": NUL}),
        ("POST", "/api/v1/calendars", {"name": NUL, "spec": {"zone": NUL, "week": []}}),
        ("POST", "/api/v1/calendars", {"name": NUL, "spec": {"zone": "UTC", "week": [[["00:00", "24:00"]]] * 7}}),
        ("POST", "/api/v1/calendars", {"name": "n", "spec": {"zone": "UTC", "week": [[[NUL, HUGE]]] * 7}}),
        ("POST", "/api/v1/calendars/preview", {"spec": {"zone": "UTC", "week": [[["a"]]] * 7, "days": {NUL: {}}}}),
        *[("POST", "/api/v1/policies", {"name": NUL, "spec": PROMISE | more}) for more in PROMISES],
        ("POST", "/api/v1/policies/preview", {"ticket": HUGE}), ("POST", "/api/v1/policies/preview", {"inbox_id": HUGE}),
        ("POST", "/api/v1/policies/preview", {"team_id": HUGE, "tier": NUL}), ("PATCH", "/api/v1/policies/987", {"name": NUL}),
        ("PUT", "/api/v1/policies/order", {"policy_ids": [HUGE]}), ("POST", "/api/v1/notifications/read", {"ids": [HUGE]}),
        ("POST", "/api/v1/teams", {"name": "n", "member_ids": [987]}), ("POST", "/api/v1/teams", {"name": NUL}),
        ("POST", "/api/v1/teams", {"name": "一次対応"}), ("POST", "/api/v1/teams", {"name": "another"}),
        ("PATCH", "/api/v1/teams/1", {"name": "another"}), ("PATCH", "/api/v1/teams/1", {"name": "x", "member_ids": [HUGE]}),
        ("POST", "/api/v1/session", {"email": "x"}), ("POST", "/api/v1/session", {"email": NUL, "password": NUL}),
        ("POST", "/api/v1/messages/1/settle", {}), ("POST", "/api/v1/calls/1/answer", {"via": "smoke"}),
    ]  # fmt: skip
    assert await problems(desk, many) == []


PROMISE: dict[str, Any] = {"hours": "elapsed", "targets": {"resolution": {"normal": 60}}}
PROMISES: list[dict[str, Any]] = [
    {}, {"hours": "business", "calendar_id": HUGE}, {"conditions": [{"field": "team", "any": [HUGE]}]},
    {"conditions": [{"field": "language", "any": [NUL]}]}, {"conditions": [{"field": "tag", "any": [987]}]},
    {"steps": [{"percent": 50, "to": [{"agent": HUGE}]}]}, {"targets": {"resolution": {"normal": HUGE}}},
]  # fmt: skip


async def test_bodies_that_are_no_json(desk: Desk) -> None:
    await desk.say(1)
    client = desk.client(desk.cast.hanako, **{"content-type": "application/json"})
    for body in (b"", b"{", b"\xff\xfe", b'{"text":"\\ud800"}', b"[" * 5000, b'{"text": 1e999}'):
        answer = await client.post("/api/v1/tickets/1/notes", content=body)
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_paths_and_methods_are_problems_too(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    for method, path in (
        ("GET", "/api/v1/nothing"),
        ("PUT", "/api/v1/tickets/1"),
        ("DELETE", "/api/v1/tickets"),
        ("POST", "/x"),
    ):
        answer = await client.request(method, path)
        assert answer.status_code in (404, 405), (method, path)
        assert answer.headers["content-type"] == "application/problem+json", (method, path)


async def test_a_ticket_has_the_shape_that_is_documented(desk: Desk) -> None:
    await desk.say(1)
    await desk.say(2, "もしもし")
    client = desk.client(desk.cast.hanako)
    assert (
        await client.post("/api/v1/tickets/1/replies", json={"text": "お調べします", "client_id": "c1"})
    ).status_code == 201
    assert (
        await client.post("/api/v1/tickets/1/replies", json={"text": "お調べします", "client_id": "c1"})
    ).status_code == 200
    shown = TicketDetail.model_validate((await client.get("/api/v1/tickets/1")).json())
    assert [m.direction for m in shown.messages] == ["in", "in", "out"]
    assert shown.threads[0].reply.possible and shown.clocks[0].state == "met"
