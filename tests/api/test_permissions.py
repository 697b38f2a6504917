"""Who may call what: every route as nobody, as somebody who was let go, and in each role."""

import re
from typing import Any

from fastapi.routing import APIRoute

from app.rules.permissions import may
from tests.api.conftest import Desk
from tests.test_house import OPEN, api_routes, key_of, permission_of

LETTER = {
    "purpose": "service",
    "channel": "email",
    "inbox_id": 2,
    "texts": {"ja": {"subject": "s", "text": "t"}},
    "to": {},
}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/api/v1/tickets"): {"inbox_id": 2, "to": "a@b.example", "subject": "s", "text": "t"},
    ("POST", "/api/v1/tickets/{number}/replies"): {"text": "t"},
    ("POST", "/api/v1/tickets/{number}/notes"): {"text": "t"},
    ("POST", "/api/v1/tickets/{number}/approvals"): {"text": "t"},
    ("POST", "/api/v1/tickets/{number}/replies/check"): {"text": "t"},
    ("POST", "/api/v1/approvals/{approval_id}/return"): {"comment": "c"},
    ("POST", "/api/v1/messages/{message_id}/settle"): {"sent": True},
    ("POST", "/api/v1/accounts"): {"name": "n"},
    ("POST", "/api/v1/tags"): {"name": "n"},
    ("POST", "/api/v1/inboxes"): {"kind": "chat", "name": "n"},
    ("POST", "/api/v1/agents"): {"email": "n@b.example", "name": "n", "password": "x" * 10},
    ("POST", "/api/v1/teams"): {"name": "n"},
    ("PATCH", "/api/v1/teams/{team_id}"): {"name": "n"},
    ("POST", "/api/v1/me/tokens"): {"name": "n"},
    ("POST", "/api/v1/calendars"): {"name": "n", "spec": {"zone": "UTC", "week": [[]] * 7}},
    ("POST", "/api/v1/calendars/preview"): {"spec": {"zone": "UTC", "week": [[]] * 7}},
    ("PATCH", "/api/v1/calendars/{calendar_id}"): {"name": "n"},
    ("POST", "/api/v1/automations"): {
        "name": "n",
        "trigger": {"on": ["ticket.opened"]},
        "conditions": {"all": []},
        "actions": [{"do": "hand_over"}],
    },
    ("POST", "/api/v1/automations/dry-run"): {
        "trigger": {"on": ["ticket.opened"]},
        "conditions": {"all": []},
        "actions": [{"do": "hand_over"}],
    },
    ("POST", "/api/v1/macros"): {"name": "n", "text": "t"},
    ("POST", "/api/v1/views"): {"name": "n"},
    ("PUT", "/api/v1/views/order"): {"view_ids": [1]},
    ("PATCH", "/api/v1/views/{view_id}"): {"name": "n"},
    ("POST", "/api/v1/tickets/{number}/macros/{macro_id}"): {"text": "t"},
    ("POST", "/api/v1/webhooks"): {"name": "n", "url": "http://127.0.0.1:9/", "kinds": ["ticket.opened"]},
    ("POST", "/api/v1/policies"): {"name": "n", "spec": {"hours": "elapsed", "targets": {}}},
    ("POST", "/api/v1/policies/preview"): {"channel": "line"},
    ("PUT", "/api/v1/policies/order"): {"policy_ids": [1]},
    ("PATCH", "/api/v1/policies/{policy_id}"): {"name": "n"},
    ("POST", "/api/v1/tickets/{number}/merge"): {"into": 987655},
    ("POST", "/api/v1/tickets/{number}/split"): {"message_id": 987655},
    ("POST", "/api/v1/tickets/{number}/children/preview"): {"text": "t"},
    ("POST", "/api/v1/tickets/{number}/children/replies"): {"text": "t", "client_id": "12345678"},
    ("POST", "/api/v1/tickets/{number}/links"): {"other": 987655, "kind": "related"},
    ("POST", "/api/v1/notifications/read"): {"ids": [1]},
    ("POST", "/api/v1/usage-events"): {"id": "e", "kind": "identify", "account": "none"},
    ("POST", "/api/v1/success/accounts/{account_id}/contracts"): {"code": "K"},
    ("PUT", "/api/v1/success/accounts/{account_id}/contracts/{contract_id}"): {"code": "K"},
    ("PUT", "/api/v1/success/accounts/{account_id}/people/{person_id}"): {"role": "user"},
    ("PUT", "/api/v1/success/setup/tiers"): {},
    ("POST", "/api/v1/report-mails"): {"name": "n", "figures": ["inbound"], "period": "yesterday", "every": "daily"},
    ("PUT", "/api/v1/success/setup/triggers"): {
        "words": [],
        "rivals": [],
        "repeats": 3,
        "days": 14,
        "reopened": 2,
        "accept_s": 3600,
    },
    ("POST", "/api/v1/tickets/{number}/handovers"): {"form": "consult", "reason": "r"},
    ("PUT", "/api/v1/inquiry-kinds"): {"items": [{"code": "other", "ja": "他", "en": "Other"}]},
    ("POST", "/api/v1/touch/versions"): {"cells": []},
    ("POST", "/api/v1/tickets/{number}/harassment"): {"category": "abuse", "reason": "r"},
    ("PUT", "/api/v1/harassment/{report_id}/arrangement"): {"arranged": ""},
    ("POST", "/api/v1/harassment/{report_id}/lift"): {"reason": "r"},
    ("PUT", "/api/v1/touch/active"): {"version_id": None},
    ("POST", "/api/v1/touch/simulation"): {"cells": []},
    ("POST", "/api/v1/handovers/{handover_id}/decline"): {"reason": "r"},
    ("POST", "/api/v1/handovers/{handover_id}/return"): {"reason": "r"},
    ("POST", "/api/v1/handovers/{handover_id}/close"): {"outcome": "solved", "answer": "a"},
    ("PUT", "/api/v1/success/contracts/{contract_id}/renewal"): {"due_on": "2027-01-01", "category": "commit"},
    ("POST", "/api/v1/success/contracts/{contract_id}/renewal/outcome"): {"due_on": "2027-01-01", "outcome": "renewed"},
    ("POST", "/api/v1/success/playbooks"): {"name": "n", "kind": "risk", "spec": {"steps": []}},
    ("PUT", "/api/v1/success/playbooks/{playbook_id}"): {"name": "n", "kind": "risk", "spec": {"steps": []}},
    ("POST", "/api/v1/success/accounts/{account_id}/runs"): {"playbook_id": 987655},
    ("POST", "/api/v1/success/runs/{run_id}/cancel"): {"reason": "r"},
    ("POST", "/api/v1/success/outreach"): LETTER | {"name": "n", "client_id": "12345678"},
    ("POST", "/api/v1/success/outreach/preview"): LETTER,
    ("POST", "/api/v1/success/outreach-templates"): {"name": "n", "purpose": "service", "texts": {"ja": {"text": "t"}}},
    ("PUT", "/api/v1/success/outreach-templates/{template_id}"): {
        "name": "n",
        "purpose": "service",
        "texts": {"ja": {"text": "t"}},
    },
    ("PUT", "/api/v1/success/setup/sender"): {"name": "n", "address": "a", "contact": "c"},
    ("POST", "/api/v1/success/people/{person_id}/consents"): {"channel": "email", "says": "yes", "source": "form"},
    ("POST", "/api/v1/success/steps/{step_id}"): {"state": "done"},
}


