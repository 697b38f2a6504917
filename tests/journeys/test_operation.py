"""What an operator and an agent live by: an inbox and its alarm, an answer that failed, and a desk without a mouse."""

import httpx2
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NAKAMURA, PASSWORD, PATIENCE_MS, Sit, without_reload
from tests.journeys.test_channels import said, until
from tests.journeys.test_sending import colleague

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
OWNER = "owner@mikawaya.example"


def test_an_inbox_is_added_says_what_does_not_fit_and_its_alarm_is_taken_down(sit: Sit, world: httpx2.Client) -> None:
    owner, agent = sit(), sit()
    agent.sign_in(NAKAMURA)
    owner.sign_in(OWNER)
    page = owner.page
    expect(page.locator("p.demo")).to_be_visible()
    page.goto(f"{owner.url}/settings/inboxes/new-email")
    field = page.locator("label.field", has_text="メールアドレス").first
    field.locator("input").fill("no address")
    save = page.get_by_role("button", name="保存")
    save.click()
    expect(field.locator(".wrong")).to_be_visible(timeout=PATIENCE_MS)
    expect(field.locator("input")).to_have_attribute("aria-invalid", "true")
    owner.complaints = [words for words in owner.complaints if "422" not in words]

    page.goto(f"{owner.url}/settings/inboxes/new-line")
    page.get_by_label("受付の名前").fill("第二のLINE")
    page.locator("label.field", has_text="チャネルID").first.locator("input").fill("1650000001")
    page.locator("label.field", has_text="チャネルシークレット").first.locator("input").fill("another-secret")
    page.get_by_text("詳しい設定").click()
    page.locator("label.field", has_text="APIのURL").first.locator("input").fill("http://127.0.0.1:9")
    save.click()
    page.get_by_role("button", name="接続を確認").click(timeout=PATIENCE_MS)
    expect(page.locator("ul.cards[role=status] li").first).to_be_visible(timeout=PATIENCE_MS)

    hook = page.locator("text=/hooks\\//").first.inner_text().strip()
    with without_reload(agent.page):
        forged = world.post(hook[hook.index("/hooks/") :], content=b"{}", headers={"x-line-signature": "bm8="})
        assert forged.status_code == 401
        alarm = agent.page.locator("nav.rail .alarm", has_text="第二のLINE")
        expect(alarm).to_be_visible(timeout=PATIENCE_MS)
        page.reload()
        page.get_by_role("button", name="確認した").click(timeout=PATIENCE_MS)
        expect(alarm).to_be_hidden(timeout=PATIENCE_MS)


def test_an_answer_that_failed_says_why_and_is_sent_again(sit: Sit, world: httpx2.Client) -> None:
    agent = sit()
    agent.sign_in(NAKAMURA)
    form = {"user": "emma", "subject": "Cedar barrels?", "text": "Do you have cedar barrels?"}
    assert world.post("/demo/mail/send", data=form).status_code == 201
    agent.row("Cedar barrels?")
    assert world.post("/demo/mail/state", data={"user": "emma", "state": "full"}).status_code == 200
    agent.reply("We do, Emma.")
    again = agent.page.get_by_role("button", name="再送する")
    expect(again).to_be_visible(timeout=PATIENCE_MS)
    assert world.post("/demo/mail/state", data={"user": "emma", "state": "ok"}).status_code == 200
    again.click()
    expect(again).to_be_hidden(timeout=PATIENCE_MS)
    until(lambda: "We do, Emma." in world.get("/demo/mail/mailbox?user=emma").text)


def test_a_ticket_is_answered_and_resolved_with_keys_alone(sit: Sit, world: httpx2.Client) -> None:
    user = world.get("/demo/line/users").json()[1]["id"]
    assert world.post("/demo/line/say", json={"user": user, "text": "鍵盤だけで答えてください"}).is_success
    rows = until(lambda: [row for row in newest(world) if "鍵盤だけ" in str(row)])
    agent = sit()
    agent.page.goto(agent.url)
    keys = agent.page.keyboard
    expect(agent.page.locator("input[type=email]")).to_be_focused(timeout=PATIENCE_MS)
    keys.type(NAKAMURA)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    agent.page.locator("a.row").first.wait_for()
    keys.press("/")
    expect(agent.page.get_by_role("combobox", name="すべてから探す")).to_be_focused()
    keys.insert_text("鍵盤だけで答えてください")
    expect(agent.page.get_by_role("option").first).to_contain_text("鍵盤", timeout=PATIENCE_MS)
    keys.press("Enter")
    expect(said(agent, "鍵盤だけで答えてください")).to_be_visible(timeout=PATIENCE_MS)
    keys.press("r")
    expect(agent.page.locator("form.composer textarea")).to_be_focused()
    keys.insert_text("承りました。")
    keys.press("Control+Enter")
    expect(said(agent, "承りました。")).to_be_visible(timeout=PATIENCE_MS)
    keys.press("Escape")
    keys.press("e")
    number = rows[0]["number"]
    until(lambda: colleague(world).get(f"/api/v1/tickets/{number}").json()["ticket"]["status"] == "resolved")


def newest(world: httpx2.Client) -> list[dict[str, object]]:
    found: list[dict[str, object]] = colleague(world).get("/api/v1/tickets?view=all&channel=line").json()["items"]
    return found
