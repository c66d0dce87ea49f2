# SPDX-License-Identifier: MIT
"""bench/measure_kernels.py without a GPU: its shapes, its file, and that the generator takes it."""

import csv
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("DDL_ROOT", Path(__file__).resolve().parents[2]))
BIN = Path(os.environ.get("DDL_BIN_DIR", ROOT / "build/release/bin"))
SCRIPT = ROOT / "bench" / "measure_kernels.py"
SMALL = ["--device=cpu", "--precision=fp32", "--rows=64", "--widths=32,48", "--lengths=64",
         "--heads=2", "--dimensions=16", "--stream-max=262144", "--repeats=3"]


def load():
    spec = importlib.util.spec_from_file_location("measure_kernels", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True,
                          timeout=120, check=False)


def test_shapes_cover_the_backward_passes():
    shapes = load().product_shapes([64], [32, 48])
    assert (64, 48, 32) in shapes and (64, 32, 48) in shapes  # forward, gradient of the input
    assert (48, 32, 64) in shapes                              # gradient of the weight
    assert len(shapes) == len(set(shapes)) and all(m >= n for m, n, _ in shapes)


def test_writes_a_file_that_the_generator_takes(tmp_path):
    pytest.importorskip("torch")
    path = tmp_path / "times.csv"
    done = run(*SMALL, f"--out={path}")
    assert done.returncode == 0, done.stderr
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    classes = {"matmul", "attention", "streaming"}
    if "attention is left out" in done.stderr:  # PyTorch before 2.0
        classes.remove("attention")
    assert {row["class"] for row in rows} == classes
    assert all(float(row["microseconds"]) > 0 for row in rows)
    if "attention" in classes:
        assert {row["direction"] for row in rows
                if row["class"] == "attention"} == {"forward", "backward"}
    taken = subprocess.run([BIN / "ddl-workload", "--model=gpt2", "--dry-run",
                            f"--compute-times={path}"], capture_output=True, text=True, check=False)
    assert taken.returncode == 0, taken.stderr


def test_bad_options_write_nothing(tmp_path):
    for bad, part in (("--rows=0", "--rows"), ("--widths=big", "--widths"),
                      ("--stream-max=much", "--stream-max"), ("--repeats=0", "--repeats")):
        path = tmp_path / "times.csv"
        done = run(*SMALL, f"--out={path}", bad)
        assert done.returncode == 2 and part in done.stderr and done.stderr.count("\n") == 1
        assert not path.exists()
    assert run(*SMALL, "--out=/no/such/folder/times.csv").returncode == 2
