"""An answer that failed says why, and is sent again by a button."""

import httpx2
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import NAKAMURA, PATIENCE_MS, Sit
from tests.journeys.test_channels import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


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
