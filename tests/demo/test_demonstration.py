"""The demonstration as a visitor and an agent meet it: over HTTP and WebSocket only."""

import json
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import httpx2
import pytest
from websockets.sync.client import connect

from tests.demo.conftest import AGENT, ROOT, Server, free_port, until

Row = dict[str, Any]


def tickets(agent: httpx2.Client, view: str = "all") -> list[Row]:
    """Those of the last days: the cases, among the latest of the two months behind them."""
    rows: list[Row] = []
    cursor = ""
    for _ in range(5):
        page = agent.get(f"/api/v1/tickets?view={view}&sort=updated&limit=100{cursor}").json()
        rows += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    return rows


def said(agent: httpx2.Client, text: str) -> Row:
    """The ticket whose latest message says this, as soon as it is there."""
    found: Row = until(lambda: next((row for row in tickets(agent) if text in row["preview"]), None))
    return found


def messages(agent: httpx2.Client, number: int) -> list[Row]:
    found: list[Row] = agent.get(f"/api/v1/tickets/{number}").json()["messages"]
    return found


def answer(agent: httpx2.Client, number: int, text: str) -> Row:
    """An agent's answer, once it went out."""
    body = {"text": text, "attachments": [], "client_id": f"test-{time.monotonic_ns()}"}
    assert agent.post(f"/api/v1/tickets/{number}/replies", json=body).status_code == 201
    done = ("sent", "delivered", "failed", "unconfirmed")
    sent: Row = until(
        lambda: next((m for m in messages(agent, number) if m["text"] == text and m["state"] in done), None)
    )
    assert sent["state"] == "sent", sent
    return sent


def test_the_desk_is_alive_from_the_first_screen(agent: httpx2.Client) -> None:
    rows = tickets(agent)
    assert len(rows) >= 55
    assert {row["channel"] for row in rows} == {"line", "email", "chat", "phone"}
    assert {row["status"] for row in rows} == {"open", "pending", "snoozed", "resolved", "closed", "spam"}
    assert any(row["subject"].isascii() for row in rows) and any(not row["subject"].isascii() for row in rows)
    desk = agent.get("/api/v1/desk").json()
    assert desk["product"]["mode"] == "demo" and len(desk["agents"]) == 6 and len(desk["tags"]) >= 8
    assert Counter(inbox["kind"] for inbox in desk["inboxes"]) == {"line": 1, "email": 1, "chat": 1, "phone": 1}
    assert not any(inbox["alarm"] for inbox in desk["inboxes"])


def test_the_cases_show_what_can_happen_and_nothing_of_it_waits_to_be_sent(agent: httpx2.Client) -> None:
    seen, kinds, failures, outcomes, clocks = Counter[str](), set(), set(), set(), []
    for row in tickets(agent):
        detail = agent.get(f"/api/v1/tickets/{row['number']}").json()
        clocks += detail["clocks"]
        for message in detail["messages"]:
            seen[message["state"]] += 1
            kinds |= {message["kind"]} | ({"unsent"} if message["unsent_at"] else set())
            kinds |= {"auto"} if message["auto"] else set()
            failures.add(message["failure"])
            outcomes.add(message["call"]["outcome"] if message["call"] else "")
            assert all(file["state"] == "ready" or message["unsent_at"] for file in message["attachments"])
    assert not seen["queued"] and not seen["sending"]
    assert seen["unconfirmed"] and seen["failed"] >= 2 and seen["noted"] >= 10
    assert {"text", "image", "sticker", "location", "call", "unsent", "auto"} <= kinds
    assert {"bounced", "refused"} <= failures
    assert {"answered", "missed", "voicemail"} <= outcomes
    assert any(clock["breached_at"] for clock in clocks) and any(clock["met_at"] for clock in clocks)


def test_line_there_and_back(agent: httpx2.Client) -> None:
    user = agent.get("/demo/line/users").json()[1]["id"]
    assert agent.post("/demo/line/say", json={"user": user, "text": "今日の配達は何時ごろですか"}).json() == {
        "status": 200
    }
    row = said(agent, "今日の配達は何時ごろ")
    assert row["person"]["name"] == "佐藤 健一" and row["status"] == "open" and row["reopened"] == 1
    answer(agent, row["number"], "18時ごろに伺います。")
    chat = agent.get(f"/demo/line/history?user={user}").json()["messages"]
    assert [(m["side"], m["text"], m["sender"]) for m in chat][-1] == ("desk", "18時ごろに伺います。", "青木")
    assert any("金曜日" in m["text"] for m in chat)  # what was said before the demonstration began is there too


