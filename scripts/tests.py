"""`make test`: the servers the tests need, the tools' checks, then every test. pytest speaks last, unless a check failed."""

import os
import sys

from scripts import system
from scripts.check import failing
from scripts.shell import VENV_PYTHON, run, stop


def main() -> int:
    """The exit code: 0 only when all checks and all tests pass, and with CI=true nothing was left out."""
    if not system.ready() and os.environ.get("CI") == "true":
        stop("With CI=true nothing may be left out: install the packages named above.")
    failed = failing()
    code = run([str(VENV_PYTHON), "-m", "pytest", "-rfEs", "-n", "2", "--dist", "loadfile"])
    if failed:
        print(f"Failed before the tests: {', '.join(failed)}", file=sys.stderr)
    return code or (1 if failed else 0)


if __name__ == "__main__":
    sys.exit(main())
