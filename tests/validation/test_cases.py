# SPDX-License-Identifier: MIT
"""Case files, groups of cases, and what errors amount to, in closed form."""

import math
import random

import pytest

from ddl_validation import comparison, figures
from ddl_validation.cases import (COLUMNS, Case, bus_factor, read_cases, size_class, time_us)
from ddl_validation.errors import BadInput
from ddl_validation.groups import groups_of
from ddl_validation.layout import OWN_CASES
from ddl_validation.simulator import Outcome, Refused, attribute_name

ROW = {"id": "a", "hardware": "hgx-a100", "nodes": "2", "gpus": "16", "operation": "all_reduce",
       "size_bytes": "1048576", "algorithm": "", "launch": "process-per-gpu", "published": "100",
       "unit": "us", "metric": "time", "table": "t", "source": "made up"}


def case(size_bytes, published_us=100.0, **changes):
    values = dict(id=str(size_bytes), hardware="hgx-a100", nodes=2, gpus=16, operation="all_reduce",
                  size_bytes=size_bytes, algorithm="", launch="process-per-gpu",
                  published_us=published_us, table="t", source="")
    return Case(**{**values, **changes})


def write(path, *rows, columns=COLUMNS):
    lines = [",".join(columns)] + [",".join(row[name] for name in columns) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_published_figures_become_times():
    # 16 ranks: 2 x 15/16 bytes cross the bus per byte.
    assert bus_factor("all_reduce", 16) == 1.875
    assert bus_factor("all_gather", 4) == 0.75 and bus_factor("broadcast", 4) == 1
    size_bytes = 8_000_000
    assert time_us("all_reduce", 16, size_bytes, 2.5, "ms", "time") == 2500
    assert time_us("all_reduce", 16, size_bytes, 80, "GB/s", "algbw") == 100
    assert time_us("all_reduce", 16, size_bytes, 150, "GB/s", "busbw") == 100


def test_size_classes():
    edges = [1, (1 << 20) - 1, 1 << 20, (128 << 20) - 1, 128 << 20]
    assert [size_class(size) for size in edges] == ["small", "small", "medium", "medium", "large"]


def test_a_case_file_is_read(tmp_path):
    busbw = {**ROW, "id": "b", "published": "10", "unit": "GB/s", "metric": "busbw"}
    first, second = read_cases(write(tmp_path / "c.csv", ROW, busbw))
    assert first.published_us == 100 and first.size_bytes == 1 << 20 and first.nodes == 2
    assert second.published_us == pytest.approx((1 << 20) * 1.875 / 10e3)


def test_the_projects_own_cases_are_read():
    cases = read_cases(OWN_CASES)
    assert len(cases) > 400 and len({each.id for each in cases}) == len(cases)


@pytest.mark.parametrize("changes, expected", [
    ({"nodes": "0"}, "nodes is '0'"), ({"gpus": "15"}, "15 GPUs on 2 nodes"),
    ({"gpus": "1", "nodes": "1"}, "at least two GPUs"), ({"size_bytes": "1MiB"}, "size_bytes"),
    ({"size_bytes": "-8"}, "size_bytes"), ({"operation": "all_redce"}, "operation"),
    ({"published": "0"}, "published"), ({"published": "nan"}, "published"),
    ({"published": "fast"}, "published"), ({"unit": "GB/s"}, "unit"),
    ({"metric": "speed"}, "metric"),
    ({"metric": "busbw"}, "unit"), ({"launch": "mpirun"}, "launch"), ({"table": ""}, "table"),
    ({"id": ""}, "id is empty"), ({"size_bytes": "9" * 5000}, "size_bytes"),
    ({"hardware": ""}, "hardware"), ({"source": '"'}, "CSV"), ({"source": "a,b"}, "14 fields"),
])
def test_bad_rows_are_named(changes, expected, tmp_path):
    good = {**ROW, "id": "good"}
    path = write(tmp_path / "c.csv", good, {**ROW, **changes})
    with pytest.raises(BadInput) as caught:
        read_cases(path)
    assert str(caught.value).startswith(f"{path}:3: ") and expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_bad_files_are_named(tmp_path):
    with pytest.raises(BadInput, match="there twice"):
        read_cases(write(tmp_path / "c.csv", ROW, ROW))
    with pytest.raises(BadInput, match="lacks the column published"):
        read_cases(write(tmp_path / "c.csv", ROW, columns=[c for c in COLUMNS if c != "published"]))
    with pytest.raises(BadInput, match="has no rows"):
        read_cases(write(tmp_path / "c.csv"))
    with pytest.raises(BadInput, match="cannot be read"):
        read_cases(tmp_path / "none.csv")


def test_groups_hold_each_size_once_and_the_longest_comes_first():
    cases = [case(8), case(1 << 20), case(8, id="again"), case(64, nodes=1, gpus=8),
             case(1 << 30, operation="all_gather"), case(8, launch="synchronized"),
             case(8, algorithm="ring")]
    groups = groups_of(cases)
    assert [(group.operation, group.sizes) for group in groups][:2] == [
        ("all_gather", (1 << 30,)), ("all_reduce", (8, 1 << 20))]
    assert len(groups) == 5
    works = [group.work() for group in groups]
    assert works == sorted(works, reverse=True)
    shuffled = list(cases)
    random.Random(7).shuffle(shuffled)
    assert groups_of(shuffled) == groups


def test_every_case_finds_its_outcome_or_a_reason():
    cases = [case(8, id="x"), case(16, id="y"), case(8, id="z", operation="all_to_all")]
    outcomes = {}
    for group in groups_of(cases):
        outcomes[group] = Refused("not modelled") if group.operation == "all_to_all" else {
            8: Outcome(110.0, 90.0, "ring", "ll")}
    rows, left_out = comparison.compare(cases, outcomes)
    assert [row.case.id for row in rows] == ["x"]
    assert rows[0].relative_error == pytest.approx(0.1)
    assert rows[0].log_error == pytest.approx(math.log(1.1))
    assert [(each.id, reason) for each, reason in left_out] == [
        ("y", "the run has no such collective"), ("z", "not modelled")]


def rows_with(errors, size_bytes=8, **changes):
    return [comparison.Row(case(size_bytes, **changes), Outcome(100 * (1 + error), 0, "ring", "ll"))
            for error in errors]


def test_statistics_in_closed_form():
    # |errors| 0.0, 0.1 ... 1.0: the 90th percentile of eleven values is the tenth.
    errors = [(-1) ** i * i / 10 for i in range(11) if i != 9] + [0.9]
    random.Random(3).shuffle(errors)
    found = comparison.statistics(rows_with([max(error, -0.99) for error in errors]))
    assert found.count == 11
    assert found.median == pytest.approx(0.5) and found.p90 == pytest.approx(0.9)
    assert comparison.statistics([]).count == 0
    assert math.isnan(comparison.statistics([]).median)


def test_the_curve_of_one_row_is_seen():
    errors, shares = figures.error_curve(rows_with([-0.25]), 0.5)
    assert errors.tolist() == pytest.approx([0, 0.25, 0.5])
    assert shares.tolist() == [0, 1, 1]


def test_the_figure_has_the_sign_of_the_tables():
    """Simulated twice as long as measured: an error of +100 %, a point at 2."""
    figure = figures.draw_errors(rows_with([1.0]))
    (points,) = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert points.get_ydata().tolist() == pytest.approx([2.0])
    assert figure.axes[0].get_ylabel() == "simulated / measured"


def test_statistics_by_size_class_and_table():
    rows = rows_with([0.1, 0.3]) + rows_with([0.5], 1 << 20, table="u") + rows_with([0.7], 1 << 28)
    found = comparison.by_size_class(rows)
    assert found["small"].median == pytest.approx(0.2)
    assert found["medium"].median == pytest.approx(0.5)
    assert found["large"].median == pytest.approx(0.7)
    assert found["all"].count == 4 and found["all"].median == pytest.approx(0.4)
    assert {name: len(each) for name, each in comparison.by_table(rows).items()} == {"t": 3, "u": 1}


def test_attributes_are_named_as_in_ns3():
    assert attribute_name("ll_base_us") == "LlBaseUs"
    assert attribute_name("ll128_rate_share") == "Ll128RateShare"
