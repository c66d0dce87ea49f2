#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Runs one incast under every congestion control and draws rate and queue over time.

    scenarios/congestion-control/run.py [--out=DIR] [--cc=NAME,NAME] [-- OPTION OF ddl-scenario ...]

Results go to DIR/NAME (default: results/congestion-control/NAME), the figure to DIR.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).resolve().parent / "incast.yaml"


def launcher(verb, program):
    """The command before the program's own arguments; tests name what they have built."""
    folder = os.environ.get("DDL_BIN_DIR")
    if folder is None:
        return [sys.executable, str(ROOT / "ns3"), verb, *program]
    if verb == "plot":
        return [sys.executable, "-m", "ddl_analysis"]
    return [str(Path(folder) / program[0])]


def scenario(arguments, capture=False):
    """Runs ddl-scenario; ends this program with its status where it fails."""
    command = launcher("run", ["ddl-scenario"]) + arguments
    done = subprocess.run(command, text=True, check=False,
                          stdout=subprocess.PIPE if capture else subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout


def known_controls():
    """The names that --cc takes, as the program's own help lists them."""
    line = re.search(r"--cc:\s+congestion control: (.*) \[", scenario(["--PrintHelp"], capture=True))
    if line is None:
        sys.exit("run.py: --PrintHelp lists no congestion control: name them with --cc")
    return re.sub(r"\([^)]*\)", "", line[1]).replace(" ", "").split(",")


def print_table(out, controls):
    """One line per run."""
    print(f"{'--cc':10} {'time':>10} {'longest queue':>14} {'marked':>8} {'dropped':>8}")
    for name in controls:
        facts = json.loads((out / name / "summary.json").read_text(encoding="utf-8"))
        lines = (out / name / "queues.csv").read_text(encoding="utf-8").splitlines()
        column = lines[0].split(",").index("max_queue_bytes")
        longest = max(int(line.split(",")[column]) for line in lines[1:])
        print(f"{name:10} {facts['simulated_time_ns'] / 1e6:7.2f} ms {longest / 1e3:11,.0f} KB"
              f" {facts['ecn_marked_packets']:8,} {facts['drops']:8,}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "congestion-control")
    parser.add_argument("--cc", help="some of the names instead of all: dcqcn,swift")
    parser.add_argument("options", nargs="*", help="for ddl-scenario, such as --hosts=33")
    options = parser.parse_args()
    out = options.out.absolute()
    controls = options.cc.split(",") if options.cc else known_controls()
    for name in controls:
        print(f"--cc={name}", flush=True)
        scenario([f"--config={CONFIG}", f"--cc={name}", *options.options, f"--out={out / name}"])
    print_table(out, controls)
    folders = [str(out / name) for name in controls]
    return subprocess.run(launcher("plot", []) + folders + [f"--figures={out}"],
                          check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
