# SPDX-License-Identifier: MIT
"""Collectives: bus bandwidth beside the bound of the hosts' links, and where their time went."""

import numpy
import pandas
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ddl_analysis.style import BLUE, GREY, MARKERS, ORANGE, SERIES, VERMILLION, legend_above
from ddl_analysis.style import new_figure, note_figure, plain
from ddl_analysis.units import distinct_sizes, human_size, time_unit

TITLE = "Collectives: bandwidth and where the time went"
BARS_MAX = 12
NAMED_MAX = 7  # kinds in the legend

_KEYS = ["collective", "algorithm", "ranks", "size_bytes"]


def groups(collectives):
    """One row per kind, algorithm, ranks and size: counts, means in ns, busbw in GB/s.

    wait_ns is the time before the last rank began, excess_ns what is left beyond wait and bound.
    bound_busbw is the bus bandwidth that the bound would give. Longest total time first.
    """
    table = collectives.copy()
    table["wait_ns"] = table["ready_ns"] - table["start_ns"]
    table["bound_busbw"] = _bound_busbw(table)
    grouped = table.groupby(_KEYS, sort=True)
    result = grouped.agg(
        count=("time_ns", "size"),
        time_ns=("time_ns", "mean"),
        total_ns=("time_ns", "sum"),
        wait_ns=("wait_ns", "mean"),
        bound_ns=("bound_ns", "mean"),
        busbw=("busbw_gbytes_per_s", "median"),
        busbw_low=("busbw_gbytes_per_s", "min"),
        busbw_high=("busbw_gbytes_per_s", "max"),
        bound_busbw=("bound_busbw", "median"),
    ).reset_index()
    result["excess_ns"] = (result["time_ns"] - result["wait_ns"] - result["bound_ns"]).clip(lower=0)
    return result.sort_values("total_ns", ascending=False, kind="stable").reset_index(drop=True)


def _bound_busbw(table):
    is_bounded = table["bound_ns"] > 0
    ratio = table["time_ns"].where(is_bounded) / table["bound_ns"].where(is_bounded)
    return table["busbw_gbytes_per_s"] * ratio


def draw(run):
    """The figure."""
    collectives = run.table("collectives.csv")
    if collectives.empty:
        return note_figure(TITLE, "No collective completed: collectives.csv has no rows.")
    found = groups(collectives)
    bars = found.head(BARS_MAX)
    figure = new_figure(12, max(4.2, 2.2 + 0.36 * len(bars)), TITLE, run.title())
    left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1.3, 1]})
    _draw_bandwidth(left, found[found["busbw"].notna()])
    _draw_parts(right, bars, len(found))
    return figure


def _draw_bandwidth(axes, found):
    axes.set_xlabel("size (as nccl-tests counts it)")
    axes.set_ylabel("bus bandwidth (GB/s)")
    if found.empty:
        axes.text(0.5, 0.5, "no collective moved bytes", transform=axes.transAxes, ha="center")
        return
    kinds = sorted(set(zip(found["algorithm"], found["ranks"])))
    colours = {kind: SERIES[i % len(SERIES)] for i, kind in enumerate(kinds)}
    markers = dict(zip(sorted(found["collective"].unique()), MARKERS * 2))
    handles = []
    for (collective, algorithm, ranks), series in found.groupby(_KEYS[:3], sort=True):
        series = series.sort_values("size_bytes")
        colour, marker = colours[algorithm, ranks], markers[collective]
        sizes = series["size_bytes"].to_numpy()
        spread = [series["busbw"] - series["busbw_low"], series["busbw_high"] - series["busbw"]]
        axes.plot(sizes, series["bound_busbw"], color=colour, linestyle=(0, (2, 2)), linewidth=1.2)
        axes.scatter(sizes, series["bound_busbw"], marker="_", s=160, color=colour, linewidth=1.6)
        axes.errorbar(
            sizes,
            series["busbw"],
            yerr=numpy.array(spread),
            color=colour,
            marker=marker,
            markersize=7,
            markeredgecolor="white",
            capsize=3,
            elinewidth=1.2,
        )
        name = plain(f"{collective} {algorithm}, {ranks:.0f} ranks")
        handles.append(Line2D([], [], color=colour, marker=marker, label=name))
    if len(handles) > NAMED_MAX:
        more = f"... and {len(handles) - NAMED_MAX} more kinds"
        handles = handles[:NAMED_MAX] + [Line2D([], [], linewidth=0, label=more)]
    handles += [
        Line2D([], [], color=GREY, linestyle=(0, (2, 2)), marker="_", markersize=11, label="bound")
    ]
    if (found["busbw_high"] > found["busbw_low"]).any():
        whisker = {"color": GREY, "linewidth": 0, "marker": "|", "markersize": 11}
        handles.append(Line2D([], [], label="lowest to highest of a size", **whisker))
    legend_above(axes, handles, columns=2 if len(handles) > 3 else 3)
    axes.set_ylim(0, 1.12 * float(found[["busbw_high", "bound_busbw"]].max().max()))
    _size_axis(axes, found["size_bytes"])


def _size_axis(axes, sizes):
    axes.set_xscale("log", base=2)
    low, high = float(sizes.min()), float(sizes.max())
    axes.set_xlim(low / 2, high * 2)
    first, last = int(numpy.floor(numpy.log2(low))) - 1, int(numpy.ceil(numpy.log2(high))) + 1
    step = max(1, -(-(last - first) // 6))
    axes.xaxis.set_major_locator(FixedLocator([2.0**e for e in range(first, last + 1, step)]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: human_size(value)))


def bar_label(group, size):
    """all_reduce ring, 16 ranks, 27 MiB (x 11)"""
    kind = plain(f"{group.collective} {group.algorithm}, {group.ranks:.0f} ranks")
    return f"{kind}\n{size} (\u00d7 {group.count:,.0f})"


def _draw_parts(axes, bars, group_count):
    factor, unit = time_unit(float(bars["time_ns"].max()))
    rows = numpy.arange(len(bars))
    left = numpy.zeros(len(bars))
    parts = (
        ("wait_ns", "waiting for late ranks", ORANGE),
        ("bound_ns", "bound", BLUE),
        ("excess_ns", "beyond the bound", VERMILLION),
    )
    for column, name, colour in parts:
        widths = bars[column].to_numpy() / factor
        axes.barh(rows, widths, left=left, height=0.62, color=colour, label=name)
        left += widths
    axes.set_yticks(rows)
    sizes = distinct_sizes(bars["size_bytes"].tolist())
    labels = [bar_label(group, size) for group, size in zip(bars.itertuples(), sizes)]
    axes.set_yticklabels(labels, fontsize=8)
    axes.set_ylim(max(len(bars), 3) - 0.4, -0.6)
    axes.set_xlim(0, 1.05 * float(left.max()) if left.max() > 0 else 1)
    more = f", the {len(bars)} kinds with the most of it of {group_count}"
    axes.set_xlabel(f"mean time ({unit}){more if group_count > len(bars) else ''}")
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    legend_above(axes, columns=3, side="right")


def worst_share(collectives):
    """The row of groups() farthest from its bound among those that moved bytes, or None."""
    found = groups(collectives)
    found = found[(found["bound_ns"] > 0) & (found["time_ns"] > 0) & (found["size_bytes"] > 0)]
    if found.empty:
        return None
    shares = found["bound_ns"] / found["time_ns"]
    worst = found.loc[shares.idxmin()].copy()
    worst["bound_share"] = shares.min()
    return worst if isinstance(worst, pandas.Series) else None
