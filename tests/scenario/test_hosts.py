# SPDX-License-Identifier: MIT
"""Runs on hosts with several GPUs: presets, generic hosts, files of a user's own."""

import json

import pytest
from scenario_run import ROOT, contents, results, run, summary, table

ALL_REDUCE = ["--collective=all_reduce", "--algo=ring", "--size=4MiB", "--library=none",
              "--topology=star"]


def test_two_hosts_of_a_preset(tmp_path):
    folder = results([*ALL_REDUCE, "--hardware=hgx-a100", "--nodes=2"], tmp_path)
    facts = summary(folder)
    assert facts["hosts"] == 2 and facts["ranks"] == 16 and facts["drops"] == 0
    assert [int(row["host"]) for row in table(folder, "ranks.csv")] == [0] * 8 + [1] * 8
    links = {row["link"]: row for row in table(folder, "links.csv")}
    assert len(links) == 2 * 2 * (8 + 8)
    for gpu in range(8):
        assert float(links[f"host-1/gpu-{gpu}->host-1/nvswitch"]["rate_gbps"]) == 2400
        assert float(links[f"host-1/nic-{gpu}->switch-0"]["rate_gbps"]) == 200
    # The ring leaves a host by its last GPU's NIC alone, with 30 blocks of a sixteenth.
    blocks = 30 * (4 << 20) // 16
    assert int(links["host-0/nic-7->switch-0"]["bytes"]) > blocks
    assert int(links["host-0/nic-3->switch-0"]["bytes"]) == 0
    assert int(links["host-0/gpu-3->host-0/nvswitch"]["bytes"]) > blocks
    nodes = {row["node"] for row in table(folder, "queues.csv")}
    assert nodes == {"switch-0", "host-0/nvswitch", "host-1/nvswitch"}
    row, = table(folder, "collectives.csv")
    assert float(row["bound_ns"]) <= float(row["time_ns"]) < 1.5 * float(row["bound_ns"])


def test_one_host_needs_no_network_between_hosts(tmp_path):
    folder = results([*ALL_REDUCE, "--hardware=hgx-h100", "--nodes=1"], tmp_path)
    assert summary(folder)["ranks"] == 8
    row, = table(folder, "collectives.csv")
    # 14 steps of 512 KiB at 450 GB/s, 4096 of 4352 bytes payload, and 300 ns each.
    closed_ns = 14 * ((4 << 20) / 8 * 4352 / 4096 / 450 + 300)
    assert closed_ns < float(row["time_ns"]) < 1.02 * closed_ns


@pytest.mark.parametrize("arguments", [
    ["--hardware=dgx1-v100", "--nodes=2"],
    ["--hardware=tpu-v4-host", "--nodes=4"],
    ["--hardware=a6000-host", "--nodes=2", "--topology=fattree"],
    ["--gpus-per-host=4", "--nics-per-host=2", "--nodes=3", "--scale-up-rate=1Tbps"],
])
def test_a_configuration_repeats_its_run(arguments, tmp_path):
    base = [argument for argument in ALL_REDUCE if "topology" not in argument or
            not any("topology" in other for other in arguments)]
    first = results([*base, *arguments], tmp_path, "first")
    second = results([f"--config={first / 'config.yaml'}"], tmp_path, "second")
    assert contents(first) == contents(second)


def test_training_on_hosts(tmp_path):
    folder = results(["--model=gpt2", "--batch=1", "--hardware=hgx-a100", "--dp=16",
                      "--sequence-length=64"], tmp_path)
    facts = summary(folder)
    assert facts["hosts"] == 2 and facts["ranks"] == 16 and facts["compute_time_ns"] > 0


def test_a_gpu_stays_a_gpu(tmp_path):
    facts = summary(results(["--model=gpt2", "--batch=1", "--hardware=a100-80gb", "--dp=2",
                             "--sequence-length=64"], tmp_path))
    assert facts["hosts"] == 2 and facts["ranks"] == 2


def test_a_host_of_ones_own(tmp_path):
    text = (ROOT / "hardware/hosts/hgx-h100.yaml").read_text()
    own = tmp_path / "my-host.yaml"
    own.write_text(text.replace("name: hgx-h100", "name: mine").replace("value: 3.6e12",
                                                                        "value: 1e12"))
    folder = results([*ALL_REDUCE, "--hardware=my-host.yaml", "--nodes=2"], tmp_path)
    links = {row["link"]: row for row in table(folder, "links.csv")}
    assert float(links["host-0/gpu-0->host-0/nvswitch"]["rate_gbps"]) == 1000
    own.write_text(text.replace("value: 3.6e12", "value: quick"))
    process = run([*ALL_REDUCE, "--hardware=my-host.yaml", "--nodes=2"], tmp_path, expect=2)
    assert "my-host.yaml:" in process.stderr and "'quick' is not a number" in process.stderr


def test_captures_are_of_nics(tmp_path):
    folder = results([*ALL_REDUCE, "--hardware=hgx-a100", "--nodes=2", "--pcap=host-0/nic-7"],
                     tmp_path)
    files = list((folder / "pcap").iterdir())
    assert len(files) == 1 and files[0].stat().st_size > 10000


