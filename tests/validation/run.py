#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs published set-ups again and prints what comes out beside what was published.

    tests/validation/run.py                     all of them: about half an hour on two cores
    tests/validation/run.py --only=loss         one kind: fct, loss
    tests/validation/run.py --only=fct --duration=10ms   shorter, and further from a steady state

Needs a build (./ns3 build) and the Python packages of `./ns3 plot`. Results go to
results/validation; the tables also to results/validation/*.csv.
"""

import argparse
import concurrent.futures
import csv
import os
import subprocess
import sys
from pathlib import Path

import flow_completion
import loss_goodput
import published

ROOT = Path(__file__).resolve().parents[2]


def program():
    folder = os.environ.get("DDL_BIN_DIR", ROOT / "build" / "release" / "bin")
    return str(Path(folder) / "ddl-scenario")


def simulate(arguments, folder):
    """Runs ddl-scenario into the folder, which it returns."""
    command = [program(), *arguments, f"--out={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return folder


def show(title, header, rows, path):
    """A table on the terminal, and the same as CSV."""
    print(f"\n{title}")
    texts = [[f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row]
             for row in [header, *rows]]
    widths = [max(len(row[i]) for row in texts) for i in range(len(header))]
    for row in texts:
        print("  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths)))
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def flow_completions(out, duration, jobs):
    """The slowdown at sizes, per workload and congestion control."""
    cases = [(key, control) for key in published.SLOWDOWNS for control in published.CONTROLS]

    def run_case(case):
        (workload, load, _), control = case
        arguments = flow_completion.arguments(control, workload, load, duration)
        folder = simulate(arguments, out / f"fct-{workload}-{load}-{control}")
        return case, flow_completion.slowdowns(folder)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        tables = dict(pool.map(run_case, cases))
    for key, sizes in published.SLOWDOWNS.items():
        workload, load, percentile = key
        rows = []
        for size_bytes, slowdowns in sizes.items():
            for control in published.CONTROLS:
                here = flow_completion.at_size(tables[key, control], size_bytes, percentile)
                there = slowdowns[control]
                rows.append([size_bytes, control, len(tables[key, control]), there, here,
                             f"{100 * (here / there - 1):+.0f} %"])
        show(f"Slowdown, percentile {percentile}, {workload} at {load:.0%} load: HPCC authors' "
             "simulator (figures at hpcc-group.github.io) and here",
             ["size_bytes", "cc", "flows", "published", "here", "difference"], rows,
             out / f"fct-{workload}-{load}-p{percentile}.csv")


def goodputs(out, jobs):
    """Goodput of one flow against loss."""
    cases = loss_goodput.cases()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        rows = list(pool.map(lambda case: loss_goodput.measure(case, simulate, out), cases))
    show("Goodput of one flow under losses, as a share: textbook (Bertsekas and Gallager, section "
         "2.4) and here",
         ["link_gbps", "rtt_us", "payload_bytes", "recovery", "loss", "textbook", "here",
          "difference"], rows, out / "loss.csv")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["fct", "loss"])
    parser.add_argument("--duration", default="40ms", help="in which flows start [time]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "validation")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.only in (None, "loss"):
        goodputs(options.out, options.jobs)
    if options.only in (None, "fct"):
        flow_completions(options.out, options.duration, options.jobs)


if __name__ == "__main__":
    main()
