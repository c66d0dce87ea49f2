#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures ddl-scenario: data-packet-hops per CPU second of the whole process.

Runs each case as a process of its own, several times, and reports the median; writes
results/bench/bench.json. Figures of different machines or times do not compare; figures of one run
of this program do.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import cases

ROOT = Path(__file__).resolve().parent.parent


def measure(program, case, folder):
    """CPU seconds (user + system) and largest resident memory of one run, and its counts."""
    out = folder / case.name
    shutil.rmtree(out, ignore_errors=True)
    process = subprocess.Popen([str(program), *case.options, f"--out={out}"],
                               stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"bench: {case.name} ended with status {process.returncode}")
    summary = json.loads((out / "summary.json").read_text())
    runtime = json.loads((out / "runtime.json").read_text())
    if summary["status"] != "finished":
        raise SystemExit(f"bench: {case.name} did not finish")
    return {
        "data_packet_hops": summary["data_packet_hops"],
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "max_rss_bytes": usage.ru_maxrss * 1024,
        "events": runtime["events"],
    }


def summarize(case, runs):
    cpu_s = statistics.median(run["cpu_s"] for run in runs)
    result = {
        "case": case.name,
        "what": case.what,
        "data_packet_hops": runs[0]["data_packet_hops"],
        "cpu_s": cpu_s,
        "max_rss_bytes": max(run["max_rss_bytes"] for run in runs),
        "data_packet_hops_per_cpu_s": runs[0]["data_packet_hops"] / cpu_s,
        "events": runs[0]["events"],
        "runs_cpu_s": [run["cpu_s"] for run in runs],
    }
    for key in ("others_mhops", "reach_mhops", "aim_mhops", "reach_mb", "others_mb"):
        if getattr(case, key):
            result[key] = getattr(case, key)
    return result


def print_header():
    print(f"{'case':<12} {'packet-hops':>12} {'CPU':>8} {'memory':>9} {'rate':>11} "
          f"{'spread':>7}  others   reach    aim")


def print_row(row):
    spread = max(row["runs_cpu_s"]) / min(row["runs_cpu_s"]) - 1
    targets = "".join(f"{row[key]:>8g}" if key in row else f"{'':>8}"
                      for key in ("others_mhops", "reach_mhops", "aim_mhops"))
    print(f"{row['case']:<12} {row['data_packet_hops']:>12,} {row['cpu_s']:>6.2f} s "
          f"{row['max_rss_bytes'] / 1e6:>6.0f} MB {row['data_packet_hops_per_cpu_s'] / 1e6:>7.2f} M/s "
          f"{100 * spread:>6.0f}%{targets}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="./ns3 bench", description=__doc__)
    parser.add_argument("case", nargs="*", help="cases to run (default: all of the table)")
    parser.add_argument("--long", action="store_true", help="set-up and growth tables too")
    parser.add_argument("--repeat", type=int, default=3, help="runs per case (default 3)")
    arguments = parser.parse_args()
    chosen = (cases.CASES + cases.SETUP + cases.SCALE + cases.CLUSTERS + cases.TRAINING +
              cases.FEATURES)
    known = {case.name: case for case in chosen}
    unknown = [name for name in arguments.case if name not in known]
    if unknown or arguments.repeat < 1:
        print(f"bench: no case '{unknown[0]}'; choose from {', '.join(known)}" if unknown else
              "bench: --repeat is below 1; use 1 or more", file=sys.stderr)
        return 2
    if arguments.case:
        chosen = [known[name] for name in arguments.case]
    elif not arguments.long:
        chosen = cases.CASES + [known["setup1024"]]
    program = Path(os.environ.get("DDL_BIN_DIR", ROOT / "build/release/bin")) / "ddl-scenario"
    folder = ROOT / "results" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    print_header()
    rows = []
    for case in chosen:
        rows.append(summarize(case, [measure(program, case, folder)
                                     for _ in range(min(arguments.repeat, case.repeat or
                                                                   arguments.repeat))]))
        print_row(rows[-1])
    (folder / "bench.json.part").write_text(json.dumps({"cases": rows}, indent=2) + "\n")
    (folder / "bench.json.part").rename(folder / "bench.json")
    print("rates in million data-packet-hops per CPU second; others: best of other packet simulators "
          "on such a machine\nwritten: results/bench/bench.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