def test_a_picture_by_line_reaches_the_desk(agent: httpx2.Client) -> None:
    user = agent.get("/demo/line/users").json()[4]["id"]
    leak = agent.get("/demo/line/history").json()["messages"]
    picture = next(m for m in leak if m["kind"] == "image")
    content = agent.get(f"/demo/line/content/{picture['id']}").content
    assert agent.post(
        "/demo/line/say", data={"user": user}, files={"file": ("a.jpg", content, "image/jpeg")}
    ).is_success
    row = until(lambda: next((r for r in tickets(agent) if r["preview_kind"] == "image"), None))
    file = until(
        lambda: next((f for f in messages(agent, row["number"])[-1]["attachments"] if f["state"] == "ready"), 0)
    )
    assert agent.get(file["url"]).content == content


def test_mail_there_and_back_in_one_ticket(agent: httpx2.Client) -> None:
    box = agent.get("/demo/mail/mailbox?user=priya").json()
    ours = next(mail for mail in reversed(box) if not mail["outgoing"])
    form = {"user": "priya", "subject": f"Re: {ours['subject']}", "text": "One more question about rice."}
    assert agent.post("/demo/mail/send", data={**form, "in_reply_to": ours["message_id"]}).status_code == 201
    row = said(agent, "One more question")
    assert row["account"]["name"] == "Harbour View Hotel"
    answer(agent, row["number"], "Of course, Priya.")
    back = until(
        lambda: [m for m in agent.get("/demo/mail/mailbox?user=priya").json() if "Of course, Priya." in m["text"]]
    )
    again = {"user": "priya", "subject": back[0]["subject"], "text": "Thank you!", "in_reply_to": back[0]["message_id"]}
    assert agent.post("/demo/mail/send", data=again).status_code == 201
    assert said(agent, "Thank you!")["number"] == row["number"]


def test_old_japanese_mail_with_a_file_is_a_new_ticket(agent: httpx2.Client) -> None:
    form = {"user": "yamada", "subject": "①在庫の確認", "text": "髙級な白だしはありますか。", "charset": "iso-2022-jp"}
    sent = agent.post("/demo/mail/send", data=form, files={"file": ("一覧.txt", b"hello", "text/plain")})
    assert sent.status_code == 201
    row = said(agent, "髙級な白だし")
    assert row["subject"] == "①在庫の確認"
    assert [file["name"] for m in messages(agent, row["number"]) for file in m["attachments"]] == ["一覧.txt"]


def test_chat_there_and_back(demonstration: Server, agent: httpx2.Client) -> None:
    token = agent.get("/demo/shop/").text.split('data-widget="')[1].split('"')[0]
    address = f"ws://127.0.0.1:{demonstration.port}/chat"
    with connect(address, origin=demonstration.url) as socket:  # type: ignore[arg-type]
        socket.send(json.dumps({"op": "hello", "widget": token, "visitor": None, "language": "ja", "page": "/"}))
        assert json.loads(socket.recv(30))["config"]["online"] is True
        socket.send(json.dumps({"op": "say", "client_id": "test-0001", "text": "ごめんください"}))
        row = said(agent, "ごめんください")
        answer(agent, row["number"], "いらっしゃいませ")
        while (frame := json.loads(socket.recv(30))).get("message", {}).get("text") != "いらっしゃいませ":
            pass
        assert frame["message"]["from"] == "agent" and frame["message"]["name"] == "青木"


def test_a_call_is_answered_on_the_desk_phone(agent: httpx2.Client) -> None:
    def lines(call: str) -> list[str]:
        return [line["text"] for line in agent.get("/demo/telephone/state").json()["lines"] if line["call"] == call]

    def legs(**wanted: Any) -> list[Row]:
        calls = agent.get("/demo/telephone/state").json()["calls"]
        return [call for call in calls if all(call[name] == value for name, value in wanted.items())]

    mine = agent.post("/demo/telephone/dial", json={"from": "+819011112222"}).json()["call"]
    row = until(lambda: next((r for r in tickets(agent) if r["call"]), None))
    assert row["person"]["name"] == "佐藤 花子"
    until(lambda: any("お電話ありがとうございます" in line for line in lines(mine)))
    taken = agent.post(f"/api/v1/calls/{row['call']['id']}/answer", json={"via": "phone"})
    assert taken.json()["state"] == "connecting"
    desk = until(lambda: legs(side="agent", status="ringing"))[0]["call"]
    agent.post("/demo/telephone/answer", json={"call": desk})
    until(lambda: any("1を押して" in line for line in lines(desk)))
    agent.post("/demo/telephone/press", json={"call": desk, "keys": "1"})
    until(lambda: legs(call=mine, talking=True))
    agent.post("/demo/telephone/speak", json={"call": mine, "seconds": 1, "text": "もしもし"})
    until(lambda: "もしもし" in lines(desk))
    agent.post("/demo/telephone/hangup", json={"call": mine})
    call = until(lambda: next((m["call"] for m in messages(agent, row["number"]) if m["call"] and m["call"]["ended_at"]
                               and m["call"]["agent_id"]), None))  # fmt: skip
    assert call["state"] == "ended" and call["outcome"] == "answered"


