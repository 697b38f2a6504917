"""The servers and the browser that the tests use, from Debian's packages. Elsewhere, or without rights: says what is missing.

Nothing that is installed is removed for it (`--no-remove`): OpenSMTPD, for one, would push out another mail server.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.shell import run, say

WHERE = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


@dataclass(frozen=True)
class Piece:
    """One Debian package, how to see that it is there (a program or a file), and the tests that need it."""

    package: str
    programs: tuple[str, ...]
    files: tuple[str, ...]
    tests: str

    def is_there(self) -> bool:
        by_name = any(shutil.which(program, path=WHERE) for program in self.programs)
        return by_name or any(any(Path("/").glob(pattern)) for pattern in self.files)


PIECES = (
    Piece("chromium", ("chromium", "chromium-browser", "google-chrome"), ("Applications/Chromium.app",
          "Applications/Google Chrome.app"), "the journeys in a browser"),
    Piece("fonts-noto-cjk", (), ("usr/share/fonts/**/NotoSansCJK*", "System/Library/Fonts/*ヒラギノ*"),
          "the look of Japanese text in the journeys"),
    Piece("dovecot-imapd", (), ("usr/lib/dovecot/imap",), "IMAP against a real Dovecot"),
    Piece("opensmtpd", ("smtpd",), (), "mail through a real MTA"),
    Piece("postgresql", ("initdb",), ("usr/lib/postgresql/*/bin/initdb",), "the data layer on PostgreSQL"),
)  # fmt: skip


def missing() -> list[Piece]:
    return [piece for piece in PIECES if not piece.is_there()]


def _apt() -> list[str] | None:
    """The apt-get that works without asking anybody, as root or through sudo; None when there is none."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    ):
        return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    return None


def install(pieces: list[Piece]) -> None:
    """Installs what can be installed, each on its own, so that one that cannot does not hold up the others."""
    apt = _apt()
    if not pieces or apt is None:
        return
    say(f"Installing for the tests: {', '.join(piece.package for piece in pieces)}")
    run([*apt, "update", "-qq"], quiet=True)
    for piece in pieces:
        run([*apt, "install", "-qq", "-y", "--no-install-recommends", "--no-remove", piece.package], quiet=True)


def ready() -> bool:
    """Installs what is missing and says what still is, with the tests that are left out for it. Is all there?"""
    install(missing())
    rest = missing()
    for piece in rest:
        say(f"LEFT OUT: {piece.tests} ({piece.package} is not installed, and could not be installed here)")
    return not rest
