# SPDX-License-Identifier: MIT
"""./ns3 validate from end to end, on few small cases."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ddl_validation.cli import main

ROOT = Path(os.environ.get("DDL_ROOT", Path(__file__).resolve().parents[2]))
BIN = Path(os.environ.get("DDL_BIN_DIR", ROOT / "build/release/bin"))
LOGS = Path(__file__).resolve().parent / "logs"
HEADER = ("id,hardware,nodes,gpus,operation,size_bytes,algorithm,launch,published,unit,metric,"
          "table,source\n")
CASES = HEADER + """\
one,hgx-a100,1,8,all_reduce,65536,ring,single-process,40,us,time,first,made up
two,hgx-a100,1,8,all_reduce,1048576,ring,single-process,20,GB/s,busbw,first,made up
three,hgx-a100,2,16,all_gather,65536,,process-per-gpu,0.05,ms,time,second,made up
"""


def validate(arguments, folder, expect=0):
    environment = dict(os.environ, DDL_ROOT=str(ROOT), DDL_BIN_DIR=str(BIN),
                       PYTHONPATH=str(ROOT / "analysis"), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run([sys.executable, "-m", "ddl_validation", *arguments], cwd=folder,
                          env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == expect, (arguments, done.returncode, done.stderr)
    return done


def refused(arguments, capsys):
    """In this process, which is quicker: what is printed with status 2."""
    status = main(arguments)
    captured = capsys.readouterr()
    assert status == 2 and captured.out == "" and captured.err.count("\n") == 1
    assert captured.err.startswith("validate: ")
    return captured.err


def table(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(name="cases")
def _cases(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text(CASES)
    return path


def test_three_cases(cases, tmp_path):
    done = validate([f"--cases={cases}", "--out=out"], tmp_path)
    rows = table(tmp_path / "out" / "validate.csv")
    assert [row["id"] for row in rows] == ["one", "two", "three"]
    assert [row["size_class"] for row in rows] == ["small", "medium", "small"]
    published = [40, (1 << 20) * 1.75 / 20e3, 50]
    for row, published_us in zip(rows, published):
        assert float(row["published_us"]) == pytest.approx(published_us, abs=1e-3)
        error = float(row["simulated_us"]) / float(row["published_us"]) - 1
        assert float(row["relative_error"]) == pytest.approx(error, abs=1e-3)
        assert row["algorithm"] == "ring" and row["protocol"] in ("ll", "ll128", "simple")
    # The same as a run by itself.
    folder = tmp_path / "alone"
    subprocess.run([BIN / "ddl-scenario", "--collective=all_reduce", "--hardware=hgx-a100",
                    "--nodes=1", "--topology=star", "--size=64KiB", "--algo=ring",
                    "--launch=single-process", f"--out={folder}"], check=True,
                   stdout=subprocess.DEVNULL, cwd=tmp_path)
    alone, = table(folder / "collectives.csv")
    assert float(rows[0]["simulated_us"]) == pytest.approx(float(alone["time_ns"]) / 1e3, abs=1e-3)
    summary = {(row["table"], row["size_class"]): row
               for row in table(tmp_path / "out" / "summary.csv")}
    assert summary["first", "all"]["rows"] == "2" and summary["all", "small"]["rows"] == "2"
    assert "hgx-a100 all_gather" in done.stdout and "all rows" in done.stdout
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"validate.csv", "summary.csv", "left-out.csv", "times.png", "times.svg",
                       "errors.png", "errors.svg"}


def test_repeats_are_the_same_to_the_byte(cases, tmp_path):
    first = validate([f"--cases={cases}", "--out=first", "--jobs=1"], tmp_path)
    second = validate([f"--cases={cases}", "--out=second", "--jobs=3"], tmp_path)
    assert first.stdout.replace("first/", "") == second.stdout.replace("second/", "")
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes(), path.name


def test_what_cannot_be_run_is_listed(cases, tmp_path):
    with open(cases, "a", encoding="utf-8") as file:
        file.write("four,no-such-host,1,8,all_reduce,8,,process-per-gpu,9,us,time,third,\n"
                   "five,hgx-a100,1,8,all_reduce,8,none_such,process-per-gpu,9,us,time,third,\n"
                   "six,hgx-a100,1,8,all_reduce,2147483648,,process-per-gpu,9,us,time,third,\n"
                   "seven,hgx-a100,1,8,sendrecv,8,ring,process-per-gpu,9,us,time,third,\n")
    done = validate([f"--cases={cases}", "--out=out", "--max-size=1MiB"], tmp_path)
    left_out = {row["id"]: row["reason"] for row in table(tmp_path / "out" / "left-out.csv")}
    assert sorted(left_out) == ["five", "four", "seven", "six"]
    assert "no host preset no-such-host" in left_out["four"]
    assert "none_such" in left_out["five"] and "--max-size" in left_out["six"]
    assert "sendrecv" in left_out["seven"] and "Left out: 4 rows" in done.stdout
    assert len(table(tmp_path / "out" / "validate.csv")) == 3


def test_a_log(tmp_path):
    validate([f"--nccl-log={LOGS / 'eight-gpus.log'}", "--hardware=hgx-a100", "--out=out",
              "--algorithm=ring"], tmp_path)
    rows = table(tmp_path / "out" / "validate.csv")
    assert [(row["published_us"], row["table"]) for row in rows] == [
        ("40.0000", "eight-gpus.log all_reduce"), ("44.0000", "eight-gpus.log all_reduce"),
        ("80.0000", "eight-gpus.log all_reduce")]
    validate([f"--nccl-log={LOGS / 'two-nodes-mpi.log'}", "--hardware=hgx-a100", "--nodes=2",
              "--in-place", "--out=mpi", "--estimate"], tmp_path)
    rows = table(tmp_path / "mpi" / "validate.csv")
    assert [row["published_us"] for row in rows] == ["31.0000", "52.0000", "130.0000"]
    assert all(row["simulated_us"] == row["model_us"] for row in rows)


def test_calibration_writes_presets_that_run(tmp_path):
    done = validate([f"--nccl-log={LOGS / 'eight-gpus.log'}", "--hardware=hgx-a100", "--out=out",
                     "--algorithm=ring", "--calibrate", "--rounds=0",
                     "--parameters=launch_single_floor_us,ll_rate_gbytes_per_s"], tmp_path)
    path = tmp_path / "out" / "fitted-nccl-ampere-fabric-ib-hdr.yaml"
    moved = yaml.safe_load(path.read_text())["parameters"]
    assert moved and set(moved) <= {"launch_single_floor_us", "ll_rate_gbytes_per_s"}
    for name in moved:
        assert "eight-gpus.log" in moved[name]["source"] and name in done.stdout
    again = validate([f"--nccl-log={LOGS / 'eight-gpus.log'}", "--algorithm=ring",
                      "--hardware=out/hgx-a100-fitted.yaml", "--out=again"], tmp_path)
    assert "all rows" in again.stdout

    def median(folder):
        return next(float(row["median_error"]) for row in table(tmp_path / folder / "summary.csv")
                    if (row["table"], row["size_class"]) == ("all", "all"))
    assert median("again") < median("out")


def test_leave_one_out_is_printed(cases, tmp_path):
    done = validate([f"--cases={cases}", "--out=out", "--leave-one-out", "--estimate",
                     "--parameters=launch_single_floor_us"], tmp_path)
    assert "Each table with parameters fitted to the others, on nccl-ampere" in done.stdout
    assert "fitted to the other tables" in done.stdout
    for row in table(tmp_path / "out/leave-one-out.csv"):
        published_us, left_out_us = float(row["published_us"]), float(row["left_out_us"])
        assert float(row["relative_error"]) == pytest.approx(left_out_us / published_us - 1,
                                                             abs=1e-3)


@pytest.mark.parametrize("arguments, expected", [
    (["--cases=none.csv"], "none.csv: cannot be read"),
    (["--cases=cases.csv", "--nccl-log=x"], "contradicts --cases"),
    (["--nccl-log=cases.csv"], "name a host with --hardware"),
    (["--nccl-log=cases.csv", "--hardware=hgx-a1000"], "no known host"),
    (["--nccl-log=cases.csv", "--hardware=hgx-a100"], "no table of nccl-tests"),
    (["--nccl-log=LOG", "--hardware=hgx-a100", "--nodes=2"], "contradicts the log"),
    (["--nccl-log=LOG", "--hardware=hgx-a100", "--nodes=none"], "--nodes"),
    (["--nccl-log=LOG", "--hardware=hgx-a100", "--launch=mpi"], "--launch"),
    (["--nccl-log=LOG", "--hardware=hgx-a100", "--operation=sum"], "--operation"),
    (["--cases=cases.csv", "--hardware=hgx-a100"], "only goes with --nccl-log"),
    (["--cases=cases.csv", "--max-size=big"], "--max-size"),
    (["--cases=cases.csv", "--max-size=1KiB"], "no case is left"),
    (["--cases=cases.csv", "--table=fourth"], "no table is named like 'fourth'"),
    (["--cases=cases.csv", "--jobs=0"], "--jobs"),
    (["--cases=cases.csv", "--widen=1"], "only goes with --calibrate"),
    (["--cases=cases.csv", "--calibrate", "--widen=-1"], "--widen"),
    (["--cases=cases.csv", "--calibrate", "--rounds=x"], "--rounds"),
    (["--cases=cases.csv", "--calibrate", "--parameters=none"], "no parameter with a range"),
    (["--cases=cases.csv", "--max-sze=1KiB"], "--max-sze"),
    (["--cases=cases.csv", "somewhere"], "is no option"),
    (["--cases=cases.csv", "--", "--topology=torus"], "nothing could be simulated"),
])
def test_bad_input_is_one_line(arguments, expected, cases, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    log = str(LOGS / "eight-gpus.log")
    out = tmp_path / "out"
    behind = arguments.index("--") if "--" in arguments else len(arguments)
    given = [*arguments[:behind], f"--out={out}", *arguments[behind:]]
    assert expected in refused([word.replace("LOG", log) for word in given], capsys)
    assert [path.name for path in tmp_path.iterdir()] == [cases.name]


def test_a_folder_that_cannot_be_written_is_refused_first(cases, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert "--out" in refused([f"--cases={cases}", f"--out={tmp_path / 'file' / 'out'}"], capsys)
