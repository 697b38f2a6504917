"""The desk as a tool: it survives a lost connection, speaks two languages, fits a telephone, and obeys the keyboard."""

import httpx2
import pytest
from playwright.sync_api import WebSocketRoute, expect

from tests.journeys.conftest import NAKAMURA, OLIVIA, PATIENCE_MS, Seat, Sit, without_reload
from tests.journeys.test_channels import said, widget

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


class Wire:
    """The line between a page and /live, which can be cut."""

    def __init__(self) -> None:
        self.is_cut = False
        self.open: list[WebSocketRoute] = []

    def connected(self, socket: WebSocketRoute) -> None:
        if self.is_cut:
            socket.close()
            return
        socket.connect_to_server()
        self.open.append(socket)

    def cut(self) -> None:
        self.is_cut = True
        for socket in self.open:
            socket.close()
        self.open.clear()


def test_what_was_missed_comes_after_a_lost_connection(sit: Sit, world: httpx2.Client) -> None:
    agent, wire = sit(), Wire()
    agent.page.route_web_socket("**/live", wire.connected)
    agent.sign_in(NAKAMURA)
    user = world.get("/demo/line/users").json()[2]["id"]
    with without_reload(agent.page):
        wire.cut()
        expect(agent.page.locator(".banner[role=status]")).to_be_visible(timeout=PATIENCE_MS)
        world.post("/demo/line/say", json={"user": user, "text": "停電の間に書きました"})
        expect(agent.page.locator("a.row", has_text="停電の間に書きました")).to_have_count(0)
        wire.is_cut = False
        agent.row("停電の間に書きました")
        expect(said(agent, "停電の間に書きました")).to_be_visible(timeout=PATIENCE_MS)
        expect(agent.page.locator(".banner[role=status]")).to_be_hidden(timeout=PATIENCE_MS)


def test_what_comes_before_the_first_connection_is_shown(sit: Sit, world: httpx2.Client) -> None:
    """The list was loaded, the line is not there yet: nothing may fall between the two."""
    agent, wire = sit(), Wire()
    wire.cut()
    agent.page.route_web_socket("**/live", wire.connected)
    agent.sign_in(NAKAMURA)
    agent.page.locator("a.row").first.wait_for()
    user = world.get("/demo/line/users").json()[3]["id"]
    with without_reload(agent.page):
        world.post("/demo/line/say", json={"user": user, "text": "開店と同時に書きました"})
        wire.is_cut = False
        agent.row("開店と同時に書きました")


def test_the_language_is_changed_without_a_reload(sit: Sit) -> None:
    agent = sit()
    agent.sign_in(OLIVIA)
    agent.page.goto(f"{agent.url}/settings")
    choice = agent.page.locator("select:has(option[value=ja]):has(option[value=en])").first
    with without_reload(agent.page):
        choice.select_option("en")
        expect(agent.page.locator("html")).to_have_attribute("lang", "en", timeout=PATIENCE_MS)
        expect(agent.page.get_by_text("Language").first).to_be_visible()
        choice.select_option("ja")
        expect(agent.page.locator("html")).to_have_attribute("lang", "ja", timeout=PATIENCE_MS)
        expect(agent.page.get_by_text("言語").first).to_be_visible()


def test_it_fits_a_telephone(sit: Sit) -> None:
    agent = sit(width=360, height=740, touch=True)
    agent.sign_in(NAKAMURA)
    fits = "document.documentElement.scrollWidth <= window.innerWidth"
    agent.page.locator("a.row").first.wait_for()
    assert agent.page.evaluate(fits)
    agent.page.locator("a.row", has_text="白しょうゆのアレルギー表示").first.click()
    box = agent.page.locator("form.composer textarea")
    expect(box).to_be_visible(timeout=PATIENCE_MS)
    assert agent.page.evaluate(fits)
    agent.page.go_back()
    expect(agent.page.locator("a.row").first).to_be_visible(timeout=PATIENCE_MS)


def test_the_keyboard_moves(sit: Sit) -> None:
    agent = sit()
    agent.sign_in(NAKAMURA)
    agent.page.locator("a.row").first.wait_for()
    keys = agent.page.keyboard
    keys.press("j")
    keys.press("Enter")
    box = agent.page.locator("form.composer textarea")
    box.wait_for()
    keys.press("r")
    expect(box).to_be_focused()
    box.fill("")
    keys.type("jjj")  # in a text these are letters
    expect(box).to_have_value("jjj")
    box.fill("")
    keys.press("Escape")
    expect(box).not_to_be_focused()
    keys.press("/")
    expect(agent.page.get_by_role("combobox", name="すべてから探す")).to_be_focused()
    keys.press("Escape")
    keys.press("?")
    expect(agent.page.get_by_role("dialog").first).to_be_visible()


def compose(seat: Seat, words: str) -> None:
    """Begins to write with an input method: nothing is chosen yet."""
    session = seat.context.new_cdp_session(seat.page)
    session.send("Input.imeSetComposition", {"text": words, "selectionStart": len(words), "selectionEnd": len(words)})
    session.detach()


def choose(seat: Seat, words: str) -> None:
    """The Enter that chooses a word: key code 229, while composing."""
    session = seat.context.new_cdp_session(seat.page)
    stroke = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    session.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **stroke})
    session.send("Input.insertText", {"text": words})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **stroke})
    session.detach()


def test_W13_enter_that_chooses_a_word_sends_nothing(sit: Sit) -> None:
    visitor = sit()
    frame = widget(visitor.page, visitor.url)
    box = frame.locator("textarea")
    box.click()
    box.evaluate("box => box.addEventListener('keydown', (key) => (box.dataset.code = key.keyCode))")
    compose(visitor, "しょうゆ")
    choose(visitor, "醤油")
    expect(box).to_have_attribute("data-code", "229")  # the browser did see that key
    expect(box).to_have_value("醤油")
    expect(frame.locator("[role=log]").get_by_text("醤油")).to_have_count(0)
    box.press("Enter")
    expect(frame.locator("[role=log]").get_by_text("醤油")).to_have_count(1, timeout=PATIENCE_MS)
    expect(box).to_have_value("")
