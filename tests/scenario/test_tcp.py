# SPDX-License-Identifier: MIT
"""Training traffic over ns-3's TCP: --transport=tcp."""

import pytest

from scenario_run import contents, results, run, summary, table

SMALL = ["--transport=tcp", "--collective=all_reduce", "--size=1MiB", "--hosts=8"]


def test_all_reduce_completes_and_says_so(tmp_path):
    folder = results(SMALL, tmp_path)
    facts = summary(folder)
    assert facts["status"] == "finished" and facts["congestion_control"] == "TcpCubic"
    # Ring: 14 steps of 8 messages of 128 KiB, each 15 segments.
    assert facts["flows"] == 14 * 8 and facts["data_packets"] == 14 * 8 * 15
    assert facts["drops"] == facts["lost_packets"] == facts["retransmitted_packets"] == 0
    links = table(folder, "links.csv")
    assert facts["data_packet_hops"] == sum(int(row["data_frames"]) for row in links)
    for row in table(folder, "flows.csv"):
        assert int(row["size_bytes"]) == 131072 and float(row["slowdown"]) >= 1
    collective = table(folder, "collectives.csv")[0]
    assert float(collective["time_ns"]) > float(collective["bound_ns"])


@pytest.mark.parametrize("options", [[], ["--loss=1e-3", "--tcp-min-rto=5ms"],
                                     ["--tcp-variant=TcpDctcp", "--buffer=256KiB"],
                                     ["--tcp-variant=TcpBbr", "--loss=1e-3", "--seed=7"]],
                         ids=lambda options: " ".join(options) or "plain")
def test_two_runs_and_the_resolved_configuration_give_the_same_bytes(options, tmp_path):
    first = results([*SMALL, *options], tmp_path, "first")
    second = results([*SMALL, *options], tmp_path, "second")
    assert contents(first) == contents(second)
    again = results([f"--config={first / 'config.yaml'}"], tmp_path, "again")
    assert contents(first) == contents(again)
    assert summary(first)["status"] == "finished"


def test_loss_is_recovered_and_counted(tmp_path):
    folder = results([*SMALL, "--loss=1e-3", "--tcp-min-rto=5ms"], tmp_path)
    facts = summary(folder)
    assert facts["status"] == "finished"
    assert facts["lost_packets"] > 0
    assert facts["retransmitted_packets"] > 0
    in_flows = sum(int(row["retransmitted_packets"]) for row in table(folder, "flows.csv"))
    assert 0 < in_flows <= facts["retransmitted_packets"]


@pytest.mark.parametrize("collective", ["barrier", "broadcast", "all_to_all", "sendrecv"])
def test_other_collectives(collective, tmp_path):
    size = [] if collective == "barrier" else ["--size=256KiB"]
    folder = results(["--transport=tcp", f"--collective={collective}", *size, "--hosts=4"], tmp_path)
    assert summary(folder)["status"] == "finished"


def test_attributes_of_ns3s_tcp_reach_it(tmp_path):
    lossy = [*SMALL, "--loss=1e-2"]
    quick = results([*lossy, "--ns3::TcpSocketBase::MinRto=2ms"], tmp_path, "quick")
    slow = results([*lossy, "--tcp-min-rto=500ms"], tmp_path, "slow")
    assert "tcp-min-rto: 2ms" in (quick / "config.yaml").read_text()
    assert summary(quick)["simulated_time_ns"] < summary(slow)["simulated_time_ns"]
    small = results([*SMALL, "--tcp-mss=1460"], tmp_path, "small")
    assert summary(small)["data_packets"] == 14 * 8 * 90


def test_a_dead_link_ends_the_run(tmp_path):
    process = run([*SMALL, "--topology=star", "--link-loss=host-3--switch-0=1", "--out=out"], tmp_path, expect=1)
    assert "TCP connection" in process.stderr and "host-3" in process.stderr
    assert summary(tmp_path / "out")["status"] == "stalled"


def test_flow_control_of_whole_links_loses_nothing(tmp_path):
    """TCP is in no lossless class; with --pfc=true the links are held back as a whole."""
    incast = ["--transport=tcp", "--traffic=incast", "--incast-degree=7", "--incast-load=0",
              "--incast-size=4MiB", "--hosts=8", "--topology=star", "--buffer=1MiB"]
    assert summary(results(incast, tmp_path, "without"))["drops"] > 0
    folder = results([*incast, "--pfc=true"], tmp_path, "with")
    facts = summary(folder)
    assert facts["drops"] == facts["retransmitted_packets"] == 0
    assert facts["pause_frames"] > 0
    refused = run([*incast, "--pfc=true", "--classes=true", "--out=none"], tmp_path, expect=2)
    assert "--classes" in refused.stderr and not (tmp_path / "none").exists()
