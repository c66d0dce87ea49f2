# SPDX-License-Identifier: MIT
"""Flow control, classes, trimming, routing and failing links, from the command line."""

import shutil

import pytest
from scenario_run import contents, results, run, summary, table

ALL_TO_ALL = ["--collective=all_to_all", "--hosts=16", "--size=4MiB", "--cc=none"]
INCAST = ["--traffic=incast", "--incast-load=0", "--hosts=17", "--incast-size=1MB",
          "--topology=star", "--cc=none", "--ns3::ddl::Nic::WindowBytes=1000000"]
FEATURES = [
    ["--pfc=true", "--buffer=4MiB"],
    ["--classes=true", "--ns3::ddl::Switch::ClassWeights=1,1,1,1,1,1,1,1"],
    ["--cc=hpcc", "--ack-every=1"],
    ["--recovery=sr", "--trim=true", "--buffer=200KiB"],
    ["--routing=spray", "--recovery=sr", "--loss=1e-4"],
    ["--routing=adaptive", "--recovery=sr"],
    ["--routing=flowlet", "--ns3::ddl::Switch::FlowletGap=1us"],
    ["--cut-through=true", "--switch-latency=300ns", "--buffer-alpha=0.5"],
    ["--link-down=edge-0--agg-0-1@10us", "--convergence-delay=100us"],
]


def without_cc(arguments, options):
    return [a for a in arguments if not (a.startswith("--cc=") and options[0].startswith("--cc="))]


@pytest.mark.parametrize("options", FEATURES, ids=lambda options: options[0].strip("-"))
def test_runs_end_and_repeat(options, tmp_path):
    arguments = [*without_cc(ALL_TO_ALL, options), *options]
    first = results(arguments, tmp_path, "first")
    assert summary(first)["status"] == "finished"
    second = results(arguments, tmp_path, "second")
    assert contents(first) == contents(second)
    again = results([f"--config={first / 'config.yaml'}"], tmp_path, "again")
    assert contents(first) == contents(again)


def test_flow_control_drops_nothing_where_plain_buffers_do(tmp_path):
    plain = results([*INCAST, "--buffer=1MiB"], tmp_path, "plain")
    lossless = results([*INCAST, "--buffer=1MiB", "--link-rate=100Gbps", "--pfc=true"], tmp_path,
                       "lossless")
    assert summary(plain)["drops"] > 0 and summary(plain)["pause_frames"] == 0
    facts = summary(lossless)
    assert facts["drops"] == 0 and facts["retransmitted_packets"] == 0
    assert facts["pause_frames"] > 0 and facts["paused_time_ns"] > 0
    links = table(lossless, "links.csv")
    assert sum(int(row["pause_frames"]) for row in links) == facts["pause_frames"]
    # A pause that host-3's switch sends holds back host-3.
    held = {row["source"] for row in links if float(row["paused_ns"]) > 0}
    senders = {row["destination"] for row in links if int(row["pause_frames"]) > 0}
    assert held == senders and all(name.startswith("host-") for name in held)


def test_trimming_is_counted_at_its_queue(tmp_path):
    folder = results([*INCAST, "--buffer=1MiB", "--trim=true", "--recovery=sr"], tmp_path)
    facts = summary(folder)
    queues = table(folder, "queues.csv")
    assert facts["trimmed_packets"] > 0
    assert sum(int(row["trimmed_frames"]) for row in queues) == facts["trimmed_packets"]
    assert facts["retransmitted_packets"] >= facts["trimmed_packets"]


def test_deadlock_ends_the_run_and_is_named(tmp_path):
    done = run(["--topology=ring", "--hosts=8", "--collective=all_to_all", "--size=64MiB",
                "--pfc=true", "--buffer=1MiB", "--cc=none", "--ecn=false",
                "--ns3::ddl::Nic::WindowBytes=4000000", f"--out={tmp_path / 'out'}"], tmp_path,
               expect=1)
    assert "flow control has locked up" in done.stderr
    assert "us of simulated time: flow control holds back 8 links" in done.stdout
    facts = summary(tmp_path / "out")
    assert facts["status"] == "stalled"
    circle = facts["pause_deadlock"]
    assert len(circle) == 8
    for link, following in zip(circle, circle[1:] + circle[:1]):
        assert link.split("->")[1] == following.split("->")[0]


def test_failed_link_carries_nothing_more(tmp_path):
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    whole = results(ALL_TO_ALL, tmp_path, "whole")
    cut = results([*ALL_TO_ALL, "--link-down=edge-0--agg-0-1@20us", "--convergence-delay=50us"],
                  tmp_path, "cut")
    assert summary(cut)["status"] == "finished"
    assert summary(cut)["lost_packets"] > 0

    def carried(folder):
        return sum(int(row["bytes"]) for row in table(folder, "links.csv")
                   if {row["source"], row["destination"]} == {"edge-0", "agg-0-1"})
    assert carried(cut) < carried(whole)
    assert summary(cut)["simulated_time_ns"] > summary(whole)["simulated_time_ns"]
