# SPDX-License-Identifier: MIT
"""Trace sinks in a program of one's own, and the scenario that compares congestion controls."""

import os
import re
import subprocess
import sys

from scenario_run import BIN, ROOT, contents, results, summary

RUN = ROOT / "scenarios" / "congestion-control" / "run.py"


def test_trace_sinks_count_what_the_summary_counts(tmp_path):
    arguments = ["--traffic=incast", "--incast-load=0", "--hosts=9", "--incast-size=4MiB", "--loss=1e-4", "--topology=star",
                 "--ns3::ddl::Switch::EcnKmin=50000"]
    process = subprocess.run([str(BIN / "ddl-trace-sinks"), *arguments, f"--out={tmp_path / 'a'}"],
                             check=True, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    facts = summary(tmp_path / "a")
    cnps, again = map(int, re.search(r"(\d+) CNPs, (\d+) packets sent again",
                                     process.stdout).groups())
    marks = sum(int(count) for count in re.findall(r": (\d+) marks", process.stdout))
    assert cnps > 0 and again == facts["retransmitted_packets"] > 0
    assert marks == facts["ecn_marked_packets"] > 0
    assert contents(tmp_path / "a") == contents(results(arguments, tmp_path, "plain"))


def test_trace_sinks_see_collectives(tmp_path):
    process = subprocess.run(
        [str(BIN / "ddl-trace-sinks"), "--collective=all_reduce", "--size=1MiB", "--hosts=4",
         "--repeat=3", f"--out={tmp_path / 'a'}"],
        check=True, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert len(re.findall(r"us: all_reduce\.[012] of 4 ranks done", process.stdout)) == 3


def test_congestion_controls_differ_in_the_scenario(tmp_path):
    environment = dict(os.environ, DDL_BIN_DIR=str(BIN), DDL_ROOT=str(ROOT))
    environment["PYTHONPATH"] = str(ROOT / "analysis")
    done = subprocess.run([sys.executable, str(RUN), f"--out={tmp_path}", "--", "--incast-size=4MiB"],
                          check=False, env=environment, capture_output=True, text=True,
                          timeout=200)
    assert done.returncode == 0, done.stderr
    folders = {path.name: path for path in tmp_path.iterdir() if path.is_dir()}
    assert {"dcqcn", "dctcp", "hpcc", "nscc", "swift", "timely", "window", "none"} <= set(folders)
    for name, folder in folders.items():
        facts = summary(folder)
        assert facts["status"] == "finished" and facts["congestion_control"] == name
        assert f"\n{name} " in done.stdout
    # No two runs have the same queue over time, nor the same rates.
    for table in ("queue-samples.csv", "flow-samples.csv"):
        assert len({(folder / table).read_bytes() for folder in folders.values()}) == len(folders)
    assert (tmp_path / "rate_and_queue.png").stat().st_size > 20000
    assert (tmp_path / "rate_and_queue.svg").stat().st_size > 20000
