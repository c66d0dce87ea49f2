# SPDX-License-Identifier: MIT
"""Which stage computes what when, on a network that costs nothing."""

from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from ddl_analysis.style import BLUE, GREEN, GREY, ORANGE, legend_above, new_figure
from ddl_analysis.units import human_time, percent, share_of, time_unit

_TICKS_MAX = 20  # of stages
PASSES = {
    "forward": (BLUE, "forward"),
    "backward": (GREEN, "backward"),
    "backward_weights": (ORANGE, "backward, weights alone"),
    "optimizer": (GREY, "optimizer"),
}
_LABEL_SHARE = 0.012  # of the width, below which a pass's micro-batch is not written into it


def idle_shares(described):
    """By stage: the share of the iteration in which it computes nothing."""
    passes = described.first_iteration()
    whole = passes["end_ns"].max()
    busy = (passes["end_ns"] - passes["begin_ns"]).groupby(passes["stage"]).sum()
    return {int(stage): 1 - share_of(time, whole) for stage, time in busy.items()}


def draw(described):
    """The figure: a row per stage."""
    passes = described.first_iteration()
    whole = passes["end_ns"].max()
    factor, unit = time_unit(whole)
    idle = idle_shares(described)
    stages = described.stages()
    most = max(idle, key=idle.get)
    subtitle = f"{human_time(whole)} on a network that costs nothing; stage {most} idles most: "
    height = 1.5 + 0.36 * min(len(stages), 40)
    subtitle += percent(idle[most])
    figure = new_figure(11, height, "Pipeline of the first iteration", subtitle)
    axes = figure.add_subplot()
    for stage, rows in passes.groupby("stage", sort=True):
        _draw_stage(axes, stage, rows, factor, whole)
    axes.set_xlim(0, whole / factor)
    axes.set_ylim(max(stages) + 0.6, min(stages) - 0.6)
    if len(stages) <= _TICKS_MAX:
        axes.set_yticks(stages)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(_TICKS_MAX, integer=True))
    axes.set_ylabel("stage")
    axes.set_xlabel(f"time [{unit}]")
    axes.grid(axis="y", visible=False)
    used = [name for name in PASSES if (passes["pass"] == name).any()]
    legend_above(axes, [Patch(color=PASSES[name][0], label=PASSES[name][1]) for name in used])
    return figure


def _draw_stage(axes, stage, rows, factor, whole):
    for name, (color, _) in PASSES.items():
        own = rows[rows["pass"] == name]
        lengths = own["end_ns"] - own["begin_ns"]
        spans = list(zip(own["begin_ns"] / factor, lengths / factor))
        axes.broken_barh(spans, (stage - 0.4, 0.8), color=color, edgecolor="white", linewidth=0.4)
        if name == "optimizer":
            continue
        for begin, length, batch in zip(own["begin_ns"], lengths, own["micro_batch"]):
            if length < _LABEL_SHARE * whole:
                continue
            middle = (begin + length / 2) / factor
            text = f"{batch:.0f}"
            axes.text(middle, stage, text, ha="center", va="center", fontsize=6.5, color="white")
