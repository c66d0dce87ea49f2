# SPDX-License-Identifier: MIT
"""Algorithms from files, sizes by pair, nodes, and the messages of a library."""

import pytest
from collective_matrix import sizes_of
from scenario_run import ROOT, contents, results, run, table

SAMPLES = ROOT / "scenarios/collectives"
FOUR = ["--hosts=4", "--topology=star"]
SUM = ["--collective=all_reduce", *FOUR]
EXCHANGE = ["--collective=all_to_all", *FOUR]


def row_of(arguments, tmp_path, name="out"):
    row, = table(results(arguments, tmp_path, name), "collectives.csv")
    assert 0 < float(row["bound_ns"]) <= float(row["time_ns"])
    return row


def test_a_file_that_is_a_ring_runs_as_the_ring(tmp_path):
    own = row_of([*SUM, f"--algo=file:{SAMPLES / 'ring-4.xml'}"], tmp_path, "own")
    ring = row_of([*SUM, "--algo=ring"], tmp_path, "ring")
    assert own["time_ns"] == ring["time_ns"]
    assert own["algorithm"] == "file"


def test_a_file_of_two_shots_beats_the_ring_at_small_sizes(tmp_path):
    two = row_of([*SUM, f"--algo=file:{SAMPLES / 'two-shots-4.json'}", "--size=4KiB"], tmp_path)
    ring = row_of([*SUM, "--algo=ring", "--size=4KiB"], tmp_path, "ring")
    assert float(two["time_ns"]) < float(ring["time_ns"]) / 2


def test_files_serve_benchmarks_workloads_and_configurations(tmp_path):
    algo = f"--algo=file:{SAMPLES / 'two-shots-4.json'}"
    bench = results(["--collective-bench=all_reduce", *FOUR, algo, "--sizes=4KiB:64KiB"], tmp_path)
    assert {row["algorithm"] for row in table(bench, "collectives.csv")} == {"file"}
    workload = results([f"--workload={ROOT / 'traces/samples/all-reduce-4'}", "--topology=star",
                        algo], tmp_path, "workload")
    assert "file" in {row["algorithm"] for row in table(workload, "collectives.csv")}
    again = results([f"--config={bench / 'config.yaml'}"], tmp_path, "again")
    assert contents(bench) == contents(again)
    # A host whose library is modelled: the file's algorithm has no costs of it.
    host = results(["--collective=all_reduce", "--hardware=h100-4nic", "--nodes=1", "--ranks=4",
                    algo], tmp_path, "host")
    row, = table(host, "collectives.csv")
    assert row["model_ns"] == "" and "library: none" in (host / "config.yaml").read_text()


