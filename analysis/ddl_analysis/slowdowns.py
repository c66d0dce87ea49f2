# SPDX-License-Identifier: MIT
"""Slowdown of flows against their size, the form in which flow completion is published."""

import numpy
import pandas
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from ddl_analysis.style import BLACK, BLUE, GREEN, MARKERS, VERMILLION
from ddl_analysis.style import legend_above, new_figure, note_figure, plain
from ddl_analysis.units import human_count, significant

TITLE = "Flows: slowdown by flow size"
WORKLOAD = "workload"
BINS_MAX = 20  # each a twentieth of the flows, as in the figures of HPCC (SIGCOMM 2019)
FLOWS_PER_BIN_MIN = 20
PERCENTILES = (
    (50, "median", GREEN),
    (95, "95th percentile", BLUE),
    (99, "99th percentile", VERMILLION),
)
_PANELS_MAX = 3
_LABELS_MAX = 10


def kinds(flows):
    """[(name, rows)] of what is drawn: each traffic, those of many sizes first, or the workload
    where there is none."""
    flows = flows[flows["slowdown"].notna()]
    found = [(name, rows) for name, rows in flows.groupby("traffic", sort=True) if name != WORKLOAD]
    found.sort(key=lambda kind: _has_one_size(kind[1]))
    return found[:_PANELS_MAX] or ([(WORKLOAD, flows)] if not flows.empty else [])


def bins(flows):
    """A row per bin of (nearly) equal numbers of flows, the smallest sizes first: count, low and
    high size, and the slowdown's percentiles."""
    ordered = flows.sort_values("size_bytes", kind="stable")
    sizes, slowdowns = ordered["size_bytes"].to_numpy(), ordered["slowdown"].to_numpy()
    count = max(1, min(BINS_MAX, len(sizes) // FLOWS_PER_BIN_MIN))
    if len(sizes) and _has_one_size(flows):
        count = 1
    rows = []
    for part in numpy.array_split(numpy.arange(len(sizes)), count):
        if part.size == 0:
            continue
        values = numpy.percentile(slowdowns[part], [percent for percent, _, _ in PERCENTILES])
        rows.append([part.size, sizes[part[0]], sizes[part[-1]], *values])
    names = [f"p{percent}" for percent, _, _ in PERCENTILES]
    return pandas.DataFrame(rows, columns=["count", "low_bytes", "high_bytes", *names])


def size_label(size_bytes):
    """1.5 MB: published figures count sizes in powers of ten."""
    for factor, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if size_bytes >= factor:
            text = significant(size_bytes / factor, 2)
            return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {name}"
    return f"{size_bytes:.0f} B"


def draw(run):
    """The figure."""
    found = kinds(run.table("flows.csv"))
    if not found:
        return note_figure(TITLE, "flows.csv has no rows: no flow has completed, or --flow-rows left them out.")
    if found[0][0] == WORKLOAD and _has_one_size(found[0][1]):
        return note_figure(TITLE, "All messages have one size: flow_completion has their slowdown.")
    widths = [1.8 if _has_one_size(rows) else 6.0 for _, rows in found]
    figure = new_figure(max(8.5, sum(widths) + 1), 4.4, TITLE, run.title())
    grid = figure.add_gridspec(1, len(found), width_ratios=widths)
    panels = [figure.add_subplot(grid[0, column]) for column in range(len(found))]
    tables = [bins(rows) for _, rows in found]
    highest = max(float(table[f"p{PERCENTILES[-1][0]}"].max()) for table in tables)
    for axes, (name, _), table in zip(panels, found, tables):
        _draw_panel(axes, name, table)
        axes.set_ylim(0.9, 1.2 * max(highest, 2.0))
    panels[0].set_ylabel("slowdown (time / time alone on the network)")
    legend_above(panels[0], columns=3)
    return figure


def _has_one_size(rows):
    return rows["size_bytes"].min() == rows["size_bytes"].max()


def _draw_panel(axes, name, table):
    # The middle of a bin's share of the flows: every bin is as wide as the flows in it are many.
    ends = table["count"].cumsum().to_numpy() / float(table["count"].sum())
    middles = ends - table["count"].to_numpy() / float(table["count"].sum()) / 2
    for (percent, label, colour), marker in zip(PERCENTILES, MARKERS):
        axes.plot(
            middles, table[f"p{percent}"], color=colour, marker=marker, markersize=5, label=label
        )
    axes.axhline(1.0, color=BLACK, linewidth=1, linestyle=(0, (2, 2)))
    axes.set_xlim(0, 1)
    step = -(-len(table) // _LABELS_MAX)
    shown = numpy.arange(len(table))[step - 1 :: step]
    one_size = table["low_bytes"].iloc[0] == table["high_bytes"].iloc[-1]
    axes.set_xticks([0.5] if one_size else ends[shown])
    labels = [size_label(size) for size in table["high_bytes"].iloc[shown]]
    axes.set_xticklabels(labels, rotation=40, ha="right", rotation_mode="anchor")
    count = human_count(table["count"].sum())
    share = "" if len(table) == 1 else f"; each point is {100 / len(table):.3g} % of them"
    axes.set_xlabel(plain(f"{name}: size of {count} flows{share}"))
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
