# SPDX-License-Identifier: MIT
"""Figures of networks: where nodes go, what is refused, and that files say the same again."""

import json
import math

import pytest
from ddl_analysis import topology, topology_layout
from ddl_analysis.cli import main
from ddl_analysis.results import BadResults


def write(folder, kind, links, hosts, description="a network"):
    names = []
    for link in links:
        names += [name for name in link[:2] if name not in names]
    nodes = [{"name": name, "kind": "host" if name in hosts else "switch"}
             for name in sorted(names, key=lambda name: (name not in hosts, name))]
    path = folder / "topology.json"
    path.write_text(json.dumps({
        "topology": kind, "description": description, "nodes": nodes,
        "links": [{"a": a, "b": b, "rate_gbps": rate, "delay_ns": 500, "loss": 0}
                  for a, b, rate in links]}))
    return path


def tree(folder, kind="tree"):
    links = [("host-%d" % i, "switch-1-%d" % (i // 2), 100) for i in range(4)]
    links += [("switch-1-%d" % i, "switch-2-0", 400) for i in range(2)]
    return write(folder, kind, links, {"host-%d" % i for i in range(4)})


def cycle(folder, kind, count):
    hosts = {"host-%d" % i for i in range(count)}
    links = [("host-%d" % i, "switch-%d" % i, 400) for i in range(count)]
    links += [("switch-%d" % i, "switch-%d" % ((i + 1) % count), 400) for i in range(count)]
    return write(folder, kind, links, hosts)


def test_levels_of_a_tree_lie_above_one_another(tmp_path):
    network = topology.Network(tree(tmp_path))
    places = topology_layout.layout(network)
    heights = [{y for name, (_, y) in places.items() if name.startswith(start)}
               for start in ("host-", "switch-1-", "switch-2-")]
    assert all(len(height) == 1 for height in heights)
    assert heights[0] < heights[1] or min(heights[0]) < min(heights[1]) < min(heights[2])
    assert [places["host-%d" % i][0] for i in range(4)] == [0, 1, 2, 3]


def test_networks_within_hosts_are_left_out(tmp_path):
    links = [("host-%d/gpu-%d" % (host, i), "host-%d/nvswitch" % host, 3600)
             for host in range(2) for i in range(2)]
    inside = {link[0] for link in links}
    alone = topology.Network(write(tmp_path, "torus2d", links[:2], inside))
    assert alone.hosts == ["host-0/gpu-0", "host-0/gpu-1"]  # there is nothing else
    assert len(topology_layout.layout(alone)) == 3
    between = [("host-%d/nic-%d" % (host, i), "switch-%d" % host, 400)
               for host in range(2) for i in range(2)] + [("switch-0", "switch-1", 400)]
    network = topology.Network(write(tmp_path, "ring", links + between,
                                     inside | {link[0] for link in between[:-1]}))
    assert network.switches == ["switch-0", "switch-1"]
    assert len(network.hosts) == 4 and len(network.links) == 5
    assert set(topology_layout.layout(network)) == set(network.names)


def test_a_file_is_drawn_by_its_shape(tmp_path):
    assert topology_layout.is_layered(topology.Network(tree(tmp_path, "file:tree.yaml")))
    network = topology.Network(cycle(tmp_path, "file:map.cch", 8))
    assert not topology_layout.is_layered(network)
    places = topology_layout.layout(network)
    assert len({(round(x, 3), round(y, 3)) for x, y in places.values()}) == 16
    assert places == topology_layout.layout(network)  # no chance in it


def test_a_ring_is_a_circle_with_its_hosts_outside(tmp_path):
    network = topology.Network(cycle(tmp_path, "ring", 8))
    places = topology_layout.layout(network)
    for i in range(8):
        assert math.hypot(*places["switch-%d" % i]) == pytest.approx(1)
        assert math.hypot(*places["host-%d" % i]) > 1.1


def test_faster_links_are_wider(tmp_path):
    network = topology.Network(tree(tmp_path))
    widths = topology.widths(network)
    assert min(widths[4:]) > max(widths[:4])


def test_figures_are_written_and_repeat(tmp_path):
    path = tree(tmp_path)
    assert main([f"--network={path}"]) == 0
    first = {name: (tmp_path / name).read_bytes() for name in ("topology.png", "topology.svg")}
    assert main([f"--network={path}"]) == 0
    assert first == {name: (tmp_path / name).read_bytes() for name in first}


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"topology": "ring", "description": "",'
                                  ' "nodes": [], "links": [{"a": "x"}]}', "[" * 100000])
def test_what_is_no_network_is_refused(text, tmp_path, capsys):
    path = tmp_path / "topology.json"
    path.write_text(text)
    with pytest.raises(BadResults):
        topology.Network(path)
    assert main([f"--network={path}"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_network_too_large_is_said_to_be(tmp_path):
    hosts = {"host-%d" % i for i in range(topology.NODES_MAX)}
    path = write(tmp_path, "star", [(host, "switch-0", 1) for host in sorted(hosts)], hosts)
    figure = topology.draw(topology.Network(path))
    assert "too many" in figure.axes[0].texts[0].get_text()


def test_either_a_folder_or_a_network(tmp_path):
    for arguments in ([], [str(tmp_path), "--network=x.json"]):
        with pytest.raises(SystemExit):
            main(arguments)
