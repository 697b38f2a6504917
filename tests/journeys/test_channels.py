"""A customer writes or calls, an agent sees it without a reload and answers, and the customer has the answer."""

import time
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from playwright.sync_api import FrameLocator, Page, Request, expect

from tests.journeys.conftest import NAKAMURA, PATIENCE_MS, Seat, Sit, without_reload

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def until(condition: Callable[[], Any]) -> Any:
    """What the condition became, as soon as it is true."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError("it never happened")


def widget(page: Page, url: str) -> FrameLocator:
    """A visitor opens the shop and its chat."""
    page.goto(f"{url}/demo/shop/")
    page.locator("mikawaya-chat button, [aria-expanded]").first.click()
    return page.frame_locator("iframe")


def test_a_visitor_chats_and_an_agent_answers(sit: Sit) -> None:
    agent, visitor = sit(), sit()
    agent.sign_in(NAKAMURA)
    frame = widget(visitor.page, visitor.url)
    with without_reload(agent.page), without_reload(visitor.page):
        frame.locator("textarea").fill("樽酒の在庫はありますか")
        frame.locator("textarea").press("Enter")
        agent.row("樽酒の在庫はありますか")
        agent.reply("はい、三樽ございます。")
        expect(frame.get_by_text("はい、三樽ございます。")).to_be_visible(timeout=PATIENCE_MS)
        frame.locator("textarea").fill("では一樽お願いします")
        frame.locator("textarea").press("Enter")
        expect(said(agent, "では一樽お願いします")).to_be_visible(timeout=PATIENCE_MS)


def test_W5_a_visitor_behind_a_proxy_without_websockets_chats_all_the_same(sit: Sit) -> None:
    agent, visitor = sit(), sit()
    agent.sign_in(NAKAMURA)
    visitor.page.add_init_script(
        "window.WebSocket = class { constructor() { this.readyState = 3; setTimeout(() => this.onclose?.(), 5) } close() {} }"
    )
    frame = widget(visitor.page, visitor.url)
    frame.locator("textarea").fill("社内からでも届きますか")
    frame.locator("textarea").press("Enter")
    agent.row("社内からでも届きますか")
    agent.reply("はい、届いております。")
    expect(frame.get_by_text("はい、届いております。")).to_be_visible(timeout=PATIENCE_MS)


def test_W10_a_visitor_sends_a_file_and_no_address_tells_their_secret(sit: Sit) -> None:
    """Addresses stand in the logs of servers and proxies."""
    agent, visitor = sit(), sit()
    agent.sign_in(NAKAMURA)
    asked: list[Request] = []
    visitor.page.on("request", lambda request: asked.append(request))
    frame = widget(visitor.page, visitor.url)
    expect(frame.locator("button.attach")).to_be_enabled(timeout=PATIENCE_MS)
    frame.locator("input[type=file]").set_input_files(
        {"name": "注文書.txt", "mimeType": "text/plain", "buffer": "樽酒 一樽".encode()}
    )
    expect(frame.locator(".upload.done")).to_be_visible(timeout=PATIENCE_MS)
    frame.locator("textarea").fill("注文書をお送りします")
    frame.locator("textarea").press("Enter")
    agent.row("注文書をお送りします")
    expect(said(agent, "注文書.txt")).to_be_visible(timeout=PATIENCE_MS)
    (sent,) = [each for each in asked if "/chat/files" in each.url]
    secret = sent.headers["x-mikawaya-visitor"]
    assert len(secret) == 43
    assert not [each.url for each in asked if secret in each.url]


def said(seat: Seat, words: str) -> Any:
    """These words in the conversation that is open."""
    return seat.page.locator("#main").get_by_text(words).last


def test_a_line_message_is_answered_on_line(sit: Sit, world: httpx2.Client) -> None:
    agent = sit()
    agent.sign_in(NAKAMURA)
    user = world.get("/demo/line/users").json()[0]["id"]
    with without_reload(agent.page):
        assert world.post("/demo/line/say", json={"user": user, "text": "醤油の蓋が開きません"}).json()["status"] == 200
        agent.row("醤油の蓋が開きません")
        agent.reply("お湯で温めてみてください。")

        def chat() -> list[str]:
            shown = world.get(f"/demo/line/history?user={user}").json()["messages"]
            return [each["text"] for each in shown if each["side"] == "desk"]

        until(lambda: "お湯で温めてみてください。" in chat())
        expect(said(agent, "お湯で温めてみてください。")).to_be_visible(timeout=PATIENCE_MS)
    assert chat().count("お湯で温めてみてください。") == 1


def test_a_mail_is_answered_by_mail(sit: Sit, world: httpx2.Client) -> None:
    agent = sit()
    agent.sign_in(NAKAMURA)
    with without_reload(agent.page):
        letter = {"user": "emma", "subject": "Gift wrapping", "text": "Can you wrap the tamari as a gift?"}
        assert world.post("/demo/mail/send", data=letter).status_code == 201
        agent.row("Gift wrapping")
        agent.reply("With pleasure, in a furoshiki cloth.")

        def arrived() -> list[dict[str, Any]]:
            box = world.get("/demo/mail/mailbox?user=emma").json()
            return [mail for mail in box if "furoshiki cloth" in mail["text"] and not mail["outgoing"]]

        [mail] = until(arrived)
    assert mail["subject"] == "Re: Gift wrapping"


def test_a_call_rings_on_the_screen_and_is_answered(sit: Sit, world: httpx2.Client) -> None:
    agent = sit()
    agent.sign_in(NAKAMURA)

    def calls(**wanted: Any) -> list[dict[str, Any]]:
        every = world.get("/demo/telephone/state").json()["calls"]
        return [call for call in every if all(call[name] == value for name, value in wanted.items())]

    with without_reload(agent.page):
        mine = world.post("/demo/telephone/dial", json={"from": "+818033334444"}).json()["call"]
        toast = agent.page.locator("article.call").first
        toast.wait_for()
        toast.get_by_role("button", name="電話で出る").click()
        desk = until(lambda: calls(side="agent", status="ringing"))[0]["call"]
        world.post("/demo/telephone/answer", json={"call": desk})
        until(lambda: [line for line in world.get("/demo/telephone/state").json()["lines"]
                       if line["call"] == desk and "1を押して" in line["text"]])  # fmt: skip
        world.post("/demo/telephone/press", json={"call": desk, "keys": "1"})
        until(lambda: calls(call=mine, talking=True))
        expect(toast).to_be_hidden(timeout=PATIENCE_MS)
        world.post("/demo/telephone/hangup", json={"call": mine})
        until(lambda: not [call for call in calls(call=mine) if call.get("talking")])
