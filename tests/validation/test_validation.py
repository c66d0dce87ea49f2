# SPDX-License-Identifier: MIT
"""Published set-ups against what was published; run.py prints the whole tables."""

import concurrent.futures
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import flow_completion  # noqa: E402
import loss_goodput  # noqa: E402
import published  # noqa: E402
import run  # noqa: E402


@pytest.fixture(scope="module", name="out")
def _out(tmp_path_factory):
    return tmp_path_factory.mktemp("validation")


@pytest.mark.parametrize("case", loss_goodput.cases(), ids=lambda case: "-".join(
    [f"{case[0][0] / 1e9:g}g", case[1], f"{case[2]:g}"]))
def test_goodput_under_loss_is_the_textbooks(case, out):
    row = loss_goodput.measure(case, run.simulate, out)
    assert row[6] == pytest.approx(row[5], rel=0.10)


def test_ideal_time_is_the_simulators(out):
    """The closed form of flow_completion.py against the simulator's own ideal, one way."""
    folder = run.simulate(flow_completion.arguments("dctcp", "hadoop", 0.1, "100us"), out / "ideal")
    rows = [line.split(",") for line in (folder / "flows.csv").read_text().splitlines()]
    column = {name: i for i, name in enumerate(rows[0])}
    assert len(rows) > 100
    for row in rows[1:]:
        src, dst, size = (int(row[column[name]]) for name in ("src_host", "dst_host", "size_bytes"))
        rates = flow_completion.link_rates(src, dst)
        ack_s = sum(1e-6 + (66 + 20) * 8 / rate for rate in rates)
        expected_ns = 1e9 * (flow_completion.ideal_s(src, dst, size) - ack_s)
        # A last packet that is short waits at the last link for the one before: at most its time.
        assert float(row[column["ideal_ns"]]) == pytest.approx(expected_ns, abs=90)


@pytest.mark.long
def test_slowdowns_are_the_published_ones(out):
    """20 ms of arrivals; at most a fifth off, and in the published order."""
    key = ("websearch", 0.5, 50)

    def slowdowns(control):
        arguments = flow_completion.arguments(control, key[0], key[1], "20ms")
        return flow_completion.slowdowns(run.simulate(arguments, out / control))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tables = dict(zip(published.CONTROLS, pool.map(slowdowns, published.CONTROLS)))
    for size_bytes, expected in published.SLOWDOWNS[key].items():
        here = {control: flow_completion.at_size(table, size_bytes, key[2])
                for control, table in tables.items()}
        for control, value in here.items():
            assert value == pytest.approx(expected[control], rel=0.2), (size_bytes, here)
        others = [value for control, value in here.items() if control != "hpcc"]
        if size_bytes <= 200_000:
            assert here["hpcc"] < min(others), (size_bytes, here)
        else:
            assert here["hpcc"] > max(others), (size_bytes, here)