@pytest.mark.parametrize("arguments,said", [
    ([*SUM, "--algo=file:none.json"], "none.json"),
    ([*SUM, "--algo=file:wrong.json"], "wrong.json: is no all_reduce: rank"),
    ([*SUM, "--algo=file:broken.json"], "broken.json:1"),
    ([*SUM, f"--algo=file:{SAMPLES / 'ring-4.xml'}", "--size=6"], "--size: 6 bytes"),
    (["--collective=all_reduce", "--hosts=5", f"--algo=file:{SAMPLES / 'ring-4.xml'}"],
     "is for 4 ranks"),
    (["--collective=broadcast", *FOUR, f"--algo=file:{SAMPLES / 'two-shots-4.json'}"],
     "of which this run has none"),
    (["--collective=all_reduce", "--hardware=h100-4nic", "--nodes=1", "--ranks=4",
      "--library=nccl", f"--algo=file:{SAMPLES / 'ring-4.xml'}"], "--library=none"),
    ([*SUM, "--algo=hierarchical"], "--algo"),
    ([*SUM, "--alltoall-skew=2"], "of which this run has none"),
    ([*EXCHANGE, "--alltoallv=none.csv"], "none.csv"),
    ([*EXCHANGE, "--alltoallv=header.csv"], "header.csv:1"),
    ([*EXCHANGE, "--alltoallv=fields.csv"], "fields.csv:3"),
    ([*EXCHANGE, "--alltoallv=twice.csv"], "twice.csv:3"),
    ([*EXCHANGE, "--alltoallv=rank.csv"], "names rank 4"),
    ([*EXCHANGE, "--alltoall-skew=5"], "--alltoall-skew"),
    ([*EXCHANGE, "--alltoall-skew=0.5"], "--alltoall-skew"),
    ([*EXCHANGE, "--alltoall-skew=2", "--alltoallv=rank.csv"], "--alltoallv"),
    ([*EXCHANGE, "--alltoall-skew=2", "--algo=bruck"], "bruck"),
    (["--collective-bench=all_to_all", *FOUR, "--alltoallv=rank.csv"], "--alltoallv"),
    (["--collective-bench=sendrecv", *FOUR, "--algo=bruck", "--sizes=8"], "--algo"),
    (["--collective-bench=all_to_all", "--hardware=hgx-h100", "--nodes=1", "--sizes=8",
      "--algo=bruck"], "--algo"),
])
def test_what_cannot_be_is_said_in_a_line(arguments, said, tmp_path):
    head = '{"collective": "all_reduce", "ranks": 4, "chunks": 4, "steps": ['
    (tmp_path / "wrong.json").write_text(head + '[{"from": 0, "to": 1, "chunk": 0}]]}')
    (tmp_path / "broken.json").write_text(head)
    (tmp_path / "header.csv").write_text("0,1,5\n")
    (tmp_path / "fields.csv").write_text("src,dst,bytes\n0,1,5\n0,2\n")
    (tmp_path / "twice.csv").write_text("src,dst,bytes\n0,1,5\n0,1,6\n")
    (tmp_path / "rank.csv").write_text("src,dst,bytes\n0,4,5\n")
    process = run([*arguments, f"--out={tmp_path / 'out'}"], tmp_path, expect=2)
    assert said in process.stderr and process.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_sizes_by_pair(tmp_path):
    row = row_of([*EXCHANGE, f"--alltoallv={SAMPLES / 'hot-expert-4.csv'}"], tmp_path)
    # Rank 2 receives 9 MiB over 400 Gb/s; each rank's input is 3.75 MiB.
    assert int(row["size_bytes"]) == 15 << 18
    wire_ns = (9 << 20) * 8 / 400 * (4096 + 82) / 4096
    assert wire_ns < float(row["time_ns"]) < 1.1 * wire_ns


def test_a_skew_sends_one_rank_so_many_times_the_mean(tmp_path):
    folder = results([*EXCHANGE, "--size=4MiB", "--alltoall-skew=2"], tmp_path)
    row, = table(folder, "collectives.csv")
    # Three of four ranks send half of their input to the hot one.
    wire_ns = 3 * (2 << 20) * 8 / 400 * (4096 + 82) / 4096
    assert wire_ns < float(row["time_ns"]) < 1.1 * wire_ns
    assert contents(folder) == contents(
        results([*EXCHANGE, "--size=4MiB", "--alltoall-skew=2"], tmp_path, "again"))
    even = row_of([*EXCHANGE, "--size=4MiB", "--alltoall-skew=1"], tmp_path, "even")
    assert even["time_ns"] == row_of([*EXCHANGE, "--size=4MiB"], tmp_path, "plain")["time_ns"]


@pytest.mark.parametrize("collective", ["all_reduce", "all_gather", "reduce_scatter", "all_to_all"])
def test_hierarchical_on_nodes(collective, tmp_path):
    hosts = ["--hardware=hgx-h100", "--nodes=2", "--library=none", f"--collective={collective}"]
    nodes = row_of([*hosts, "--size=64MiB", "--algo=hierarchical"], tmp_path)
    flat = row_of([*hosts, "--size=64MiB"], tmp_path, "flat")
    assert nodes["algorithm"] == "hierarchical" and nodes["protocol"] == ""
    # All NICs carry a share of what one, or each by itself, carries otherwise.
    assert float(nodes["time_ns"]) < 1.05 * float(flat["time_ns"])


