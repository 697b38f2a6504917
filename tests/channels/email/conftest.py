"""The provider's side, running: a mail cloud for a test."""

from collections.abc import AsyncIterator

import pytest

from demo.mail import MailCloud


@pytest.fixture
async def cloud() -> AsyncIterator[MailCloud]:
    running = MailCloud()
    await running.start()
    yield running
    await running.stop()
