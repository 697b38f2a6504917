"""C13: the review pack counts the account's own period, and nothing that is the team's own."""

from typing import Any

from sqlalchemy import select

from app.models import Background, Ticket
from tests.api.conftest import Desk
from tests.api.success.test_playbooks import Team, task
from tests.conftest import Hands


async def test_C13_a_review_pack_of_a_period(desk: Desk, hands: Hands) -> None:
    team = await Team(desk).open()
    await team.call("PATCH", f"/success/accounts/{team.account}", goals="欠品をなくす", code="T-1")
    await desk.say(1, "届きません")
    async with desk.database.write() as session:
        ticket = (await session.scalars(select(Ticket))).one()
        ticket.account_id = team.account
        session.add(Background(ticket_id=ticket.id, cause="配送遅れ", changed_at=hands.now))
    events = [
        {"id": str(n), "kind": "track", "account": "T-1", "name": "発注", "user": "a", "at": at}
        for n, at in enumerate(("2026-06-20T00:00:00Z", "2026-06-30T00:00:00Z", "2026-03-01T00:00:00Z"))
    ]
    await team.call("POST", "/usage-events", 202, events=events)
    await team.start(await team.playbook(task("ours", "internal"), task("visit")))
    found: Any = await team.call("GET", f"/success/accounts/{team.account}/review?first=2026-06-01&last=2026-07-01")
    assert found["account"]["goals"] == "欠品をなくす"
    assert found["usage"] == {"done": [{"name": "発注", "count": 2, "before": 0}], "members": 1}
    assert found["tickets"] == {"count": 1, "resolved": 0, "causes": [{"cause": "配送遅れ", "count": 1}]}
    assert found["satisfaction"] == {"answers": 0, "mean": None} and found["promises"] == []
    assert [each["title"] for each in found["next"]] == ["visit"], "internal work is not shown to the customer"
    empty: Any = await team.call("GET", f"/success/accounts/{team.account}/review?first=2026-01-01&last=2026-01-31")
    assert (empty["tickets"]["count"], empty["usage"]["done"]) == (0, [])
    await team.call("GET", "/success/accounts/987655/review", 404)
    await team.call("GET", f"/success/accounts/{team.account}/review?first=2026-02-01&last=2026-01-01", 422)
    client = desk.client(desk.cast.hanako)
    assert (await client.get(f"/api/v1/success/accounts/{team.account}/review")).status_code == 403
