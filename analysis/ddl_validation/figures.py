# SPDX-License-Identifier: MIT
"""Measured and simulated times by table, and how the errors are spread."""

import numpy
from matplotlib.ticker import FuncFormatter, NullFormatter

from ddl_analysis.style import (BLACK, BLUE, GREEN, GREY, VERMILLION, legend_above, new_figure,
                                note_figure, percent_formatter, plain)
from ddl_analysis.units import human_size, human_time

from ddl_validation.cases import SIZE_CLASSES, size_class
from ddl_validation.comparison import by_table

_COLUMNS = 4
_PANELS_MAX = 40
_ROWS_MIN = 3  # of a table, for a panel of its own
_COLOURS = dict(zip(SIZE_CLASSES, (BLUE, GREEN, VERMILLION)))


def _size_axis(axes):
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: human_size(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _panel(axes, name, rows):
    rows = sorted(rows, key=lambda row: row.case.size_bytes)
    sizes = [row.case.size_bytes for row in rows]
    axes.plot(sizes, [1e3 * row.case.published_us for row in rows], "o", color=BLACK,
              markersize=4, label="measured")
    axes.plot(sizes, [1e3 * row.outcome.time_us for row in rows], "-", color=BLUE,
              label="simulated")
    axes.plot(sizes, [1e3 * row.outcome.model_us for row in rows], ":", color=GREY,
              label="closed formula")
    _size_axis(axes)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: human_time(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_title(plain(name), fontsize=8)
    axes.tick_params(labelsize=7)
    axes.locator_params(axis="x", numticks=5)


def draw_times(rows):
    """A panel per table: time against size."""
    tables = [(name, found) for name, found in by_table(rows).items() if len(found) >= _ROWS_MIN]
    if not tables:
        return note_figure("Measured and simulated", f"No table has {_ROWS_MIN} rows.")
    shown = tables[:_PANELS_MAX]
    columns = min(_COLUMNS, len(shown))
    lines = -(-len(shown) // columns)
    subtitle = "time of the collective against its size"
    if len(shown) < len(tables):
        subtitle += f"; the first {len(shown)} of {len(tables)} tables"
    figure = new_figure(max(6.4, 3.2 * columns), 1.0 + 2.4 * lines, "Measured and simulated",
                        subtitle)
    for place, (name, found) in enumerate(shown):
        _panel(figure.add_subplot(lines, columns, place + 1), name, found)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper right", ncol=3)
    return figure


def error_curve(rows, end):
    """(errors, shares of the rows with no larger one), as a curve from 0 to `end`."""
    errors = numpy.sort(numpy.abs([row.relative_error for row in rows]))
    shares = numpy.arange(1, len(errors) + 1) / len(errors)
    return numpy.array([0.0, *errors, end]), numpy.array([0.0, *shares, 1.0])


def draw_errors(rows):
    """Simulated over measured against size, and the distribution of the errors."""
    if not rows:
        return note_figure("Errors", "Nothing was simulated.")
    figure = new_figure(10, 4.2, "Errors of the simulated time",
                        f"{len(rows)} measurements; above 1: simulated slower than measured")
    ratios, spread = figure.add_subplot(1, 2, 1), figure.add_subplot(1, 2, 2)
    end = 1.02 * max(abs(row.relative_error) for row in rows)
    for name in SIZE_CLASSES:
        found = [row for row in rows if size_class(row.case.size_bytes) == name]
        if not found:
            continue
        ratios.plot([row.case.size_bytes for row in found],
                    [1 + row.relative_error for row in found], "o",
                    color=_COLOURS[name], markersize=3.5, alpha=0.6)
        spread.step(*error_curve(found, end), where="post", color=_COLOURS[name], label=name)
    ratios.axhline(1, color=GREY, linewidth=1)
    _size_axis(ratios)
    ratios.set_yscale("log", base=2)
    ratios.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ratios.set_xlabel("size")
    ratios.set_ylabel("simulated / measured")
    spread.set_xlabel("|relative error|")
    spread.set_ylabel("share of the measurements")
    spread.set_xlim(left=0)
    spread.set_ylim(0, 1.02)
    spread.xaxis.set_major_formatter(percent_formatter())
    legend_above(spread)
    return figure
