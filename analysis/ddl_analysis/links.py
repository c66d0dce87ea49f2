# SPDX-License-Identifier: MIT
"""Links: which were busiest, and how evenly the network was used."""

import re

import numpy

from ddl_analysis.style import BLUE, LINES, SERIES, legend_above, new_figure, note_figure
from ddl_analysis.style import percent_formatter, plain
from ddl_analysis.units import human_size, percent

TITLE = "Links: utilisation"
BARS_MAX = 16
CLASSES_MAX = 6


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


def distribution(utilisation):
    """(utilisation, share of links at or below it) as steps that begin at (0, 0)."""
    values = numpy.sort(numpy.asarray(utilisation, float))
    shares = numpy.arange(1, len(values) + 1) / len(values)
    return numpy.concatenate([[0.0], values]), numpy.concatenate([[0.0], shares])


def draw(run):
    """The figure."""
    links = with_classes(run.table("links.csv"))
    if links.empty:
        return note_figure(TITLE, "No link was observed: links.csv has no rows.")
    shown = busiest(links)
    figure = new_figure(11, max(4.2, 1.9 + 0.24 * len(shown)), TITLE, run.title())
    left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [1, 1.1]})
    _draw_bars(left, shown, len(links))
    _draw_distribution(right, links)
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


def _draw_distribution(axes, links):
    totals = links.groupby("link_class", sort=True)["utilisation_share"].max()
    order = totals.sort_values(ascending=False, kind="stable").index
    for link_class, colour, line in zip(order[:CLASSES_MAX], SERIES, LINES):
        values = links.loc[links["link_class"] == link_class, "utilisation_share"]
        x, y = distribution(values)
        label = f"{plain(link_class)} ({len(values):,})"
        axes.plot(
            numpy.append(x, 1.0),
            numpy.append(y, 1.0),
            drawstyle="steps-post",
            color=colour,
            linestyle=line,
            label=label,
        )
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.xaxis.set_major_formatter(percent_formatter())
    axes.yaxis.set_major_formatter(percent_formatter())
    axes.set_xlabel("utilisation, by kind of link")
    axes.set_ylabel("share of links at or below")
    legend_above(axes, columns=2)
