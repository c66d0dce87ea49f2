# SPDX-License-Identifier: MIT
"""Samples: they say what the other files say, and change none of them."""

import collections

import pytest

from scenario_run import contents, results, run, summary, table

INCAST = ["--traffic=incast", "--incast-load=0", "--seed=5", "--hosts=5", "--incast-size=4MiB", "--topology=star",
          "--link-rate=100Gbps", "--loss=1e-4"]
CONTROLS = ["dcqcn", "dctcp", "hpcc", "nscc", "swift", "timely", "window", "none"]


@pytest.mark.parametrize("cc", CONTROLS)
def test_samples_change_no_other_file(cc, tmp_path):
    arguments = [*INCAST, f"--cc={cc}", "--ns3::ddl::Switch::EcnKmin=50000"]
    plain = contents(results(arguments, tmp_path, "plain"))
    sampled = contents(results([*arguments, "--sample-interval=333ns"], tmp_path, "sampled"))
    for name in ("queue-samples.csv", "flow-samples.csv"):
        assert sampled.pop(name).count(b"\n") > 100
    assert sampled.pop("config.yaml") != plain.pop("config.yaml")
    assert sampled == plain


@pytest.mark.parametrize("arguments", [
    ["--model=gpt2", "--dp=2", "--batch=1", "--topology=star"],
    ["--collective=all_reduce", "--size=1MiB", "--hosts=8", "--recovery=sr", "--loss=1e-3"],
], ids=" ".join)
def test_nor_in_other_runs(arguments, tmp_path):
    plain = contents(results(arguments, tmp_path, "plain"))
    sampled = contents(results([*arguments, "--sample-interval=1us"], tmp_path, "sampled"))
    assert {k: v for k, v in sampled.items() if k in plain and k != "config.yaml"} == {
        k: v for k, v in plain.items() if k != "config.yaml"}


def test_nor_in_a_run_that_stalls(tmp_path):
    arguments = [*INCAST, "--link-loss=host-1--switch-0=1", "--ns3::ddl::Nic::RetryLimit=3"]
    run([*arguments, "--out=plain"], tmp_path, expect=1)
    run([*arguments, "--sample-interval=777us", "--out=sampled"], tmp_path, expect=1)
    assert summary(tmp_path / "plain") == summary(tmp_path / "sampled")


def test_samples_agree_with_the_tables(tmp_path):
    folder = results([*INCAST[:-1], "--cc=dcqcn", "--sample-interval=10us"], tmp_path)
    queues, flows = table(folder, "queue-samples.csv"), table(folder, "flow-samples.csv")
    for row in queues + flows:
        assert int(row["time_ns"]) % 10000 == 0
    longest = {(row["node"], row["port"], row["peer"]): int(row["max_queue_bytes"])
               for row in table(folder, "queues.csv")}
    seen = collections.Counter()
    for row in queues:
        name = (row["node"], row["port"], row["peer"])
        assert 0 < int(row["queued_bytes"]) <= longest[name]
        seen[name] = max(seen[name], int(row["queued_bytes"]))
    assert max(seen.values()) > max(longest.values()) / 2
    # Bytes: what is acknowledged in the last interval may come after the last look.
    payload = collections.Counter()
    for row in flows:
        payload[int(row["src_host"])] += int(row["acknowledged_bytes"])
        assert 0 < float(row["rate_gbps"]) <= 100
        gbps = int(row["acknowledged_bytes"]) * 8 / 10000
        assert float(row["throughput_gbps"]) == pytest.approx(gbps, abs=1e-3)
    wire = (4 << 20) / 4096 * (4096 + 62)
    for src in range(1, 5):
        assert wire - 10000e-9 * 100e9 / 8 - 8 * 4158 <= payload[src] <= wire


def test_rate_is_empty_without_congestion_control(tmp_path):
    folder = results([*INCAST, "--cc=none", "--sample-interval=10us"], tmp_path)
    rows = table(folder, "flow-samples.csv")
    assert rows and all(row["rate_gbps"] == "" for row in rows)


def test_samples_end_when_a_file_is_full(tmp_path):
    process = run([*INCAST, "--sample-interval=1us", "--sample-rows=100", "--out=out"], tmp_path)
    assert "samples end at" in process.stdout and "--sample-rows" in process.stdout
    assert len(table(tmp_path / "out", "flow-samples.csv")) == 100
    assert len(table(tmp_path / "out", "queue-samples.csv")) <= 100
