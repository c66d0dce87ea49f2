# SPDX-License-Identifier: MIT
"""Rates and queues over time, from samples."""

import pandas
import pytest

from ddl_analysis import samples
from ddl_analysis.cli import main
from ddl_analysis.results import Run


def flows(rows):
    """(time_ns, src_host, acknowledged_bytes, rate_gbps) of flows to host 0."""
    return pandas.DataFrame(
        [(t, s, 0, 0, float("nan") if r is None else r, b) for t, s, b, r in rows],
        columns=["time_ns", "src_host", "dst_host", "channel", "rate_gbps", "acknowledged_bytes"],
    )


def test_throughput_is_a_running_mean_and_zero_where_nothing_was_under_way():
    rows = [(1000.0 * i, 1, 1000.0, None) for i in range(1, 31)]
    rows += [(1000.0 * i, 2, 500.0, None) for i in range(11, 31)]
    table = samples.throughput(flows(rows))
    assert list(table.columns) == [(1, 0, 0), (2, 0, 0)]
    assert table[1, 0, 0].tolist() == pytest.approx([8.0] * 30)  # 1,000 bytes per 1,000 ns
    assert table[2, 0, 0].tolist()[:10] == pytest.approx([0.0] * 10)
    assert table[2, 0, 0].tolist()[10:20] == pytest.approx([0.4 * n for n in range(1, 11)])
    assert table[2, 0, 0].tolist()[20:] == pytest.approx([4.0] * 10)


def test_throughput_of_samples_with_a_pause():
    table = samples.throughput(flows([(1000.0, 1, 1000.0, None), (5000.0, 1, 1000.0, None)]))
    assert table[1, 0, 0].tolist() == pytest.approx([8.0, 16000 / 5000])


def test_a_rate_that_never_changes_is_not_drawn():
    assert samples.set_rate(flows([(1000.0, 1, 1.0, 100.0), (2000.0, 1, 1.0, 100.0)])) is None
    assert samples.set_rate(flows([(1000.0, 1, 1.0, None)])) is None
    table = samples.set_rate(flows([(1000.0, 1, 1.0, 100.0), (2000.0, 1, 1.0, 50.0)]))
    assert table[1, 0, 0].tolist() == [100.0, 50.0]


def test_the_longest_queue_is_zero_where_it_was_empty():
    queues = pandas.DataFrame(
        [(1000.0, "s", 0, "a", 10.0), (1000.0, "s", 1, "b", 40.0), (3000.0, "s", 0, "a", 20.0)],
        columns=["time_ns", "node", "port", "peer", "queued_bytes"],
    )
    name, values = samples.longest_queue(queues, [1000.0, 2000.0, 3000.0])
    assert name == "s \u2192 b" and values.tolist() == [40.0, 0.0, 0.0]
    name, values = samples.longest_queue(queues[:0], [1000.0])
    assert values.tolist() == [0.0]


@pytest.mark.parametrize("kind", ["finished", "hostile"])
def test_several_runs_in_one_figure(sample_folder, kind, tmp_path, capsys):
    folder = str(sample_folder(8, kind))
    assert samples.has_samples(Run(folder))
    assert main([folder, folder, f"--figures={tmp_path}"]) == 0
    first = (tmp_path / "rate_and_queue.svg").read_bytes()
    assert len(first) > 10000 and "rate_and_queue.png" in capsys.readouterr().out
    assert main([folder, folder, f"--figures={tmp_path}"]) == 0
    assert (tmp_path / "rate_and_queue.svg").read_bytes() == first


def test_runs_without_samples(sample_folder, tmp_path):
    folder = str(sample_folder(8, "empty"))
    assert main([folder, folder, f"--figures={tmp_path}"]) == 0
    assert (tmp_path / "rate_and_queue.svg").exists()
