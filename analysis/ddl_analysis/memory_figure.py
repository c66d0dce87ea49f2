# SPDX-License-Identifier: MIT
"""Memory of pipeline stages over the first iteration, by what it holds."""

import numpy
from matplotlib.ticker import MaxNLocator

from ddl_analysis.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, YELLOW
from ddl_analysis.style import legend_above, new_figure
from ddl_analysis.units import significant, time_unit
from ddl_analysis.workload_tables import KINDS

STAGES_MAX = 4  # a page shows no more
_FAR_BELOW = 0.5  # of the capacity
COLORS = dict(
    zip(KINDS, (GREY, BLUE, SKY, PURPLE, YELLOW, VERMILLION, GREEN, BLACK, ORANGE))
)


def chosen_stages(described):
    """The first, the last, the fullest, and others from the front, at most four."""
    stages = described.stages()
    chosen = dict.fromkeys([described.fullest_stage(), stages[0], stages[-1], *stages])
    return sorted(list(chosen)[:STAGES_MAX])


def shown_kinds(described):
    """The kinds that any stage has any of."""
    table = described.memory_over_time
    return [kind for kind in KINDS if table[f"{kind}_bytes"].max() > 0]


def capacity_of(described):
    """Bytes of one GPU."""
    return described.memory["capacity_bytes"].max()


def shown_limit(described):
    """Up to which the panels go: beyond the capacity, unless the peak lies far below it."""
    peak, capacity = described.memory["peak_bytes"].max(), capacity_of(described)
    return 1.08 * (peak if peak < _FAR_BELOW * capacity else max(peak, capacity))


def draw(described):
    """The figure: a panel per stage, kinds stacked, a line at the GPU's capacity."""
    stages = chosen_stages(described)
    height = 1.6 + 1.9 * len(stages)
    figure = new_figure(10, height, "Memory of a GPU over time", _subtitle(described))
    panels = figure.subplots(len(stages), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    factor, unit = time_unit(described.memory_over_time["time_ns"].max())
    limit = shown_limit(described)
    for axes, stage in zip(panels, stages):
        _draw_stage(axes, described, stage, factor)
        line = {"color": BLACK, "linewidth": 1.0, "linestyle": (0, (4, 2))}
        axes.axhline(capacity_of(described) / 1e9, **line)
        axes.set_ylabel(f"stage {stage}\n[GB]")
        axes.yaxis.set_major_locator(MaxNLocator(5))
    panels[0].set_ylim(0, limit / 1e9)
    last_ns = described.memory_over_time["time_ns"].max()
    panels[0].set_xlim(0, last_ns / factor)
    panels[-1].set_xlabel(f"time on a network that costs nothing [{unit}]")
    legend_above(panels[0], columns=5)
    return figure


def _draw_stage(axes, described, stage, factor):
    table = described.memory_over_time
    rows = table[table["stage"] == stage]
    kinds = shown_kinds(described)
    # What a stage holds last it holds until all of them are done.
    times_ns = numpy.append(rows["time_ns"].to_numpy(), table["time_ns"].max())
    axes.stackplot(
        times_ns / factor,
        *[_extended(rows[f"{kind}_bytes"].to_numpy()) / 1e9 for kind in kinds],
        labels=[kind.replace("_", " ") for kind in kinds],
        colors=[COLORS[kind] for kind in kinds],
        step="post",
        linewidth=0,
    )


def _extended(values):
    return numpy.append(values, values[-1])


def _subtitle(described):
    stage = described.fullest_stage()
    row = described.memory[described.memory["stage"] == stage].iloc[0]
    peak, capacity = row["peak_bytes"] / 1e9, row["capacity_bytes"] / 1e9
    verdict = "fits into" if peak <= capacity else "exceeds"
    text = f"The peak, {significant(peak)} GB at stage {stage}, {verdict} the "
    text += f"{significant(capacity)} GB of the GPU"
    return text + (" (dashed)" if shown_limit(described) > row["capacity_bytes"] else "")
