"""A wrong setting is one line that says which and what to do, and exit code 2."""

import sqlite3
from pathlib import Path

import pytest

from app.config import Settings
from tests import servers


def said(environment: dict[str, str], *words: str, stdin: str = "") -> tuple[int, list[str]]:
    done = servers.told(environment, *words, stdin=stdin)
    return done.code, done.err


@pytest.mark.parametrize("command", ["serve", "migrate"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "nonsense"), ("DATABASE_URL", "mysql://u:p@h/n"), ("DATABASE_URL", "postgresql://u:p@:x/n"),
        ("TIMEZONE", "Mars/Olympus"), ("PUBLIC_URL", "desk.example"), ("PORT", "many"), ("VAR", "/proc/nowhere"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_one_line(tmp_path: Path, command: str, name: str, value: str) -> None:
    environment = servers.environment(Settings(var=tmp_path)) | {f"MIKAWAYA_{name}": value}
    code, lines = said(environment, command)
    assert (code, len(lines)) == (2, 1), lines
    assert f"MIKAWAYA_{name}" in lines[0] and "u:p" not in lines[0]


def test_a_database_of_a_newer_program_is_told_from_an_old_one(tmp_path: Path) -> None:
    given = Settings(var=tmp_path)
    servers.migrate(given)
    with sqlite3.connect(tmp_path / "mikawaya.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9998'")
    for command in ("serve", "migrate"):
        code, (line,) = said(servers.environment(given), command)
        assert code == 2 and "newer than this program" in line


def test_private_hosts_are_named_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIKAWAYA_PRIVATE_HOSTS", "mail.lan, 10.0.0.5")
    assert Settings().private_hosts == {"mail.lan", "10.0.0.5"}
    monkeypatch.setenv("MIKAWAYA_PRIVATE_HOSTS", '["mail.lan"]')
    assert Settings().private_hosts == {"mail.lan"}


def test_an_owner_has_a_mail_address(tmp_path: Path) -> None:
    given = Settings(var=tmp_path)
    servers.migrate(given)
    code, (line,) = said(servers.environment(given), "owner", "not an address", stdin="a long password\n")
    assert code == 2 and "no mail address" in line
    assert said(servers.environment(given), "owner", "owner@shop.example", stdin="a long password\n")[0] == 0
    assert said(servers.environment(given), "owner", "owner@shop.example", stdin="a long password\n")[0] == 2
