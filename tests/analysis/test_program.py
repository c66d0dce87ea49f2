# SPDX-License-Identifier: MIT
"""The program as its users call it."""

import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys
import xml.etree.ElementTree

import pytest
from analysis_samples import ROOT, SUMMARY
from ddl_analysis.cli import FIGURES, main

PACKAGE = ROOT / "analysis" / "ddl_analysis"
EXPECTED = sorted(f"{name}.{kind}" for name in FIGURES for kind in ("png", "svg"))
SAMPLED = sorted([*EXPECTED, "rate_and_queue.png", "rate_and_queue.svg"])


def run(*arguments, program=("-m", "ddl_analysis"), cwd=None, **environment):
    return subprocess.run(
        [sys.executable, *program, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT / "analysis"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def small_folder(folder, **changes):
    folder.mkdir()
    (folder / "summary.json").write_text(json.dumps({**SUMMARY, **changes}), encoding="utf-8")
    return folder


def copy_of(folder, tmp_path):
    return pathlib.Path(shutil.copytree(folder, tmp_path / "run"))


def test_draws_every_figure_and_the_report(sample_folder, tmp_path):
    folder = copy_of(sample_folder(16), tmp_path)
    result = run(folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(os.listdir(folder / "figures")) == SAMPLED
    written = [pathlib.Path(line) for line in result.stdout.splitlines()]
    assert len(written) == len(SAMPLED) + 1 and all(path.is_file() for path in written)
    for name in FIGURES:
        assert (folder / "figures" / f"{name}.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        xml.etree.ElementTree.parse(folder / "figures" / f"{name}.svg")


def test_the_same_results_give_the_same_bytes(sample_folder, tmp_path):
    outputs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        folder = copy_of(sample_folder(16), tmp_path / name)
        # A user's own locale, folder and hash seed must not show.
        seed = str(len(outputs) + 1)
        assert run(folder, cwd=tmp_path / name, PYTHONHASHSEED=seed).returncode == 0
        files = sorted((folder / "figures").iterdir()) + [folder / "report.md"]
        outputs.append({file.name: file.read_bytes() for file in files})
    assert outputs[0] == outputs[1]


@pytest.mark.parametrize("ranks, kind", [(2, "finished"), (8, "interrupted"), (8, "stalled")])
def test_other_runs(sample_folder, tmp_path, ranks, kind):
    folder = copy_of(sample_folder(ranks, kind), tmp_path)
    assert main([str(folder)]) == 0
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert ("The run stalled" in report) == (kind == "stalled")
    assert ("The run was interrupted" in report) == (kind == "interrupted")
    assert sorted(os.listdir(folder / "figures")) == SAMPLED


def test_hostile_names_are_read_and_drawn(sample_folder, tmp_path):
    folder = copy_of(sample_folder(8, "hostile"), tmp_path)
    with open(folder / "collectives.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = 'all,"reduce"\r\nof \ufffd\ufffd\ufffd\ufffd=cmd() \u20ac\\'
    assert {row["name"] for row in rows} == {expected}
    assert len(rows) == 12
    result = run(folder)
    assert (result.returncode, result.stderr) == (0, "")


def test_a_run_in_which_nothing_happened(sample_folder, tmp_path):
    folder = copy_of(sample_folder(8, "empty"), tmp_path)
    assert main([str(folder)]) == 0
    assert sorted(os.listdir(folder / "figures")) == EXPECTED
    assert "No collective completed" in (folder / "report.md").read_text(encoding="utf-8")


def test_missing_files_are_named_not_fatal(tmp_path):
    folder = small_folder(tmp_path / "run")
    result = run(folder)
    assert (result.returncode, result.stderr) == (0, "")
    report = (folder / "report.md").read_text(encoding="utf-8")
    for name in ("collectives.csv", "flows.csv", "links.csv", "operations.csv", "ranks.csv"):
        assert f"{name} is missing" in report
    assert sorted(os.listdir(folder / "figures")) == EXPECTED


def bad_folders(tmp_path):
    yield tmp_path / "nowhere", "is no folder"
    (tmp_path / "file").write_text("")
    yield tmp_path / "file", "is no folder"
    (tmp_path / "empty").mkdir()
    yield tmp_path / "empty", "no summary.json"
    (tmp_path / "running").mkdir()
    (tmp_path / "running" / "summary.json.part").write_text("")
    yield tmp_path / "running", "has not ended"
    for number, text in enumerate(["{", "[]", "{}", '{"status": 1}']):
        folder = tmp_path / f"json-{number}"
        folder.mkdir()
        (folder / "summary.json").write_text(text)
        yield folder, "summary.json"
    folder = small_folder(tmp_path / "columns")
    (folder / "links.csv").write_text("link,other\n1,2\n")
    yield folder, "links.csv"
    folder = small_folder(tmp_path / "numbers")
    (folder / "flows.csv").write_text(
        "size_bytes,fct_ns,slowdown,retransmitted_packets,traffic\nmany,2,1,0,workload\n"
    )
    yield folder, "flows.csv"


@pytest.mark.parametrize("arguments", [["--foo"], [], ["--net=x"]])
def test_bad_arguments_are_refused_in_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1
    assert shown.err.startswith("./ns3 plot: ") and "; " in shown.err


def test_bad_folders_are_refused_in_one_line(tmp_path, capsys):
    for folder, problem in bad_folders(tmp_path):
        assert main([str(folder)]) == 2, folder
        shown = capsys.readouterr()
        assert problem in shown.err and str(folder) in shown.err
        assert shown.err.count("\n") == 1, shown.err
        assert not (folder / "figures").exists() and not (folder / "report.md").exists()


def test_the_exit_status_reaches_the_shell(tmp_path):
    result = run(tmp_path / "nowhere")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1


def test_help_and_misuse():
    shown = run("--help")
    assert shown.returncode == 0
    for name in FIGURES:
        assert name in shown.stdout
    assert run().returncode == 2
    assert run("a", "b").returncode == 2


def test_works_from_any_folder(tmp_path):
    folder = small_folder(tmp_path / "run")
    result = run("run", program=(str(PACKAGE),), cwd=tmp_path, PYTHONPATH="")
    assert (result.returncode, result.stderr) == (0, "")
    assert (folder / "report.md").is_file()


def test_a_users_own_matplotlib_settings_do_not_show(tmp_path):
    contents = []
    for name, setting in (("plain", ""), ("own", "font.size: 30\nbackend: svg\n")):
        folder = small_folder(tmp_path / name)
        (tmp_path / f"{name}-mpl").mkdir()
        (tmp_path / f"{name}-mpl" / "matplotlibrc").write_text(setting)
        assert run(folder, MPLCONFIGDIR=str(tmp_path / f"{name}-mpl")).returncode == 0
        contents.append((folder / "figures" / "timeline.svg").read_bytes())
    assert contents[0] == contents[1]
