# SPDX-License-Identifier: MIT
"""Iterations of training: simulated over measured, by table."""

from matplotlib.lines import Line2D

from ddl_analysis.style import BLUE, GREY, VERMILLION, new_figure, plain

_LINE_IN = 0.28


def draw_iterations(rows):
    """A line per table, a point per case; the grey band is 10 % to either side."""
    tables = {}
    for row in rows:
        tables.setdefault(row.case.table, []).append(row)
    figure = new_figure(8, 1.8 + _LINE_IN * len(tables), "Iteration times of training",
                        f"simulated / measured, {len(rows)} runs")
    axes = figure.add_subplot(1, 1, 1)
    axes.axvspan(0.9, 1.1, color=GREY, alpha=0.25, linewidth=0)
    axes.axvline(1, color=GREY, linewidth=1)
    for line, found in enumerate(tables.values()):
        for is_packets, colour in ((False, BLUE), (True, VERMILLION)):
            ratios = [1 + row.relative_error for row in found
                      if row.outcome.is_packet_level == is_packets]
            axes.plot(ratios, [line] * len(ratios), "o", color=colour, markersize=4, alpha=0.5)
    axes.set_yticks(range(len(tables)), [f"{plain(name)} ({len(found)})"
                                         for name, found in tables.items()], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("simulated / measured time of an iteration")
    names = {False: "closed formulas", True: "packets"}
    shown = sorted({row.outcome.is_packet_level for row in rows})
    figure.legend([Line2D([], [], marker="o", linestyle="", color=VERMILLION if kind else BLUE)
                   for kind in shown], [names[kind] for kind in shown], loc="upper right")
    return figure
