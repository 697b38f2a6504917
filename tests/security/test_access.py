"""Who may do what: roles, sessions, tokens, foreign pages, guessing."""

import asyncio
from typing import Any

import orjson
import pytest
import websockets
from sqlalchemy import update
from sqlmodel import col

from app.api import live, session
from app.models import Login
from app.security import password_fits
from tests.cast import PASSWORD, START, Member
from tests.security.rig import House, line_text


def browser(member: Member, **more: str) -> dict[str, str]:
    return member.browser | more


async def a_ticket(house: House) -> int:
    await house.line(line_text(1, "醤油が届きません"))
    return int((await house.tickets())[0]["number"])


# -- roles --------------------------------------------------------------------------------------------------------------


async def test_J8_success_reads_and_notes_but_never_answers(house: House) -> None:
    number, success = await a_ticket(house), house.cast.success
    assert (await house.api("GET", f"/tickets/{number}", by=success)).status_code == 200
    assert (await house.api("POST", f"/tickets/{number}/notes", by=success, json={"text": "n"})).status_code == 201
    forbidden: list[tuple[str, str, Any]] = [
        ("POST", f"/tickets/{number}/replies", {"text": "hello"}),
        ("POST", f"/tickets/{number}/claim", None),
        ("POST", f"/tickets/{number}/assign", {"agent_id": success.id}),
        ("POST", f"/tickets/{number}/release", None),
        ("PATCH", f"/tickets/{number}", {"status": "resolved"}),
        ("POST", "/tickets", {"inbox_id": house.inbox("email"), "to": "a@b.example", "subject": "s", "text": "t"}),
        ("POST", f"/tickets/{number}/calls", {}),
        ("GET", "/messages/1/raw", None),
        ("POST", "/messages/1/retry", None),
        ("POST", "/messages/1/discard", None),
        ("POST", "/messages/1/approve", None),
        ("POST", "/messages/1/refuse", None),
    ]
    for method, path, body in forbidden:
        assert (await house.api(method, path, by=success, json=body)).status_code == 403, path
    assert len((await house.ticket(number))["messages"]) == 2


async def test_J8_only_the_owner_sees_and_changes_settings(house: House) -> None:
    asked: list[tuple[str, str, Any]] = [
        ("GET", "/inboxes", None), ("GET", f"/inboxes/{house.inbox('line')}", None), ("GET", "/kinds", None),
        ("POST", "/inboxes", {"kind": "chat", "name": "x"}), ("PATCH", f"/inboxes/{house.inbox('line')}", {"name": "x"}),
        ("DELETE", f"/inboxes/{house.inbox('line')}", None), ("POST", f"/inboxes/{house.inbox('line')}/check", None),
        ("GET", "/agents", None), ("PATCH", f"/agents/{house.cast.hanako.id}", {"role": "owner"}),
        ("POST", "/agents", {"email": "x@y.example", "name": "x", "password": "0123456789", "role": "owner"}),
    ]  # fmt: skip
    for member in (house.cast.hanako, house.cast.lead, house.cast.success):
        for method, path, body in asked:
            assert (await house.api(method, path, by=member, json=body)).status_code == 403, (path, member.agent.role)


async def test_J8_every_route_of_the_api_asks_who_is_there(house: House) -> None:
    """By the document itself: whatever is added later is asked too."""
    document = (await house.http.get("/api/openapi.json")).json()
    open_routes = []
    for path, methods in document["paths"].items():
        for method in methods:
            where = path.replace("{", "").replace("}", "")
            for name in (
                "number",
                "message_id",
                "call_id",
                "person_id",
                "inbox_id",
                "agent_id",
                "team_id",
                "letter_id",
            ):
                where = where.replace(name, "1")
            answer = await house.http.request(method.upper(), where.replace("token_id", "1"), json={})
            if answer.status_code != 401 and path.startswith("/api/") and answer.status_code != 422:
                open_routes.append((method, path, answer.status_code))
    assert open_routes == []


# -- mass assignment ----------------------------------------------------------------------------------------------------


