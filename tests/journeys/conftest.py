"""A demonstration and a real Chromium: journeys use only HTTP, WebSocket and the browser."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.demo.conftest import Server, free_port

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DIST = Path(__file__).resolve().parents[2] / "frontend" / "dist" / "index.html"
PASSWORD = "soy-sauce-1949"
PATIENCE_MS = 60_000
SCROLL_ON = """() => {
    const rows = document.querySelector(".rows");
    if (!rows) return;
    const atEnd = rows.scrollTop + rows.clientHeight >= rows.scrollHeight;
    rows.scrollTop = atEnd ? 0 : rows.scrollTop + rows.clientHeight / 2;
}"""
UNDO = "try { localStorage.setItem('mikawaya.undo', '%d') } catch { /* a frame without storage */ }"
NAKAMURA, OLIVIA = "nakamura@mikawaya.example", "olivia@mikawaya.example"


def left_out(reason: str) -> None:
    """Skips with its reason; with CI=true nothing may be left out."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and with CI=true nothing may be left out")
    pytest.skip(reason)


def demonstrate(folder: Path) -> Iterator[Server]:
    if not DIST.is_file():
        left_out("the frontend is not built (make test builds it)")
    server = Server(["demo"], free_port(), folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    yield from demonstrate(tmp_path_factory.mktemp("journeys"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """It keeps an event loop running while it is open, so it is closed before another module's tests want their own."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        left_out("there is no Chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(OPTIONS))
        yield opened
        opened.close()


@pytest.fixture
def world(demonstration: Server) -> Iterator[httpx2.Client]:
    """The customers' side: the providers' pages, over HTTP."""
    with httpx2.Client(base_url=demonstration.url, timeout=60, trust_env=False) as client:
        yield client


@dataclass
class Seat:
    """Somebody at a browser of their own. What it complains about is remembered."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        asked = message.location.get("url", "")
        who_am_i = asked.endswith("/api/v1/session") and "401" in message.text  # before signing in: the answer is no
        if message.type == "error" and not who_am_i:
            self.complaints.append(f"{message.text} {asked}")

    def sign_in(self, email: str) -> None:
        self.page.goto(self.url)
        self.page.locator("input[type=email]").fill(email)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.locator("nav.rail, a.row").first.wait_for()

    def row(self, words: str) -> None:
        """Opens the ticket whose row says this, as soon as it is in the list.

        Only rows near the window are drawn, and what comes outside opening hours is due late: whoever looks for it scrolls.
        """
        row, until = self.page.locator("a.row", has_text=words), time.monotonic() + PATIENCE_MS / 1000
        while not row.count() and time.monotonic() < until:
            self.page.evaluate(SCROLL_ON)
            self.page.wait_for_timeout(100)
        row.first.click()

    def reply(self, words: str) -> None:
        box = self.page.locator("form.composer textarea")
        box.fill(words)
        box.press("Control+Enter")


Sit = Callable[..., Seat]


@pytest.fixture
def sit(browser: Browser, demonstration: Server) -> Iterator[Sit]:
    """Opens a seat; at the end no browser may have complained."""
    seats: list[Seat] = []

    def sit_down(
        *, width: int = 1280, height: int = 800, language: str = "ja-JP", touch: bool = False, undo_s: int = 0
    ) -> Seat:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=language, timezone_id="Asia/Tokyo", has_touch=touch
        )
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(UNDO % undo_s)
        seat = Seat(context, context.new_page(), demonstration.url)
        seat.page.on("console", seat.heard)
        seat.page.on("pageerror", lambda error: seat.complaints.append(str(error)))
        seats.append(seat)
        return seat

    yield sit_down
    for seat in seats:
        seat.context.close()
    assert [words for seat in seats for words in seat.complaints] == []


@contextmanager
def without_reload(page: Page) -> Iterator[None]:
    """What happens inside happens in the page as it is: it is not loaded anew."""
    page.evaluate("window.stillHere = true")
    yield
    assert page.evaluate("window.stillHere") is True, "the page was loaded anew"
