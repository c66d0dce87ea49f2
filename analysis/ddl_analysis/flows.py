# SPDX-License-Identifier: MIT
"""Flows: completion times and slowdowns by size class."""

import numpy
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from ddl_analysis.style import BLACK, LINES, SERIES, legend_above, new_figure, note_figure
from ddl_analysis.style import percent_formatter
from ddl_analysis.units import time_unit

TITLE = "Flows: completion time and slowdown"
POINTS_MAX = 2000

_KIB, _MIB = 2**10, 2**20
# (upper end in bytes, name)
SIZE_CLASSES = (
    (4 * _KIB, "up to 4 KiB"),
    (64 * _KIB, "4 to 64 KiB"),
    (_MIB, "64 KiB to 1 MiB"),
    (16 * _MIB, "1 to 16 MiB"),
    (float("inf"), "above 16 MiB"),
)


def by_size_class(flows):
    """[(name, rows)] of the size classes that have rows."""
    result, low = [], -1.0
    for high, name in SIZE_CLASSES:
        rows = flows[(flows["size_bytes"] > low) & (flows["size_bytes"] <= high)]
        if not rows.empty:
            result.append((name, rows))
        low = high
    return result


def cdf(values, points_max=POINTS_MAX):
    """(value, share at or below) as steps, thinned evenly; the largest value stays."""
    values = numpy.sort(numpy.asarray(values, float))
    values = values[~numpy.isnan(values)]
    if values.size == 0:
        return values, values
    picked = numpy.arange(values.size)
    if values.size > points_max:
        picked = numpy.linspace(0, values.size - 1, points_max).round().astype(int)
    x, y = values[picked], (picked + 1) / values.size
    return numpy.concatenate([x[:1], x]), numpy.concatenate([[0.0], y])


def ccdf(values, points_max=POINTS_MAX):
    """(value, share of values at or above it), the smallest value first."""
    x, y = cdf(values, points_max)
    count = int(numpy.count_nonzero(~numpy.isnan(numpy.asarray(values, float))))
    return x[1:], 1.0 - y[1:] + 1.0 / max(count, 1)


def draw(run):
    """The figure."""
    flows = run.table("flows.csv")
    if flows.empty:
        return note_figure(TITLE, "flows.csv has no rows: no flow has completed, or --flow-rows left them out.")
    factor, unit = time_unit(float(flows["fct_ns"].quantile(0.5)))
    figure = new_figure(11, 4.4, TITLE, run.title())
    left, right = figure.subplots(1, 2)
    for (name, rows), colour, line in zip(by_size_class(flows), SERIES, LINES):
        label = f"{name} ({len(rows):,})"
        look = {"drawstyle": "steps-post", "color": colour, "linestyle": line, "label": label}
        left.plot(*cdf(rows["fct_ns"] / factor), **look)
        right.plot(*ccdf(rows["slowdown"]), **{**look, "drawstyle": "steps-pre"})
    left.set_xlabel(f"flow completion time ({unit})")
    left.set_ylabel("share of flows at or below")
    left.set_ylim(0, 1.02)
    left.yaxis.set_major_formatter(percent_formatter())
    _value_axis(left, flows["fct_ns"] / factor)
    _slowdown_axes(right, flows["slowdown"])
    legend_above(left, columns=3)
    return figure


def _value_axis(axes, values):
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low > 8:
        axes.set_xscale("log")
        # Up to two decades there is room for the numbers between the powers of ten.
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < 100 else (1,)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())


def _slowdown_axes(axes, slowdowns):
    axes.set_xlabel("slowdown (completion time / time alone on an idle path)")
    axes.set_ylabel("share of flows at or above")
    if slowdowns.notna().any():
        _value_axis(axes, slowdowns)
        if axes.get_xscale() == "linear":  # hundredths must not look like much
            excess = max(float(slowdowns.max()) - 1.0, 0.1)
            axes.set_xlim(min(1.0, float(slowdowns.min())) - 0.03 * excess, 1.0 + 1.05 * excess)
        axes.set_yscale("log")
        axes.set_ylim(0.5 / len(slowdowns), 1.5)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))
    axes.axvline(1.0, color=BLACK, linewidth=1, linestyle=(0, (2, 2)))
    axes.annotate(
        "ideal",
        (1.0, 0.02),
        xycoords=("data", "axes fraction"),
        xytext=(4, 0),
        textcoords="offset points",
        fontsize=8,
    )