async def test_J11_fields_that_no_form_has_change_nothing(house: House) -> None:
    number, hanako = await a_ticket(house), house.cast.hanako
    more = {"id": 99, "role": "owner", "email": "x@y.example", "active": True, "password_hash": "x", "team_ids": [1]}
    changed = await house.api("PATCH", "/session", by=hanako, json={"alias": "はな", **more})
    assert changed.status_code == 200
    assert {n: changed.json()[n] for n in ("id", "role", "email", "alias")} == {
        "id": hanako.id, "role": "agent", "email": "hanako@mikawaya.example", "alias": "はな",
    }  # fmt: skip
    before = await house.ticket(number)
    odd = {"number": 7, "person": {"id": 9}, "inbox_id": 9, "due_at": None, "created_at": "2020-01-01T00:00:00Z",
           "assignee_id": hanako.id, "origin": "outbound"}  # fmt: skip
    assert (await house.api("PATCH", f"/tickets/{number}", by=hanako, json=odd)).status_code == 200
    assert (await house.ticket(number))["ticket"] == before["ticket"]
    forged = {"text": "n", "agent_id": house.cast.owner.id, "author": "customer", "direction": "in", "state": "sent"}
    note = (await house.api("POST", f"/tickets/{number}/notes", by=hanako, json=forged)).json()
    assert (note["agent_id"], note["author"], note["direction"], note["state"]) == (hanako.id, "agent", "out", "noted")
    inbox = house.inbox("line")
    odd = {"token": "guessed", "secrets": "x", "kind": "email", "alarm": "x", "cursor": {}}
    answer = (await house.api("PATCH", f"/inboxes/{inbox}", json=odd)).json()
    assert (answer["token"], answer["kind"], answer["alarm"]) == (house.token("line"), "line", "")


async def test_J8_the_last_owner_stays(house: House) -> None:
    owner = house.cast.owner  # the outsider is an owner too, but let go
    for change in ({"role": "agent"}, {"active": False}, {"role": "lead", "active": True}):
        answer = await house.api("PATCH", f"/agents/{owner.id}", json=change)
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    assert (await house.api("PATCH", f"/agents/{house.cast.hanako.id}", json={"role": "owner"})).status_code == 200
    both = await asyncio.gather(
        house.api("PATCH", f"/agents/{owner.id}", json={"role": "agent"}),
        house.api("PATCH", f"/agents/{house.cast.hanako.id}", json={"role": "agent"}),
    )
    assert sorted(answer.status_code for answer in both) in ([200, 403], [200, 409])
    assert house.rows("SELECT count(*) FROM agent WHERE role = 'owner' AND active") == [(1,)]


async def test_J8_an_upload_belongs_to_its_agent_until_it_is_sent(house: House) -> None:
    number = await a_ticket(house)
    made = await house.api("POST", "/files", by=house.cast.hanako, files={"file": ("a.txt", b"x", "text/plain")})
    stolen = {"text": "look", "attachments": [made.json()["id"]]}
    answer = await house.api("POST", f"/tickets/{number}/replies", by=house.cast.jiro, json=stolen)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_upload")


# -- sessions and tokens ------------------------------------------------------------------------------------------------


async def test_J8_who_was_let_go_is_out_at_once(house: House) -> None:
    out = house.cast.outsider
    for headers in (out.bearer, out.browser):
        assert (await house.http.get("/api/v1/session", headers=headers)).status_code == 401
    given = {"email": out.agent.email, "password": PASSWORD}
    assert (await house.http.post("/api/v1/session", json=given)).status_code == 401
    assert (await house.api("PATCH", f"/agents/{house.cast.jiro.id}", json={"active": False})).status_code == 200
    for headers in (house.cast.jiro.bearer, house.cast.jiro.browser):
        assert (await house.http.get("/api/v1/tickets", headers=headers)).status_code == 401


async def test_J8_a_new_password_ends_the_sessions_even_after_coming_back(house: House) -> None:
    hanako = house.cast.hanako
    change = {"password": "another bottle of soy sauce"}
    assert (await house.api("PATCH", f"/agents/{hanako.id}", json=change)).status_code == 200
    assert (await house.http.get("/api/v1/session", headers=hanako.browser)).status_code == 401
    jiro = house.cast.jiro
    for active in (False, True):
        assert (await house.api("PATCH", f"/agents/{jiro.id}", json={"active": active})).status_code == 200
    assert (await house.http.get("/api/v1/session", headers=jiro.browser)).status_code == 401


