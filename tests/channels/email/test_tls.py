"""Encryption is really checked: a certificate that nobody vouches for stops the mail (E29)."""

import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from channels.contract import TryAgain
from channels.email import Email
from demo.mail import MailCloud
from tests.channels.email import sample
from tests.channels.email.test_send import OUT, YAMADA


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.demo.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(sample.NOW - timedelta(days=3650))
        .not_valid_after(sample.NOW + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "cert.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


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
