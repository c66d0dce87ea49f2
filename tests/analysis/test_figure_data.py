# SPDX-License-Identifier: MIT
"""The numbers behind each figure."""

import numpy
import pandas
import pytest
from ddl_analysis import collectives, flows, intervals, links, slowdowns, timeline, units
from ddl_analysis.style import new_figure


def arrays(*pairs):
    return numpy.array([p[0] for p in pairs], float), numpy.array([p[1] for p in pairs], float)


def pairs_of(starts, ends):
    return list(zip(starts.tolist(), ends.tolist()))


class TestIntervals:
    def test_merge_joins_what_touches_or_overlaps(self):
        merged = intervals.merge([5, 0, 2, 9, 9], [7, 2, 3, 9, 12])
        assert pairs_of(*merged) == [(0, 3), (5, 7), (9, 12)]

    def test_merge_closes_small_gaps(self):
        assert pairs_of(*intervals.merge([0, 3, 9], [2, 4, 10], gap=1)) == [(0, 4), (9, 10)]

    def test_coverage_of_bins(self):
        starts, ends = arrays((1, 3), (4, 9))
        edges = numpy.array([0.0, 2.0, 4.0, 6.0, 8.0, 10.0])
        assert intervals.coverage(starts, ends, edges).tolist() == [1, 1, 2, 2, 1]
        assert intervals.coverage(*arrays(), edges).tolist() == [0] * 5

    def test_subtract(self):
        left = intervals.subtract(*arrays((0, 10), (20, 30)), *arrays((2, 4), (8, 25)))
        assert pairs_of(*left) == [(0, 2), (4, 8), (25, 30)]
        assert pairs_of(*intervals.subtract(*arrays((0, 1)), *arrays())) == [(0, 1)]
        assert pairs_of(*intervals.subtract(*arrays(), *arrays((0, 1)))) == []

    def test_random_sets_against_a_raster(self):
        random = numpy.random.default_rng(7)
        for _ in range(200):
            sets = []
            for _ in range(2):
                starts = random.integers(0, 40, random.integers(0, 8))
                sets.append((starts, starts + random.integers(0, 9, starts.size)))
            cells = [self.raster(*s) for s in sets]
            merged = [intervals.merge(*s) for s in sets]
            assert self.raster(*merged[0]).tolist() == cells[0].tolist()
            left = intervals.subtract(*merged[0], *merged[1])
            assert self.raster(*left).tolist() == (cells[0] & ~cells[1]).tolist()
            covered = intervals.coverage(*merged[0], numpy.arange(61.0))
            assert covered == pytest.approx(cells[0].astype(float))

    @staticmethod
    def raster(starts, ends):
        cells = numpy.zeros(60, bool)
        for start, end in zip(starts, ends):
            cells[int(start) : int(end)] = True
        return cells


def operations():
    rows = [
        (0, "compute", "", 0, 60),
        (0, "collective", "dp", 40, 100),
        (1, "memory_load", "", 0, 10),
        (1, "compute", "", 10, 80),
        (1, "send", "", 80, 90),
        (1, "receive", "", 85, 100),
    ]
    return pandas.DataFrame(rows, columns=["rank", "type", "group", "start_ns", "end_ns"])


class TestTimeline:
    def test_activities(self):
        first, second = timeline.activities(operations())
        assert (first.rank, second.rank) == (0, 1)
        assert pairs_of(*first.compute) == [(0, 60)]
        assert pairs_of(*first.exposed()) == [(60, 100)]
        assert pairs_of(*second.compute) == [(0, 80)]  # memory counts as compute
        assert pairs_of(*second.communication) == [(80, 100)]
        assert second.communication_begins.tolist() == [80, 85]
        assert timeline.last_end([first, second]) == 100

    def test_state_shares(self):
        edges, shares = timeline.state_shares(timeline.activities(operations()), 100.0, bins=5)
        assert edges.tolist() == [0, 20, 40, 60, 80, 100]
        assert shares["compute only"] == pytest.approx([1, 1, 0.5, 0.5, 0])
        assert shares["compute + communication"] == pytest.approx([0, 0, 0.5, 0, 0])
        assert shares["exposed communication"] == pytest.approx([0, 0, 0, 0.5, 1])
        assert shares["idle"] == pytest.approx([0] * 5)
        assert not shares["waiting for other pipeline stages"].any()

    def test_waiting_for_stages(self):
        rows = [
            (0, "compute", "", 0, 20),
            (0, "send", "pp", 20, 100),  # holds nobody up by itself
            (0, "receive", "pp", 10, 60),
            (0, "receive", "cp", 50, 55),
            (0, "collective", "dp", 30, 40),
        ]
        columns = ["rank", "type", "group", "start_ns", "end_ns"]
        (only,) = timeline.activities(pandas.DataFrame(rows, columns=columns))
        assert pairs_of(*only.stage_wait()) == [(20, 30), (40, 50), (55, 60)]
        assert pairs_of(*only.exposed()) == [(30, 40), (50, 55), (60, 100)]
        _, shares = timeline.state_shares([only], 100.0, bins=5)
        assert shares["waiting for other pipeline stages"] == pytest.approx([0, 0.5, 0.75, 0, 0])
        assert shares["exposed communication"] == pytest.approx([0, 0.5, 0.25, 1, 1])
        assert shares["compute + communication"] == pytest.approx([0.5, 0, 0, 0, 0])

    def test_shares_agree_with_the_summary(self, sample_folder):
        from ddl_analysis.results import Run

        run = Run(sample_folder(16))
        ranks = timeline.activities(run.table("operations.csv"))
        _, shares = timeline.state_shares(ranks, timeline.last_end(ranks))
        whole = run.summary["iteration_time_ns"]
        computing = shares["compute only"].mean() + shares["compute + communication"].mean()
        exposed = shares["exposed communication"].mean()
        assert computing == pytest.approx(run.summary["compute_time_ns"] / whole, abs=1e-6)
        assert exposed == pytest.approx(run.summary["exposed_communication_ns"] / whole, abs=1e-6)

    def test_many_ranks_are_sampled_evenly(self):
        assert timeline.sampled(list(range(16))) == list(range(16))
        shown = timeline.sampled(list(range(1024)))
        assert len(shown) == 32 and shown[0] == 0 and shown[-1] == 1023
        assert set(numpy.diff(shown)) == {33}