async def test_J8_a_new_password_ends_the_tokens_too(house_on_both: House) -> None:
    """Whoever knew the old password may have made one: the cast's own, one made by it, and after coming back."""
    house = house_on_both
    hanako, jiro = house.cast.hanako, house.cast.jiro
    made = (await house.api("POST", "/me/tokens", by=hanako, json={"name": "stolen"})).json()
    stolen = {"Authorization": f"Bearer {made['token']}"}
    revoked = (await house.api("POST", "/me/tokens", by=hanako, json={"name": "old"})).json()["id"]
    assert (await house.api("DELETE", f"/me/tokens/{revoked}", by=hanako)).status_code == 204
    assert (await house.api("PATCH", f"/agents/{hanako.id}", json={"name": "花子"})).status_code == 200
    assert (await house.http.get("/api/v1/session", headers=stolen)).status_code == 200, "only a password ends them"
    assert (await house.api("PATCH", f"/agents/{hanako.id}", json={"password": "another soy sauce"})).status_code == 200
    for headers in (stolen, hanako.bearer, hanako.browser):
        assert (await house.http.get("/api/v1/session", headers=headers)).status_code == 401
    assert (await house.http.get("/api/v1/session", headers=jiro.bearer)).status_code == 200, "nobody else's"
    for active in (False, True):
        assert (await house.api("PATCH", f"/agents/{jiro.id}", json={"active": active})).status_code == 200
    assert (await house.http.get("/api/v1/session", headers=jiro.bearer)).status_code == 401
    signed = await house.http.post(
        "/api/v1/session", json={"email": hanako.agent.email, "password": "another soy sauce"}
    )
    cookie = {"Cookie": signed.headers["set-cookie"].partition(";")[0]}
    assert (await house.http.get("/api/v1/me/tokens", headers=cookie)).json() == []


async def test_J8_a_password_that_is_changed_while_it_is_checked_opens_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, hanako = asyncio.get_running_loop(), house.cast.hanako

    def slow(password: str, stored: str) -> bool:
        change = house.api("PATCH", f"/agents/{hanako.id}", json={"password": "another soy sauce"})
        assert asyncio.run_coroutine_threadsafe(change, here).result(30).status_code == 200
        return password_fits(password, stored)

    monkeypatch.setattr(session, "password_fits", slow)
    answer = await house.http.post("/api/v1/session", json={"email": hanako.agent.email, "password": PASSWORD})
    assert answer.status_code == 401
    assert house.rows("SELECT count(*) FROM login WHERE agent_id = ?", hanako.id) == [(0,)]


async def test_J8_tokens_end_when_they_are_revoked_and_only_by_their_owner(house: House) -> None:
    made = (await house.api("POST", "/me/tokens", by=house.cast.hanako, json={"name": "script"})).json()
    mine = {"Authorization": f"Bearer {made['token']}"}
    assert (await house.http.get("/api/v1/session", headers=mine)).json()["id"] == house.cast.hanako.id
    assert (await house.api("DELETE", f"/me/tokens/{made['id']}", by=house.cast.owner)).status_code == 404
    assert (await house.http.get("/api/v1/session", headers=mine)).status_code == 200
    assert (await house.api("DELETE", f"/me/tokens/{made['id']}", by=house.cast.hanako)).status_code == 204
    assert (await house.http.get("/api/v1/session", headers=mine)).status_code == 401
    listed = await house.api("GET", "/me/tokens", by=house.cast.hanako)
    assert [each["token"] for each in listed.json()] == [None]
    assert house.where(made["token"]) == []


async def test_J8_expired_sessions_and_half_tokens_open_nothing(house: House) -> None:
    hanako = house.cast.hanako
    for given in (hanako.token[:-1], hanako.token + "x", hanako.cookie, "null", "a" * 10_000):
        headers = {"Authorization": f"Bearer {given}"}
        assert (await house.http.get("/api/v1/session", headers=headers)).status_code == 401, given[:20]
    for given in ("", hanako.token, hanako.cookie.upper(), "%00"):
        headers = {"Cookie": f"mikawaya_session={given}", "X-Mikawaya": "1"}
        assert (await house.http.get("/api/v1/session", headers=headers)).status_code == 401, given
    expired = update(Login).where(col(Login.agent_id) == hanako.id).values(expires_at=START)
    await house.change(expired)
    assert (await house.http.get("/api/v1/session", headers=hanako.browser)).status_code == 401


async def test_J11_the_cookie_cannot_be_read_nor_sent_by_other_pages(house: House) -> None:
    given = {"email": house.cast.hanako.agent.email, "password": PASSWORD}
    cookies = []
    for _ in range(2):
        answer = await house.http.post("/api/v1/session", json=given, headers={"Cookie": "mikawaya_session=fixed"})
        cookies.append(answer.headers["set-cookie"])
    assert all("HttpOnly" in c and "SameSite=lax" in c and "Path=/" in c and "Domain" not in c for c in cookies)
    names = {cookie.split(";")[0] for cookie in cookies}
    assert len(names) == 2
    assert "mikawaya_session=fixed" not in names
    assert house.running.settings.model_copy(update={"public_url": "https://desk.example"}).cookies_secure


