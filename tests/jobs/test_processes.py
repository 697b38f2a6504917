"""The doors and the clocks as two processes on PostgreSQL: `serve --no-jobs` takes, `jobs` sends, and each ends cleanly."""

import asyncio
import signal
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from app.config import Settings
from demo.line import LineCloud
from tests import servers
from tests.crash.rig import LINE_SECRET, free_port, line_config, open_desk, provider, until
from tests.crash.test_send import delivered

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(400)]


class Gate:
    """LINE's messaging endpoints behind a gate: a send can be caught on its way."""

    def __init__(self, cloud: LineCloud) -> None:
        self._app = Starlette(routes=cloud.routes())
        self.arrived, self.open = asyncio.Event(), asyncio.Event()
        self.open.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].endswith(("/message/push", "/message/reply")):
            self.arrived.set()
            await self.open.wait()
        await self._app(scope, receive, send)


async def ended(program: servers.Program) -> int:
    """SIGTERM's effect: the exit code. What it wrote to its log has no traceback in it."""
    code = await asyncio.to_thread(program.process.wait, 60)
    assert "Traceback" not in program.log.read_text()
    return code


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_one_process_takes_what_another_answers(settings: Settings) -> None:
    port = free_port()
    made = await open_desk(settings, "line", line_config(f"http://127.0.0.1:{port}/provider"))
    with servers.program(made.settings, "serve", "--no-jobs") as door:
        here = made.settings.model_copy(update={"public_url": door.url})
        desk = replace(made, settings=here, hook=f"{door.url}/hooks/{made.token}")
        cloud = LineCloud(LINE_SECRET, "long-lived", desk.hook)
        gate = Gate(cloud)
        async with provider([Mount("/", app=gate)], port):
            assert await cloud.send_text(cloud.users[0].id, "届きません") == 200
            await until(desk.tickets, "there is a ticket")
            await desk.reply("お調べします")
            await asyncio.sleep(1.5)  # a process with clocks would have sent it in half a second
            assert not gate.arrived.is_set(), "the doors do not send"

            with servers.program(here, "jobs") as clocks:
                assert [each["state"] for each in await desk.answers()] == ["sent"]
                gate.arrived.clear()
                gate.open.clear()
                await desk.reply("本日発送しました")
                await asyncio.wait_for(gate.arrived.wait(), 60)
                clocks.process.send_signal(signal.SIGTERM)
                with pytest.raises(subprocess.TimeoutExpired):
                    await asyncio.to_thread(clocks.process.wait, 1)  # it finishes what is under way
                gate.open.set()
                assert await ended(clocks) == 0
            assert [each["state"] for each in await desk.answers()] == ["sent", "sent"]
            assert delivered(cloud) == ["お調べします", "本日発送しました"]

            await desk.reply("まだ何かございますか")
            door.process.send_signal(signal.SIGTERM)
            assert await ended(door) == -signal.SIGTERM
            with servers.program(here, "jobs"):
                await until(lambda: three(cloud), "what was written before the end is sent after it")
            assert delivered(cloud) == ["お調べします", "本日発送しました", "まだ何かございますか"]


async def three(cloud: LineCloud) -> bool:
    return len(delivered(cloud)) >= 3
