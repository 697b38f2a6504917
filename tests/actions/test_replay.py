"""Reading a kept hook again: it leaves the list only together with what it says."""

import asyncio

import pytest

from app.models import Inbox, RawHook
from app.parts import Parts
from app.replay import replay
from app.security import Vault
from tests.actions.world import World, arrival
from tests.api.conftest import CONFIGS
from tests.channels.line.sample import fixture, webhook


@pytest.fixture
async def letter(world: World, parts: Parts) -> RawHook:
    """A good webhook that a bug of ours could not read, in LINE's inbox."""
    vault: Vault = parts.vault
    config = dict(CONFIGS["line"])
    secrets = {name: config.pop(name) for name in ("channel_secret", "access_token")}
    async with world.database.write() as session:
        inbox = await session.get_one(Inbox, world.line.id)
        inbox.config, inbox.secrets = config, vault.seal(secrets)
    body = webhook(*fixture("messages")).body
    await world.batch([arrival(world.line, body=body, error="ZeroDivisionError: a bug")])
    await parts.inboxes.refresh()
    return await world.one(RawHook)


async def test_it_is_read_again_and_leaves_the_list(world: World, parts: Parts, letter: RawHook) -> None:
    assert await replay(parts, letter.id) == ("taken", "")
    raw = await world.one(RawHook)
    assert (raw.state, raw.error, raw.attempts) == ("taken", "", 1)
    assert len(await world.tickets()) >= 1 and {m.raw_id for m in await world.messages()} == {letter.id}
    assert await replay(parts, letter.id) == (None, "")
    assert await replay(parts, 999) == (None, "")


async def test_dying_in_the_middle_of_it_loses_nothing(
    world: World, parts: Parts, letter: RawHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 after it was begun and before it is committed: it must still be in the list."""

    async def dies(self: Parts, *given: object, **more: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as dying:
        dying.setattr(Parts, "take", dies)
        with pytest.raises(asyncio.CancelledError):
            await replay(parts, letter.id)
    assert (await world.one(RawHook)).state == "failed"
    assert await replay(parts, letter.id) == ("taken", "")
