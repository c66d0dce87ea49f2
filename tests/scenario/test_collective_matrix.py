# SPDX-License-Identifier: MIT
"""Every topology runs every collective by every algorithm, on hosts of one GPU and of several."""

import pytest
from collective_matrix import ALL_CASES, FLAT_CASES, PLAIN_CASES, TOPOLOGIES, TWO_RACKS, Matrix
from scenario_run import run

GENERIC = ["--gpus-per-host=2", "--nics-per-host=2", "--nodes=4"]


@pytest.fixture(scope="session")
def star_of_eight(tmp_path_factory):
    """The network on which nothing is in the way: what is sent must be the same anywhere."""
    matrix = Matrix(tmp_path_factory.mktemp("star"), 40001)
    return matrix.run("star", FLAT_CASES, ["--hosts=8"])


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_hosts_of_one_gpu(topology, star_of_eight, tmp_path):
    messages = Matrix(tmp_path, 40001).run(topology, FLAT_CASES, ["--hosts=8"])
    assert messages == star_of_eight


@pytest.mark.parametrize("topology,hosts", [(TWO_RACKS, 16), ("pair", 2)],
                         ids=["file", "pair"])
def test_networks_of_their_own_size(topology, hosts, tmp_path):
    for case, messages in Matrix(tmp_path, 40001).run(topology, FLAT_CASES, []).items():
        assert sum(messages.values()) >= hosts - 1, case


# Four endpoints of a host: two GPUs, two NICs.
@pytest.mark.parametrize("topology", [*TOPOLOGIES, "fattree --levels=2 --planes=2"])
def test_hosts_of_several_gpus(topology, tmp_path):
    nodes = [case for case in ALL_CASES if case[1] in ("hierarchical", "double_binary_tree")]
    Matrix(tmp_path, 40001, 4).run(topology, PLAIN_CASES + nodes, [*GENERIC, "--library=none"])


# Four GPUs share a NIC of nearly the rate of their own network: the root receives by both.
@pytest.mark.parametrize("size", [65536, 4 << 20])
def test_roots_receive_by_both_networks(size, tmp_path):
    cases = [("gather", "direct"), ("scatter", "direct"), ("reduce", "tree")]
    Matrix(tmp_path, size, 10).run("leafspine", cases, ["--hardware=v100-pcie", "--nodes=2",
                                                        "--library=none"])


# Several of the group's ranks share each NIC, and some networks inside are slower than the NICs.
@pytest.mark.parametrize("options", [
    ["--gpus-per-host=4", "--nics-per-host=2", "--nodes=3"],
    ["--gpus-per-host=4", "--nics-per-host=4", "--nodes=2", "--scale-up-rate=100Gbps"],
], ids=["shared NICs", "slow inside"])
@pytest.mark.parametrize("size", [40001, 1 << 20])
def test_no_algorithm_beats_the_bound_of_its_hosts(options, size, tmp_path):
    endpoints = sum(int(option[-1]) for option in options[:2])
    Matrix(tmp_path, size, endpoints).run("star", ALL_CASES, [*options, "--library=none"])


# Eight GPUs, eight NICs and the switch's reduction engine.
@pytest.mark.parametrize("topology", ["rail", "fattree", "torus2d", "wan --wan-delay=20us"])
def test_hosts_with_a_library(topology, tmp_path):
    Matrix(tmp_path, 40001, 17).run(topology, PLAIN_CASES, ["--hardware=hgx-h100", "--nodes=2"])


@pytest.mark.long
@pytest.mark.parametrize("size", [1, 4096, 1 << 20])
@pytest.mark.parametrize("hosts", [2, 5, 12])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_more_sizes_and_hosts(topology, hosts, size, tmp_path):
    if "oversubscription" in topology and hosts == 2:
        pytest.skip("two hosts below a switch leave no uplink to share")
    if topology == "hypercube" and hosts & (hosts - 1) != 0:
        topology += " --hosts-per-switch=" + str({5: 5, 12: 3}[hosts])
    Matrix(tmp_path, size).run(topology, FLAT_CASES, [f"--hosts={hosts}"])


@pytest.mark.long
@pytest.mark.parametrize("options", [
    ["--cc=none"], ["--cc=hpcc"], ["--cc=swift"], ["--cut-through=true"], ["--routing=spray"],
    ["--loss=1e-4", "--recovery=sr"], ["--pfc=true", "--buffer=1MiB"], ["--payload=1024"],
], ids=lambda options: options[0][2:])
@pytest.mark.parametrize("topology", ["fattree", "rail", "dragonfly"])
def test_more_transports(topology, options, tmp_path):
    Matrix(tmp_path, 300000).run(topology, FLAT_CASES, ["--hosts=8", *options])


@pytest.mark.long
@pytest.mark.parametrize("host,endpoints", [
    (["--gpus-per-host=4", "--nics-per-host=4"], 8), (["--gpus-per-host=4", "--nics-per-host=1"], 5),
    (["--hardware=dgx1-v100"], 12), (["--hardware=mi300x-host"], 16),
    (["--hardware=v100-pcie"], 10), (["--hardware=hgx-h100"], 16),
], ids=lambda value: value[0][2:] if isinstance(value, list) else None)
@pytest.mark.parametrize("size", [3, 65536, 4 << 20])
@pytest.mark.parametrize("nodes", [1, 2, 3])
def test_more_hosts_of_several_gpus(host, endpoints, size, nodes, tmp_path):
    for library in ("none", "auto"):
        folder = tmp_path / library
        folder.mkdir()
        has_engine = library == "auto" and "hgx" in host[0]  # of the switch inside, to be counted
        matrix = Matrix(folder, size, endpoints + has_engine)
        options = [*host, f"--nodes={nodes}", f"--library={library}"]
        matrix.run("leafspine", PLAIN_CASES, options)
