"""The provider's side, running: a mail cloud for a test, and a certificate for servers that encrypt."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo.mail import MailCloud
from tests.channels.email.certificate import self_signed


@pytest.fixture
async def cloud() -> AsyncIterator[MailCloud]:
    running = MailCloud()
    await running.start()
    yield running
    await running.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    return self_signed(tmp_path_factory.mktemp("tls") / "cert.pem")
