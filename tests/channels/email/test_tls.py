"""Encryption is really checked: a certificate that nobody vouches for stops the mail (E29)."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from channels.contract import TryAgain
from channels.email import Email
from demo.mail import MailCloud
from tests.channels.email import sample
from tests.channels.email.test_send import OUT, YAMADA


@pytest.fixture(params=["starttls", "tls"])
async def encrypted(certificate: Path, request: pytest.FixtureRequest) -> AsyncIterator[MailCloud]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    running = MailCloud(tls=context, implicit=request.param == "tls", accounts={"agent": "secret"})
    await running.start()
    yield running
    await running.stop()


def sending(cloud: MailCloud, **config: Any) -> Email:
    given = {"smtp_host": "127.0.0.1", "smtp_port": cloud.port, "smtp_tls": "tls" if cloud.implicit else "starttls"}
    return sample.channel(**given | {"smtp_user": "agent", "smtp_password": "secret"} | config)


@pytest.mark.parametrize(
    "sign_in", [{"smtp_auth": "password"}, {"smtp_auth": "xoauth2", "smtp_token": "secret", "smtp_password": ""}]
)
async def test_E28_signed_in_over_a_trusted_connection(
    encrypted: MailCloud, certificate: Path, monkeypatch: pytest.MonkeyPatch, sign_in: dict[str, str]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    channel = sending(encrypted, **sign_in)
    await channel.send(OUT)
    assert await encrypted.arrival(YAMADA)
    assert [one.code for one in await channel.check()] == ["email.smtp_ok"]


@pytest.mark.parametrize("sign_in", [{"smtp_password": "wrong"}, {"smtp_auth": "xoauth2", "smtp_token": "expired"}])
async def test_E28_a_refused_sign_in(
    encrypted: MailCloud, certificate: Path, monkeypatch: pytest.MonkeyPatch, sign_in: dict[str, str]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(TryAgain) as later:
        await sending(encrypted, **sign_in).send(OUT)
    assert later.value.code == "smtp_login"
    assert not encrypted.mailbox(YAMADA)


async def test_a_certificate_that_nobody_vouches_for(encrypted: MailCloud) -> None:
    with pytest.raises(TryAgain):
        await sending(encrypted).send(OUT)
    assert not encrypted.mailbox(YAMADA)
