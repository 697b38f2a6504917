"""Makes a fresh machine ready: `python3 -m scripts.setup run` for the product, `... test` for its tests.

It runs on the machine's own Python, so it uses the standard library only, and no syntax that an old Python cannot read.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from scripts.shell import ROOT, VENV, VENV_PYTHON, digest, is_done, mark_done, must, say, stop

OLDEST = (3, 11)


def wanted_python() -> None:
    """Says in one line when this Python is too old."""
    if sys.version_info < OLDEST:
        have = ".".join(str(part) for part in sys.version_info[:3])
        stop(f"Mikawaya needs Python 3.11 or newer, this is {have}. With another one: make PYTHON=python3.12 run")


def venv() -> None:
    """The virtual environment; made anew when its interpreter is gone or too old."""
    if VENV_PYTHON.exists():
        seen = subprocess.run(
            [str(VENV_PYTHON), "-c", "import sys, pip; print(sys.version_info >= (3, 11))"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if seen.returncode == 0 and seen.stdout.strip() == "True":
            return
    say("Making the virtual environment in .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if made.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        print(made.stdout + made.stderr, file=sys.stderr)
        package = "python{}.{}-venv".format(*sys.version_info)
        stop(f"Python could not make a virtual environment. On Debian: apt-get install {package}")


def locked(name: str) -> None:
    """Installs a lock file's packages by their hashes, unless it was done from exactly this file."""
    lock = ROOT / f"{name}.lock"
    stamp = VENV / f".{name}.done"
    fingerprint = digest([lock], extra=f"{VENV_PYTHON.resolve()}")
    if is_done(stamp, fingerprint):
        return
    say(f"Installing the packages of {lock.name} (a minute the first time)")
    quietly = ["-qq", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore"]
    must([str(VENV_PYTHON), "-m", "pip", "install", *quietly, "--require-hashes", "-r", str(lock)], "pip")
    mark_done(stamp, fingerprint)


def pins(name: str) -> set[str]:
    """The `package==version` lines of a lock file."""
    lines = (ROOT / f"{name}.lock").read_text().splitlines()
    return {line.split()[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}


def is_covered() -> bool:
    """Do the tests' packages, which are installed, hold everything that the product needs?"""
    lock = ROOT / "requirements-dev.lock"
    fingerprint = digest([lock], extra=f"{VENV_PYTHON.resolve()}")
    return is_done(VENV / ".requirements-dev.done", fingerprint) and pins("requirements") <= pins("requirements-dev")


def main(wish: str) -> None:
    """`run`: what the product needs. `test`: what its tests need too."""
    wanted_python()
    os.chdir(ROOT)
    venv()
    if wish == "test":
        locked("requirements-dev")
    elif not is_covered():
        locked("requirements")
    must([str(VENV_PYTHON), "-m", "scripts.frontend"], "The frontend's build")


if __name__ == "__main__":
    main(sys.argv[1])
