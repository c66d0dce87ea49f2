# SPDX-License-Identifier: MIT
"""Traffic alone and beside training: loads, ends, what is written, what can be run again."""

import collections
import csv
import os
import signal
import subprocess
import sys
import time

import pytest

from scenario_run import BIN, ROOT, contents, results, run, summary, table

ALONE = ["--topology=star", "--hosts=8", "--link-rate=100Gbps"]
TRAINING = ["--collective=all_reduce", "--size=4MiB", "--repeat=4", "--hosts=8", "--topology=star",
            "--link-rate=100Gbps"]


def by_traffic(folder):
    found = collections.defaultdict(list)
    for row in table(folder, "flows.csv"):
        found[row["traffic"]].append(row)
    return found


@pytest.mark.parametrize("name,mean_bytes", [("websearch", 1711250), ("hadoop", 120420.75),
                                             ("storage", 40869.8)])
def test_traffic_alone_offers_its_load_and_ends(name, mean_bytes, tmp_path):
    duration_ms = 60 if name == "websearch" else 20
    process = run([*ALONE, f"--traffic={name}", "--load=0.4", f"--duration={duration_ms}ms",
                   f"--out={tmp_path / 'out'}"], tmp_path)
    facts, flows = summary(tmp_path / "out"), table(tmp_path / "out", "flows.csv")
    assert facts["status"] == "finished" and facts["traffic_unfinished_flows"] == 0
    assert facts["ranks"] == 0 and facts["iteration_time_ns"] == 0 and facts["background"] == ""
    assert facts["flows"] == facts["traffic_flows"] == len(flows)
    assert {row["traffic"] for row in flows} == {name}
    bytes_sent = sum(int(row["size_bytes"]) for row in flows)
    assert bytes_sent == facts["traffic_bytes"]
    count = 0.4 * 8 * 100e9 * duration_ms / 1000 / 8 / mean_bytes  # flows expected
    assert len(flows) == pytest.approx(count, abs=4 * count**0.5)
    assert all(float(row["start_ns"]) < duration_ms * 1e6 for row in flows)
    assert max(float(row["end_ns"]) for row in flows) == facts["simulated_time_ns"]
    assert all(float(row["slowdown"]) >= 1 for row in flows)
    assert "slowdown" in process.stdout and "p99" in process.stdout
    assert "Iteration" not in process.stdout and "Collectives" not in process.stdout


def test_incast(tmp_path):
    # 6 x 100 KB at 3 % of 8 x 100 Gb/s: every 200 us, so 10 of them in 2 ms.
    folder = results([*ALONE, "--traffic=incast", "--incast-degree=6", "--incast-size=100KB",
                      "--incast-load=0.03", "--duration=2ms"], tmp_path)
    incasts = collections.defaultdict(list)
    for row in table(folder, "flows.csv"):
        incasts[row["start_ns"]].append(row)
    assert sorted(float(start) for start in incasts) == [200000.0 * i for i in range(10)]
    for rows in incasts.values():
        assert len({row["src_host"] for row in rows}) == len(rows) == 6
        assert len({row["dst_host"] for row in rows}) == 1
        # The receiver's link carries them one after another: the last takes six times as long.
        assert max(float(row["slowdown"]) for row in rows) > 4
    once = results([*ALONE, "--traffic=incast", "--incast-load=0"], tmp_path, "once")
    assert len(table(once, "flows.csv")) == 7


def test_one_shots_and_limits(tmp_path):
    for name, count in (("random", 8), ("all_pairs", 56)):
        folder = results([*ALONE, f"--traffic={name}", "--size=10KB"], tmp_path, name)
        rows = table(folder, "flows.csv")
        assert len(rows) == count and {row["start_ns"] for row in rows} == {"0"}
    folder = results([*ALONE, "--traffic=fixed", "--size=10KB", "--flows=100"], tmp_path, "fixed")
    rows = table(folder, "flows.csv")
    assert len(rows) == 100 and {row["size_bytes"] for row in rows} == {"10000"}
    assert "duration" not in (folder / "config.yaml").read_text()


