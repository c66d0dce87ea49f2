# SPDX-License-Identifier: MIT
"""Every topology runs a collective, and takes no less than the bound; what cannot be is refused."""

import json

import pytest
from scenario_run import ROOT, contents, results, run, summary, table
from test_bad_input import expect_refusal

ALL_REDUCE = ["--collective=all_reduce", "--size=1MiB"]
TWO_RACKS = ROOT / "scenarios" / "topologies" / "two-racks.yaml"
TOPOLOGIES = ["fattree", "leafspine", "rail", "dragonfly", "torus2d", "torus3d", "mesh2d", "ring",
              "tree", "star", "fullmesh", "hypercube", "wan", f"file:{TWO_RACKS}"]


@pytest.mark.parametrize("topology", TOPOLOGIES, ids=lambda name: name.split(":")[0])
def test_all_reduce_of_16_hosts(topology, tmp_path):
    folder = results([*ALL_REDUCE, f"--topology={topology}", "--hosts=16"], tmp_path)
    facts = summary(folder)
    assert facts["status"] == "finished" and facts["hosts"] == 16 and facts["ranks"] == 16
    row, = table(folder, "collectives.csv")
    assert float(row["time_ns"]) >= float(row["bound_ns"]) > 0
    again = results([f"--config={folder / 'config.yaml'}"], tmp_path, "again")
    assert contents(folder) == contents(again)


# The sizes of the network say how many ranks there are.
@pytest.mark.parametrize("options,hosts", [
    (["--topology=torus2d", "--dims=3x4"], 12),
    (["--topology=torus3d", "--dims=2x2x2", "--hosts-per-switch=2"], 16),
    (["--topology=dragonfly", "--dragonfly-h=1"], 6),
    (["--topology=leafspine", "--leaves=3", "--hosts-per-leaf=4"], 12),
    (["--topology=fattree", "--k=4"], 16),
    ([f"--topology=file:{TWO_RACKS}"], 16),
], ids=lambda value: value[0].split("=")[1].split(":")[0] if isinstance(value, list) else None)
def test_sizes_give_ranks(options, hosts, tmp_path):
    facts = summary(results([*ALL_REDUCE, *options], tmp_path))
    assert facts["ranks"] == hosts and facts["hosts"] == hosts


def test_a_hypercube_may_have_more_hosts_than_ranks(tmp_path):
    arguments = ["--topology=hypercube", "--model=gpt2", "--dp=6"]
    facts = summary(results(arguments, tmp_path))
    assert facts["hosts"] == 8 and facts["ranks"] == 6


def test_sites_are_a_long_way_apart(tmp_path):
    arguments = [*ALL_REDUCE, "--topology=wan", "--hosts=16", "--wan-delay=3ms"]
    folder = results(arguments, tmp_path)
    assert summary(folder)["simulated_time_ns"] > 2 * 3e6


def written(arguments, folder):
    run([*arguments, "--write-topology=net.json"], folder)
    assert sorted(path.name for path in folder.iterdir()) == ["net.json"]
    return json.loads((folder / "net.json").read_text())


def test_sites_differ_by_one_host_at_most(tmp_path):
    network = written(["--topology=wan", "--hosts=16", "--sites=3"], tmp_path)
    hosts = {node["name"] for node in network["nodes"] if node["kind"] == "host"}
    per_site = {}
    for link in network["links"]:
        ends = {link["a"], link["b"]}
        if ends & hosts:
            site, = ends - hosts
            per_site[site] = per_site.get(site, 0) + 1
    assert sorted(per_site.values()) == [5, 5, 6]


def test_write_topology_simulates_nothing(tmp_path):
    network = written(["--topology=rail", "--hosts=4", "--nics-per-host=2"], tmp_path)
    names = [node["name"] for node in network["nodes"] if node["kind"] == "host"]
    assert names == [f"host-{host}/nic-{nic}" for host in range(4) for nic in range(2)]
    assert {"a": "host-0/nic-1", "b": "leaf-0-1", "rate_gbps": 400, "delay_ns": 500,
            "loss": 0} in network["links"]


def test_a_link_may_differ_by_direction(tmp_path):
    network = written([f"--topology=file:{TWO_RACKS}"], tmp_path)
    back = [link for link in network["links"] if "back" in link]
    assert [(link["rate_gbps"], link["back"]["rate_gbps"]) for link in back] == [(1600, 800)]
    assert {(link["a"], link["b"]) for link in back} == {("rack-1", "spine-1")}


