"""Signing in and out, tokens, and what they leave."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from app.actions import people
from app.api import session as session_api
from app.models import Agent, Login
from tests.api.conftest import Desk
from tests.cast import PASSWORD, START


async def test_signing_in_sets_a_cookie_that_scripts_cannot_read(desk: Desk) -> None:
    client = desk.client()
    answer = await client.post("/api/v1/session", json={"email": " Hanako@Mikawaya.example", "password": PASSWORD})
    assert (
        answer.status_code == 200 and answer.json()["name"] == "花子" and "ticket.reply" in answer.json()["permissions"]
    )
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    assert (await client.get("/api/v1/session")).json()["email"] == "hanako@mikawaya.example"
    assert (await client.delete("/api/v1/session", headers={"X-Mikawaya": "1"})).status_code == 204
    assert (await client.get("/api/v1/session")).status_code == 401
    token = cookie.partition("=")[2].partition(";")[0]
    async with desk.database.read() as session:
        kept = (await session.scalars(select(col(Login.token_hash)))).all()
    assert token not in kept


async def test_wrong_sign_ins_all_sound_alike(desk: Desk) -> None:
    for email, password in (
        ("hanako@mikawaya.example", "wrong"), ("nobody@mikawaya.example", PASSWORD), ("outsider@mikawaya.example", PASSWORD),
        ("hanako@mikawaya.example", ""), ("", ""),
    ):  # fmt: skip
        answer = await desk.client().post("/api/v1/session", json={"email": email, "password": password})
        assert answer.status_code == 401 and answer.json()["code"] == "wrong_credentials"
        assert answer.headers["content-type"] == "application/problem+json" and "set-cookie" not in answer.headers


async def test_ten_tries_a_minute(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_api, "password_fits", lambda password, hashed: password == PASSWORD)
    client = desk.client()
    tries = [
        await client.post("/api/v1/session", json={"email": "hanako@mikawaya.example", "password": "x"})
        for _ in range(11)
    ]
    assert [t.status_code for t in tries] == [401] * 10 + [429]
    good = await client.post("/api/v1/session", json={"email": "hanako@mikawaya.example", "password": PASSWORD})
    assert good.status_code == 429, "the right password does not help while it lasts"


async def test_another_site_cannot_sign_a_browser_in(desk: Desk) -> None:
    given = {"email": "hanako@mikawaya.example", "password": PASSWORD}
    answer = await desk.client(Origin="https://evil.example").post("/api/v1/session", json=given)
    assert answer.status_code == 403


async def test_checking_a_password_holds_up_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 takes its time: meanwhile webhooks must be written."""
    began, go_on = asyncio.Event(), asyncio.Event()
    here = asyncio.get_running_loop()

    def slow(password: str, hashed: str) -> bool:
        here.call_soon_threadsafe(began.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), here).result(30)
        return True

    monkeypatch.setattr(session_api, "password_fits", slow)
    given = {"email": "hanako@mikawaya.example", "password": "x"}
    signing = asyncio.create_task(desk.client().post("/api/v1/session", json=given))
    await began.wait()
    try:
        made = await desk.client(desk.cast.jiro).post("/api/v1/tags", json={"name": "meanwhile"}, timeout=5)
        assert made.status_code == 201
    finally:
        go_on.set()
        assert (await signing).status_code == 200


async def test_a_sign_in_ends(desk: Desk) -> None:
    async with desk.database.write() as session:
        await session.execute(update(Login).values(expires_at=START - timedelta(days=1)))
    assert (await desk.client(desk.cast.hanako, browser=True).get("/api/v1/session")).status_code == 401


async def test_letting_somebody_go_ends_cookie_and_token_at_once(desk: Desk) -> None:
    hanako = desk.cast.hanako
    browser, program = desk.client(hanako, browser=True), desk.client(hanako)
    assert [(await c.get("/api/v1/session")).status_code for c in (browser, program)] == [200, 200]
    change = await desk.client(desk.cast.owner).patch(f"/api/v1/agents/{hanako.id}", json={"active": False})
    assert change.status_code == 200
    assert [(await c.get("/api/v1/session")).status_code for c in (browser, program)] == [401, 401]


async def test_ones_own_new_password_keeps_this_browser_and_ends_everything_else(desk: Desk) -> None:
    hanako = desk.cast.hanako
    here, program = desk.client(hanako, browser=True), desk.client(hanako)
    elsewhere = desk.client()
    given = {"email": "hanako@mikawaya.example", "password": PASSWORD}
    assert (await elsewhere.post("/api/v1/session", json=given)).status_code == 200
    wrong = await here.put("/api/v1/me/password", json={"present": "not mine", "new": "another long one"})
    assert wrong.status_code == 422 and wrong.json()["code"] == "wrong_password"
    assert (await here.put("/api/v1/me/password", json={"present": PASSWORD, "new": "short"})).status_code == 422
    assert (await elsewhere.get("/api/v1/session")).status_code == 200, "a refused change ends nothing"
    change = await here.put("/api/v1/me/password", json={"present": PASSWORD, "new": "another long one"})
    assert change.status_code == 204
    assert [(await c.get("/api/v1/session")).status_code for c in (here, elsewhere, program)] == [200, 401, 401]
    assert (await desk.client().post("/api/v1/session", json=given)).status_code == 401
    new = {**given, "password": "another long one"}
    assert (await desk.client().post("/api/v1/session", json=new)).status_code == 200


async def test_the_present_password_cannot_be_guessed_from_an_open_browser(desk: Desk) -> None:
    here = desk.client(desk.cast.hanako, browser=True)
    tries = [
        (await here.put("/api/v1/me/password", json={"present": f"guess {n}", "new": "another long one"})).status_code
        for n in range(11)
    ]
    assert tries == [422] * 10 + [429]


async def test_tokens_are_told_once_listed_without_and_revoked(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako, browser=True)
    made = (await client.post("/api/v1/me/tokens", json={"name": "帳票"})).json()
    program = desk.client(Authorization=f"Bearer {made['token']}")
    assert (await program.get("/api/v1/session")).json()["id"] == desk.cast.hanako.id
    listed = (await client.get("/api/v1/me/tokens")).json()
    assert [t["token"] for t in listed] == [None, None]
    foreign = await desk.client(desk.cast.jiro, browser=True).delete(f"/api/v1/me/tokens/{made['id']}")
    assert foreign.status_code == 404
    assert (await client.delete(f"/api/v1/me/tokens/{made['id']}")).status_code == 204
    assert (await program.get("/api/v1/session")).status_code == 401


async def test_nobody_makes_themselves_an_owner(desk: Desk) -> None:
    client = desk.client(desk.cast.hanako)
    change = {"role": "owner", "active": True, "email": "x@y.example", "alias": "はな", "language": "en"}
    answer = await client.patch("/api/v1/session", json=change)
    assert answer.status_code == 200 and answer.json()["role"] == "agent" and answer.json()["alias"] == "はな"
    async with desk.database.read() as session:
        agent = await session.get_one(Agent, desk.cast.hanako.id)
    assert (agent.role, agent.email) == ("agent", "hanako@mikawaya.example")


async def test_a_new_password_signs_out_everywhere(desk: Desk) -> None:
    async with desk.database.write() as session:
        await people.change_agent(session, desk.cast.hanako.id, {"password": "another soy sauce"}, now=START)
    assert (await desk.client(desk.cast.hanako, browser=True).get("/api/v1/session")).status_code == 401
    given = {"email": "hanako@mikawaya.example", "password": "another soy sauce"}
    assert (await desk.client().post("/api/v1/session", json=given)).status_code == 200
