# SPDX-License-Identifier: MIT
"""Training cases: files of them, and ./ns3 validate from end to end on small ones."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ddl_validation.cli import main
from ddl_validation.errors import BadInput
from ddl_validation.layout import OWN_TRAINING_CASES, OWN_TRAINING_LEFT_OUT
from ddl_validation.training_cases import iteration_s, read_training_cases
from ddl_validation.training_runs import gpu_of

ROOT = Path(os.environ.get("DDL_ROOT", Path(__file__).resolve().parents[2]))
BIN = Path(os.environ.get("DDL_BIN_DIR", ROOT / "build/release/bin"))
HEADER = ("id,hardware,nodes,gpus,model,tp,pp,microbatches,global_batch,sequence_length,precision,"
          "zero,options,published,unit,metric,table,source\n")
CASES = HEADER + """\
plain,hgx-a100,1,8,gpt2,,,1,64,1024,bf16,,,2000,seq/s,samples_per_s,first,made up
divided,hgx-h100,2,16,gpt2-medium,4,2,4,16,512,bf16,1,--attention=flash2,30,ms,time,second,made up
"""


@pytest.fixture(name="cases")
def _cases(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(CASES)
    return path


def validate(arguments, folder):
    environment = dict(os.environ, DDL_ROOT=str(ROOT), DDL_BIN_DIR=str(BIN),
                       PYTHONPATH=str(ROOT / "analysis"), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run([sys.executable, "-m", "ddl_validation", *arguments], cwd=folder,
                          env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, (arguments, done.stderr)
    with open(folder / "out" / "training.csv", newline="", encoding="utf-8") as file:
        return done.stdout, list(csv.DictReader(file))


def test_estimate_and_packets_agree(cases, tmp_path):
    text, estimated = validate([f"--cases={cases}", "--estimate", "--out=out"], tmp_path)
    assert "By table" in text and "without packets" in text
    assert [row["id"] for row in estimated] == ["plain", "divided"]
    assert float(estimated[0]["published_s"]) == pytest.approx(64 / 2000)
    assert float(estimated[1]["published_s"]) == pytest.approx(0.03)
    _, packets = validate([f"--cases={cases}", "--out=out"], tmp_path)
    for closed, row in zip(estimated, packets):
        assert (closed["level"], row["level"]) == ("estimate", "packets")
        for one in (closed, row):
            error = float(one["simulated_s"]) / float(one["published_s"]) - 1
            assert float(one["relative_error"]) == pytest.approx(error, abs=1e-3)
            assert float(one["compute_s"]) <= float(one["simulated_s"])
        ratio = float(row["simulated_s"]) / float(closed["simulated_s"])
        assert 0.8 < ratio < 1.25
    assert not list((tmp_path / "out").glob("traces-*")) + list((tmp_path / "out").glob("run-*"))


def test_large_cases_are_left_out_at_packet_level(cases, tmp_path):
    text, rows = validate([f"--cases={cases}", "--max-gpus=8", "--out=out"], tmp_path)
    assert [row["id"] for row in rows] == ["plain"]
    assert "more GPUs than --max-gpus=8" in text


@pytest.mark.parametrize("old, new, part", [
    ("gpt2,,,1,64", "gpt2,3,,1,64", "8 GPUs on 1 nodes, 3 per replica"),
    (",64,1024", ",65,1024", "a batch of 65"),
    ("samples_per_s", "speed", "metric is 'speed'"),
    ("seq/s", "GB/s", "unit is 'GB/s'"),
    ("2000,seq/s", "-1,seq/s", "write a number above 0"),
    ("hgx-a100,1,8", ",1,8", "hardware is empty"),
    ("divided", "plain", "is there twice"),
    ("table,source", "tabel,source", "unknown column 'tabel'"),
    ("--attention=flash2", "--attention='flash2", "quotes"),
    ("30,ms,time", "30,tok/s,tokens_per_s_per_gpu", None),
    ("30,ms,time", "30,TFLOP/s,tflops_per_gpu", "flops is empty"),
])
def test_bad_rows_are_refused(cases, old, new, part):
    assert old in CASES
    cases.write_text(CASES.replace(old, new, 1))
    if part is None:
        assert len(read_training_cases(cases)) == 2
        return
    with pytest.raises(BadInput) as caught:
        read_training_cases(cases)
    assert part in str(caught.value)


def test_figures_become_times():
    row = dict(published="100", sequence_length="512", global_batch="64", flops="1e15",
               unit="tok/s")
    assert iteration_s("x", {**row, "metric": "tokens_per_s"}, 8) == pytest.approx(327.68)
    assert iteration_s("x", {**row, "metric": "tokens_per_s_per_gpu"}, 8) == pytest.approx(40.96)
    row["unit"] = "TFLOP/s"
    assert iteration_s("x", {**row, "metric": "tflops_per_gpu"}, 8) == pytest.approx(1.25)


@pytest.mark.parametrize("arguments, part", [
    (["--training", "--calibrate"], "--calibrate: does not go with training"),
    (["--training", "--max-size=1MiB"], "--max-size: does not go with training"),
    (["--training", "--max-gpus=none"], "out of range"),
    (["--training", "--table=no-such"], "no table is named"),
    (["--max-gpus=8"], "only goes with training cases"),
])
def test_bad_options(arguments, part, tmp_path, capsys):
    assert main([*arguments, f"--out={tmp_path / 'out'}"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1 and part in captured.err
    assert not (tmp_path / "out").exists()


def test_own_cases_are_whole():
    cases = read_training_cases(OWN_TRAINING_CASES)
    assert len(cases) > 100
    for case in cases:
        assert gpu_of(case.hardware), case.id
        assert case.source and case.table
    with open(OWN_TRAINING_LEFT_OUT, newline="", encoding="utf-8") as file:
        left_out = list(csv.DictReader(file))
    assert all(row["reason"] for row in left_out)
    assert not {row["id"] for row in left_out} & {case.id for case in cases}


def test_own_cases_hold_their_targets(tmp_path):
    """Iteration times within 10 % in the median and 20 % at the 90th percentile."""
    text, rows = validate(["--training", "--estimate", "--out=out"], tmp_path)
    errors = sorted(abs(float(row["relative_error"])) for row in rows)
    assert errors[len(errors) // 2] <= 0.10 and errors[int(0.9 * len(errors))] <= 0.20, text