FOUR_HOSTS = ["--hardware=hgx-a100", "--nodes=4", "--collective=all_reduce", "--size=1MiB"]


@pytest.mark.parametrize("library", ["none", "nccl"])
@pytest.mark.parametrize("topology", [
    ["rail"], ["rail", "--hosts-per-unit=2"], ["fattree", "--oversubscription=4"],
    ["fattree", "--levels=2", "--planes=8"], ["dragonfly"], ["torus2d"], ["leafspine"],
    ["hypercube"], ["wan", "--wan-delay=10us"],
], ids=" ".join)
def test_any_topology_joins_hosts(topology, library, tmp_path):
    arguments = [*FOUR_HOSTS, f"--topology={topology[0]}", *topology[1:], f"--library={library}"]
    folder = results(arguments, tmp_path)
    facts = summary(folder)
    assert facts["status"] == "finished" and facts["hosts"] == 4 and facts["ranks"] == 32
    row, = table(folder, "collectives.csv")
    assert float(row["time_ns"]) >= float(row["bound_ns"]) > 0
    again = results([f"--config={folder / 'config.yaml'}"], tmp_path, "again")
    assert contents(folder) == contents(again)


def bytes_of_links(folder, start, end):
    rows = [row for row in table(folder, "links.csv")
            if row["link"].startswith(start) and f"->{end}" in row["link"]]
    assert rows
    return sum(int(row["bytes"]) for row in rows)


def test_hosts_of_several_nics_are_on_rails(tmp_path):
    folder = results([*FOUR_HOSTS[:3], "--algo=ring", "--size=16MiB"], tmp_path)
    assert "topology: rail\n" in (folder / "config.yaml").read_text()
    for nic in range(8):
        assert bytes_of_links(folder, f"host-3/nic-{nic}", f"leaf-0-{nic}") > 0
    assert bytes_of_links(folder, "leaf-0-", "spine-") == 0  # rings stay on their rail


def test_one_nic_per_host_is_on_a_fat_tree(tmp_path):
    folder = results([*ALL_REDUCE[:4], "--gpus-per-host=4", "--nics-per-host=1", "--nodes=2"],
                     tmp_path)
    assert "topology: fattree\n" in (folder / "config.yaml").read_text()


@pytest.mark.parametrize("collective", ["all_to_all", "broadcast", "sendrecv"])
def test_planes_carry_what_their_own_nics_send(collective, tmp_path):
    folder = results(["--hardware=hgx-a100", "--nodes=3", f"--collective={collective}",
                      "--size=1MiB", "--library=none", "--topology=fattree", "--planes=4"],
                     tmp_path)
    assert summary(folder)["status"] == "finished"
    for row in table(folder, "links.csv"):
        ends = row["link"].split("->")
        planes = {int(end.split("/nic-")[1]) % 4 if "/nic-" in end else int(end[len("plane-"):][0])
                  for end in ends if "/nic-" in end or end.startswith("plane-")}
        assert len(planes) <= 1, row["link"]


@pytest.mark.parametrize("topology", ["rail", "pair", "hypercube", "torus3d"])
def test_one_host_has_nothing_to_join(topology, tmp_path):
    facts = summary(results([*ALL_REDUCE[:4], "--hardware=hgx-a100", "--nodes=1",
                             f"--topology={topology}"], tmp_path))
    assert facts["hosts"] == 1 and facts["ranks"] == 8


def test_hosts_of_a_file_are_nics(tmp_path):
    two_racks = ROOT / "scenarios" / "topologies" / "two-racks.yaml"
    arguments = [*ALL_REDUCE[:4], "--hardware=hgx-a100", f"--topology=file:{two_racks}"]
    folder = results([*arguments, "--nodes=2"], tmp_path)
    assert bytes_of_links(folder, "host-1/nic-7", "rack-1") > 0
    process = run([*arguments, "--nodes=3"], tmp_path, expect=2)
    assert "16" in process.stderr and "--nodes" in process.stderr


# NICs are endpoints 8 to 15 of each host's 16.
@pytest.mark.parametrize("arguments", [
    ["--background=incast", "--incast-degree=15", "--incast-load=0", "--incast-size=100KB",
     *ALL_REDUCE[:4]],
    ["--traffic=all_pairs", "--size=1KB"],
], ids=lambda arguments: arguments[0])
def test_other_traffic_is_among_nics(arguments, tmp_path):
    folder = results([*arguments, "--hardware=hgx-a100", "--nodes=2", "--topology=rail"], tmp_path)
    flows = [row for row in table(folder, "flows.csv") if row["traffic"] in ("incast", "all_pairs")]
    assert len(flows) == (15 if "incast" in arguments[0] else 16 * 15)
    ends = {int(row[end]) for row in flows for end in ("src_host", "dst_host")}
    assert ends == {host * 16 + nic for host in range(2) for nic in range(8, 16)}


def test_a_network_of_hosts_is_written(tmp_path):
    run(["--hardware=hgx-a100", "--nodes=2", "--write-topology=net.json"], tmp_path)
    network = json.loads((tmp_path / "net.json").read_text())
    names = {node["name"] for node in network["nodes"]}
    assert {"host-1/gpu-7", "host-1/nic-7", "host-1/nvswitch", "leaf-0-7", "spine-0"} <= names
