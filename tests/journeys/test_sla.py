"""Promises at the desk: a policy is changed, a deadline explains itself, the bell rings."""

import httpx2
from playwright.sync_api import expect

from tests.journeys.conftest import PATIENCE_MS, Sit

LEAD = "aoki@mikawaya.example"


def test_a_lead_changes_a_policy_and_a_deadline_says_why(sit: Sit) -> None:
    seat = sit(width=1500)
    seat.sign_in(LEAD)
    seat.page.goto(f"{seat.url}/settings/policies")
    seat.page.locator(".cards a", has_text="標準").last.click()
    cell = seat.page.get_by_label("折り返し電話 普通")
    expect(cell).to_have_value("120", timeout=PATIENCE_MS)
    cell.fill("急いで")
    expect(seat.page.get_by_role("button", name="保存")).to_be_disabled()
    cell.fill("９０")
    seat.page.get_by_role("button", name="保存").click()
    seat.page.locator(".cards a", has_text="標準").last.click()
    expect(seat.page.get_by_text("第2版")).to_be_visible(timeout=PATIENCE_MS)
    expect(cell).to_have_value("90")
    seat.page.goto(f"{seat.url}/desk/open")
    seat.row("白しょうゆのアレルギー表示")
    seat.page.locator(".clocks button", has_text="解決").click()
    sheet = seat.page.get_by_role("dialog")
    expect(sheet.get_by_text("第1版")).to_be_visible(timeout=PATIENCE_MS)  # the version that it was promised by
    expect(sheet.get_by_role("table")).to_be_visible()
    seat.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_SLA9_the_bell_rings_without_a_reload(sit: Sit, world: httpx2.Client) -> None:
    """What is promised from now on is over already, so the watch warns at once."""
    seat = sit(width=1500)
    seat.sign_in(LEAD)
    spec = {
        "conditions": [{"field": "priority", "any": ["urgent"]}], "hours": "elapsed",
        "targets": {"resolution": {"urgent": 60}}, "steps": [{"percent": 100, "to": ["leads"]}],
    }  # fmt: skip
    ask = """async ([method, path, body]) => {
      const headers = { "content-type": "application/json", "x-mikawaya": "1" };
      const answer = await fetch(`/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
      return answer.status === 204 ? null : answer.json();
    }"""
    known = seat.page.evaluate("fetch('/api/v1/policies').then((answer) => answer.json())")
    made = seat.page.evaluate(ask, ["POST", "/policies", {"name": "緊急", "spec": spec}])
    ids = [made["id"], *[each["id"] for each in known]]
    seat.page.evaluate(ask, ["PUT", "/policies/order", {"policy_ids": ids}])
    seat.page.evaluate(ask, ["POST", "/notifications/read", {}])  # what rang before
    seat.page.reload()
    seat.page.locator(".bell").wait_for()
    expect(seat.page.locator(".bell .count")).to_have_count(0)
    seat.row("Vegan dashi?")
    number = int(seat.page.url.rpartition("/")[2])
    seat.page.evaluate(ask, ["PATCH", f"/tickets/{number}", {"priority": "urgent"}])
    expect(seat.page.locator(".bell .count")).to_have_text("1", timeout=PATIENCE_MS)
    seat.page.locator(".bell").click()
    seat.page.locator(".floating .choice", has_text=f"#{number}").click()
    expect(seat.page.locator(".bell .count")).to_have_count(0, timeout=PATIENCE_MS)
    seat.page.evaluate(ask, ["PATCH", f"/tickets/{number}", {"priority": "normal"}])
    seat.page.evaluate(ask, ["PATCH", f"/policies/{made['id']}", {"archived": True}])
