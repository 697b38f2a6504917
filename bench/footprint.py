"""How much the server takes at rest, and how long a user waits for the command line."""

import subprocess
import sys
import time
from pathlib import Path

from bench.stage import ROOT, Site, environment, median, percentile, scratch

AIM_MB, HELP_S, DEMO_S = 150, 0.5, 3.0
REST_S = 5.0
INBOXES: dict[str, dict[str, str]] = {
    "email": {"address": "desk@example.com"},
    "chat": {"allowed_origins": '["https://shop.example"]'},
    "phone": {"account_sid": "AC" + "0" * 32, "auth_token": "t" * 32, "number": "+81312345678"},
}


def run(*, quick: bool) -> list[str]:
    """The section's lines."""
    lines = ["| what | measured | floor | ratio | aim |", "|---|---|---|---|---|"]
    with scratch() as directory:
        site = Site(directory).set_up()
        for kind, settings in INBOXES.items():
            site.inbox(kind, **settings)
        with site.serving() as server:
            time.sleep(REST_S)
            used = _rss_mb(server.pid)
    bare = _bare_mb()
    lines.append(
        f"| server at rest, four inboxes, RSS | {used:.0f} MB | Python alone {bare:.0f} MB | {used / bare:.1f} | {AIM_MB} MB |"
    )
    turns = 3 if quick else 9
    said = [_seconds([sys.executable, "-m", "app", "--help"]) for _ in range(turns + 1)][1:]
    empty = [_seconds([sys.executable, "-c", "pass"]) for _ in range(turns)]
    lines.append(
        f"| `python -m app --help`, median of {turns} | {median(said):.2f} s (worst {percentile(said, 1):.2f} s)"
        f" | Python alone {median(empty):.2f} s | {median(said) / median(empty):.0f} | {HELP_S} s |"
    )
    if (ROOT / "app" / "demonstration.py").exists():
        lines.append(f"| second start of `python -m app demo` | {_second_demo():.1f} s | | | {DEMO_S:.0f} s |")
    for line in lines[2:]:
        print(f"  {line}", flush=True)
    return [*lines, ""]


def _seconds(command: list[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=environment())
    return time.perf_counter() - begun


def _rss_mb(pid: int) -> float:
    """What the system says that the process holds."""
    said = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in said.splitlines() if line.startswith("VmRSS"))) / 1024


def _bare_mb() -> float:
    bare = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(5)"])
    time.sleep(1)
    used = _rss_mb(bare.pid)
    bare.kill()
    bare.wait()
    return used


def _second_demo() -> float:
    """From the command to a page that answers, on an installation that has been started once."""
    with scratch() as directory:
        _demo_start(directory)
        return _demo_start(directory)


def _demo_start(directory: Path) -> float:
    site = Site(directory)
    begun = time.perf_counter()
    with site.serving("demo"):
        return time.perf_counter() - begun