# -- foreign pages ------------------------------------------------------------------------------------------------------

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


async def test_J11_a_foreign_page_cannot_use_the_cookie(house: House) -> None:
    number, hanako = await a_ticket(house), house.cast.hanako
    for origin in FOREIGN:
        answer = await house.http.post(
            f"/api/v1/tickets/{number}/notes", json={"text": "csrf"}, headers=browser(hanako) | origin
        )
        assert answer.status_code == 403, origin
        signed = {"email": hanako.agent.email, "password": PASSWORD}
        assert (await house.http.post("/api/v1/session", json=signed, headers=origin)).status_code == 403, origin
    plain = {"Cookie": hanako.browser["Cookie"], "Content-Type": "text/plain"}  # a form needs no preflight
    body = orjson.dumps({"text": "csrf"})
    answer = await house.http.post(f"/api/v1/tickets/{number}/notes", content=body, headers=plain)
    assert answer.status_code in (403, 422)
    form = await house.http.post(
        "/api/v1/files", files={"file": ("a", b"x")}, headers={"Cookie": hanako.browser["Cookie"]}
    )
    assert form.status_code == 403
    preflight = await house.http.options(f"/api/v1/tickets/{number}/notes", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in preflight.headers
    own = browser(hanako, Origin=house.url)
    answer = await house.http.post(f"/api/v1/tickets/{number}/notes", json={"text": "mine"}, headers=own)
    assert answer.status_code == 201


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
async def test_J11_a_foreign_page_cannot_listen_to_the_desk(house: House, origin: str) -> None:
    address, cookie = house.url.replace("http", "ws") + "/live", {"Cookie": house.cast.hanako.browser["Cookie"]}
    async with websockets.connect(address, origin=origin, additional_headers=cookie, proxy=None) as socket:  # type: ignore[arg-type]
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await socket.send("{}")
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_J8_an_open_socket_hears_nothing_more_once_its_agent_is_let_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy desk too, where the socket is never idle."""
    monkeypatch.setattr(live, "PING_S", 0.3)
    address = house.url.replace("http", "ws") + "/live"
    async with websockets.connect(address, additional_headers=house.cast.jiro.bearer, proxy=None) as socket:
        await socket.send("{}")
        assert orjson.loads(await socket.recv())["op"] == "ready"
        await house.api("PATCH", f"/agents/{house.cast.jiro.id}", json={"active": False})
        with pytest.raises(websockets.ConnectionClosed) as closed:
            for number in range(2000):
                await house.line(line_text(number, "one more"))
                await asyncio.wait_for(socket.recv(), 10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


# -- guessing -----------------------------------------------------------------------------------------------------------


async def test_J11_passwords_cannot_be_guessed_fast_nor_the_brake_be_loosened(house: House) -> None:
    """Ten tries a minute for one peer, whatever it does in between, and no word on which half was wrong."""
    seen = []
    for number in range(40):
        email = house.cast.hanako.agent.email if number % 2 else f"nobody{number}@mikawaya.example"
        answer = await house.http.post("/api/v1/session", json={"email": email, "password": f"wrong {number}"})
        seen.append((answer.status_code, answer.json()["code"], answer.json().get("detail")))
    assert seen[:10] == [(401, "wrong_credentials", seen[0][2])] * 10
    assert {status for status, _, _ in seen[10:]} == {429}
    brake = house.running.product.api.state.throttle
    assert len(brake._tries) <= 11, "a refused try is not counted: it could fill the memory, or lock others out"
    right = {"email": house.cast.hanako.agent.email, "password": PASSWORD}
    assert (await house.http.post("/api/v1/session", json=right)).status_code == 429


async def test_J11_an_unknown_address_takes_the_same_path_as_a_wrong_password(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same work for all: the hash is checked for nobody too."""
    hashed: list[str] = []

    def fits(password: str, stored: str) -> bool:
        hashed.append(stored)
        return password_fits(password, stored)

    monkeypatch.setattr(session, "password_fits", fits)
    for email in ("nobody@mikawaya.example", house.cast.hanako.agent.email, house.cast.outsider.agent.email):
        await house.http.post("/api/v1/session", json={"email": email, "password": "wrong"})
    assert [bool(each) for each in hashed] == [False, True, True]
