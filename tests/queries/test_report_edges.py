"""Who calls again and who is called back; what is escalated."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from app.models import Call, Handover
from app.queries.reports import lists
from tests.actions.world import World, at, mail, ring, said
from tests.queries.test_reports import DAY, HOUR, MINUTE, asking, figures, parts


async def test_repeat_calls_are_the_same_customer_within_30_minutes_and_called_back_is_handled(world: World) -> None:
    """再呼率, 実質着信数, 対応率: one who calls three times, another team's, one just too late, and two withheld numbers."""
    begun = [0, 29 * MINUTE, 58 * MINUTE, 89 * MINUTE]  # the last is 31 minutes after the one before
    for number, seconds in enumerate(begun):
        await world.take(ring(f"sato{number}", who="sato", sent_at=at(seconds)), now=at(seconds), inbox=world.phone)
    await world.take(ring("ito", who="ito", sent_at=at(60)), now=at(60), inbox=world.phone)
    async with world.database.write() as session:
        calls = (await session.scalars(select(Call).order_by(col(Call.started_at)))).all()
        for call in calls:
            call.state, call.outcome, call.ended_at = "ended", "missed", call.started_at + timedelta(seconds=30)
            call.team_id = None
        calls[2].team_id = world.cast.team.id
        await session.flush()
        back = {"inbox_id": world.phone.id, "message_id": calls[1].message_id, "direction": "out", "state": "ended"}
        for name, ticket, answered in (("a", calls[1], at(7200)), ("b", calls[0], None)):
            session.add(
                Call(
                    ticket_id=ticket.ticket_id, external_id=f"out:{name}", started_at=at(7100), answered_at=answered,
                    outcome="answered" if answered else "unreached", **back,
                )
            )  # fmt: skip
        await session.flush()
    assert [call.ticket_id for call in calls].count(calls[1].ticket_id) == 1, "ito's own ticket"
    found = await figures(world, asking())
    assert found["offered"].numerator == 5, "calls of ours are none"
    assert parts(found, "repeat_rate") == (2, 5) and found["net_offered"].numerator == 3
    assert parts(found, "handled_rate") == (1, 5), "called back and reached; trying is not reaching"
    team = await figures(world, asking(team=world.cast.team.id))
    assert parts(team, "repeat_rate") == (1, 1), (
        "the call before was nobody's or another team's: it is a repeat all the same"
    )
    async with world.database.read() as session:
        rows, _ = await lists.page(session, "repeat_rate", asking(), which="hit", cursor=None, limit=9)
    assert sorted(each["at"] for each in rows) == [at(29 * MINUTE), at(58 * MINUTE)]


async def test_a_repeat_call_is_one_though_the_call_before_lies_before_the_period(world: World) -> None:
    midnight = 12 * HOUR  # in Tokyo
    for number, seconds in enumerate((midnight - 60, midnight + 60)):
        await world.take(ring(number, who="sato", sent_at=at(seconds)), now=at(seconds), inbox=world.phone)
    found = await figures(world, asking(first=DAY + timedelta(days=1)))
    assert parts(found, "repeat_rate") == (1, 1) and found["net_offered"].numerator == 0


async def test_escalated_is_what_success_was_asked_to_advise_on_or_to_take_over(world: World) -> None:
    """エスカレーション率: asked twice counts once, declined counts, informed does not."""
    for second in (1, 2, 3):
        await world.take(mail(second, who=f"who{second}"), now=at(second), inbox=world.email)
    await world.take(said(4), now=at(4))
    given = {"cause": "request", "offered_at": at(10), "due_at": at(20)}
    async with world.database.write() as session:
        for ticket, form, state in (
            (1, "consult", "closed"), (1, "transfer", "offered"), (2, "inform", "offered"), (3, "consult", "declined")
        ):  # fmt: skip
            session.add(Handover(ticket_id=ticket, form=form, state=state, **given))
            await session.flush()
    assert parts(await figures(world, asking()), "escalation_rate") == (2, 4)
    async with world.database.read() as session:
        rows, _ = await lists.page(session, "escalation_rate", asking(), which="hit", cursor=None, limit=9)
    assert [each["ticket"]["number"] for each in rows] == [3, 1]