def collective_rows(*rows):
    columns = ["name", "collective", "algorithm", "ranks", "size_bytes", "start_ns", "ready_ns"]
    columns += ["time_ns", "busbw_gbytes_per_s", "bound_ns", "bound_share"]
    return pandas.DataFrame(rows, columns=columns)


class TestCollectives:
    TABLE = collective_rows(
        ("a", "all_reduce", "ring", 4, 1000, 0, 10, 100, 15.0, 60, 0.6),
        ("b", "all_reduce", "ring", 4, 1000, 0, 30, 140, 10.714, 60, 0.4286),
        ("c", "all_reduce", "ring", 4, 2000, 0, 0, 400, 7.5, 380, 0.95),
        ("d", "barrier", "dissemination", 4, 0, 0, 0, 50, numpy.nan, 20, 0.4),
    )

    def test_groups(self):
        found = collectives.groups(self.TABLE)
        assert found["size_bytes"].tolist() == [2000, 1000, 0]  # by total time
        small = found.iloc[1]
        assert small["count"] == 2
        assert small["time_ns"] == 120
        assert small["wait_ns"] == 20
        assert small["excess_ns"] == 40  # 120 - 20 - 60
        assert small["busbw"] == pytest.approx((15 + 10.714) / 2)
        assert (small["busbw_low"], small["busbw_high"]) == (10.714, 15.0)
        assert small["bound_busbw"] == pytest.approx(25.0, abs=1e-3)
        assert numpy.isnan(found.iloc[2]["busbw"])

    def test_worst_is_of_those_that_move_bytes(self):
        worst = collectives.worst_share(self.TABLE)
        assert (worst["size_bytes"], worst["bound_share"]) == (1000, 0.5)
        assert collectives.worst_share(self.TABLE.tail(1)) is None

    def test_every_kind_has_a_look_of_its_own(self):
        rows = [("a", "all_gather", "ring", ranks, 1000, 0, 0, 100, 15.0, 60, 0.6)
                for ranks in (2, 4)]
        figure = new_figure(4, 4)
        axes = figure.subplots()
        collectives._draw_bandwidth(axes, collectives.groups(collective_rows(*rows)))
        looks = [(handle.get_color(), handle.get_marker())
                 for handle in axes.get_legend().get_lines() if "ranks" in handle.get_label()]
        assert len(looks) == 2 and looks[0] != looks[1]

    def test_sizes_that_differ_look_different(self):
        assert units.distinct_sizes([1050673152, 1050689536, 5]) == [
            "1,002 MiB", "1,002.02 MiB", "5 B"]

    def test_labels(self):
        group = next(collectives.groups(self.TABLE).itertuples())
        assert collectives.bar_label(group, "1.95 KiB") == "all_reduce ring, 4 ranks\n1.95 KiB (\u00d7 1)"


class TestLinks:
    def test_kinds_follow_names(self):
        kinds = {"leaf-3": "leaf", "edge-1-0": "edge", "host12": "host", "core": "core", "7": "7"}
        assert {name: links.kind_of(name) for name in kinds} == kinds

    def test_busiest_first_and_unobserved_left_out(self):
        table = pandas.DataFrame(
            [("host-0", "leaf-0", 0.2), ("leaf-0", "host-0", 0.7), ("a", "b", numpy.nan)],
            columns=["source", "destination", "utilisation_share"],
        )
        found = links.busiest(links.with_classes(table))
        assert found["link_class"].tolist() == ["leaf \u2192 host", "host \u2192 leaf"]

    def test_kinds(self):
        rows = [("leaf-0", "host-0", 0.1), ("leaf-0", "host-1", 0.2), ("leaf-1", "host-2", 0.9)]
        rows += [("leaf-1", "host-3", 0.2), ("host-0", "leaf-0", 0.5)]
        table = pandas.DataFrame(rows, columns=["source", "destination", "utilisation_share"])
        first, second = links.kinds(links.with_classes(table)).itertuples()
        assert (first.link_class, first.count, first.mean) == ("host \u2192 leaf", 1, 0.5)
        assert (second.link_class, second.count, second.low, second.high) == (
            "leaf \u2192 host",
            4,
            0.1,
            0.9,
        )
        assert second.mean == pytest.approx(0.35)
        assert second.quarter == pytest.approx(0.175)
        assert second.three_quarters == pytest.approx(0.375)


