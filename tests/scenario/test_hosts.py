# SPDX-License-Identifier: MIT
"""Runs on hosts with several GPUs: presets, generic hosts, files of a user's own."""

import pytest

from scenario_run import ROOT, contents, results, run, summary, table

ALL_REDUCE = ["--collective=all_reduce", "--algo=ring", "--size=4MiB", "--topology=star"]


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
    # 14 steps of 512 KiB at 450 GB/s, 4096 of 4352 bytes payload, and 500 ns each.
    closed_ns = 14 * ((4 << 20) / 8 * 4352 / 4096 / 450 + 500)
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