def test_a_blocked_customer_cannot_be_answered(agent: httpx2.Client) -> None:
    users = agent.get("/demo/line/users").json()
    gone = next(user for user in users if not user["following"])
    row = next(row for row in tickets(agent) if row["person"]["name"] == gone["name"])
    body = {"text": "…", "attachments": [], "client_id": "test-blocked"}
    assert agent.post(f"/api/v1/tickets/{row['number']}/replies", json=body).status_code == 409


def test_the_page_and_all_that_it_loads_are_there(agent: httpx2.Client) -> None:
    page = agent.get("/demo")
    assert page.status_code == 200 and "script-src" not in page.headers["content-security-policy"]
    for name in (
        "page.css",
        "devices.css",
        "page.js",
        "words.js",
        "line.js",
        "mail.js",
        "phone.js",
        "tools.js",
        "hanko.svg",
    ):
        assert agent.get(f"/demo/page/{name}").status_code == 200, name
    assert agent.get("/demo/page/..%2fserver.py").status_code == 404
    assert {one["role"] for one in agent.get("/demo/sign-ins").json()} == {"owner", "lead", "agent", "success"}


def test_a_taken_port_is_one_line_and_exit_2(demonstration: Server) -> None:
    line = [sys.executable, "-m", "app", "demo", "--port", str(demonstration.port)]
    told = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert told.returncode == 2
    assert told.stderr.strip().splitlines() == [
        f"Port {demonstration.port} is in use: choose another with --port N or MIKAWAYA_PORT."
    ]


@pytest.mark.usefixtures("demonstration")
def test_a_second_start_keeps_everything_even_on_another_port(demonstration: Server) -> None:
    with demonstration.browser() as agent:
        before = len(tickets(agent))
        user = agent.get("/demo/line/users").json()[2]["id"]
        agent.post("/demo/line/say", json={"user": user, "text": "覚えていてくださいね"})
        said(agent, "覚えていてくださいね")
    demonstration.stop()
    assert "Traceback" not in demonstration.said
    demonstration.port = free_port()
    demonstration.start()
    with demonstration.browser() as agent:
        assert len(tickets(agent)) == before
        chat = agent.get(f"/demo/line/history?user={user}").json()["messages"]
        assert chat[-1]["text"] == "覚えていてくださいね"
        number = said(agent, "覚えていてくださいね")["number"]
        answer(agent, number, "はい、もちろんです。")
        form = {"user": "emma", "subject": "Still there?", "text": "After the restart."}
        assert agent.post("/demo/mail/send", data=form).status_code == 201
        answer(agent, said(agent, "After the restart.")["number"], "We are, Emma.")
        until(lambda: any("We are, Emma." in m["text"] for m in agent.get("/demo/mail/mailbox?user=emma").json()))


def test_production_has_neither_demo_nor_its_sign_ins(tmp_path_factory: pytest.TempPathFactory) -> None:
    var = tmp_path_factory.mktemp("production")
    env_free = Server(["serve"], free_port(), var)
    migrated = subprocess.run(
        [sys.executable, "-m", "app", "migrate"], cwd=ROOT, env={"MIKAWAYA_VAR": str(var)}, check=False, timeout=120
    )
    assert migrated.returncode == 0
    env_free.start()
    try:
        for path in ("/demo", "/demo/", "/demo/page/page.js", "/demo/line/users", "/demo/twilio/x", "/demo/sign-ins"):
            assert httpx2.get(f"{env_free.url}{path}", trust_env=False).status_code == 404, path
        headers = {"X-Mikawaya": "1", "Origin": env_free.url}
        tried = httpx2.post(f"{env_free.url}/api/v1/session", json=AGENT, headers=headers, trust_env=False)
        assert tried.status_code == 401
    finally:
        env_free.stop()
