# SPDX-License-Identifier: MIT
"""Parallel plans, generated and replayed."""

import statistics

import pytest

from scenario_run import results, run, summary, table

TINY = """family: transformer
models:
  tiny:
    source: made up
    title: Tiny
    layers: 8
    hidden: 256
    heads: 8
    key_value_heads: 4
    feed_forward: 1024
    experts: 8
    experts_per_token: 2
    expert_width: 512
    vocabulary: 4096
    positions: 256
    position_embedding: rotary
    normalization: rms
    norm_position: pre
    activation: swiglu
    bias: false
    fused_qkv: false
    tied_embedding: true
    optimizer: adam
    batch: 1
"""


@pytest.fixture(name="model")
def fixture_model(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    return "--model=tiny.yaml"


@pytest.mark.parametrize("plan", [
    ["--tp=4", "--pp=2", "--microbatches=4"],
    ["--tp=2", "--sequence-parallel=false", "--dp=8"],
    ["--tp=4", "--tp-comm-overlap=ring_exchange", "--dp=4", "--recompute=full"],
    ["--tp=4", "--tp-comm-overlap=pipeline", "--pp=2", "--schedule=zero-bubble",
     "--microbatches=4"],
    ["--cp=4", "--zero=1"],
    ["--ep=8", "--zero=2", "--microbatches=2"],
    ["--ep=4", "--zero=1", "--overlap-param-gather=true", "--pp=2", "--schedule=interleaved",
     "--virtual-stages=2", "--microbatches=2"],
    ["--dp-group=8", "--zero=2", "--overlap-param-gather=true", "--iterations=2"],
    ["--tp=2", "--ep=4", "--etp=1", "--pp=2", "--schedule=zero-bubble", "--microbatches=4"],
    ["--ep=8", "--dp=8", "--pp=2", "--expert-imbalance=2", "--microbatches=2"],
    ["--tp=2", "--ep=4", "--expert-imbalance=4", "--library=none"],
    ["--pp=4", "--schedule=interleaved", "--virtual-stages=2", "--microbatches=8"],
    ["--pp=4", "--schedule=gpipe", "--microbatches=4", "--zero=3"],
    ["--zero=3", "--dp-group=8", "--prefetch=2"],
    ["--rank-order=pp-dp-tp-ep-cp", "--tp=4", "--pp=2"],
    ["--compression=topk:0.05"],
    ["--compression=int8"],
    ["--local-steps=2"],
    ["--parameter-servers=3"],
    ["--parameter-servers=1", "--staleness=1"],
])
def test_a_plan_ends(model, plan, tmp_path):
    folder = results([model, *plan, "--hardware=hgx-h100", "--nodes=2", "--topology=rail"],
                     tmp_path)
    facts = summary(folder)
    assert facts["status"] == "finished" and facts["ranks"] == 16
    assert facts["compute_time_ns"] > 0 and facts["exposed_communication_ns"] > 0
    assert facts["drops"] == 0


def test_degrees_that_do_not_fill_the_network_are_refused(model, tmp_path):
    done = run([model, "--tp=4", "--pp=3", "--hosts=16"], tmp_path, expect=2)
    assert "--pp" in done.stderr and "16 ranks" in done.stderr
    done = run([model, "--parameter-servers=16", "--hosts=16"], tmp_path, expect=2)
    assert "leave no worker" in done.stderr


def test_exchanges_beside_products_are_hidden(tmp_path):
    """What pieces take from the products' efficiency is less than what they hide."""
    exposed, total, computing = {}, {}, {}
    for method in ("none", "bulk", "ring_exchange", "pipeline:4"):
        facts = summary(results(["--model=llama3.2-1b", "--tp=8", "--dp=1", "--batch=4",
                                 "--hardware=hgx-h100", "--nodes=1", "--scale-up-frame=32KiB",
                                 f"--tp-comm-overlap={method}"], tmp_path,
                                name=method.replace(":", "-")))
        exposed[method] = facts["exposed_communication_ns"]
        total[method] = facts["iteration_time_ns"]
        computing[method] = facts["compute_time_ns"]
    assert exposed["bulk"] < exposed["none"] and computing["bulk"] == computing["none"]
    for method in ("ring_exchange", "pipeline:4"):
        assert computing[method] > computing["none"]
        assert exposed[method] < 0.8 * exposed["bulk"] and total[method] < total["bulk"]


def test_parameters_gathered_beside_the_forward_pass(tmp_path):
    """The same messages; all but the first bucket's gather is hidden, in each of two iterations."""
    sent, times, gathers = {}, {}, {}
    for beside in ("false", "true"):
        folder = results(["--model=llama3.2-1b", "--dp=8", "--zero=1", "--batch=2",
                          "--parameter-precision=bf16", "--hardware=hgx-h100", "--nodes=1",
                          "--scale-up-frame=32KiB", f"--overlap-param-gather={beside}",
                          "--iterations=2"], tmp_path, name=beside)
        sent[beside] = sorted(int(row["size_bytes"]) for row in table(folder, "flows.csv"))
        first, second = [float(row["time_ns"]) for row in table(folder, "iterations.csv")]
        assert second == pytest.approx(first, rel=1e-3)
        times[beside] = second
        gathers[beside] = [float(row["time_ns"]) for row in table(folder, "collectives.csv")
                           if row["collective"] == "all_gather"]
    assert sent["true"] == sent["false"]
    assert len(gathers["true"]) == len(gathers["false"]) and len(gathers["true"]) % 2 == 0
    hidden = sum(gathers["true"]) / 2 - gathers["true"][0]
    assert times["false"] - times["true"] == pytest.approx(hidden, rel=1e-3)
    assert hidden > 0.8 * sum(gathers["true"]) / 2


def test_pipeline_messages_are_on_the_wire(model, tmp_path):
    """Four micro-batches, each one activation and one gradient between two stages."""
    folder = results([model, "--pp=2", "--microbatches=4", "--hosts=2", "--topology=star"],
                     tmp_path)
    sizes = [int(row["size_bytes"]) for row in table(folder, "flows.csv")]
    activation = 256 * 256 * 2
    assert sizes.count(activation) == 8


def test_iterations_are_apart_from_their_warm_up(model, tmp_path):
    options = [model, "--hosts=4", "--topology=star", "--loss=1e-3", "--iterations=4"]
    folder = results(options, tmp_path, name="warm")
    rows = table(folder, "iterations.csv")
    assert [row["is_warm_up"] for row in rows] == ["1", "0", "0", "0"]
    times = [float(row["time_ns"]) for row in rows]
    facts = summary(folder)
    assert facts["warm_up_iterations"] == 1
    assert facts["iteration_time_ns"] == pytest.approx(statistics.mean(times[1:]), abs=0.01)
    assert facts["iteration_time_min_ns"] == min(times[1:])
    assert facts["iteration_time_max_ns"] == max(times[1:])
    deviation = facts["iteration_time_deviation_ns"]
    assert deviation == pytest.approx(statistics.stdev(times[1:]), rel=1e-6) and deviation > 0
    assert float(rows[-1]["end_ns"]) == pytest.approx(sum(times), abs=0.01)
    everything = summary(results([*options, "--warm-up=0"], tmp_path, name="cold"))
    assert everything["iteration_time_ns"] == pytest.approx(statistics.mean(times), abs=0.01)
    assert "--warm-up" in run([*options, "--warm-up=4"], tmp_path, expect=2).stderr


def expert_exchanges(folder):
    """The all_to_alls that bring tokens to experts, forward."""
    return [row for row in table(folder, "collectives.csv")
            if row["name"].endswith("experts.send") and "forward/" in row["name"]]


@pytest.mark.parametrize("network", [
    ["--hosts=8", "--topology=star"],
    ["--hardware=hgx-h100", "--nodes=1"],
    ["--hardware=hgx-h100", "--nodes=2", "--dp=16"],
    ["--hardware=hgx-h100", "--nodes=2", "--dp=16", "--rank-order=tp-cp-dp-ep-pp",
     "--library=none"],
])
def test_unequal_experts_make_an_iteration_slower(model, network, tmp_path):
    plan = [model, "--dp=8", "--ep=8", *network]
    plan = [word for word in plan if word != "--dp=8" or "--dp=16" not in network]
    times = {}
    for imbalance in ("1", "2", "8"):
        folder = results([*plan, f"--expert-imbalance={imbalance}"], tmp_path, name=imbalance)
        times[imbalance] = summary(folder)["iteration_time_ns"]
        sizes = {row["size_bytes"] for row in expert_exchanges(folder)}
        assert sizes == {str(256 * 2 * 256 * 2)}  # tokens x experts per token x width x bf16
        for row in expert_exchanges(folder):
            assert 0 < float(row["bound_ns"]) <= float(row["time_ns"])
    assert times["1"] < times["2"] < times["8"]
    plain = results(plan, tmp_path, name="plain")
    assert summary(plain)["iteration_time_ns"] == times["1"]


def test_hot_ranks_are_sent_their_share(model, tmp_path):
    """Bytes by destination on the wire: a layer's hot rank gets twice the mean of every rank."""
    folder = results([model, "--dp=4", "--ep=4", "--hosts=4", "--topology=star", "--zero=0",
                      "--expert-imbalance=2", "--library=none"], tmp_path)
    # Four ranks send 256 tokens to two experts each, rows of 256 bf16 values.
    rows, message = 4 * 256 * 2, 256 * 2 * 256 * 2
    other = round(rows / 2 / 3)
    hot = rows - 3 * other
    sizes = [int(row["size_bytes"]) for row in table(folder, "flows.csv")]
    # Forward and backward of eight layers, there and back: the hot rank's share to or from the
    # three others, and theirs among all.
    assert sizes.count(message * hot // rows) == 8 * 4 * 3
    assert sizes.count(message * other // rows) == 8 * 4 * 9


def test_two_kinds_of_unequal_sizes_are_refused(model, tmp_path):
    plan = [model, "--dp=4", "--ep=4", "--hosts=4", "--topology=star", "--expert-imbalance=2"]
    done = run([*plan, "--alltoall-skew=2"], tmp_path, expect=2)
    assert "--alltoall-skew: contradicts the workload" in done.stderr
    done = run([*plan, "--library=none", "--algo=bruck"], tmp_path, expect=2)
    assert "--algo" in done.stderr
    done = run([model, "--dp=4", "--hosts=4", "--topology=star", "--expert-imbalance=2"], tmp_path,
               expect=2)
    assert "--expert-imbalance" in done.stderr and "--ep" in done.stderr


def test_measured_loads_are_forwarded(model, tmp_path):
    rows = "".join(f"{expert},{3 if expert < 2 else 1}\n" for expert in range(8))
    (tmp_path / "loads.csv").write_text("expert,share\n" + rows, encoding="utf-8")
    plan = [model, "--dp=4", "--ep=4", "--hosts=4", "--topology=star"]
    loaded = summary(results([*plan, "--expert-loads=loads.csv"], tmp_path, name="loaded"))
    even = summary(results(plan, tmp_path, name="even"))
    assert loaded["iteration_time_ns"] > even["iteration_time_ns"]


def test_what_a_run_says_of_its_plan(model, tmp_path):
    """Two runs of different plans do not read alike; running the configuration again does."""
    plan = [model, "--tp=2", "--ep=4", "--dp=4", "--expert-imbalance=2", "--zero=1",
            "--hardware=hgx-h100", "--nodes=1"]
    folder = results(plan, tmp_path)
    text = "tiny.yaml, tp 2 x dp 4, ep 4, expert-imbalance 2, zero 1 (hgx-h100)"
    assert summary(folder)["workload"] == text
    again = results([f"--config={folder / 'config.yaml'}"], tmp_path, name="again")
    assert summary(again)["workload"] == text


def test_waiting_for_stages_is_told_apart(model, tmp_path):
    """Where the network costs next to nothing: one micro-batch runs through one stage at a time."""
    done = run([model, "--pp=2", "--dp=1", "--hosts=2", "--topology=star", "--link-rate=100Tbps",
                "--link-delay=1ns", "--cc=none", "--library=none", f"--out={tmp_path / 'out'}"],
               tmp_path)
    assert "of which waiting for other pipeline stages" in done.stdout
    facts = summary(tmp_path / "out")
    rows = table(tmp_path / "out", "operations.csv")
    receives = {row["rank"]: row for row in rows
                if row["type"] == "receive" and row["group"] == "pp"}
    # The second stage waits for the first one's forward pass, the first for both of the second's.
    forward = float(receives["1"]["end_ns"])
    waits = [float(row["pipeline_wait_ns"]) for row in table(tmp_path / "out", "ranks.csv")]
    assert waits[1] == pytest.approx(forward, rel=1e-3)
    gradient = float(receives["0"]["end_ns"])
    passes = sum(float(row["end_ns"]) - float(row["start_ns"]) for row in rows
                 if row["rank"] == "1" and row["type"] == "compute"
                 and float(row["end_ns"]) <= gradient)
    assert waits[0] == pytest.approx(passes, rel=1e-3)
    assert facts["pipeline_wait_ns"] == pytest.approx(sum(waits) / 2, rel=1e-9)


@pytest.mark.parametrize("collective,workload", [
    (["--collective=barrier"], "barrier among 4 ranks"),
    (["--collective=all_reduce", "--size=1MiB"], "all_reduce of 1MiB among 4 ranks")])
def test_what_a_run_says_of_a_collective(collective, workload, tmp_path):
    folder = results([*collective, "--hosts=4"], tmp_path)
    assert summary(folder)["workload"] == workload
    again = results([f"--config={folder / 'config.yaml'}"], tmp_path, name="again")
    assert summary(again)["workload"] == workload
