"""The matrix over HTTP and in the two paths: decided as the ticket is opened, anew with its kind, seen by both teams."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import col

from app import clock, feed
from app.actions import routing
from app.models import Agent, Event, Handover, Mode, Notification, Presence, TeamRouting, Ticket, TouchDecision
from app.queries import routing as queue
from app.rules.success.touch import TEMPLATE, cell
from tests.api.conftest import Desk
from tests.api.success.shop import Shop

CELLS = [*TEMPLATE]


async def switched(shop: Shop, cells: object = CELLS) -> int:
    owner = shop.desk.cast.owner
    made = await shop.call("POST", "/touch/versions", owner, cells=cells, note="はじめの形")
    assert made.status_code == 201, made.text
    number: int = made.json()["id"]
    assert (await shop.call("PUT", "/touch/active", owner, version_id=number)).status_code == 200
    return number


async def promise(shop: Shop, seconds: int) -> int:
    """A policy that no condition ever chooses."""
    spec = {
        "hours": "elapsed", "conditions": [{"field": "channel", "any": ["phone"]}],
        "targets": {"first_response": {"normal": seconds}},
    }  # fmt: skip
    made = await shop.call("POST", "/policies", shop.desk.cast.owner, name=f"{seconds} 秒", spec=spec)
    assert made.status_code == 201, made.text
    number: int = made.json()["id"]
    return number


async def kind(shop: Shop, code: str) -> None:
    said = await shop.call("PUT", f"/tickets/{shop.number}/background", shop.desk.cast.hanako, kind=code)
    assert said.status_code == 200 and said.json()["kind"] == code, said.text


async def one(desk: Desk, number: int) -> Ticket:
    async with desk.database.read() as session:
        return await session.get_one(Ticket, number)


async def told(desk: Desk, what: str) -> list[Event]:
    async with desk.database.read() as session:
        return list((await session.scalars(select(Event).where(col(Event.kind) == what).order_by(col(Event.id)))).all())


async def test_C2_a_ticket_is_decided_about_in_the_transaction_that_opens_it(desk: Desk) -> None:
    shop = await Shop(desk).open()
    async with desk.database.write() as session:
        other = TeamRouting(team_id=desk.cast.team.id, mode=Mode.OFF)
        session.add(other)
    policy = await promise(shop, 600)
    cells = [cell("pool", "transfer", tier="high", team_id=desk.cast.team.id, policy_id=policy)]
    version = await switched(shop, cells)
    await shop.follow()
    assert await shop.all() == [], "what was open before stays as it is until something changes"
    async with desk.database.write() as session:
        (await session.get_one(Ticket, shop.number)).status = "closed"
    await desk.say(2, "新しい相談です")
    async with desk.database.read() as session:
        ticket = (await session.scalars(select(Ticket).order_by(col(Ticket.id).desc()))).first()
        assert ticket is not None and ticket.id != shop.number
        decision = await session.get_one(TouchDecision, ticket.id)
    assert (decision.version_id, decision.facts["tier"], decision.cell["owner"]) == (version, "high", "pool")
    assert ticket.team_id == desk.cast.team.id and decision.held_until is not None
    assert ticket.due_at - (ticket.needs_reply_since or ticket.due_at) == timedelta(seconds=600)
    assert ticket.policy_id == policy
    for _ in range(2):  # the log twice is one hand-over
        await shop.follow()
    (made,) = await shop.all()
    assert (made.ticket_id, made.cause, made.form, made.to_id) == (ticket.id, "matrix", "transfer", None)
    assert made.package["evidence"] == decision.facts
    seen = (await shop.call("GET", f"/tickets/{ticket.id}/touch", desk.cast.hanako)).json()["decision"]
    assert (seen["version_id"], seen["cell"]["owner"], seen["facts"]["hours"]) == (version, "pool", "in")


async def test_C2_another_kind_decides_anew_and_the_manager_hears_of_it(desk: Desk) -> None:
    shop = await Shop(desk).open()
    policy = await promise(shop, 900)
    await switched(shop, [each | {"policy_id": policy} if each["kind"] == "trouble" else each for each in CELLS])
    await kind(shop, "trouble")
    await shop.follow()
    assert (await one(desk, shop.number)).policy_id == policy
    assert [(each.cause, each.form) for each in await shop.all()] == [("matrix", "inform")]
    async with desk.database.read() as session:
        bell = select(func.count()).select_from(Notification).where(col(Notification.kind) == "touch.copied")
        assert await session.scalar(bell) == 1
    assert [each.params["owner"] for each in await told(desk, "touch.decided")] == ["support"]
    await kind(shop, "trouble")
    assert len(await told(desk, "touch.decided")) == 1, "the same again is no news"
    await kind(shop, "howto")
    assert (await one(desk, shop.number)).policy_id is None, "what the matrix no longer promises is left to conditions"
    refused = await shop.call("PUT", f"/tickets/{shop.number}/background", desk.cast.hanako, kind="gossip")
    assert (refused.status_code, refused.json()["code"]) == (422, "no_kind")


async def test_C2_routing_leaves_a_transfer_to_success_until_it_comes_back(desk: Desk) -> None:
    shop = await Shop(desk).open()
    success, now = desk.cast.success, clock.utcnow()
    async with desk.database.write() as session:
        session.add(TeamRouting(team_id=desk.cast.team.id, mode=Mode.PUSH))
        (await session.get_one(Ticket, shop.number)).team_id = desk.cast.team.id
        (await session.get_one(Agent, desk.cast.hanako.id)).presence = Presence.AVAILABLE
    await switched(shop)
    await kind(shop, "contract")

    async def waits(at: object = now) -> list[int]:
        async with desk.database.read() as session:
            return [each.ticket for each in (await queue.situation(session, at)).queue]  # type: ignore[arg-type]

    (offered,) = await shop.all()
    assert (offered.form, offered.to_id) == ("transfer", success.id) and await waits() == []
    assert await waits(now + timedelta(days=1)) == [shop.number], "what nobody accepts is the desk's again"
    assert (await shop.call("POST", f"/handovers/{offered.id}/accept", success)).status_code == 200
    async with desk.database.read() as session:
        assert (await session.get_one(Ticket, shop.number)).assignee_id == success.id
    back = await shop.call("POST", f"/handovers/{offered.id}/return", success, reason="サポートでお願いします")
    assert back.status_code == 200 and await waits() == [shop.number]
    async with desk.database.write() as session:
        await routing.route(session, [shop.number], now)
        assert (await session.get_one(Ticket, shop.number)).assignee_id == desk.cast.hanako.id


async def test_C2_versions_are_kept_tried_and_seen_by_both_teams(desk: Desk) -> None:
    shop = await Shop(desk).open()
    await kind(shop, "contract")
    owner, roles = desk.cast.owner, (desk.cast.hanako, desk.cast.success)
    tried = (await shop.call("POST", "/touch/simulation", owner, cells=CELLS)).json()
    assert (tried["tickets"], tried["changed"], tried["examples"][0]["to"]) == (
        1, 1, {"owner": "manager", "id": desk.cast.success.id},
    )  # fmt: skip
    first = await switched(shop)
    wrong = await shop.call("POST", "/touch/versions", owner, cells=[CELLS[0], CELLS[0] | {"policy_id": 99}])
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_matrix")
    assert {(each["at"], each["code"]) for each in wrong.json()["fields"]} == {
        ("1", "twice"),
        ("1.policy_id", "unknown"),
    }
    second = await switched(shop, [cell()])
    for who in roles:
        seen = (await shop.call("GET", "/touch", who)).json()
        assert seen["active_id"] == second and [each["id"] for each in seen["versions"]] == [second, first]
        for method, path in (("POST", "/touch/versions"), ("POST", "/touch/simulation")):
            assert (await shop.call(method, path, who, cells=[])).status_code == 403
        assert (await shop.call("PUT", "/touch/active", who, version_id=first)).status_code == 403
    assert seen["versions"][1]["cells"] == [dict(each) for each in CELLS], "a version never changes"
    gone = await shop.call("PUT", "/touch/active", owner, version_id=99)
    assert (gone.status_code, gone.json()["code"]) == (404, "no_version")


async def test_C4_a_trigger_rests_and_tells_of_what_is_open_elsewhere(desk: Desk) -> None:
    shop = await Shop(desk).open()
    await desk.say(2, "解約したい", "U" + "2" * 32)
    async with desk.database.write() as session:
        for ticket in (await session.scalars(select(Ticket))).all():
            ticket.account_id = shop.account
    await desk.say(3, "解約します")
    await shop.follow()
    (open_one,) = await shop.all()
    (repeated,) = await told(desk, "handover.repeated")
    assert repeated.params["handover"] == open_one.id and repeated.ticket_id != open_one.ticket_id
    path = f"/handovers/{open_one.id}/decline"
    assert (await shop.call("POST", path, desk.cast.success, reason="話しました")).status_code == 200
    await desk.say(4, "やはり解約します")
    await shop.follow()
    assert len(await shop.all()) == 1, "the account is left alone with it for a day"
    async with desk.database.write() as session:
        (await session.get_one(Handover, open_one.id)).offered_at = clock.utcnow() - timedelta(hours=25)
    await desk.say(5, "解約の手続きは")
    await shop.follow()
    assert [each.cause for each in await shop.all()] == ["words", "words"]


async def test_C4_health_that_turns_red_is_told_with_the_case_that_waits(desk: Desk) -> None:
    shop = await Shop(desk).open()
    async with desk.database.write() as session:
        given = {"account": shop.account, "from": "yellow", "to": "red", "score": 41}
        await feed.record(session, feed.event("health.changed", clock.utcnow(), **given))
        other = given | {"account": shop.account + 1}
        await feed.record(session, feed.event("health.changed", clock.utcnow(), **other))
    await shop.follow()
    (made,) = await shop.all()
    assert (made.ticket_id, made.cause, made.package["evidence"]) == (
        shop.number,
        "health",
        {"was": "yellow", "score": 41},
    )


async def test_C4_a_sponsor_writes(desk: Desk) -> None:
    shop = await Shop(desk).open(role="sponsor")
    await shop.follow()
    assert [(each.cause, each.form) for each in await shop.all()] == [("executive", "inform")]
