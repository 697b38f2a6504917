"""The tools' checks, all of them, whatever fails: ruff, mypy, import-linter, eslint, vue-tsc and vitest."""

import sys

from scripts.frontend import FRONTEND
from scripts.node import npm
from scripts.shell import VENV, run, say

PYTHON_CHECKS = (
    ("ruff", ["ruff", "check", "--quiet", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy", "--no-error-summary"]),
    ("import-linter", ["lint-imports", "--no-cache", "--no-logo"]),
)
FRONTEND_CHECKS = (("eslint and vue-tsc", "check"), ("vitest", "test"))


def failing() -> list[str]:
    """The names of the checks that fail. Each one's words are shown when it does."""
    failed: list[str] = []
    for name, (tool, *options) in PYTHON_CHECKS:
        _note(name, run([str(VENV / "bin" / tool), *options], quiet=True), failed)
    for name, script in FRONTEND_CHECKS:
        _note(name, npm("run", script, cwd=FRONTEND, quiet=True), failed)
    return failed


def _note(name: str, code: int, failed: list[str]) -> None:
    say(f"{'ok  ' if code == 0 else 'FAIL'} {name}")
    if code != 0:
        failed.append(name)


if __name__ == "__main__":
    sys.exit(1 if failing() else 0)
