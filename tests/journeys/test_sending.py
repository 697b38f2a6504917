"""Never twice, never wrong: an answer can be called back, and is held when somebody added something since."""

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import NAKAMURA, PASSWORD, PATIENCE_MS, Seat, Sit
from tests.journeys.test_desk import Wire

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
AOKI = "aoki@mikawaya.example"


def colleague(world: httpx2.Client) -> httpx2.Client:
    world.headers.update({"X-Mikawaya": "1"})
    assert world.post("/api/v1/session", json={"email": AOKI, "password": PASSWORD}).status_code == 200
    return world


def open_line_ticket(world: httpx2.Client, *, nth: int) -> int:
    rows = colleague(world).get("/api/v1/tickets?view=open&channel=line").json()["items"]
    return int(rows[nth]["number"])


def sent(world: httpx2.Client, number: int, words: str) -> int:
    """How many answers with these words the server has."""
    messages = world.get(f"/api/v1/tickets/{number}").json()["messages"]
    return sum(message["text"] == words for message in messages)


def arrives(page: Page, world: httpx2.Client, number: int, words: str) -> bool:
    """Once, and not twice."""
    for _ in range(100):
        if sent(world, number, words):
            break
        page.wait_for_timeout(100)
    return sent(world, number, words) == 1


def at_ticket(seat: Seat, number: int) -> None:
    seat.sign_in(NAKAMURA)
    seat.page.goto(f"{seat.url}/desk/open/{number}")


def test_an_answer_is_called_back_and_one_that_was_not_leaves_with_the_page(sit: Sit, world: httpx2.Client) -> None:
    number = open_line_ticket(world, nth=0)
    agent = sit(undo_s=20)
    at_ticket(agent, number)
    box = agent.page.locator("form.composer textarea")
    agent.reply("取り消される返事です")
    agent.page.get_by_role("button", name="取り消す").click()
    expect(box).to_have_value("取り消される返事です")
    box.fill("ページを閉じても届く返事です")
    box.press("Control+Enter")
    expect(agent.page.get_by_role("button", name="取り消す")).to_be_visible()
    assert sent(world, number, "ページを閉じても届く返事です") == 0, "it waits"
    agent.page.goto("about:blank")
    assert arrives(agent.page, world, number, "ページを閉じても届く返事です")
    assert sent(world, number, "取り消される返事です") == 0


def test_what_a_colleague_added_holds_the_answer_until_its_writer_decides(sit: Sit, world: httpx2.Client) -> None:
    number = open_line_ticket(world, nth=1)
    agent, wire = sit(), Wire()
    agent.page.route_web_socket("**/live", wire.connected)
    at_ticket(agent, number)
    box = agent.page.locator("form.composer textarea")
    box.fill("私の返事です")
    wire.cut()
    world.post(f"/api/v1/tickets/{number}/replies", json={"text": "同僚の返事です"}).raise_for_status()
    box.press("Control+Enter")
    held = agent.page.locator(".problem", has_text="送るのを止めました")
    expect(held).to_be_visible(timeout=PATIENCE_MS)
    expect(agent.page.locator(".message", has_text="同僚の返事です")).to_be_visible()
    assert sent(world, number, "私の返事です") == 0
    held.get_by_role("button", name="書き直す").click()
    expect(box).to_have_value("私の返事です")
    world.post(f"/api/v1/tickets/{number}/notes", json={"text": "折り返し電話しました"}).raise_for_status()
    box.press("Control+Enter")
    expect(held).to_be_visible(timeout=PATIENCE_MS)
    held.get_by_role("button", name="このまま送る").click()
    expect(held).to_be_hidden(timeout=PATIENCE_MS)
    assert arrives(agent.page, world, number, "私の返事です")
    agent.complaints = [words for words in agent.complaints if "409" not in words and "/live" not in words]


def test_a_begun_answer_is_there_on_another_device_and_can_be_handed_to_a_colleague(
    sit: Sit, world: httpx2.Client
) -> None:
    number = open_line_ticket(world, nth=2)
    first, second = sit(), sit()
    at_ticket(first, number)
    first.page.locator("form.composer textarea").fill("在庫を確かめております。")
    with first.page.expect_response(lambda answer: answer.url.endswith(f"/{number}/draft")):
        first.page.get_by_role("button", name="下書きを共有").click()
    at_ticket(second, number)
    expect(second.page.locator("form.composer textarea")).to_have_value("在庫を確かめております。")
    shared = world.get(f"/api/v1/tickets/{number}/drafts").json()["shared"]
    assert [each["text"] for each in shared] == ["在庫を確かめております。"]
    colleague_seat = sit()
    colleague_seat.sign_in(AOKI)
    colleague_seat.page.goto(f"{colleague_seat.url}/desk/open/{number}")
    colleague_seat.page.get_by_role("button", name="引き取る").click()
    expect(colleague_seat.page.locator("form.composer textarea")).to_have_value("在庫を確かめております。")
    expect(first.page.locator("form.composer textarea")).to_have_value("")
