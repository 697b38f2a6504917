"""A queue of ten thousand: the list draws what is near the window, and its end can be reached."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.demo.conftest import Server
from tests.journeys.conftest import NAKAMURA, PATIENCE_MS, Sit, demonstrate

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
MANY = 10_000
DRAWN = "document.querySelectorAll('a.row').length"
TO_THE_END = "const rows = document.querySelector('.rows'); rows.scrollTop = rows.scrollHeight"


def multiply(database: Path) -> None:
    """Copies of one open ticket, each a little older than the one before: the last of them is the list's end."""
    with closing(sqlite3.connect(database)) as connection, connection:
        names = [name for _, name, *_ in connection.execute("PRAGMA table_info(ticket)")]
        older = {
            "id": "ticket.id + 100000 + n", "subject": f"CASE n WHEN {MANY} THEN 'いちばん古い' ELSE 'つづき ' || n END",
            "updated_at": "datetime(updated_at, '-' || (n * 60 + 86400 * 300) || ' seconds') || '.000000'",
        }  # fmt: skip
        taken = ", ".join(older.get(name, f'"{name}"') for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        connection.execute(
            f"WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {MANY}) "
            f"INSERT INTO ticket ({columns}) SELECT {taken} FROM many, "
            "(SELECT * FROM ticket WHERE status = 'open' AND merged_into_id IS NULL ORDER BY id DESC LIMIT 1) AS ticket"
        )


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A desk of its own, with ten thousand more."""
    for server in demonstrate(tmp_path_factory.mktemp("many")):
        server.stop()
        multiply(next(server.var.rglob("mikawaya.db")))
        server.start()
        yield server


def test_ten_thousand_rows_are_scrolled_to_their_end(sit: Sit) -> None:
    agent = sit()
    agent.sign_in(NAKAMURA)
    page = agent.page
    page.goto(f"{agent.url}/desk/open?sort=updated")
    page.locator("a.row").first.wait_for()
    most = 0
    for _ in range(2000):
        if page.locator("a.row", has_text="いちばん古い").count():
            break
        page.evaluate(TO_THE_END)
        page.wait_for_timeout(20)
        most = max(most, page.evaluate(DRAWN))
    expect(page.locator("a.row", has_text="いちばん古い")).to_be_visible(timeout=PATIENCE_MS)
    place = page.locator("li.place", has_text="いちばん古い")
    assert int(place.get_attribute("aria-posinset") or 0) > MANY
    assert 0 < most < 60, "only what is near the window is drawn"
    page.locator("a.row", has_text="いちばん古い").click()
    expect(page.locator("h2, h1").filter(has_text="いちばん古い").first).to_be_visible(timeout=PATIENCE_MS)
