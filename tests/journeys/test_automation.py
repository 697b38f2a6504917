"""Rules and macros in the browser: a rule is made, tried, switched on and runs; / chooses a macro."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NAKAMURA, PATIENCE_MS, Sit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
LEAD = "aoki@mikawaya.example"


def test_a_lead_makes_a_rule_tries_it_and_switches_it_on_and_it_runs(sit: Sit) -> None:
    lead = sit()
    lead.sign_in(LEAD)
    page = lead.page
    page.goto(f"{lead.url}/settings/automation/new")
    page.get_by_label("ルールの名前").fill("メモがあれば印を付ける")
    page.get_by_label("メモが書かれた").check()
    page.get_by_label("チケットができた").uncheck()
    page.get_by_role("button", name="条件を追加").click()
    page.get_by_label("項目").select_option("message_text")
    page.get_by_label("比べ方").select_option("contains")
    page.get_by_label("値", exact=True).fill("アレルギー確認済み")
    page.get_by_label("タグを付ける").select_option(label="アレルギー")
    page.get_by_role("button", name="試してみる").click()
    expect(page.locator(".rehearsal")).to_contain_text("0 件に当てはまりました", timeout=PATIENCE_MS)
    page.get_by_role("button", name="保存して有効にする").click()
    card = page.locator("li", has_text="メモがあれば印を付ける")
    expect(card.get_by_role("switch")).to_be_checked(timeout=PATIENCE_MS)

    agent = sit()
    agent.sign_in(NAKAMURA)
    agent.page.locator("a.row").first.click()
    agent.page.get_by_role("tab", name="メモ").click()
    agent.reply("アレルギー確認済み")
    expect(agent.page.locator(".timeline, main").get_by_text("タグ「アレルギー」を付けました").first).to_be_visible(
        timeout=PATIENCE_MS
    )
    page.reload()
    expect(page.locator("li.place", has_text="メモがあれば印を付ける")).to_contain_text("1 回実行", timeout=PATIENCE_MS)


def test_a_slash_chooses_a_macro_whose_words_and_deeds_go_with_the_reply(sit: Sit) -> None:
    agent = sit()
    agent.sign_in(NAKAMURA)
    page = agent.page
    agent.row("田中 節子")
    box = page.locator("form.composer textarea")
    box.press("/")
    expect(page.locator(".macros .choice")).to_have_count(5, timeout=PATIENCE_MS)
    page.keyboard.type("返品")
    page.keyboard.press("Enter")
    expect(box).to_have_value(
        re.compile(r"^田中 節子様\n\n返品を承ります。.*ご返金の手続きをいたします。$", re.S), timeout=PATIENCE_MS
    )
    expect(page.locator("p.macro")).to_contain_text("返品のご案内")
    box.press("Control+Enter")
    expect(page.get_by_text("「お客様待ち」にしました").last).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("タグ「返品・返金」を付けました").last).to_be_visible(timeout=PATIENCE_MS)
