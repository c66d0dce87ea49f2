# SPDX-License-Identifier: MIT
"""Timeline: what each rank did when, and what all of them did together."""

import dataclasses

import numpy
from matplotlib.patches import Patch

from ddl_analysis import intervals
from ddl_analysis.style import BLUE, LIGHT_GREY, ORANGE, SKY, VERMILLION, legend_above
from ddl_analysis.style import new_figure, note_figure
from ddl_analysis.units import time_unit

TITLE = "Timeline: what the ranks did when"
ROWS_MAX = 32  # more ranks than this are sampled evenly
SEPARATED_MAX = 150  # operations of a row that are told apart by a white line each
BINS = 500
COMPUTE, BOTH, EXPOSED = "compute only", "compute + communication", "exposed communication"
STAGE_WAIT, IDLE = "waiting for other pipeline stages", "idle"
# Disjoint: here waiting for a stage is no part of exposed communication.
COLOURS = {COMPUTE: BLUE, BOTH: SKY, EXPOSED: VERMILLION, STAGE_WAIT: ORANGE, IDLE: LIGHT_GREY}

_COMPUTE_TYPES = ("compute", "memory_load", "memory_store")
_PIPELINE_GROUP = "pp"


@dataclasses.dataclass
class RankActivity:
    """Disjoint, ordered intervals in ns, as (starts, ends), and where operations began."""

    rank: int
    compute: tuple
    communication: tuple
    stage_receives: tuple  # messages of other pipeline stages awaited
    other_communication: tuple  # what is no message between pipeline stages
    compute_begins: numpy.ndarray
    communication_begins: numpy.ndarray

    def exposed(self):
        """Communication without compute to hide it, waiting for stages apart."""
        alone = intervals.subtract(*self.communication, *self.compute)
        return intervals.subtract(*alone, *self.stage_wait())

    def stage_wait(self):
        """Another stage's message awaited, and neither compute nor other communication."""
        alone = intervals.subtract(*self.stage_receives, *self.compute)
        return intervals.subtract(*alone, *self.other_communication)


def activities(operations):
    """A RankActivity per rank of operations.csv, by rank."""
    is_compute = operations["type"].isin(_COMPUTE_TYPES).to_numpy()
    types, groups = operations["type"].to_numpy(), operations["group"].to_numpy()
    is_message = (types == "send") | (types == "receive")
    is_of_stages = is_message & (groups == _PIPELINE_GROUP)
    ranks = operations["rank"].to_numpy().astype(int)
    starts, ends = operations["start_ns"].to_numpy(), operations["end_ns"].to_numpy()
    order = numpy.argsort(ranks, kind="stable")
    found, firsts = numpy.unique(ranks[order], return_index=True)
    result = []
    for rank, rows in zip(found, numpy.split(order, firsts[1:])):
        compute, other = rows[is_compute[rows]], rows[~is_compute[rows]]
        received = other[is_of_stages[other] & (types[other] == "receive")]
        no_stages = other[~is_of_stages[other]]
        result.append(
            RankActivity(
                int(rank),
                intervals.merge(starts[compute], ends[compute]),
                intervals.merge(starts[other], ends[other]),
                intervals.merge(starts[received], ends[received]),
                intervals.merge(starts[no_stages], ends[no_stages]),
                numpy.unique(starts[compute]),
                numpy.unique(starts[other]),
            )
        )
    return result


def last_end(ranks):
    """When the last interval ends, 0 where there is none."""
    ends = [float(e[-1]) for a in ranks for _, e in (a.compute, a.communication) if len(e)]
    return max(ends, default=0.0)


def sampled(ranks, rows_max=ROWS_MAX):
    """At most `rows_max` of them, evenly spread, first and last included."""
    if len(ranks) <= rows_max:
        return ranks
    return [ranks[i] for i in numpy.linspace(0, len(ranks) - 1, rows_max).round().astype(int)]


