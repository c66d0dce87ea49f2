# SPDX-License-Identifier: MIT
"""Rate of each flow and length of the longest queue over time, of one run or of several."""

import numpy
from matplotlib.ticker import MaxNLocator

from ddl_analysis.style import BLACK, LIGHT_GREY, SERIES, new_figure, note_figure, plain

TITLE = "Rate and queue over time"
FLOWS_MAX = 16  # more are left out of the panels
WINDOW_SAMPLES = 10  # throughput is averaged over so many


def label_of(run):
    """What tells runs apart: the congestion control."""
    return plain(run.summary.get("congestion_control") or run.folder.name)


def throughput(flows):
    """Acknowledged Gb/s: a row per sample time, a column per flow, averaged over ten samples.

    A flow that has no row at some time had nothing under way.
    """
    keys = ["src_host", "dst_host", "channel"]
    table = flows.pivot_table(
        index="time_ns", columns=keys, values="acknowledged_bytes", aggfunc="sum", sort=True
    ).fillna(0.0)
    elapsed_ns = numpy.diff(table.index.to_numpy(), prepend=0.0)
    elapsed = table.iloc[:, 0] * 0 + elapsed_ns
    window = {"window": WINDOW_SAMPLES, "min_periods": 1}
    return table.rolling(**window).sum().mul(8).div(elapsed.rolling(**window).sum(), axis=0)


def set_rate(flows):
    """The rate that congestion control sets, in the same form; empty where it never changes."""
    keys = ["src_host", "dst_host", "channel"]
    known = flows[flows["rate_gbps"].notna()]
    if known.empty or known["rate_gbps"].nunique() == 1:
        return None
    return known.pivot_table(index="time_ns", columns=keys, values="rate_gbps", sort=True)


def longest_queue(queues, times_ns):
    """Bytes at each of the times of the queue that is longest on average; 0 where it is empty."""
    if queues.empty:
        return "no queue", numpy.zeros(len(times_ns))
    total = queues.groupby(["node", "port", "peer"], sort=True)["queued_bytes"].sum()
    node, port, peer = total.idxmax()
    is_it = (queues["node"] == node) & (queues["port"] == port) & (queues["peer"] == peer)
    chosen = queues[is_it].set_index("time_ns")["queued_bytes"]
    return f"{node} \u2192 {peer}", chosen.reindex(times_ns, fill_value=0.0).to_numpy()


def has_samples(run):
    """Whether the run was sampled, and something was seen."""
    return not run.table("flow-samples.csv").empty


def draw(run):
    """The figure of one run."""
    return draw_runs([run])


def draw_runs(runs):
    """The figure: a row per run, its flows' rates on the left and its longest queue on the right."""
    runs = [run for run in runs if has_samples(run)]
    if not runs:
        return note_figure(TITLE, "No samples: run with --sample-interval.")
    figure = new_figure(11, 1.5 + 1.55 * len(runs), TITLE, runs[0].title())
    rows = figure.subplots(len(runs), 2, sharex=True, squeeze=False)
    for axes, run in zip(rows, runs):
        times_ns = _draw_rates(axes[0], run)
        _draw_queue(axes[1], run, times_ns)
    note = "throughput of each flow; behind it in grey, the rate that is set"
    rows[0][0].set_title(note, fontsize=8.5, fontweight="normal")
    for axes in rows[-1]:
        axes.set_xlabel("time [ms]")
    return figure


def _draw_rates(axes, run):
    flows = run.table("flow-samples.csv")
    rates = throughput(flows)
    times_ms = rates.index.to_numpy() / 1e6
    limits = set_rate(flows)
    top = float(numpy.nanmax(rates.to_numpy()))
    if limits is not None:
        for column in limits.columns[:FLOWS_MAX]:
            axes.plot(limits.index.to_numpy() / 1e6, limits[column], color=LIGHT_GREY, linewidth=0.8)
    for number, column in enumerate(rates.columns[:FLOWS_MAX]):
        color = SERIES[number % len(SERIES)]
        axes.plot(times_ms, rates[column], color=color, linewidth=0.9)
    axes.set_ylim(0, 1.15 * top if top > 0 else 1)
    axes.set_ylabel(f"{label_of(run)}\n[Gb/s]")
    axes.yaxis.set_major_locator(MaxNLocator(4))
    return rates.index.to_numpy()


def _draw_queue(axes, run, times_ns):
    name, queued_bytes = longest_queue(run.table("queue-samples.csv"), times_ns)
    axes.fill_between(times_ns / 1e6, queued_bytes / 1e3, color=LIGHT_GREY, linewidth=0)
    axes.plot(times_ns / 1e6, queued_bytes / 1e3, color=BLACK, linewidth=0.8)
    # A start at line rate fills the buffer once; what matters is where the queue settles.
    late = queued_bytes[len(queued_bytes) // 4 :]
    top = 1.3 * float(late.max()) / 1e3 if len(late) and late.max() > 0 else 1
    axes.set_ylim(0, top)
    peak = float(queued_bytes.max()) / 1e3 if len(queued_bytes) else 0
    cut = f", at most {peak:,.0f} KB" if peak > top else ""
    axes.set_title(plain(name) + cut, fontsize=8.5, fontweight="normal")
    axes.set_ylabel("queue [KB]")
    axes.yaxis.set_major_locator(MaxNLocator(4))
