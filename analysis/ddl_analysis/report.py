# SPDX-License-Identifier: MIT
"""report.md: what the figures say, in words."""

from ddl_analysis import collectives as collective_figures
from ddl_analysis import links as link_figures
from ddl_analysis.style import write_whole
from ddl_analysis.units import human_count, human_size, human_time, percent, share_of

TITLE_SIZE_MAX = 400  # a page wraps its title: the plan of a run stands in it whole
_PARTS = (
    ("compute_time_ns", "compute"),
    ("exposed_communication_ns", "exposed communication"),
    ("idle_time_ns", "idle time"),
)


def write_report(run, figures):
    """Writes RESULT_DIR/report.md; returns its path."""
    text = render(run, figures)
    return write_whole(run.folder / "report.md", text.encode("utf-8"))


def render(run, figures):
    """The page as Markdown."""
    lines = [f"# {_inline(run.title(TITLE_SIZE_MAX)) or 'A run'}", ""]
    lines += [f"- {finding}" for finding in findings(run)]
    for name in figures:
        lines += ["", f"![{name.replace('_', ' ')}](figures/{name}.png)"]
    return "\n".join(lines) + "\n"


def findings(run):
    """One sentence or two each, the most important first."""
    found = []
    if not run.is_finished:
        found.append(_status(run))
    if run.summary["ranks"] > 0:  # else a run of traffic alone
        found += [_iteration(run), *_ranks(run), *_collectives(run)]
    found += _links(run)
    found += [_losses(run), *_flows(run)]
    for name in run.missing:
        found.append(f"{name} is missing in this folder: what it would tell is left out.")
    return found


def _status(run):
    waiting = run.summary.get("waiting_operations") or 0
    status = run.summary["status"]
    verb = "stalled" if status == "stalled" else f"was {_inline(status)}"
    text = f"**The run {verb}**: everything below covers only the"
    text += f" {human_time(run.summary['simulated_time_ns'])} that were simulated."
    if waiting:
        text += f" {human_count(waiting)} operations were still waiting; summary.json names them."
    return text


def _iteration(run):
    whole = run.summary["iteration_time_ns"]
    if whole <= 0:
        return "No time passed: no operation completed."
    parts = [(run.summary[key], name) for key, name in _PARTS]
    largest = max(parts, key=lambda part: part[0])
    what = "One iteration" if run.is_finished else "What was simulated"
    text = f"{what} took **{human_time(whole)}**, dominated by **{largest[1]}**: "
    text += ", ".join(
        f"{name} {human_time(time)} ({percent(share_of(time, whole))})" for time, name in parts
    ) + " (means over the ranks)."
    waiting = run.summary["pipeline_wait_ns"]
    if waiting > 0:
        text += f" Of the exposed communication {human_time(waiting)}"
        text += f" ({percent(share_of(waiting, whole))} of the iteration) was waiting for other"
        text += " pipeline stages."
    return text


def _ranks(run):
    ranks = run.table("ranks.csv")
    if not run.is_finished or len(ranks) < 2 or ranks["end_ns"].max() <= 0:
        return []
    first, last = ranks["end_ns"].min(), ranks["end_ns"].max()
    slowest = ranks.loc[ranks["compute_ns"].idxmax()]
    mean = ranks["compute_ns"].mean()
    text = f"The ranks ended within {human_time(last - first)} of each other."
    if mean > 0 and slowest["compute_ns"] > 1.02 * mean:
        text += f" Rank {slowest['rank']:.0f} computed longest, "
        text += f"{percent(slowest['compute_ns'] / mean - 1)} above the mean."
    return [text]


def _collectives(run):
    table = run.table("collectives.csv")
    if table.empty:
        return ["No collective completed."]
    longest = collective_figures.groups(table).iloc[0]
    found = [
        f"{human_count(len(table))} collectives completed. Most time went into {_kind(longest)}: "
        f"{human_count(longest['count'])} of them, {human_time(longest['time_ns'])} each (median)"
        + (f", bus bandwidth {longest['busbw']:.1f} GB/s." if longest["busbw"] > 0 else ".")
    ]
    worst = collective_figures.worst_share(table)
    if worst is not None:
        found.append(
            f"Farthest from what the hosts' own links allow is {_kind(worst)}: it reaches "
            f"**{percent(worst['bound_share'])}** of it ({human_time(worst['time_ns'])}, the bound "
            f"is {human_time(worst['bound_ns'])}; {human_time(worst['wait_ns'])} of that was "
            "waiting for late ranks)."
        )
    return found


def _kind(group):
    return _inline(
        f"{group['collective']} ({group['algorithm']}, {group['ranks']:.0f} ranks, "
        f"{human_size(group['size_bytes'])})"
    )


def _links(run):
    table = link_figures.with_classes(run.table("links.csv"))
    if table.empty:
        return ["No link was observed."]
    top = link_figures.busiest(table, 1).iloc[0]
    name = _inline(f"{top['source']} \u2192 {top['destination']}")
    share = top["utilisation_share"]
    text = f"The busiest link is {name}: in use **{percent(share)}** of the time"
    peers = table[table["link_class"] == top["link_class"]]
    mean = peers["utilisation_share"].mean()
    text += f"; the {human_count(len(peers))} links of its kind ({_inline(top['link_class'])}) "
    text += f"were in use {percent(mean)} on average."
    return [text] + _uneven(table)


def _uneven(links):
    kinds = link_figures.kinds(links)
    is_uneven = (kinds["high"] > 0.1) & (kinds["high"] > 2 * kinds["mean"])
    kinds = kinds[is_uneven & (kinds["count"] > 1)]
    if kinds.empty:
        return []
    worst = kinds.loc[(kinds["high"] / kinds["mean"]).idxmax()]
    return [
        f"The load is uneven among the {human_count(worst['count'])} links of the kind "
        f"{_inline(worst['link_class'])}: the busiest is in use {percent(worst['high'])} of the "
        f"time, the mean is {percent(worst['mean'])}. The traffic or the path selection uses few "
        "of them."
    ]


def _losses(run):
    summary = run.summary
    packets, again = summary["data_packets"], summary["retransmitted_packets"]
    if again == 0 and summary["drops"] == 0 and summary["lost_packets"] == 0:
        text = f"None of {human_count(packets)} data packets was dropped, lost or retransmitted"
    else:
        text = f"Of {human_count(packets)} data packets {human_count(again)} were retransmissions "
        text += f"({percent(share_of(again, packets))}): {human_count(summary['drops'])} frames "
        text += "were dropped at full buffers, "
        text += f"{human_count(summary['lost_packets'])} lost on links"
    return text + f"; {human_count(summary['ecn_marked_packets'])} were ECN-marked."


def _flows(run):
    found = []
    for name, rows in run.table("flows.csv").groupby("traffic", sort=True):
        slowdown = rows["slowdown"].dropna()
        if slowdown.empty:
            continue
        half, most = slowdown.quantile(0.5), slowdown.quantile(0.99)
        found.append(
            f"Half of the {human_count(len(slowdown))} flows ({_inline(name)}) took at most "
            f"{half:.2f} times their time on an idle path, 99 % at most {most:.2f} times; the "
            f"slowest {slowdown.max():.2f} times."
        )
    return found


def _inline(text):
    """A name from a file as Markdown: one line, nothing in it formats, links or embeds."""
    text = " ".join(str(text).split())
    return "".join("\\" + c if c in "\\`*_[]<>#|!" else c for c in text)