def state_shares(ranks, end_ns, bins=BINS):
    """(edges, {state: share of the ranks per bin}): the shares of a bin add up to 1."""
    edges = numpy.linspace(0.0, end_ns, bins + 1)
    totals = {state: numpy.zeros(bins) for state in COLOURS}
    for activity in ranks:
        compute = intervals.coverage(*activity.compute, edges)
        communication = intervals.coverage(*activity.communication, edges)
        exposed = intervals.coverage(*activity.exposed(), edges)
        waiting = intervals.coverage(*activity.stage_wait(), edges)
        both = communication - exposed - waiting
        totals[COMPUTE] += compute - both
        totals[BOTH] += both
        totals[EXPOSED] += exposed
        totals[STAGE_WAIT] += waiting
    width = end_ns / bins * max(len(ranks), 1)
    shares = {state: numpy.clip(total / width, 0, 1) for state, total in totals.items()}
    shares[IDLE] = numpy.zeros(bins)
    shares[IDLE] = numpy.clip(1 - sum(shares.values()), 0, 1)
    return edges, shares


def draw(run):
    """The figure."""
    ranks = activities(run.table("operations.csv"))
    if not ranks:
        return note_figure(TITLE, "No operation completed: operations.csv has no rows.")
    end_ns = last_end(ranks)
    if end_ns <= 0:
        return note_figure(TITLE, "All operations completed at time 0: there is nothing to draw.")
    shown = sampled(ranks)
    factor, unit = time_unit(end_ns)
    rows_height_in = max(1.6, 0.2 * len(shown) + 0.7)
    figure = new_figure(10, 2.6 + rows_height_in, TITLE, run.title())
    top, bottom = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": [1.5, rows_height_in]}
    )
    _draw_shares(top, ranks, end_ns, factor)
    _draw_rows(bottom, shown, end_ns, factor)
    label = f"ranks ({len(shown)} of {len(ranks)})" if len(shown) < len(ranks) else "rank"
    bottom.set_ylabel(label)
    suffix = ""
    if not run.is_finished:
        suffix = f" - run {run.summary['status']}; what had not ended is not drawn"
    bottom.set_xlabel(f"simulated time ({unit}){suffix}")
    bottom.set_xlim(0, end_ns / factor)
    return figure


def _draw_shares(axes, ranks, end_ns, factor):
    edges, shares = state_shares(ranks, end_ns)
    middles = (edges[:-1] + edges[1:]) / 2 / factor
    # Without a pipeline its colour would only be a riddle in the legend.
    states = [state for state in COLOURS if state != STAGE_WAIT or shares[state].any()]
    colours = [COLOURS[state] for state in states]
    axes.stackplot(middles, *[100 * shares[s] for s in states], colors=colours, linewidth=0)
    axes.set_ylim(0, 100)
    axes.set_ylabel("share of all\nranks (%)")
    axes.grid(False)
    legend_above(axes, [Patch(color=COLOURS[s], label=s) for s in states], columns=5)


def _draw_rows(axes, ranks, end_ns, factor):
    # Gaps that a pixel cannot show only make the file larger.
    gap = end_ns / 5000
    for row, activity in enumerate(ranks):
        bars = (
            (activity.compute, row - 0.42, COLOURS[COMPUTE]),
            (activity.communication, row + 0.02, COLOURS[BOTH]),
            (activity.exposed(), row + 0.02, COLOURS[EXPOSED]),
            (activity.stage_wait(), row + 0.02, COLOURS[STAGE_WAIT]),
        )
        for (starts, ends), y, colour in bars:
            starts, ends = intervals.merge(starts, ends, gap)
            spans = list(zip(starts / factor, (ends - starts) / factor))
            axes.broken_barh(spans, (y, 0.4), facecolors=colour, linewidth=0)
        for begins, y in (
            (activity.compute_begins, row - 0.42),
            (activity.communication_begins, row + 0.02),
        ):
            if len(begins) <= SEPARATED_MAX:
                axes.vlines(begins / factor, y, y + 0.4, color="white", linewidth=0.6)
    axes.set_ylim(len(ranks) - 0.4, -0.6)
    step = 1 if len(ranks) <= 16 else 2
    axes.set_yticks(range(0, len(ranks), step))
    axes.set_yticklabels([str(a.rank) for a in ranks[::step]])
    axes.grid(axis="y", visible=False)
    axes.tick_params(axis="y", length=0)
    axes.text(
        1.0,
        1.0,
        "upper half of a row: compute, lower half: communication; white lines: an operation begins",
        transform=axes.transAxes,
        ha="right",
        va="bottom",
        fontsize=8,
        color="#555555",
    )
