"""What success has to do with a ticket follows it into another one, and comes back; and the package says what is known."""

from sqlalchemy import select
from sqlmodel import col

from app.models import Background, Handover, Harassment, Ticket
from tests.api.conftest import Desk
from tests.api.success.shop import Shop


async def second(shop: Shop) -> int:
    """Another case of the same customer."""
    async with shop.desk.database.write() as session:
        (await session.get_one(Ticket, shop.number)).status = "closed"
    await shop.desk.say(2, "別の件です")
    async with shop.desk.database.write() as session:
        (await session.get_one(Ticket, shop.number)).status = "open"
        return (await session.scalars(select(col(Ticket.id)).order_by(col(Ticket.id).desc()))).first() or 0


async def places(desk: Desk) -> dict[int, tuple[int, str]]:
    async with desk.database.read() as session:
        found = (await session.scalars(select(Handover).order_by(col(Handover.id)))).all()
        return {each.id: (each.ticket_id, each.state) for each in found}


async def test_C3_open_handovers_reports_and_what_stands_behind_follow_a_merge_and_come_back(desk: Desk) -> None:
    shop, cast = await Shop(desk).open(), desk.cast
    master, part = shop.number, await second(shop)
    shop.number = part
    taken = (await shop.offer()).json()["id"]
    assert (await shop.call("POST", f"/handovers/{taken}/accept", cast.success)).status_code == 200
    await shop.call("PUT", f"/tickets/{part}/background", cast.hanako, cause="配送遅れ", kind="trouble")
    await shop.call("POST", f"/tickets/{part}/harassment", cast.hanako, category="abuse", reason="怒鳴られた")
    shop.number = master
    offered = (await shop.offer()).json()["id"]
    merged = await shop.call("POST", f"/tickets/{part}/merge", cast.hanako, into=master)
    assert merged.status_code in (200, 201), merged.text
    assert await places(desk) == {taken: (master, "accepted"), offered: (master, "closed")}, (
        "one writes to the customer"
    )
    assert (await shop.call("GET", f"/tickets/{master}/handovers", cast.hanako)).json()["writer_id"] == cast.success.id
    async with desk.database.read() as session:
        behind = await session.get_one(Background, master)
        assert (behind.cause, behind.kind) == ("配送遅れ", "trouble")
        assert (await session.scalars(select(col(Harassment.ticket_id)))).all() == [master]
    apart = await shop.call("DELETE", f"/tickets/{part}/merge", cast.hanako)
    assert apart.status_code in (200, 201), apart.text
    assert (await places(desk))[taken] == (part, "accepted")
    async with desk.database.read() as session:
        assert (await session.scalars(select(col(Harassment.ticket_id)))).all() == [part]


async def test_C3_the_package_has_the_agents_judgment_and_keeps_health_from_agents(desk: Desk) -> None:
    shop, cast = await Shop(desk).open(), desk.cast
    made = (await shop.offer(form="consult", package={"sentiment": "worried"})).json()
    assert made["package"]["sentiment"] == "worried" and "health" not in made["package"]
    assert (await shop.offer(form="inform", package={"sentiment": "ecstatic"})).status_code == 422
    listed = (await shop.call("GET", f"/tickets/{shop.number}/handovers", cast.success)).json()["items"]
    package = listed[0]["package"]
    assert package["health"]["colour"] == "grey" and package["files"] == [] and package["articles"] == []
