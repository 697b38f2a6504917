"""Business hours in the browser: a lead makes them and gives them to a team, an agent looks them up."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NAKAMURA, PATIENCE_MS, Sit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
LEAD = "aoki@mikawaya.example"


def test_a_lead_makes_business_hours_and_an_agent_reads_them(sit: Sit) -> None:
    lead = sit()
    lead.sign_in(LEAD)
    page = lead.page
    page.goto(f"{lead.url}/settings/calendars/new")
    page.get_by_label("名前", exact=True).fill("夜間窓口")
    monday = page.locator(".week .day").first
    monday.get_by_label("開始").fill("22")
    monday.get_by_label("終了").fill("530")
    monday.get_by_label("終了").blur()
    expect(monday.get_by_text("翌")).to_be_visible()
    page.get_by_role("button", name="平日すべて同じに").click()
    page.get_by_role("button", name="年末年始").click()
    expect(page.locator(".ahead .days li")).to_have_count(14, timeout=PATIENCE_MS)
    page.get_by_role("button", name="保存").click()
    card = page.locator("a.card", has_text="夜間窓口")
    expect(card).to_contain_text("月–金 22:00–翌5:30", timeout=PATIENCE_MS)
    page.goto(f"{lead.url}/settings/teams")
    page.locator("button.card", has_text="English Desk").click()
    page.get_by_label("営業時間").select_option(label="夜間窓口")
    page.get_by_role("button", name="保存").click()

    agent = sit()
    agent.sign_in(NAKAMURA)
    agent.page.goto(f"{agent.url}/settings/calendars")
    card = agent.page.locator("a.card", has_text="夜間窓口")
    expect(card).to_contain_text("English Desk", timeout=PATIENCE_MS)
    expect(agent.page.get_by_text("国民の休日").first).to_be_visible(timeout=PATIENCE_MS)
    card.click()
    expect(agent.page.locator(".week .opening").first).to_be_visible(timeout=PATIENCE_MS)
    expect(agent.page.get_by_label("開始").first).to_be_disabled()
    expect(agent.page.get_by_role("button", name="保存")).to_have_count(0)
