# SPDX-License-Identifier: MIT
"""Figures of what `ddl-workload describe --csv` has written."""

import os

import pandas
import pytest
from ddl_analysis import memory_figure, pipeline_figure
from ddl_analysis.cli import main
from ddl_analysis.results import BadResults
from ddl_analysis.workload_tables import KINDS, Described


def write(folder, stages=2, **changes):
    """A description by hand: stage s holds 10 bytes of parameters and s + 1 of activations."""
    folder.mkdir()
    none = {f"{kind}_bytes": 0 for kind in KINDS}

    def use(stage, activations):
        held = {**none, "parameters_bytes": 10, "activations_bytes": activations}
        return {"stage": stage, **held}

    tables = {
        "memory.csv": [
            {**use(s, s + 1), "peak_bytes": 11 + s, "capacity_bytes": 12} for s in range(stages)
        ],
        "memory_over_time.csv": [
            {**use(s, activations), "time_ns": time, "total_bytes": 10 + activations}
            for s in range(stages)
            for time, activations in ((0, 0), (s * 10, s + 1), (60, 0))
        ],
        "passes.csv": [
            {"stage": s, "iteration": i, "micro_batch": 0, "pass": name}
            | {"begin_ns": 100 * i + begin + 10 * s, "end_ns": 100 * i + begin + 10 * s + 10}
            for s in range(stages)
            for i in range(2)
            for begin, name in ((0, "forward"), (20, "backward"), (40, "optimizer"))
        ],
    }
    for name, rows in {**tables, **changes}.items():
        pandas.DataFrame(rows).to_csv(folder / name, index=False)
    return folder


def test_draws_both_figures_to_the_same_bytes(tmp_path, capsys):
    folder = write(tmp_path / "described")
    assert main([str(folder)]) == 0
    names = ["memory_over_time.png", "memory_over_time.svg", "pipeline.png", "pipeline.svg"]
    assert sorted(os.listdir(folder / "figures")) == names
    assert len(capsys.readouterr().out.splitlines()) == 4
    first = (folder / "figures" / "pipeline.svg").read_bytes()
    assert main([str(folder)]) == 0
    assert (folder / "figures" / "pipeline.svg").read_bytes() == first


def test_idle_shares_are_of_the_first_iteration(tmp_path):
    described = Described(write(tmp_path / "described"))
    # 30 of 60 ns: the second iteration does not count.
    assert pipeline_figure.idle_shares(described) == pytest.approx({0: 0.5, 1: 0.5})


def test_the_fullest_stage_is_shown_with_the_first_and_the_last(tmp_path):
    described = Described(write(tmp_path / "described", stages=9))
    assert described.fullest_stage() == 8
    assert memory_figure.chosen_stages(described) == [0, 1, 2, 8]
    assert memory_figure.shown_kinds(described) == ["parameters", "activations"]


def test_the_panels_reach_the_capacity_where_it_is_near(tmp_path):
    assert memory_figure.shown_limit(Described(write(tmp_path / "near"))) == pytest.approx(12.96)
    far = [{"stage": 0, "peak_bytes": 11, "capacity_bytes": 80} | {f"{k}_bytes": 0 for k in KINDS}]
    described = Described(write(tmp_path / "far", stages=1, **{"memory.csv": far}))
    assert memory_figure.shown_limit(described) == pytest.approx(11.88)


@pytest.mark.parametrize("name", ["memory.csv", "memory_over_time.csv"])
def test_a_missing_or_bad_table_is_one_line(tmp_path, name, capsys):
    folder = write(tmp_path / "described")
    (folder / name).write_text("stage\nx\n", encoding="utf-8")
    with pytest.raises(BadResults):
        Described(folder)
    (folder / name).unlink()
    assert main([str(folder)]) == 2
    error = capsys.readouterr().err
    assert name in error and error.count("\n") == 1
    assert not (folder / "figures").exists()
