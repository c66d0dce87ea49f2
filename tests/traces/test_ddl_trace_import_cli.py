# SPDX-License-Identifier: MIT
"""ddl-trace import --layers and rescale as users call them, also on sets of ddl-workload."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "traces" / "samples"
BIN_DIR = os.environ.get("DDL_BIN_DIR")

pytestmark = pytest.mark.skipif(BIN_DIR is None, reason="DDL_BIN_DIR is unset: no program to test")

TABLE = """HYBRID_DATA_MODEL
2
embed -1 30 ALLGATHER 800 3 NONE 0 5 NONE 0 10
block -1 40 NONE 0 60 ALLREDUCE 1600 70 ALLREDUCE 4000 11
"""


def run(program, *arguments):
    return subprocess.run([str(pathlib.Path(BIN_DIR) / program), *map(str, arguments)],
                          capture_output=True, text=True, timeout=60, check=False)


def ok(program, *arguments):
    result = run(program, *arguments)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def generate(out, degree, model="gpt2", *options):
    ok("ddl-workload", "--model=%s" % model, "--dp=%d" % degree, *options, "--out=%s" % out)


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text())


@pytest.mark.parametrize("model", ["gpt2", "resnet50", "llama3-8b"])
@pytest.mark.parametrize("degree", [4, 16])
def test_a_rescaled_set_equals_the_generated_one(model, degree, tmp_path):
    generate(tmp_path / "eight", 8, model)
    generate(tmp_path / "expected", degree, model)
    text = ok("ddl-trace", "rescale", "--dp=%d" % degree, tmp_path / "eight", tmp_path / "moved")
    assert "wrote %d ranks" % degree in text and "instead of 8" in text
    ok("ddl-trace", "validate", tmp_path / "moved")
    for path in (tmp_path / "expected").glob("*.et"):
        assert (tmp_path / "moved" / path.name).read_bytes() == path.read_bytes()
    moved, expected = manifest(tmp_path / "moved"), manifest(tmp_path / "expected")
    for key in ("rank_count", "axes", "classes", "totals", "comm_size"):
        assert moved[key] == expected[key]
    assert moved["description"]["before"]["parallelism"]["data"] == 8


def test_an_exported_set_rescales_alike(tmp_path):
    generate(tmp_path / "four", 4)
    generate(tmp_path / "expected", 6)
    ok("ddl-trace", "export", tmp_path / "four", "--out=%s" % (tmp_path / "files"))
    ok("ddl-trace", "rescale", "--dp=6", tmp_path / "files", tmp_path / "moved")
    assert (tmp_path / "moved" / "class-0.et").read_bytes() == \
        (tmp_path / "expected" / "class-0.et").read_bytes()


@pytest.mark.parametrize("sharding", ["table_wise", "row_wise"])
def test_spread_tables_are_not_rescaled(sharding, tmp_path):
    generate(tmp_path / "two", 2, "dlrm", "--embedding-sharding=%s" % sharding)
    done = run("ddl-trace", "rescale", "--dp=4", tmp_path / "two", tmp_path / "moved")
    assert done.returncode == 2 and "embedding tables are spread over ranks" in done.stderr
    assert not (tmp_path / "moved").exists()


def test_a_layer_table(tmp_path):
    table = tmp_path / "table.txt"
    table.write_text(TABLE)
    ok("ddl-trace", "import", "--layers=%s" % table, "--ranks=8", "--model-ranks=4",
       "--time-unit=10ns", "--iterations=3", "--out=%s" % (tmp_path / "set"))
    assert "valid, 8 ranks" in ok("ddl-trace", "validate", tmp_path / "set")
    totals = manifest(tmp_path / "set")["totals"]
    assert totals["compute_ns"] == 3 * 10 * (30 + 3 + 5 + 10 + 40 + 60 + 70 + 11)
    assert totals["communication_bytes"] == 3 * (800 + 1600 + 4000)


WRONG = [
    (["import"], "import: names no files"),
    (["import", "--layers=t", "--pytorch=g"], "import: names two kinds of files"),
    (["import", "--layers=table.txt"], "--out: is missing"),
    (["import", "--layers=table.txt", "--out=set"], "--ranks: is missing"),
    (["import", "--layers=table.txt", "--out=set", "--ranks=8"], "--time-unit: is missing"),
    (["import", "--layers=table.txt", "--out=set", "--ranks=8", "--time-unit=0ns"],
     "--time-unit: '0ns' is out of range"),
    (["import", "--layers=table.txt", "--out=set", "--ranks=8", "--time-unit=1ns"],
     "--model-ranks: is missing"),
    (["import", "--layers=table.txt", "--out=set", "--ranks=0", "--time-unit=1ns"],
     "--ranks: '0' is out of range"),
    (["import", "--layers=table.txt", "--out=set", "--ranks=8", "--kineto=k"],
     "--kineto: goes with --pytorch only"),
    (["import", "--layers=none.txt", "--out=set", "--ranks=8", "--time-unit=1ns"],
     "none.txt: cannot be read"),
    (["import", "--layers=binary", "--out=set", "--ranks=8", "--time-unit=1ns"], "binary:"),
    (["import", "--pytorch=g", "--out=set"], "--kineto: is missing"),
    (["import", "--pytorch=g", "--kineto=k", "--out=set", "--ranks=8"],
     "--ranks: goes with --layers only"),
    (["import", "--pytorch=a,b", "--kineto=k", "--out=set"], "--kineto: names 1 files, --pytorch 2"),
    (["import", "--pytorch=none", "--kineto=k", "--out=set"], "none: "),
    (["import", "--layer=x"], "--layer: is no option of ddl-trace import; did you mean '--layers'?"),
    (["import", "x"], "x: is one argument too many; name files by options"),
    (["rescale", SAMPLES / "all-reduce-4", "set"], "--dp: is missing"),
    (["rescale", "--dp=0", SAMPLES / "all-reduce-4", "set"], "--dp: '0' is out of range"),
    (["rescale", "--dp=8", SAMPLES / "all-reduce-4"], "OUT: is missing"),
    (["rescale", "--dp=8", SAMPLES / "all-reduce-4", SAMPLES / "all-reduce-4"],
     "OUT: is the set that is read"),
    (["rescale", "--dp=8", SAMPLES / "pipeline-2", "set"], "has no axis 'dp'"),
    (["rescale", "--dp=8", "--keep=global-batch", SAMPLES / "all-reduce-4", "set"],
     "--keep: is no option of ddl-trace rescale"),
    (["rescale", "--dp=8", SAMPLES / "all-reduce-4", "set", "more"], "more: is one argument too many"),
]


@pytest.mark.parametrize("arguments, message", WRONG)
def test_wrong_command_lines(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.txt").write_text(TABLE)
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 8)
    before = sorted(path.name for path in tmp_path.iterdir())
    result = run("ddl-trace", *arguments)
    assert result.returncode == 2 and result.stdout == ""
    assert result.stderr.startswith("ddl-trace: ") and result.stderr.count("\n") == 1
    assert message in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == before