def test_background_slows_training_and_ends_with_it(tmp_path):
    quiet = results(TRAINING, tmp_path, "quiet")
    folder = results([*TRAINING, "--background=websearch+incast", "--load=0.5"], tmp_path, "busy")
    facts, found = summary(folder), by_traffic(folder)
    assert facts["status"] == "finished" and facts["traffic_unfinished_flows"] == 0
    assert "websearch flows at 50 % load" in facts["background"]
    assert set(found) == {"workload", "websearch", "incast"}
    assert len(found["workload"]) == summary(quiet)["flows"]
    assert facts["iteration_time_ns"] > 1.2 * summary(quiet)["iteration_time_ns"]
    training_end = max(float(row["end_ns"]) for row in found["workload"])
    for row in found["websearch"] + found["incast"]:
        assert float(row["start_ns"]) <= training_end
    # Queue pairs of their own.
    channels = {name: {row["channel"] for row in rows} for name, rows in found.items()}
    assert not channels["workload"] & (channels["websearch"] | channels["incast"])
    assert facts["iteration_time_ns"] == pytest.approx(training_end, rel=1e-9)
    assert facts["simulated_time_ns"] >= facts["iteration_time_ns"]


def test_background_of_a_given_duration(tmp_path):
    folder = results([*TRAINING, "--background=storage", "--duration=100us"], tmp_path)
    starts = [float(row["start_ns"]) for row in by_traffic(folder)["storage"]]
    assert starts and max(starts) < 100000


def test_flow_sizes_of_a_file(tmp_path):
    (tmp_path / "sizes.txt").write_text("# bytes percent\n1000 50\n2000 50\n2000 100\n")
    folder = results([*ALONE, "--traffic=file:sizes.txt", "--flows=400"], tmp_path)
    sizes = collections.Counter(row["size_bytes"] for row in table(folder, "flows.csv"))
    assert set(sizes) == {"1000", "2000"} and abs(sizes["1000"] - 200) < 40
    assert set(by_traffic(folder)) == {"file"}


@pytest.mark.parametrize("arguments", [
    [*ALONE, "--traffic=hadoop+incast", "--duration=1ms", "--loss=1e-4"],
    [*ALONE, "--traffic=fixed", "--size=5KB", "--flows=50"],
    [*TRAINING, "--background=storage", "--load=0.2", "--recovery=sr"],
    ["--traffic=permutation", "--size=1MiB", "--background=incast", "--hosts=8"],
], ids=" ".join)
def test_the_same_bytes_again_and_from_the_resolved_configuration(arguments, tmp_path):
    first = contents(results(arguments, tmp_path, "first"))
    assert first == contents(results(arguments, tmp_path, "second"))
    config = tmp_path / "first" / "config.yaml"
    assert first == contents(results([f"--config={config}"], tmp_path, "third"))
    other = contents(results([*arguments, "--seed=2"], tmp_path, "fourth"))
    assert first["flows.csv"] != other["flows.csv"]


def test_a_dead_link_ends_the_run_and_is_named(tmp_path):
    process = run([*ALONE, "--traffic=random", "--size=10KB", "--link-loss=host-3--switch-0=1",
                   "--ns3::ddl::Nic::RetryLimit=3", f"--out={tmp_path / 'out'}"], tmp_path,
                  expect=1)
    assert "flows of the traffic cannot arrive" in process.stderr
    assert "host-3 -> " in process.stderr and "gave up" in process.stderr
    facts = summary(tmp_path / "out")
    assert facts["status"] == "stalled" and facts["traffic_unfinished_flows"] > 0
    assert facts["flows"] + facts["traffic_unfinished_flows"] == 8


def test_interrupt_keeps_what_there_is(tmp_path):
    process = subprocess.Popen(
        [str(BIN / "ddl-scenario"), "--traffic=storage", "--duration=100s", "--hosts=16",
         f"--out={tmp_path / 'out'}"], env=dict(os.environ, DDL_ROOT=str(tmp_path)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.time() + 60
    while not (tmp_path / "out" / "flows.csv.part").exists() and time.time() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    facts = summary(tmp_path / "out")
    assert facts["status"] == "interrupted"
    assert facts["flows"] + facts["traffic_unfinished_flows"] == facts["traffic_flows"] > 0


def test_documented_columns_and_figures(tmp_path):
    folder = results([*ALONE, "--traffic=hadoop+incast", "--duration=1ms"], tmp_path)
    with open(folder / "flows.csv", newline="") as file:
        header = next(csv.reader(file))
    page = (ROOT / "docs" / "outputs.md").read_text()
    assert all(f"| `{column}` |" in page for column in header)
    subprocess.run([sys.executable, "-m", "ddl_analysis", str(folder)], check=True,
                   env={**os.environ, "PYTHONPATH": str(ROOT / "analysis")}, capture_output=True)
    assert (folder / "figures" / "flow_slowdown.png").stat().st_size > 10000
    report = (folder / "report.md").read_text()
    assert "flows (hadoop)" in report and "flows (incast)" in report
