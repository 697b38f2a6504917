"""Work finds its agent: a visitor's chat reaches who is there, is offered, and the screen says why (R1, R5)."""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import expect

from tests.demo.conftest import Server
from tests.journeys.conftest import NAKAMURA, PASSWORD, PATIENCE_MS, Seat, Sit, demonstrate
from tests.journeys.test_channels import widget

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
TEAM = "チャット・LINE 即応"


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A desk of its own: who else still sits there, or has what to do, decides where work goes."""
    yield from demonstrate(tmp_path_factory.mktemp("routing"))


@pytest.fixture
def lead(world: httpx2.Client) -> Iterator[httpx2.Client]:
    """Aoki's program; at the end the team is routed as before."""
    headers = {"X-Mikawaya": "1"}
    signed = world.post(
        "/api/v1/session", json={"email": "aoki@mikawaya.example", "password": PASSWORD}, headers=headers
    )
    assert signed.status_code == 200
    world.headers.update(headers)
    plan = next(each for each in world.get("/api/v1/routing").json()["plans"] if each["mode"] != "off")
    yield world
    assert world.put(f"/api/v1/teams/{plan['team_id']}/routing", json=plan).status_code == 200


def asks(seat: Seat, words: str) -> None:
    frame = widget(seat.page, seat.url)
    frame.locator("textarea").fill(words)
    frame.locator("textarea").press("Enter")


def be(seat: Seat, state: str) -> None:
    seat.page.locator("button.who").click()
    seat.page.get_by_role("menuitem", name=state).click()
    expect(seat.page.locator("button.who")).to_contain_text(state)


def test_r1_a_chat_reaches_who_is_there_without_a_click_and_says_why(sit: Sit) -> None:
    agent, visitor = sit(width=1500), sit()
    agent.sign_in(NAKAMURA)
    be(agent, "受付可")
    asks(visitor, "贈り物の包装はできますか")
    agent.row("贈り物の包装はできますか")
    expect(agent.page.locator(".tools")).to_contain_text("中村 大輔")
    agent.page.get_by_role("button", name="なぜ私に？").click()
    sheet = agent.page.get_by_role("dialog")
    expect(sheet).to_contain_text("中村 大輔 さんに渡しました")
    expect(sheet.locator("li.chosen")).to_contain_text("中村 大輔")


def test_r1_r5_an_offer_is_taken_by_key_and_who_has_a_break_is_left_alone(sit: Sit, lead: httpx2.Client) -> None:
    agent, visitor, boss = sit(), sit(), sit()
    boss.sign_in("aoki@mikawaya.example")
    boss.page.goto(f"{boss.url}/settings/routing")
    boss.page.locator(".card", has_text=TEAM).click()
    boss.page.locator(".mode", has_text="打診").click()
    boss.page.locator(".sheet button.primary").click()
    expect(boss.page.locator(".card", has_text=TEAM).locator(".badge")).to_have_text("打診")
    agent.sign_in(NAKAMURA)
    be(agent, "休憩")
    asks(visitor, "法人の請求先を変えたい")
    agent.row("法人の請求先を変えたい")
    agent.page.get_by_role("button", name="なぜ待っている？").click()
    expect(agent.page.get_by_role("dialog").locator(".now")).to_contain_text("休憩")
    agent.page.keyboard.press("Escape")
    be(agent, "受付可")
    expect(agent.page.locator(".offer")).to_contain_text("法人の請求先を変えたい", timeout=PATIENCE_MS)
    agent.page.keyboard.press("y")
    expect(agent.page.locator(".offer")).to_have_count(0)
    expect(agent.page.locator(".tools")).to_contain_text("中村 大輔")
