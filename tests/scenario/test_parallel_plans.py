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
