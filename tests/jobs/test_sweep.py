"""W11: what visitors handed in and never sent is removed after a day, file and row, and nothing that anything refers to."""

import io
import os
from datetime import timedelta

import orjson
import pytest
from PIL import Image
from sqlalchemy import select
from sqlmodel import col

from app.actions import inboxes, uploads
from app.jobs.sweep import Sweep
from app.models import Attachment, FileState, RawHook
from app.parts import LARGE_BODY, Parts
from app.replay import replay
from channels.chat import Chat
from channels.contract import Hook
from tests.cast import Cast
from tests.conftest import Hands

VISITOR = "a" * 32
THREAD = f"{VISITOR}:{'0' * 16}"


class Visitor:
    """Hands in files and sends them, as the chat's doors do."""

    def __init__(self, parts: Parts, hands: Hands) -> None:
        self.parts, self._hands = parts, hands

    async def hands_in(self, content: bytes, *, kind: str = "text/plain", agent: int | None = None) -> Attachment:
        kept = await uploads.keep(self.parts.files, content, "a.txt", kind)
        async with self.parts.database.write() as session:
            made = await uploads.add(
                session, kept, agent_id=agent, now=self._hands.now, visitor="" if agent else VISITOR
            )
        for key in filter(None, (made.file_key, made.preview_key)):
            os.utime(self.parts.files.path(key), (1, 1))
        return made

    async def sends(self, *files: Attachment, text: str = "どうぞ") -> None:
        given = [{"public_id": f.public_id, "name": f.name, "media_type": f.media_type, "size": f.size} for f in files]
        said = {
            "visitor": VISITOR, "thread": THREAD, "client_id": f"client-{text[:9]}", "text": text, "language": "ja",
            "files": given,
        }  # fmt: skip
        (opened,) = await self.parts.inboxes.all()
        assert opened.channel is not None
        hook = Hook(route="message", method="DOOR", body=orjson.dumps(said), received_at=self._hands.now)
        await self.parts.take(opened.brief, opened.channel, hook)

    async def rows(self) -> list[Attachment]:
        async with self.parts.database.read() as session:
            return list((await session.scalars(select(Attachment).order_by(col(Attachment.id)))).all())

    def there(self, *files: Attachment) -> list[bool]:
        """Whether the bytes are."""
        return [self.parts.files.path(each.file_key).exists() for each in files]


@pytest.fixture
async def visitor(parts: Parts, hands: Hands) -> Visitor:
    async with parts.database.write() as session:
        await inboxes.add(session, parts.vault, kind="chat", name="chat", config={}, now=hands.now)
    await parts.inboxes.refresh()
    return Visitor(parts, hands)


async def sweep(parts: Parts) -> int:
    return await Sweep(parts).step()


async def test_W11_what_was_never_sent_is_gone_after_a_day(visitor: Visitor, cast: Cast, hands: Hands) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(picture, "PNG")
    orphan = await visitor.hands_in(picture.getvalue(), kind="image/png")
    sent, agents = await visitor.hands_in(b"sent"), await visitor.hands_in(b"a draft's", agent=cast.hanako.id)
    await visitor.sends(sent)
    hands.advance(hours=2)
    young = await visitor.hands_in(b"young")
    hands.advance(hours=21)
    assert await sweep(visitor.parts) == 0
    assert len(await visitor.rows()) == 4
    hands.advance(hours=1, seconds=1)
    assert await sweep(visitor.parts) == 1
    assert [each.id for each in await visitor.rows()] == [sent.id, agents.id, young.id]
    assert visitor.there(orphan, sent, agents, young) == [False, True, True, True]
    assert orphan.preview_key
    assert not visitor.parts.files.path(orphan.preview_key).exists()
    hands.advance(days=400)
    assert await sweep(visitor.parts) == 1
    assert [each.id for each in await visitor.rows()] == [sent.id, agents.id]


async def test_W11_bytes_that_something_else_has_stay(visitor: Visitor, hands: Hands) -> None:
    """The same bytes are kept once: a message's file, and a hook that stands in the store."""
    text = "x" * LARGE_BODY
    await visitor.sends(text=text)
    async with visitor.parts.database.read() as session:
        raw = (await session.scalars(select(RawHook))).one()
    content = await visitor.parts.files.get(raw.file_key)
    both = [await visitor.hands_in(b"twice"), await visitor.hands_in(b"twice")]
    of_hook = await visitor.hands_in(content)
    assert of_hook.file_key == raw.file_key
    await visitor.sends(both[1])
    hands.advance(days=2)
    assert await sweep(visitor.parts) == 2
    assert [each.id for each in await visitor.rows()] == [both[1].id]
    assert visitor.there(both[1], of_hook) == [True, True]


@pytest.mark.parametrize("text", ["読めない", "x" * LARGE_BODY])
async def test_W11_what_a_dead_letter_names_waits_for_it(
    visitor: Visitor, hands: Hands, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """A bug of ours costs a replay, never a customer's file."""
    named, other = await visitor.hands_in(b"named"), await visitor.hands_in(b"other")
    with monkeypatch.context() as broken:
        broken.setattr(Chat, "parse", lambda self, hook: 1 / 0)
        await visitor.sends(named, text=text)
    hands.advance(days=30)
    assert await sweep(visitor.parts) == 1
    assert visitor.there(named, other) == [True, False]
    async with visitor.parts.database.read() as session:
        letter = (await session.scalars(select(RawHook))).one()
    assert await replay(visitor.parts, letter.id) == ("taken", "")
    assert await sweep(visitor.parts) == 0
    (kept,) = await visitor.rows()
    assert (kept.id, kept.message_id, kept.state) == (named.id, 1, FileState.READY)
    assert visitor.there(named) == [True]


async def test_W11_after_a_crash_the_rest_is_removed(visitor: Visitor, hands: Hands) -> None:
    """Ended after the row was given up, or after the bytes were gone."""
    first, second = await visitor.hands_in(b"first"), await visitor.hands_in(b"second")
    hands.advance(days=2)
    await Sweep(visitor.parts)._give_up_unsent()
    await visitor.parts.files.remove(second.file_key)
    assert [each.state for each in await visitor.rows()] == [FileState.GONE] * 2
    assert await sweep(visitor.parts) == 2
    assert await visitor.rows() == []
    assert visitor.there(first) == [False]


async def test_bytes_that_come_again_while_they_are_removed_stay(visitor: Visitor) -> None:
    """Between the question whether anybody has them, and their end."""
    files = visitor.parts.files
    key = await files.put(b"wanted again")
    os.utime(files.path(key), (1, 1))
    assert await files.put(b"wanted again") == key
    assert await files.remove(key, since=1000.0) is False
    assert await files.get(key) == b"wanted again"
    os.utime(files.path(key), (1, 1))
    assert await files.remove(key, since=1000.0) is True
    assert await files.remove(key, since=1000.0) is True
    assert list(files.path(key).parent.iterdir()) == []


async def test_many_are_removed_and_those_that_stay_do_not_stand_in_the_way(
    visitor: Visitor, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.jobs.sweep.MANY", 3)
    named = [await visitor.hands_in(b"n%d" % n) for n in range(4)]
    with monkeypatch.context() as broken:
        broken.setattr(Chat, "parse", lambda self, hook: 1 / 0)
        await visitor.sends(*named)
    for number in range(7):
        await visitor.hands_in(b"orphan %d" % number)
    hands.advance(seconds=timedelta(days=2).total_seconds())
    done = [await sweep(visitor.parts) for _ in range(4)]
    assert done == [3, 3, 1, 0]
    assert [each.id for each in await visitor.rows()] == [each.id for each in named]
