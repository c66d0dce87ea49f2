# SPDX-License-Identifier: MIT
"""Reduction in the switches between hosts: what the links carry, and where it cannot be."""

import pytest
from collective_matrix import TOPOLOGIES, TWO_RACKS
from scenario_run import contents, results, run, summary, table
from test_bad_input import expect_refusal

SIZE = 4 << 20
IN_NETWORK = ["--collective=all_reduce", "--algo=in_network", f"--size={SIZE}"]


def only_row(folder):
    assert summary(folder)["status"] == "finished"
    row, = table(folder, "collectives.csv")
    assert float(row["time_ns"]) >= float(row["bound_ns"]) > 0
    return row


def data_bytes(folder, nics):
    """Payload that NICs sent and received, by NIC."""
    sent, received = {}, {}
    for row in table(folder, "flows.csv"):
        size = int(row["size_bytes"])
        sent[row["src_host"]] = sent.get(row["src_host"], 0) + size
        received[row["dst_host"]] = received.get(row["dst_host"], 0) + size
    return [(sent[nic], received[nic]) for nic in nics]


@pytest.mark.parametrize("topology", [*TOPOLOGIES, TWO_RACKS],
                         ids=lambda name: name.split("/")[-1])
def test_hosts_send_and_receive_their_bytes_once(topology, tmp_path):
    hosts = [] if topology == TWO_RACKS else ["--hosts=8"]
    options = [f"--topology={topology.split()[0]}", *topology.split()[1:], *hosts]
    folder = results([*IN_NETWORK, *options], tmp_path)
    only_row(folder)
    names = [row["link"].split("->")[0] for row in table(folder, "links.csv")
             if row["link"].startswith("host-")]
    ranks = summary(folder)["ranks"]
    assert len(names) == ranks
    flows = table(folder, "flows.csv")
    ends = [sum(int(row["size_bytes"]) for row in flows if row[end] == host)
            for end in ("src_host", "dst_host") for host in {row["src_host"] for row in flows}]
    assert ends.count(SIZE) >= 2 * ranks - (1 if ranks == 2 else 0)


def test_it_halves_what_a_ring_takes(tmp_path):
    times = [float(only_row(results(["--topology=star", "--hosts=16", "--collective=all_reduce",
                                     "--size=64MiB", f"--algo={name}"], tmp_path, name))["time_ns"])
             for name in ("ring", "in_network")]
    assert times[1] < 0.6 * times[0]


# The result leaves the switch when the last host's data is in: 1 us there and back, and what a
# host on a slow link takes longer.
def test_switches_wait_for_the_last(tmp_path):
    text = "defaults: {rate: 400Gbps, delay: 500ns}\nnodes:\n- {name: sw, kind: switch}\n"
    text += "".join(f"- {{name: host-{i}, kind: host}}\n" for i in range(4)) + "links:\n"
    text += "".join(f"- {{ends: [host-{i}, sw], delay: {[500, 500, 7000, 500][i]}ns}}\n"
                    for i in range(4))
    (tmp_path / "net.yaml").write_text(text)
    folder = results(["--topology=file:net.yaml", *IN_NETWORK[:2], "--size=64"], tmp_path)
    assert float(only_row(folder)["time_ns"]) > 14000
    for row in table(folder, "flows.csv"):
        assert float(row["start_ns"]) == 0 or float(row["start_ns"]) > 7000


# The four NICs of a host carry a quarter each; each to a tree of its own.
@pytest.mark.parametrize("topology", ["rail", "rail --hosts-per-unit=2", "fattree",
                                      "fattree --levels=2 --planes=4", "torus2d"])
def test_hosts_of_several_nics(topology, tmp_path):
    folder = results([*IN_NETWORK, f"--topology={topology.split()[0]}", *topology.split()[1:],
                      "--gpus-per-host=4", "--nics-per-host=4", "--nodes=4"], tmp_path)
    only_row(folder)
    rows = {row["link"]: row for row in table(folder, "links.csv")}
    for host in range(4):
        for nic in range(4):
            name = f"host-{host}/nic-{nic}"
            up, = [row for link, row in rows.items() if link.startswith(name + "->")]
            down, = [row for link, row in rows.items() if link.endswith("->" + name)]
            for row in (up, down):
                assert SIZE // 4 < int(row["bytes"]) < 1.1 * SIZE // 4


def test_with_a_library(tmp_path):
    folder = results([*IN_NETWORK[:2], "--size=16MiB", "--hardware=hgx-h100", "--nodes=2"], tmp_path)
    row = only_row(folder)
    assert row["algorithm"] == "in_network"
    assert abs(float(row["time_ns"]) / float(row["model_ns"]) - 1) < 0.1


def test_a_configuration_repeats_its_run(tmp_path):
    first = results([*IN_NETWORK, "--hosts=8"], tmp_path, "first")
    assert contents(first) == contents(results([f"--config={first / 'config.yaml'}"], tmp_path, "b"))


@pytest.mark.parametrize("options,needle", [
    (["--switch-reduction=false"], "--algo"),
    (["--switch-reduction=maybe"], "--switch-reduction"),
    (["--hardware=hgx-h100", "--nodes=1"], "--algo"),
    (["--hardware=hgx-h100", "--nodes=1", "--library=none"], "--algo"),
    (["--topology=pair"], "--algo"),
])
def test_where_it_cannot_be(options, needle, tmp_path):
    expect_refusal([*IN_NETWORK, *options], tmp_path, needle)


def test_only_all_reduce_has_it(tmp_path):
    expect_refusal(["--collective=all_gather", "--algo=in_network"], tmp_path, "--algo")


# Other traffic runs between hosts, not between engines; channels keep their timers beside it.
@pytest.mark.parametrize("options", [
    [*IN_NETWORK, "--hosts=8"],
    ["--collective=all_reduce", "--hardware=hgx-h100", "--nodes=2"],
], ids=["in_network", "library"])
def test_traffic_beside_it(options, tmp_path):
    only_row(results([*options, "--background=incast", "--incast-degree=7", "--incast-load=0",
                      "--incast-size=100KB"], tmp_path))


def test_traffic_without_it(tmp_path):
    run(["--traffic=all_pairs", "--size=1KB", "--hosts=4", "--switch-reduction=true",
         f"--out={tmp_path / 'all'}"], tmp_path)
    assert len(table(tmp_path / "all", "flows.csv")) == 12
