"""The frontend's packages and its build, each only when what it is made from has changed."""

from pathlib import Path

from scripts.node import IMPATIENT, npm
from scripts.shell import ROOT, digest, is_done, mark_done, say, stop

FRONTEND = ROOT / "frontend"
MODULES = FRONTEND / "node_modules"
DIST = FRONTEND / "dist"
NOT_SOURCES = {"node_modules", "dist", "openapi.json"}


def packages() -> str:
    """`npm ci`, unless node_modules comes from exactly this lock; the lock's fingerprint."""
    fingerprint = digest([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if not is_done(MODULES / ".done", fingerprint):
        say("Installing the frontend's packages")
        if npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", *IMPATIENT, cwd=FRONTEND, quiet=True) != 0:
            stop("npm ci failed: see the lines above.")
        mark_done(MODULES / ".done", fingerprint)
    return fingerprint


def sources() -> list[Path]:
    """Every file that the build may read: all but what is made."""
    tops = [top for top in FRONTEND.iterdir() if top.name not in NOT_SOURCES]
    inside = [path for top in tops if top.is_dir() for path in top.rglob("*") if path.is_file()]
    return [top for top in tops if top.is_file()] + inside


def build() -> None:
    """`vite build`, unless dist comes from exactly these sources. Vite's own words are shown when it fails."""
    fingerprint = digest(sources(), extra=packages())
    if is_done(MODULES / ".built", fingerprint) and (DIST / "index.html").is_file():
        return
    say("Building the frontend")
    if npm("run", "build", cwd=FRONTEND, quiet=True) != 0:
        stop("The frontend's build failed: see the lines above.")
    mark_done(MODULES / ".built", fingerprint)


if __name__ == "__main__":
    build()