BAD_SIZES = [
    (["--topology=leafspine", "--hosts=16", "--leaves=2", "--hosts-per-leaf=4"], "--leaves"),
    (["--topology=leafspine", "--spines=0"], "--spines"),
    (["--topology=rail", "--hosts-per-unit=0"], "--hosts-per-unit"),
    (["--topology=rail", "--leaves=3"], "--topology=leafspine,wan"),
    (["--topology=dragonfly", "--hosts=16", "--dragonfly-groups=1", "--dragonfly-h=1"], "16 hosts"),
    (["--topology=dragonfly", "--dragonfly-a=2", "--dragonfly-h=1", "--dragonfly-groups=4"],
     "at most 3"),
    (["--topology=torus2d", "--hosts=16", "--dims=4x5"], "20 switches"),
    (["--topology=torus2d", "--dims=4y4"], "--dims"),
    (["--topology=torus3d", "--dims=4x4"], "2 dimensions"),
    (["--topology=torus3d", "--dims=0x1x2"], "--dims"),
    (["--topology=mesh2d", "--dims=4x4", "--hosts=17"], "16 switches"),
    (["--topology=mesh2d", "--hosts-per-switch=0"], "--hosts-per-switch"),
    (["--topology=ring", "--hosts-per-switch=-1"], "--hosts-per-switch"),
    (["--topology=ring", "--dims=4x4"], "--dims"),
    (["--topology=tree", "--fanout=1"], "--fanout"),
    (["--topology=tree", "--fanout=x"], "--fanout"),
    (["--topology=star", "--fabric-link-rate=1Gbps"], "--fabric-link-rate"),
    (["--topology=star", "--hosts-per-switch=2"], "--hosts-per-switch"),
    (["--topology=fullmesh", "--hosts=60000"], "--hosts-per-switch"),
    (["--topology=fullmesh", "--hosts-per-switch=0"], "--hosts-per-switch"),
    (["--topology=hypercube", "--hosts=12"], "8 or 16"),
    (["--topology=hypercube", "--hosts=18", "--hosts-per-switch=3"], "12 or 24"),
    (["--topology=wan", "--hosts=16", "--sites=17"], "--sites"),
    (["--topology=wan", "--site=ring"], "star or leafspine"),
    (["--topology=wan", "--wan-delay=0ms"], "--wan-delay"),
    (["--topology=wan", "--wan-rate=0Gbps"], "--wan-rate"),
    (["--topology=fattree", "--planes=2"], "--planes"),
    (["--topology=fattree", "--nics-per-host=2"], "several GPUs"),
    (["--topology=pair", "--hosts=3"], "two hosts"),
    (["--topology=pair", "--dp=3"], "cannot hold"),
    (["--topology=hypercub"], "did you mean 'hypercube'"),
    (["--topology=ring:8"], "no topology"),
    (["--topology=file"], "file:PATH"),
    (["--topology=file:/no/such/net.yaml"], "/no/such/net.yaml"),
    (["--topology=file:net.txt"], "--file-format"),
    (["--topology=file:net.txt", "--file-format=dot"], "no format"),
    ([f"--topology=file:{TWO_RACKS}", "--hosts=8"], "leave --hosts out"),
    ([f"--topology=file:{TWO_RACKS}", "--hosts-per-switch=1"], "hosts of its own"),
    (["--topology=ring", "--write-topology=/no/such/folder/net.json"], "--write-topology"),
]


@pytest.mark.parametrize("arguments,needle", BAD_SIZES, ids=lambda value: " ".join(
    text.replace(str(ROOT), "") for text in value) if isinstance(value, list) else None)
def test_sizes_that_cannot_be(arguments, needle, tmp_path):
    expect_refusal(arguments, tmp_path, needle)


@pytest.mark.parametrize("name,text,needle", [
    ("net.yaml", "nodes: [{name: a, kind: host}, {name: a, kind: host}]\nlinks: []\n", "net.yaml:1"),
    ("net.yaml", "nodes: [{name: a, kind: host}]\nlinks:\n- {ends: [a, b]}\n", "net.yaml:3"),
    ("net.graphml", "<!DOCTYPE graphml [<!ENTITY x SYSTEM '/etc/passwd'>]><graphml/>", "net.graphml:1"),
    ("net.graphml", "<graphml>\n<graph>", "net.graphml:2"),
    ("net.inet", "3 1\n0 1 1\n", "net.inet:2"),
    ("net.orbis", "a b\nc d\n", "cannot be reached"),
    ("net.cch", "1 @Rome (1) -> <2>\n", "net.cch:1"),
])
def test_files_that_are_wrong(name, text, needle, tmp_path):
    (tmp_path / name).write_text(text)
    expect_refusal([f"--topology=file:{name}"], tmp_path, needle)
