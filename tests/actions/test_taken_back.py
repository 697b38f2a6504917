"""What customers take back or edit leaves no trace; any order and any text ends alike (P1, P2, L9)."""

import itertools
import random

import pytest
from sqlalchemy import text

from app.models import (
    Attachment,
    Event,
    Person,
    RawHook,
)
from channels.contract import Address, Edited, Noticed, Part, Unsent
from tests.actions.world import World, arrival, at, said
from tests.cast import START


async def test_L9_a_late_message_stands_at_its_place_and_only_the_promise_counts_from_it(world: World) -> None:
    await world.take(said(100, "あとの話"), now=at(101))
    await world.take(said(50, "さきの話"), now=at(102))
    ticket, (thread,) = await world.ticket(), await world.threads()
    assert (ticket.needs_reply_since, ticket.due_at) == (at(50), at(3650))  # the oldest unanswered message (SLA3)
    assert [episode.opened_at for episode in await world.episodes()] == [at(50)]
    assert thread.customer_at == at(100)
    assert ticket.preview == "あとの話"


async def final(world: World) -> dict[str, object]:
    """A ticket's state, without what the order of arrival may decide (ids, the subject)."""
    (ticket,) = await world.tickets()
    messages = sorted(await world.messages(), key=lambda m: m.sent_at)
    return {
        "ticket": (ticket.status, ticket.preview),
        "messages": [(m.external_id, m.text, m.original, m.edited_at, m.unsent_at) for m in messages],
        "seq": sorted(m.seq or 0 for m in messages),
        "thread": [(t.customer_at, t.last_seq) for t in await world.threads()],
    }


STORY = (
    said(1, "ひとつめ"), said(2, "ふたつめ"), Edited(external_id="m1", text="なおした", at=at(10)),
    Edited(external_id="m1", text="またなおした", at=at(11)), Unsent(external_id="m2", at=at(12)), said(3, "みっつめ"),
)  # fmt: skip
ORDERS = list(itertools.permutations(range(len(STORY))))


@pytest.mark.parametrize("order", random.Random(2).sample(ORDERS, 10))
async def test_P1_P2_any_permutation_with_duplicates_ends_the_same(world: World, order: tuple[int, ...]) -> None:
    for index in (*order, *order[:3]):
        await world.take(STORY[index], now=at(60))
    found = await final(world)
    assert found == {
        "ticket": ("open", "みっつめ"),
        "messages": [
            ("m1", "またなおした", "ひとつめ", at(11), None),
            ("m2", "", "", None, at(12)),
            ("m3", "みっつめ", "", None, None),
        ],
        "seq": [1, 2, 3],
        "thread": [(at(3), 3)],
    }


async def everything(world: World) -> str:
    """All that the database holds, as text."""
    found = []
    async with world.database.read() as session:
        for table in ("ticket", "thread", "message", "raw_hook", "attachment", "event", "early_word", "person"):
            for row in await session.execute(text(f"SELECT * FROM {table}")):
                found.append(repr([bytes(v).decode() if isinstance(v, bytes | memoryview) else v for v in row]))
    return "\n".join(found)


async def test_unsent_content_is_nowhere_any_more(world: World) -> None:
    words = "口座番号は0012345です"
    body = f'{{"text":"{words}"}}'.encode()
    await world.batch([arrival(world.line, said(0, words), body=body)])
    assert words in await everything(world)
    (placed,) = await world.take(Unsent(external_id="m0", at=at(9)), now=at(10))
    assert placed.ticket == 1 and words not in await everything(world)
    (message,) = await world.messages()
    assert (message.text, message.unsent_at) == ("", at(9))
    (raw,) = [r for r in await world.raws() if r.state == "scrubbed"]
    assert raw.body is None


async def test_P2_unsent_before_it_came_is_never_shown_nor_kept(world: World) -> None:
    words = "口座番号は0012345です"
    await world.take(Unsent(external_id="m0", at=at(9)))
    part = Part(name="通帳.png", media_type="image/png", remote="line:m0")
    body = f'{{"text":"{words}"}}'.encode()
    await world.batch([arrival(world.line, said(0, words, parts=(part,)), body=body)], now=at(10))
    (message,) = await world.messages()
    assert message.unsent_at == at(9) and await world.all(Attachment) == []
    assert words not in await everything(world)
    assert "通帳" not in await everything(world)


