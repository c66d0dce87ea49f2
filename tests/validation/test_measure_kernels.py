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


def plain_attention(query, key, value, is_causal):
    """What PyTorch's fused kernels compute, for versions that have none."""
    torch = pytest.importorskip("torch")
    scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
    if is_causal:
        hidden = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1)
        scores = scores.masked_fill(hidden, float("-inf"))
    return scores.softmax(-1) @ value


def test_attention_is_measured_forward_and_backward(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    module = load()
    functional = torch.nn.functional
    calls = []

    def attend(query, key, value, is_causal):
        calls.append((tuple(query.shape), query.requires_grad and torch.is_grad_enabled()))
        return plain_attention(query, key, value, is_causal)

    monkeypatch.setattr(functional, "scaled_dot_product_attention", attend, raising=False)
    path = tmp_path / "times.csv"
    monkeypatch.setattr(sys, "argv", ["measure_kernels.py", *SMALL, "--lengths=32,256",
                                      f"--out={path}"])
    assert module.main() == 0
    with open(path, newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["class"] == "attention"]
    assert [(row["shape"], row["direction"]) for row in rows] == [
        (f"fp32:2x{length}x{length}x16", direction)
        for length in (32, 256) for direction in ("forward", "backward")]
    times = {(row["shape"], row["direction"]): float(row["microseconds"]) for row in rows}
    assert all(duration_us > 0 for duration_us in times.values())
    # Forward is timed without a graph; what backward goes through is built once, outside the time.
    for length in (32, 256):
        of_length = [is_traced for shape, is_traced in calls if shape == (1, 2, length, 16)]
        assert of_length.count(True) == 1 and of_length.count(False) == 3 + 3
    taken = subprocess.run([BIN / "ddl-workload", "--model=gpt2", "--dry-run",
                            f"--compute-times={path}"], capture_output=True, text=True, check=False)
    assert taken.returncode == 0, taken.stderr
