"""All measurements, in one run: `python -m bench [NAME...] [--runs 20]`. Names: start, build, list, api, loop, terminal, ssh, proxy.

Prints tables with median and p95 beside the budgets of the design, and writes them to bench/results.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench import api, build, listing, loop, ssh, start, terminal
from bench.report import Row, print_table

RESULTS = Path(__file__).with_name("results.json")
PARTS: dict[str, Callable[[int], list[Row]]] = {
    "start": start.measure,
    "build": build.measure,
    "list": listing.measure,
    "api": api.measure,
    "loop": loop.measure,
    "terminal": terminal.measure,
    "ssh": ssh.measure,
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", default=[*PARTS, "proxy"], help="what to measure; all when left out")
    parser.add_argument("--runs", type=int, default=20, help="counted runs of each measurement")
    options = parser.parse_args()
    results: dict[str, list[dict[str, object]]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in options.names:
        if name == "proxy":
            subprocess.run([sys.executable, "-m", "bench.proxy", "--peer"], check=True)
            subprocess.run([sys.executable, "-m", "bench.sockets"], check=True)
            continue
        rows = PARTS[name](options.runs)
        print_table(name, rows)
        results[name] = [row.document() for row in rows]
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