def closed() -> list[tuple[str, str, str]]:
    """(method, path, permission) of every route that is not open; the caller's own session comes last."""
    found = [
        (*key_of(r), permission_of(r) or "") for r in api_routes() if isinstance(r, APIRoute) and key_of(r) not in OPEN
    ]
    return sorted(found, key=lambda each: each[:2] == ("DELETE", "/api/v1/session"))


def filled(path: str) -> str:
    return re.sub(r"\{[^}]*id\}|\{number\}", "987654", path)


async def test_nobody_and_who_was_let_go_hear_401_everywhere(desk: Desk) -> None:
    outsider = desk.cast.outsider
    callers = {
        "nobody": desk.client(),
        "a cookie of somebody who was let go": desk.client(outsider, browser=True),
        "a token of somebody who was let go": desk.client(outsider),
        "an invented token": desk.client(Authorization="Bearer invented"),
        "an invented cookie": desk.client(Cookie="mikawaya_session=invented", **{"X-Mikawaya": "1"}),
        "a password": desk.client(Authorization="Basic aGFuYWtvOng="),
    }
    wrong = []
    for method, path, _ in closed():
        for name, client in callers.items():
            answer = await client.request(method, filled(path), json=BODIES.get((method, path)))
            if answer.status_code != 401 or answer.json()["code"] != "unauthorized":
                wrong.append((method, path, name, answer.status_code))
    assert wrong == [] and len(closed()) > 40


async def test_each_role_hears_403_exactly_where_its_permission_is_missing(desk: Desk) -> None:
    wrong = []
    for method, path, permission in closed():
        for role, member in desk.cast.roles.items():
            if not permission or (
                (method, path) == ("POST", "/api/v1/inboxes/{inbox_id}/check") and may(role, permission)
            ):
                continue
            answer = await desk.client(member).request(method, filled(path), json=BODIES.get((method, path)))
            if (answer.status_code == 403) == may(role, permission) or answer.status_code >= 500:
                wrong.append((method, path, role, answer.status_code, answer.text[:200]))
        for client in desk.clients[:-1]:
            await client.aclose()
        del desk.clients[:-1]
    assert wrong == []


async def test_a_browser_must_come_from_our_own_page(desk: Desk) -> None:
    """CSRF: without the header, or from another origin, nothing unsafe is done; reading needs neither."""
    hanako, url = desk.cast.hanako, desk.running.url
    cookie = {"Cookie": f"mikawaya_session={hanako.cookie}"}
    cases: list[tuple[dict[str, str], int]] = [
        ({}, 403),
        ({"X-Mikawaya": "1"}, 201),
        ({"X-Mikawaya": "1", "Origin": url}, 201),
        ({"X-Mikawaya": "1", "Origin": "https://evil.example"}, 403),
        ({"X-Mikawaya": "1", "Origin": "null"}, 403),
        ({"X-Mikawaya": "1", "Origin": url.replace("127.0.0.1", "127.0.0.1.evil.example")}, 403),
        ({"X-Mikawaya": "1", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-Mikawaya": "2"}, 403),
    ]
    for number, (headers, status) in enumerate(cases):
        answer = await desk.client(None, **cookie, **headers).post("/api/v1/tags", json={"name": f"t{number}"})
        assert answer.status_code == status, (headers, answer.text)
    assert (await desk.client(None, **cookie, Origin="https://evil.example").get("/api/v1/desk")).status_code == 200
    program = await desk.client(hanako, Origin="https://evil.example").post("/api/v1/tags", json={"name": "program"})
    assert program.status_code == 201, "a bearer token is no cookie: nobody sends it by accident"
