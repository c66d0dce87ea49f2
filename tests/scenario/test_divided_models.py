# SPDX-License-Identifier: MIT
"""Models other than decoders, divided among ranks and replayed."""

import pytest

from scenario_run import results, run, summary, table

TABLES = """family: recommendation
models:
  tables:
    source: made up
    title: Tables
    dense_features: 13
    embedding_width: 64
    bottom_widths: [512, 64]
    top_widths: [512, 1]
    table_rows: [100000, 3, 20000, 700, 50000, 9, 81, 2000, 30000, 17, 400]
    optimizer: plain_sgd
    batch: 128
"""
WIDTH, SAMPLES, TABLE_COUNT, VALUE_BYTES = 64, 128, 11, 2
VECTORS = SAMPLES * WIDTH * VALUE_BYTES  # of one table, for one rank's samples

VISION = """family: vision_transformer
models:
  vision:
    source: made up
    title: Vision
    image_size: 64
    image_channels: 3
    patch_size: 8
    layers: 4
    hidden: 256
    heads: 8
    feed_forward: 1024
    activation: gelu
    bias: true
    fused_qkv: false
    classes: 100
    optimizer: adam
    batch: 8
"""

BOTH = """family: encoder_decoder
models:
  both:
    source: made up
    title: Encoder and decoder
    vocabulary: 4096
    positions: 128
    target_positions: 32
    relative_buckets: 32
    encoder_layers: 2
    decoder_layers: 2
    hidden: 256
    heads: 8
    head_dimension: 32
    feed_forward: 1024
    activation: relu
    bias: false
    fused_qkv: false
    tied_embedding: true
    optimizer: adam
    batch: 4
"""


@pytest.fixture(name="models", autouse=True)
def fixture_models(tmp_path):
    for name, text in (("tables", TABLES), ("vision", VISION), ("both", BOTH)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("plan", [
    ["--model=tables.yaml", "--embedding-sharding=table_wise"],
    ["--model=tables.yaml", "--embedding-sharding=row_wise"],
    ["--model=tables.yaml", "--embedding-sharding=table_wise", "--dp-group=8", "--iterations=2"],
    ["--model=tables.yaml", "--embedding-sharding=table_wise", "--compression=int8"],
    ["--model=vision.yaml", "--tp=4"],
    ["--model=vision.yaml", "--tp=8", "--sequence-parallel=false", "--zero=3"],
    ["--model=vision.yaml", "--tp=2", "--pp=4", "--schedule=zero-bubble", "--microbatches=4"],
    ["--model=vision.yaml", "--tp=4", "--tp-comm-overlap=ring_exchange", "--recompute=full"],
    ["--model=both.yaml", "--tp=8"],
    ["--model=both.yaml", "--tp=4", "--sequence-parallel=false", "--microbatches=2"],
    ["--model=both.yaml", "--tp=4", "--tp-comm-overlap=pipeline", "--zero=1"],
    ["--model=bert-base", "--tp=4", "--batch=1", "--sequence-length=128"],
])
def test_a_plan_ends(plan, tmp_path):
    folder = results([*plan, "--hardware=hgx-h100", "--nodes=2", "--topology=rail",
                      "--scale-up-frame=32KiB"], tmp_path)
    facts = summary(folder)
    assert facts["status"] == "finished" and facts["ranks"] == 16
    assert facts["compute_time_ns"] > 0 and facts["exposed_communication_ns"] > 0
    assert facts["drops"] == 0


@pytest.mark.parametrize("ranks", [2, 4, 11, 13])
def test_vectors_are_on_the_wire(ranks, tmp_path):
    """A rank sends each other one the vectors of its tables, and gets their gradients from it."""
    folder = results(["--model=tables.yaml", f"--hosts={ranks}", "--topology=star",
                      "--embedding-sharding=table_wise", "--library=none"], tmp_path)
    rows = [row for row in table(folder, "collectives.csv") if row["collective"] == "all_to_all"]
    assert [int(row["size_bytes"]) for row in rows] == [VECTORS * TABLE_COUNT] * 2
    for row in rows:
        assert 0 < float(row["bound_ns"]) <= float(row["time_ns"])
    counts = [TABLE_COUNT // ranks + (rank < TABLE_COUNT % ranks) for rank in range(ranks)]
    expected = sorted(VECTORS * count for count in counts if count > 0
                      for _ in range(2 * (ranks - 1)))
    sizes = [int(row["size_bytes"]) for row in table(folder, "flows.csv")]
    assert sorted(size for size in sizes if size % VECTORS == 0) == expected


def test_spread_tables_are_faster_than_copies(tmp_path):
    plan = ["--model=tables.yaml", "--hosts=8", "--topology=star"]
    times = {sharding: summary(results([*plan, f"--embedding-sharding={sharding}"], tmp_path,
                                       name=sharding))["iteration_time_ns"]
             for sharding in ("data_parallel", "table_wise", "row_wise")}
    assert times["table_wise"] < times["row_wise"] < times["data_parallel"]


def test_unequal_tables_and_unequal_sizes_are_refused(tmp_path):
    done = run(["--model=tables.yaml", "--hosts=4", "--topology=star",
                "--embedding-sharding=table_wise", "--alltoall-skew=2"], tmp_path, expect=2)
    assert "--alltoall-skew: contradicts the workload" in done.stderr
