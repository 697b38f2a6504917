"""kill -9 around the commit of a webhook: what LINE was told is there is there, and nothing is there twice."""

import asyncio
import random

import pytest

from app.config import Settings
from tests.crash.rig import Desk, LineSender, line_config, open_desk, serving

pytestmark = pytest.mark.timeout(400)


async def held(desk: Desk) -> list[str]:
    return [row[0] for row in await desk.rows("SELECT text FROM message WHERE direction = 'in'")]


async def everything_once(desk: Desk, line: LineSender) -> None:
    """The one right outcome, after LINE has sent again what was not acknowledged."""
    assert sorted(await held(desk)) == sorted(line.said)
    for table in ("ticket", "identity", "thread"):
        assert await desk.rows(f"SELECT COUNT(*) FROM {table}") == [(line.customers,)], table
    await desk.is_sound()


@pytest.mark.parametrize("point", ["intake.begun", "intake.written", "intake.committing", "intake.committed"])
async def test_death_at_the_commit(settings: Settings, point: str) -> None:
    desk = await open_desk(settings, "line", line_config())
    line = LineSender(desk.hook)
    async with serving(desk.settings, point, nth=6) as product:
        await line.write(400)
        await product.died()
    assert line.acknowledged, "it died before anything was acknowledged"
    assert line.unanswered, "nothing was under way when it died"
    kept = set(await held(desk))
    assert line.acknowledged <= kept, "something acknowledged is lost"
    if point in ("intake.begun", "intake.written"):
        assert kept < line.said, "the batch that died was not to be kept"
    if point == "intake.committed":
        assert kept > line.acknowledged, "the batch was to be committed, but not acknowledged"
    async with serving(desk.settings):
        await line.redeliver()
    await everything_once(desk, line)


@pytest.mark.parametrize("seed", [1, 2])
async def test_death_at_any_moment_again_and_again(settings: Settings, seed: int) -> None:
    """Killed from outside under load, three times over the same database."""
    chance = random.Random(seed)
    desk = await open_desk(settings, "line", line_config())
    line = LineSender(desk.hook)
    for _ in range(3):
        async with serving(desk.settings) as product:
            await line.redeliver()
            load = asyncio.create_task(line.write(100_000))
            before = len(line.acknowledged)
            wanted = before + chance.randint(20, 200)
            while len(line.acknowledged) < wanted and not load.done():
                await asyncio.sleep(0)
            await asyncio.sleep(chance.uniform(0, 0.02))
            product.kill()
            await load
            await product.died()
        assert line.acknowledged <= set(await held(desk)), "something acknowledged is lost"
    async with serving(desk.settings):
        await line.redeliver()
    await everything_once(desk, line)
