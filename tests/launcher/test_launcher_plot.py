# SPDX-License-Identifier: MIT
"""`./ns3 plot --topology=...`: the simulator writes the network, the analysis draws it."""
import json


def test_a_network_is_written_and_drawn(checkout):
    checkout.tool("python3", "")
    done = checkout.ns3("plot", "--topology=ring", "--hosts=8")
    assert done.returncode == 0, done.stderr
    file = checkout.root / "results" / "topology" / "ring-hosts-8" / "topology.json"
    program = json.loads(done.stdout)
    assert program["name"] == "ddl-scenario"
    assert program["arguments"] == ["--topology=ring", "--hosts=8", f"--write-topology={file}"]
    assert checkout.calls("python3")[-1] == ["python3", "-m", "ddl_analysis", f"--network={file}"]


def test_what_the_simulator_refuses_is_not_drawn(checkout):
    checkout.tool("python3", "")
    done = checkout.ns3("plot", "--topology=file:net.yaml", "--fail")
    assert done.returncode == 3
    assert checkout.calls("python3") == []
    assert list((checkout.root / "results" / "topology").iterdir()) == []


def test_packages_are_only_named_without_install(checkout):
    checkout.without("libpugixml-dev")
    done = checkout.ns3("plot", "--no-install", "--topology=star")
    assert done.returncode == 2
    assert "libpugixml-dev (networks and collective algorithms in XML)" in done.stderr
    assert checkout.calls("apt-get") == []
