"""The lead's view in the browser: the board follows the desk, a figure opens what it counted, an agent sees their own."""

import httpx2
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NAKAMURA, PATIENCE_MS, Sit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
LEAD = "aoki@mikawaya.example"


def test_a_lead_watches_the_board_and_takes_a_ticket_over(sit: Sit) -> None:
    lead = sit()
    lead.sign_in(LEAD)
    page = lead.page
    page.get_by_role("link", name="ライブボード").click()
    waiting = page.locator(".tile", has_text="返信待ち").locator("b")
    expect(waiting).not_to_have_text("0", timeout=PATIENCE_MS)
    page.get_by_role("button", name="期限超過").click()
    late = page.locator(".tile", has_text="期限超過").locator("b").inner_text()
    expect(page.get_by_role("dialog").locator("li")).to_have_count(int(late), timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    row = page.locator("li", has=page.locator(".who", has_text="未割り当て")).first
    number = (row.locator("a.subject").inner_text()).split()[0]
    row.get_by_role("button").click()
    page.get_by_role("menuitem", name="自分が担当する").click()
    mine = page.locator("li", has=page.get_by_role("link", name=number))
    expect(mine.locator(".who")).to_have_text("青木 さくら", timeout=PATIENCE_MS)
    page.get_by_role("button", name="壁掛け表示").click()
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page).to_have_url(f"{lead.url}/board?wall=1")


def test_a_figure_opens_exactly_what_it_counted(sit: Sit, world: httpx2.Client) -> None:
    lead = sit()
    lead.sign_in(LEAD)
    page = lead.page
    page.goto(f"{lead.url}/reports?period=d28")
    card = page.locator("article.figure", has=page.get_by_role("heading", name="返信率"))
    answered, needed = card.locator("p").first.inner_text().split(" / ")
    card.get_by_role("button", name="この数字について").click()
    expect(page.get_by_text("まだ返信していないものも分母に入ります")).to_be_visible(timeout=PATIENCE_MS)
    page.keyboard.press("Escape")
    card.locator("a.value").click()
    missing = int(needed.replace(",", "")) - int(answered.replace(",", ""))
    page.get_by_role("button", name=f"分子に入らないもの ({missing})").click()
    expect(page.locator("li.row")).to_have_count(min(50, missing), timeout=PATIENCE_MS)
    expect(page.locator(".chart canvas")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").last.click()
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
    page.locator("li.row a").first.click()
    expect(page.locator("#main .subject, #main h1").first).to_be_visible(timeout=PATIENCE_MS)


def test_an_agent_sees_their_own_figures_and_no_board(sit: Sit) -> None:
    agent = sit()
    agent.sign_in(NAKAMURA)
    page = agent.page
    expect(page.get_by_role("link", name="ライブボード")).to_have_count(0)
    page.get_by_role("link", name="レポート").click()
    expect(page.get_by_role("heading", name="自分の数字")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("article.figure", has_text="応答率")).to_have_count(0)
    expect(page.locator("article.figure", has_text="初回応答時間").first).to_be_visible(timeout=PATIENCE_MS)
