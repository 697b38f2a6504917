"""`python -m bench [PART ...] [--quick]`: measures, prints, and rewrites bench/RESULTS.md. All PARTS without one."""

import argparse
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import footprint, health, hours, inbound, queue, reports, search, sla
from bench.stage import ROOT, machine

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = "# What was measured"
PARTS: dict[str, tuple[str, Callable[..., list[str]]]] = {
    "inbound": ("## Inbound: from a signed webhook to a ticket, and to the screen", inbound.run),
    "queue": ("## The queue: every list view, and the badges", queue.run),
    "reports": ("## Reports: a year of a 50-agent desk", reports.run),
    "hours": ("## Business hours: ten thousand deadlines", hours.run),
    "sla": ("## Promises: the watch with a million open tickets", sla.run),
    "health": ("## Health: 100,000 accounts computed anew", health.run),
    "search": ("## Search: the newest 20 of many messages", search.run),
    "footprint": ("## At rest", footprint.run),
}


def main() -> None:
    given = argparse.ArgumentParser(prog="bench", description="Each figure beside its floor, taken in the same run.")
    given.add_argument("part", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without one")
    given.add_argument("--quick", action="store_true", help="two minutes instead of ten; bench/RESULTS.md stays")
    given.add_argument("--database", choices=["sqlite", "postgres"], help="inbound: only this one")
    given.add_argument("--profile", type=Path, help="inbound: cProfile's figures of the server's main thread")
    asked = given.parse_args()
    if unknown := set(asked.part) - set(PARTS):
        given.error(f"there is no {', '.join(unknown)}")
    print(machine(), flush=True)
    for name in asked.part or PARTS:
        heading, run = PARTS[name]
        options = {"profile": asked.profile, "only": asked.database or ""} if name == "inbound" else {}
        begun = time.perf_counter()
        lines = run(quick=asked.quick, **options)
        print("\n".join(["", heading, "", *lines]), flush=True)
        print(f"({time.perf_counter() - begun:.0f} s)", flush=True)
        if not asked.quick and not asked.profile and not asked.database:
            _keep(heading, lines)


def _keep(heading: str, lines: list[str]) -> None:
    """Replaces one section; the others stay with the day and machine that they were measured on."""
    told = RESULTS.read_text() if RESULTS.exists() else TITLE
    sections = dict(part.partition("\n")[::2] for part in told.split("\n## ")[1:])
    load = " ".join(Path("/proc/loadavg").read_text().split()[:3]) if Path("/proc/loadavg").exists() else "unknown"
    about = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}; {machine()}; load average {load}."
    sections[heading.removeprefix("## ")] = "\n".join(["", about, "", *lines]).rstrip()
    order = [title.removeprefix("## ") for title, _ in PARTS.values()]
    body = "\n\n".join(f"## {title}\n{sections[title].rstrip()}" for title in order if title in sections)
    RESULTS.write_text(f"{INTRODUCTION}\n\n{body}\n")


def _commit() -> str:
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return said.stdout.strip() or "unknown"


INTRODUCTION = f"""{TITLE}

`make bench` writes this file. Absolute figures move with the machine and with what else runs on it; the ratios to the
floors, taken in the same run, hold.

- Inbound: `python -m app serve` with its clocks, on one core; the clients are processes on the other. 2,000 customers
  have open conversations; one message in five is from somebody new, whose name LINE is then asked for (it answers after
  50 ms). Messages are counted in the database. The floor writes the very same rows with the plain driver, 200 messages
  a transaction, without a look-up. "CPU a message" is the whole server process, names and clocks included.
- The queue: a page is 50 rows and one; first pages and pages deep in the list, each sort, with and without filters.
- Business hours: a year of messages in one calendar with lunch, public holidays and closures. The floor knows the year's
  openings already, in whole seconds.
- At rest: five seconds after the server is ready."""

if __name__ == "__main__":
    main()
