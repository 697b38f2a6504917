"""`python -m bench [inbound] [queue] [footprint] [--quick]`: measures, prints, and rewrites bench/RESULTS.md."""

import argparse
from pathlib import Path

from bench import inbound


def main() -> None:
    given = argparse.ArgumentParser(prog="bench")
    given.add_argument("what", nargs="*", choices=["inbound", []])
    given.add_argument("--quick", action="store_true")
    given.add_argument("--profile", type=Path)
    given.add_argument("--only", default="")
    asked = given.parse_args()
    print("\n".join(inbound.run(quick=asked.quick, profile=asked.profile, only=asked.only)))


main()