async def test_unsent_after_an_edit_leaves_neither_text(world: World) -> None:
    await world.take(said(0, "もとの言葉"))
    await world.take(Edited(external_id="m0", text="あとの言葉", at=at(5)), now=at(5))
    assert (await world.ticket()).preview == "あとの言葉"
    await world.take(Unsent(external_id="m0", at=at(9)), now=at(9))
    left = await everything(world)
    assert "もとの言葉" not in left and "あとの言葉" not in left


async def test_P2_early_edit_and_unsend_leave_neither_text(world: World) -> None:
    await world.take(Edited(external_id="m0", text="あとの言葉", at=at(5)))
    await world.take(Unsent(external_id="m0", at=at(9)))
    await world.take(said(0, "もとの言葉"), now=at(10))
    left = await everything(world)
    assert "もとの言葉" not in left and "あとの言葉" not in left


async def test_a_redelivery_of_an_unsent_message_brings_nothing_back(world: World) -> None:
    words = "口座番号は0012345です"
    body = f'{{"text":"{words}"}}'.encode()
    await world.batch([arrival(world.line, said(0, words), body=body)])
    await world.batch(
        [arrival(world.line, said(0, words), body=body)], now=at(5)
    )  # redelivered before it is taken back
    await world.take(Unsent(external_id="m0", at=at(9)), now=at(9))
    await world.batch([arrival(world.line, said(0, words), body=body)], now=at(12))  # and after
    assert words not in await everything(world)


async def test_unsent_keeps_the_preview_and_subject_of_others(world: World) -> None:
    await world.take(said(0, "ひとつめ"))
    await world.take(said(5, "ふたつめ"), now=at(5))
    await world.take(Unsent(external_id="m0", at=at(9)), now=at(9))
    ticket = await world.ticket()
    assert (ticket.preview, ticket.subject) == ("ふたつめ", "")
    await world.take(Unsent(external_id="m0", at=at(10)), now=at(10))
    assert len([e for e in await world.all(Event) if e.kind == "message.unsent"]) == 1


async def test_an_old_edit_changes_nothing(world: World) -> None:
    await world.take(said(0, "一"))
    await world.take(Edited(external_id="m0", text="三", at=at(6)), now=at(6))
    await world.take(Edited(external_id="m0", text="二", at=at(5)), now=at(7))
    (message,) = await world.messages()
    assert (message.text, message.original, message.edited_at) == ("三", "一", at(6))


async def test_L15_what_may_not_open_is_kept_as_bytes_only(world: World) -> None:
    (placed,) = await world.take(said(0, opens=False))
    assert placed.ticket is None and await world.tickets() == [] and len(await world.raws()) == 1
    assert await world.all(Person) == [], "a passer-by of a group is not a customer yet"


ODD = "a\x00b\ud83d\udc4d".encode("utf-16", "surrogatepass").decode("utf-16") + "‮\x1b[31m"


async def test_any_text_a_customer_may_send_is_kept(world: World) -> None:
    """NUL and control characters in any field: the database must hold it, on PostgreSQL too."""
    sender = Address(
        kind="chat", value="v-1", scope="s", name=ODD, language="zh-Hant-TW-x-private", picture_url=f"http://{ODD}"
    )
    part = Part(name=ODD, media_type="image/png\x00", remote=f"r{ODD}", content_id=ODD)
    item = said(
        0, ODD, who=sender, html=f"<p>{ODD}</p>", subject=ODD, parts=(part,), meta={"title": ODD, "deep": [{ODD: ODD}]},
        participants=(Address(kind="email", value="p\x00@x.example", name=ODD),),
    )  # fmt: skip
    placed, _ = await world.take(item, Noticed(code="postback", at=START, params={"data": ODD}), inbox=world.chat)
    assert placed.ticket == 1
    (message,) = await world.messages()
    assert "👍" in message.text and "\x00" not in message.text


async def test_a_hook_that_could_not_be_read_keeps_its_bytes(world: World) -> None:
    await world.batch([arrival(world.line, body=b"\xff\x00broken", error="ValueError: \x00")])
    raw = await world.one(RawHook)
    assert (raw.state, bytes(raw.body or b"")) == ("failed", b"\xff\x00broken")
