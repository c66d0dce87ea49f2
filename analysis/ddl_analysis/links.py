# SPDX-License-Identifier: MIT
"""Links: which were busiest, and how evenly the network was used."""

import re

import numpy
from matplotlib.lines import Line2D

from ddl_analysis.style import BLUE, SKY, VERMILLION, legend_above, new_figure, note_figure
from ddl_analysis.style import percent_formatter, plain
from ddl_analysis.units import human_size, percent

TITLE = "Links: utilisation"
BARS_MAX = 16
KINDS_MAX = 12
DOTS_MAX = 400  # more links of a kind than this are drawn as a range alone


def kind_of(node):
    """The kind of a node by its name: "leaf" of "leaf-3", "edge" of "edge-1-0"."""
    return re.sub(r"[-_.]?\d[\d._-]*$", "", node) or node


def with_classes(links):
    """links.csv with a column `link_class`: "host \u2192 leaf"."""
    table = links[links["utilisation_share"].notna()].copy()
    table["link_class"] = [
        f"{kind_of(a)} \u2192 {kind_of(b)}" for a, b in zip(table["source"], table["destination"])
    ]
    return table


def busiest(links, count=BARS_MAX):
    """The links of the highest utilisation, ties in the order of the file."""
    return links.sort_values("utilisation_share", ascending=False, kind="stable").head(count)


def kinds(links):
    """One row per kind of link: count, minimum, quartiles, maximum, mean. Highest mean first."""
    grouped = links.groupby("link_class", sort=True)["utilisation_share"]
    result = grouped.agg(
        count="size",
        low="min",
        quarter=lambda v: v.quantile(0.25),
        three_quarters=lambda v: v.quantile(0.75),
        high="max",
        mean="mean",
    ).reset_index()
    return result.sort_values("mean", ascending=False, kind="stable").reset_index(drop=True)


def draw(run):
    """The figure."""
    links = with_classes(run.table("links.csv"))
    if links.empty:
        return note_figure(TITLE, "No link was observed: links.csv has no rows.")
    shown = busiest(links)
    figure = new_figure(11, max(4.2, 1.9 + 0.24 * len(shown)), TITLE, run.title())
    left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1, 1.1]})
    _draw_bars(left, shown, len(links))
    _draw_kinds(right, links)
    return figure


def _draw_bars(axes, shown, link_count):
    rows = numpy.arange(len(shown))
    shares = shown["utilisation_share"].to_numpy()
    axes.barh(rows, shares, height=0.7, color=BLUE)
    for row, link in enumerate(shown.itertuples()):
        text = f"{percent(link.utilisation_share)}, {human_size(link.bytes)}"
        is_inside = link.utilisation_share > 0.55
        axes.text(
            link.utilisation_share + (-0.01 if is_inside else 0.01),
            row,
            text,
            va="center",
            ha="right" if is_inside else "left",
            fontsize=7.5,
            color="white" if is_inside else "black",
        )
    axes.set_yticks(rows)
    names = [plain(f"{a} \u2192 {b}") for a, b in zip(shown["source"], shown["destination"])]
    axes.set_yticklabels([n if len(n) <= 44 else n[:41] + "..." for n in names], fontsize=8)
    axes.set_ylim(max(len(shown), 3) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(percent_formatter())
    axes.set_xlabel("utilisation (share of the simulated time in use)")
    axes.set_title(f"The {len(shown)} busiest of {link_count:,} (each direction counted)")
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)


def _draw_kinds(axes, links):
    found = kinds(links)
    shown = found.head(KINDS_MAX)
    for row, kind in enumerate(shown.itertuples()):
        axes.plot([kind.low, kind.high], [row, row], color=SKY, linewidth=1.5, zorder=2)
        axes.plot(
            [kind.quarter, kind.three_quarters],
            [row, row],
            color=SKY,
            linewidth=9,
            solid_capstyle="butt",
            zorder=2,
        )
        values = links.loc[links["link_class"] == kind.link_class, "utilisation_share"].to_numpy()
        if len(values) <= DOTS_MAX:
            heights = row + _spread(len(values))
            axes.scatter(values, heights, s=12, color=BLUE, alpha=0.5, linewidth=0, zorder=3)
        look = {"marker": "D", "s": 42, "color": VERMILLION, "edgecolor": "white", "zorder": 4}
        axes.scatter([kind.mean], [row], **look)
    axes.set_yticks(range(len(shown)))
    axes.set_yticklabels([f"{plain(k.link_class)}\n{k.count:,} links" for k in shown.itertuples()])
    axes.set_ylim(max(len(shown), 3) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.xaxis.set_major_formatter(percent_formatter())
    of_all = f" ({len(shown)} of {len(found)} kinds)" if len(found) > len(shown) else ""
    axes.set_xlabel(f"utilisation by kind of link{of_all}")
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    legend_above(axes, _legend_of_kinds(), columns=4)


def _spread(count):
    """Heights that keep equal values apart, the same in every run."""
    return 0.5 * ((numpy.arange(count) * 0.618034) % 1.0 - 0.5)


def _legend_of_kinds():
    dot = {"color": BLUE, "linewidth": 0, "marker": "o", "markersize": 4, "alpha": 0.6}
    mean = {"color": VERMILLION, "linewidth": 0, "marker": "D", "markeredgecolor": "white"}
    return [
        Line2D([], [], label="a link", **dot),
        Line2D([], [], label="mean", **mean),
        Line2D([], [], label="middle half", color=SKY, linewidth=8),
        Line2D([], [], label="lowest to highest", color=SKY, linewidth=1.5),
    ]
