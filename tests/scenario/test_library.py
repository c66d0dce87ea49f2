# SPDX-License-Identifier: MIT
"""The library model from the command line: its algorithms, each no faster than its bound."""

import pytest
from scenario_run import results, table


@pytest.mark.parametrize("algorithm, nodes, ran", [
    ("ring", 1, "ring"), ("tree", 1, "double_binary_tree"), ("nvls", 1, "nvls"),
    ("ring", 2, "ring"), ("tree", 2, "double_binary_tree"), ("nvls_tree", 2, "nvls_tree")])
@pytest.mark.parametrize("size", ["8", "1MiB", "64MiB"])
def test_forced_algorithms(tmp_path, algorithm, nodes, ran, size):
    folder = results(["--hardware=hgx-h100", f"--nodes={nodes}", "--collective=all_reduce",
                      f"--size={size}", f"--algo={algorithm}"], tmp_path)
    row, = table(folder, "collectives.csv")
    assert row["algorithm"] == ran
    assert 0 < float(row["bound_ns"]) <= float(row["time_ns"])
    assert float(row["model_ns"]) > 0


def times_ns(tmp_path, *options):
    """{size: (time, closed formula)} of all sizes."""
    tmp_path.mkdir(exist_ok=True)
    folder = results([*options, "--topology=star", "--scale-up-frame=32KiB"], tmp_path)
    return {int(row["size_bytes"]): (float(row["time_ns"]), float(row["model_ns"]))
            for row in table(folder, "collectives.csv")}


GIB = 1 << 30
A100_RING_BYTES_PER_NS = 232  # hardware/libraries/nccl-ampere.yaml


def test_ring_rate_is_that_of_many_rounds(tmp_path):
    """What the copies do between synchronisations and bubbles adds up to the rate that was
    measured."""
    time_ns, _ = times_ns(tmp_path, "--hardware=hgx-a100", "--nodes=1",
                          "--collective-bench=all_reduce", "--sizes=2GiB")[2 * GIB]
    assert 2 * GIB * 2 * 7 / 8 / time_ns == pytest.approx(A100_RING_BYTES_PER_NS, rel=0.03)


def test_gathers_pay_more_for_the_bubble(tmp_path):
    """A round of all_gather has half as many steps as one of all_reduce, and as long a bubble at
    its end: 0.96 of the bus bandwidth, as measured, without a parameter that says so."""
    gather_ns, _ = times_ns(tmp_path / "gather", "--hardware=hgx-a100", "--nodes=1",
                            "--collective-bench=all_gather", "--sizes=2GiB")[2 * GIB]
    reduce_ns, _ = times_ns(tmp_path / "reduce", "--hardware=hgx-a100", "--nodes=1",
                            "--collective-bench=all_reduce", "--sizes=2GiB")[2 * GIB]
    assert reduce_ns / 2 / gather_ns == pytest.approx(0.96, abs=0.02)


@pytest.mark.parametrize("options, rel", [
    (["--hardware=hgx-a100", "--nodes=2", "--algo=ring", "--proto=simple"], 0.06),
    (["--hardware=hgx-h100", "--nodes=2", "--algo=ring", "--proto=ll128"], 0.1),
    (["--hardware=hgx-h100", "--nodes=2", "--algo=nvls_tree"], 0.1),
    (["--hardware=hgx-h100", "--nodes=4", "--algo=nvls_tree"], 0.17),
    (["--hardware=hgx-h100", "--nodes=5", "--algo=nvls_tree"], 0.17),
    (["--hardware=hgx-h100", "--nodes=2", "--algo=tree", "--proto=simple"], 0.1),
    (["--hardware=hgx-h100", "--nodes=5", "--algo=tree", "--proto=simple"], 0.1)])
def test_large_sizes_between_nodes_beside_the_formula(tmp_path, options, rel):
    """On a network without congestion. Inner nodes of trees send to a parent and two children: a
    copy serves them all, and their NICs send one after the other. From four nodes on they also
    receive from three at a time, which the formula does not know."""
    found = times_ns(tmp_path, "--collective-bench=all_reduce", "--sizes=512MiB", *options)
    time_ns, model_ns = found[GIB // 2]
    assert time_ns == pytest.approx(model_ns, rel=rel)


def test_a_slower_fabric_plugin_is_felt_by_trees(tmp_path):
    def time_ns(name, share):
        return times_ns(tmp_path / name, "--hardware=hgx-h100", "--nodes=4",
                        "--collective-bench=all_reduce", "--sizes=1GiB", "--algo=nvls_tree",
                        f"--ns3::ddl::Library::FabricTreeShare={share}")[GIB][0]
    assert time_ns("half", 0.4) / time_ns("whole", 0.8) == pytest.approx(2, rel=0.05)


def test_coarser_frames_within_hosts_change_little(tmp_path):
    options = ["--hardware=hgx-h100", "--nodes=2", "--collective=all_reduce", "--size=64MiB"]
    fine, = table(results([*options, "--scale-up-frame=4KiB"], tmp_path, "fine"), "collectives.csv")
    coarse, = table(results([*options, "--scale-up-frame=32KiB"], tmp_path, "coarse"), "collectives.csv")
    assert float(coarse["time_ns"]) == pytest.approx(float(fine["time_ns"]), rel=0.07)
