"""What the scripts share: the folders, saying a line, running a command, and remembering what was done."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"


def say(line: str) -> None:
    """One line for the person at the terminal, at once."""
    print(line, flush=True)


def stop(line: str) -> None:
    """Ends with one line that says what is wrong and what to do."""
    print(line, file=sys.stderr, flush=True)
    sys.exit(2)


def run(command: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None, quiet: bool = False) -> int:
    """Runs a command that may ask nothing; its exit code. A quiet one's words are shown only when it fails."""
    words = subprocess.PIPE if quiet else None
    ended = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=words,
        stderr=subprocess.STDOUT if quiet else None,
        check=False,
    )
    if quiet and ended.returncode != 0:
        print(ended.stdout.decode(errors="replace"), flush=True)
    if ended.returncode < 0:
        print(f"{Path(command[0]).name} was ended by signal {-ended.returncode}.", file=sys.stderr, flush=True)
    return ended.returncode


def must(command: list[str], what: str) -> None:
    """Runs a command that has to succeed; its own errors are already on the screen when it does not."""
    if run(command) != 0:
        stop(f"{what} failed: see the lines above.")


def digest(paths: list[Path], extra: str = "") -> str:
    """A fingerprint of files by name and content, so that a switch of branches counts and a touch does not."""
    whole = hashlib.sha256(extra.encode())
    for path in sorted(paths):
        whole.update(str(path.relative_to(ROOT)).encode() + b"\0")
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def is_done(stamp: Path, fingerprint: str) -> bool:
    """Was this done already, from exactly these files?"""
    return stamp.is_file() and stamp.read_text() == fingerprint


def mark_done(stamp: Path, fingerprint: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint)
