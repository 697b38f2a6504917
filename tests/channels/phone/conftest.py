from collections.abc import AsyncIterator

import pytest

from tests.channels.phone.rig import Desk, open_desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with open_desk() as opened:
        yield opened
        assert opened.cloud.alerts == [], "Twilio's debugger would show these"
