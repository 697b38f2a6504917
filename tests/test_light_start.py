"""A start is quick and a server at rest is small: what is heavy is loaded when it is first used."""

import subprocess
import sys

import pytest

from app.config import Settings
from tests import servers

HELP = "import app.__main__"
BOOT = """
import asyncio
from app.commands import create_app, settings
async def boot():
    product = create_app(settings())
    async with product.api.router.lifespan_context(product.api):
        await asyncio.sleep(0.2)
asyncio.run(boot())
"""
SAY = "\nimport sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
HEAVY = {
    "PIL", "aiohttp", "aiosmtpd", "aiosmtplib", "alembic", "charset_normalizer", "demo", "holidays", "imap_tools",
    "inscriptis", "linebot", "lxml", "phonenumbers", "rapidfuzz", "redis", "twilio",
}  # fmt: skip


def loaded(given: Settings, script: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", script + SAY], cwd=servers.ROOT, env=servers.environment(given), capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_server_at_rest_has_loaded_nothing_heavy(settings: Settings) -> None:
    there = loaded(settings, BOOT)
    assert there & HEAVY == set()
    assert "fastapi" in there, "it did start"


def test_the_help_answers_without_the_product(tmp_path_factory: pytest.TempPathFactory) -> None:
    there = loaded(Settings(var=tmp_path_factory.mktemp("var")), HELP)
    assert there & (HEAVY | {"fastapi", "sqlalchemy", "sqlmodel", "uvicorn", "cryptography"}) == set()
