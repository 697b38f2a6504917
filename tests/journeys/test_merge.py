"""Two tickets become one and two again, on the screen: chosen, shown before it is done, followed, undone."""

import httpx2
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NAKAMURA, PASSWORD, Sit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


def test_a_ticket_is_merged_into_another_and_taken_out_again(sit: Sit, world: httpx2.Client) -> None:
    world.headers.update({"X-Mikawaya": "1"})
    assert world.post("/api/v1/session", json={"email": NAKAMURA, "password": PASSWORD}).status_code == 200
    rows = world.get("/api/v1/tickets?view=open&channel=email").json()["items"]
    part = rows[0]
    master = next(each for each in rows if each["person"]["id"] != part["person"]["id"])
    words = world.get(f"/api/v1/tickets/{part['number']}").json()["messages"][0]["text"][:12]
    agent = sit(width=1500)
    agent.sign_in(NAKAMURA)
    page = agent.page
    page.goto(f"{agent.url}/desk/open/{part['number']}")
    page.get_by_role("button", name="優先度").click()
    page.get_by_role("menuitem", name="統合…").click()
    sheet = page.get_by_role("dialog")
    sheet.locator("input[type=search]").fill(f"#{master['number']}")
    sheet.get_by_role("button").filter(has_text=f"#{master['number']}").click()
    expect(sheet.locator(".preview")).to_contain_text(f"#{master['number']} に移ります")
    confirm = sheet.get_by_role("button", name="統合する")
    expect(confirm).to_be_disabled()
    sheet.get_by_role("checkbox").check()
    confirm.click()
    expect(page.locator("ul.kin")).to_contain_text(f"#{part['number']}")
    expect(page.locator(".message", has_text=words).first).to_be_visible()
    page.goto(f"{agent.url}/desk/open/{part['number']}")
    banner = page.locator(".banner")
    expect(banner).to_contain_text(f"#{master['number']} に統合されました")
    banner.get_by_role("button", name="統合を取り消す").click()
    expect(banner).to_have_count(0)
    expect(page.locator(".message", has_text=words).first).to_be_visible()