class TestFlows:
    def test_size_classes(self):
        sizes = [0, 4096, 4097, 65536, 65537, 2**20, 2**24, 2**24 + 1]
        table = pandas.DataFrame({"size_bytes": sizes})
        found = [(name, rows["size_bytes"].tolist()) for name, rows in flows.by_size_class(table)]
        assert found == [
            ("up to 4 KiB", [0, 4096]),
            ("4 to 64 KiB", [4097, 65536]),
            ("64 KiB to 1 MiB", [65537, 2**20]),
            ("1 to 16 MiB", [2**24]),
            ("above 16 MiB", [2**24 + 1]),
        ]

    def test_cdf(self):
        x, y = flows.cdf([3, 1, numpy.nan, 2, 2])
        assert x.tolist() == [1, 1, 2, 2, 3]
        assert y.tolist() == [0, 0.25, 0.5, 0.75, 1]
        assert flows.cdf([])[0].size == 0

    def test_ccdf(self):
        x, y = flows.ccdf([3, 1, 2, 2])
        assert x.tolist() == [1, 2, 2, 3]
        assert y.tolist() == [1, 0.75, 0.5, 0.25]

    def test_thinning_keeps_the_ends(self):
        values = numpy.arange(100000.0)
        x, y = flows.cdf(values, points_max=100)
        assert len(x) == 101 and x[0] == 0 and x[-1] == 99999 and y[-1] == 1
        x, y = flows.ccdf(values, points_max=100)
        assert y[0] == 1 and y[-1] == pytest.approx(1e-5)
        assert y == pytest.approx(1 - x / 100000)


class TestSlowdowns:
    @staticmethod
    def table(sizes, slowdowns_, traffic):
        columns = {"size_bytes": sizes, "slowdown": slowdowns_, "traffic": traffic}
        return pandas.DataFrame(columns)

    def test_bins_hold_equal_numbers_of_flows_by_size(self):
        sizes = numpy.arange(1000, 0, -1.0)
        found = slowdowns.bins(self.table(sizes, 2 * sizes, "hadoop"))
        assert len(found) == 20 and set(found["count"]) == {50}
        assert found["low_bytes"].tolist() == [50 * i + 1 for i in range(20)]
        assert found["high_bytes"].tolist() == [50 * i + 50 for i in range(20)]
        assert found["p50"].iloc[0] == pytest.approx(51)  # the middle of 2, 4 ... 100
        assert found["p99"].iloc[-1] == pytest.approx(1902 + 0.99 * 98)
        assert (found["p50"] <= found["p95"]).all() and (found["p95"] <= found["p99"]).all()

    def test_few_flows_and_one_size_make_fewer_bins(self):
        assert len(slowdowns.bins(self.table([1, 2, 3], [1, 1, 1], "x"))) == 1
        assert len(slowdowns.bins(self.table(numpy.arange(65), numpy.ones(65), "x"))) == 3
        assert len(slowdowns.bins(self.table(numpy.full(500, 7), numpy.ones(500), "x"))) == 1

    def test_traffic_before_workload(self):
        names = ["incast", "workload", "storage", "storage", "workload"]
        table = self.table([5, 1, 2, 3, 4], [1, 1, 1, 1, numpy.nan], names)
        assert [name for name, _ in slowdowns.kinds(table)] == ["storage", "incast"]
        only = table[table["traffic"] == "workload"]
        assert [(name, len(rows)) for name, rows in slowdowns.kinds(only)] == [("workload", 1)]
        assert slowdowns.kinds(table.head(0)) == []

    def test_size_labels(self):
        labels = {0: "0 B", 999: "999 B", 1000: "1 KB", 2100000: "2.1 MB", 3e10: "30 GB"}
        assert {size: slowdowns.size_label(size) for size in labels} == labels


def test_magnitudes():
    assert units.human_time(0) == "0 ns"
    assert units.human_time(1.5) == "1.50 ns"
    assert units.human_time(12345678) == "12.3 ms"
    assert units.human_size(27 * 2**20) == "27 MiB"
    assert units.human_size(1536) == "1.5 KiB"
    assert units.human_size(100) == "100 B"
    assert units.human_size(0) == "0 B"
    assert units.human_count(1234567) == "1,234,567"
    assert units.percent(0.1234) == "12.3 %"
    assert units.percent(1e-6) == "below 0.1 %"
    assert units.percent(0) == "0.0 %"