# Seven links of 64 GB/s, one to each neighbour, on which 4096 bytes are a frame of 4096 + 16 x 16.
# A second shot pays from 40 KB on.
@pytest.mark.parametrize("collective,size,algorithm,shots,share", [
    ("all_reduce", 64 << 20, "two_shot", 2, 8), ("all_reduce", 4096, "direct", 1, 1),
    ("all_gather", 64 << 20, "direct", 1, 8), ("reduce_scatter", 64 << 20, "direct", 1, 8),
])
def test_auto_uses_all_links_of_a_mesh(collective, size, algorithm, shots, share, tmp_path):
    row = row_of(["--hardware=mi300x-host", "--nodes=1", f"--collective={collective}",
                  f"--size={size}"], tmp_path)
    assert row["algorithm"] == algorithm
    shot_ns = 500 + size / share / 64 * (4096 + 256) / 4096
    assert shots * shot_ns < float(row["time_ns"]) < 1.01 * shots * shot_ns + 200


# In DGX-1's cube of links each four GPUs are joined, and not all eight.
@pytest.mark.parametrize("ranks,algorithm", [(4, "direct"), (8, "ring")])
def test_auto_takes_the_ring_where_links_are_missing(ranks, algorithm, tmp_path):
    row = row_of(["--hardware=dgx1-v100", "--nodes=1", f"--ranks={ranks}", "--library=none",
                  "--collective=all_gather", "--size=1MiB"], tmp_path)
    assert row["algorithm"] == algorithm


def test_several_hosts_of_a_mesh_take_two_shots(tmp_path):
    two = ["--hardware=mi300x-host", "--nodes=2", "--collective=all_reduce", "--size=64MiB"]
    row = row_of(two, tmp_path)
    rings = row_of([*two, "--algo=hierarchical"], tmp_path, "rings")
    assert row["algorithm"] == "two_shot"
    assert float(row["time_ns"]) < float(rings["time_ns"]) / 4


# What must leave the hosts takes the NICs so long, and little more: of an exchange 24/32, of a sum
# between two hosts all, by eight NICs.
@pytest.mark.parametrize("options,nic_share", [
    (["--hardware=hgx-h100", "--nodes=4", "--collective=all_to_all"], 24 / 32),
    (["--hardware=hgx-b200", "--nodes=2", "--collective=all_reduce"], 1 / 8),
])
def test_the_bound_is_near_where_nics_are_busy(options, nic_share, tmp_path):
    size = 256 << 20
    row = row_of([*options, f"--size={size}", "--scale-up-frame=32KiB"], tmp_path)
    nic_ns = nic_share * size / 50 * (4096 + 82) / 4096
    assert float(row["bound_ns"]) == pytest.approx(nic_ns, rel=0.002)
    assert float(row["bound_share"]) > 0.75


def test_sendrecv_as_nccl_tests_counts_it(tmp_path):
    hosts = ["--hardware=hgx-b200", "--nodes=2"]
    folder = results(["--collective-bench=sendrecv", *hosts, "--sizes=8,16MiB"], tmp_path)
    small, large = table(folder, "collectives.csv")
    for row in small, large:
        assert row["collective"] == "sendrecv"
        assert row["algbw_gbytes_per_s"] == row["busbw_gbytes_per_s"]
        assert float(row["time_ns"]) == pytest.approx(float(row["model_ns"]), rel=0.05)
    # 39 % of a NIC of 50 GB/s.
    assert float(large["busbw_gbytes_per_s"]) == pytest.approx(19.2, rel=0.02)


@pytest.mark.parametrize("collective", ["all_to_all", "gather", "scatter", "reduce", "barrier"])
@pytest.mark.parametrize("nodes", [1, 2])
def test_the_library_runs_every_collective(collective, nodes, tmp_path):
    row = row_of(["--hardware=hgx-h100", f"--nodes={nodes}", f"--collective={collective}",
                  *sizes_of(collective, "1MiB")], tmp_path)
    assert row["collective"] == collective
    assert float(row["time_ns"]) == pytest.approx(float(row["model_ns"]), rel=0.3)


def test_estimates_of_messages(tmp_path):
    for bench in "all_to_all", "sendrecv", "reduce":
        done = run([f"--collective-bench={bench}", "--hardware=hgx-b200", "--nodes=1",
                    "--sizes=8,1MiB", "--estimate=true"], tmp_path)
        assert len([line for line in done.stdout.splitlines() if " none " in line or
                    " sum " in line]) == 2
