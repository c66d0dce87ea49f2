# SPDX-License-Identifier: MIT
"""The network itself: hosts, switches and links of a topology.json (docs/topologies.md)."""

import json
import math
import re
from typing import NamedTuple

import numpy
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch
from matplotlib.patheffects import withStroke

from ddl_analysis.results import BadResults
from ddl_analysis.style import BLUE, GREY, LIGHT_GREY, ORANGE, new_figure, note_figure, plain
from ddl_analysis.topology_layout import GRIDS, LAYERED, layout, owner

FILE_BYTES_MAX = 512 << 20
NODES_MAX = 5000
HOST_LABELS_MAX = 48
SWITCH_LABELS_MAX = 100
ROW_LABELS_MAX = 20
RATES_IN_LEGEND = 4
LONG_DELAY_FACTOR = 10  # a link that is longer than the median by this is dashed


class Link(NamedTuple):
    """A link with its faster way's rate and its longer way's delay."""

    a: str
    b: str
    rate_gbps: float
    delay_ns: float


class Network:
    """A network that was read from a file."""

    def __init__(self, path):
        raw = _read(path)
        try:
            self.kind = raw["topology"].split(":")[0]
            self.description = raw["description"]
            links = [_link(link) for link in raw["links"]]
            hosts = [node["name"] for node in raw["nodes"] if node["kind"] == "host"]
            shown = _between_hosts(hosts, links)
            if not shown:  # a host alone: by the shape of what is in it
                self.kind = "file"
                shown = {node["name"] for node in raw["nodes"]}
            self.names = [node["name"] for node in raw["nodes"] if node["name"] in shown]
            self.hosts = [name for name in hosts if name in shown]
            self.links = [link for link in links if link.a in shown]
            self.host_set = set(self.hosts)
            self.switches = [name for name in self.names if name not in self.host_set]
            self.neighbours = _neighbours(self.links)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadResults(f"{path}: is no description of a network ({error!r})") from error
        self._index = {name: i for i, name in enumerate(self.names)}

    def position_of(self, name):
        """The number of a node in the file."""
        return self._index[name]


def _read(path):
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise BadResults(f"{path}: is larger than {FILE_BYTES_MAX >> 20} MiB")
        return json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise BadResults(f"{path}: is no JSON ({error})") from error


def _neighbours(links):
    neighbours = {}
    for link in links:
        neighbours.setdefault(link.a, []).append(link.b)
        neighbours.setdefault(link.b, []).append(link.a)
    return neighbours


def _between_hosts(hosts, links):
    """The nodes of the network between hosts: not the GPUs, nor what joins them within a host."""
    neighbours = _neighbours(links)
    queue = [name for name in hosts if "/gpu-" not in name and not name.endswith("/engine")]
    shown = set(queue)
    for name in queue:
        for other in neighbours[name]:
            if other not in shown:
                shown.add(other)
                queue.append(other)
    return shown


def _link(raw):
    back = raw.get("back", raw)
    rate = max(float(raw["rate_gbps"]), float(back["rate_gbps"]))
    return Link(raw["a"], raw["b"], rate, max(float(raw["delay_ns"]), float(back["delay_ns"])))


def widths(network):
    """Of each link, by its rate beside the fastest; thinner where there are many."""
    rates = numpy.array([link.rate_gbps for link in network.links])
    most = 1.7 if len(rates) <= 400 else 1.0
    return 0.3 + most * numpy.sqrt(rates / rates.max())


def draw(network):
    """The figure."""
    title = "Network: " + plain(network.kind)
    if len(network.names) > NODES_MAX:
        note = f"{len(network.names):,} nodes are too many to draw; {NODES_MAX:,} are not."
        return note_figure(title, note)
    positions = layout(network)
    points = numpy.array([positions[name] for name in network.names])
    span = numpy.maximum(points.max(axis=0) - points.min(axis=0), 1e-9)
    width = 11.0 if span[0] >= span[1] or len(points) > 60 else 8.5
    height = min(9.0, max(3.2, width * 0.92 * span[1] / max(span[0], 1e-9) + 1.6))
    figure = new_figure(width, height, title, network.description)
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_aspect("equal" if network.kind not in LAYERED else "auto")
    axes.margins(0.06, 0.12)
    _draw_hosts_of_nics(axes, network, positions)
    _draw_links(axes, network, positions)
    _draw_nodes(axes, network, positions)
    _draw_legend(axes, network)
    return figure


def _paths(network, positions):
    """The way of each link: straight, but around where a torus closes, and apart where several join
    the same nodes."""
    seen, total = {}, {}
    for link in network.links:
        total[link.a, link.b] = total.get((link.a, link.b), 0) + 1
    paths = []
    for link in network.links:
        ends = link.a, link.b
        number = seen[ends] = seen.get(ends, -1) + 1
        bow = 0.07 * (number - (total[ends] - 1) / 2)
        if network.kind in GRIDS and _wraps(network, link):
            bow -= 0.3 if network.kind == "torus2d" else 0.11
        paths.append(_arc(numpy.array(positions[link.a]), numpy.array(positions[link.b]), bow))
    return paths


def _arc(a, b, bow):
    if bow == 0:
        return numpy.array([a, b])
    along = numpy.linspace(0, 1, 25)[:, None]
    across = numpy.array([-(b - a)[1], (b - a)[0]])
    if across[0] + across[1] < 0:
        across = -across
    return a + along * (b - a) + bow * numpy.sin(numpy.pi * along) * across


def _wraps(network, link):
    """Whether it joins switches that are further than one apart in a dimension."""
    if link.a in network.host_set or link.b in network.host_set:
        return False
    ends = [[int(part) for part in name.split("-")[1:]] for name in (link.a, link.b)]
    return any(abs(x - y) > 1 for x, y in zip(*ends))


def _draw_links(axes, network, positions):
    median_ns = numpy.median([link.delay_ns for link in network.links])
    is_long = [link.delay_ns >= LONG_DELAY_FACTOR * median_ns for link in network.links]
    alpha = max(0.12, 0.8 * min(1.0, math.sqrt(300 / len(network.links))))
    paths, thickness = _paths(network, positions), widths(network)
    for wanted, line in ((False, "-"), (True, (0, (4, 2)))):
        chosen = [i for i, long in enumerate(is_long) if long == wanted]
        if not chosen:
            continue
        look = {"colors": GREY, "linestyles": [line], "alpha": alpha, "zorder": 2}
        axes.add_collection(
            LineCollection([paths[i] for i in chosen], linewidths=thickness[chosen], **look)
        )


def _draw_hosts_of_nics(axes, network, positions):
    """A box around the NICs of each host that has several."""
    nics = {}
    for name in network.hosts:
        nics.setdefault(owner(name), []).append(positions[name])
    boxes = []
    for places in nics.values():
        if len(places) < 2 or network.kind not in LAYERED:
            continue
        left, right = min(x for x, _ in places), max(x for x, _ in places)
        look = "round,pad=0.22,rounding_size=0.22"
        boxes.append(FancyBboxPatch((left, places[0][1]), right - left, 0, boxstyle=look))
    axes.add_collection(PatchCollection(boxes, facecolor=LIGHT_GREY, edgecolor="none", zorder=1))


def _draw_nodes(axes, network, positions):
    count = len(network.names)
    size = 130 if count <= 60 else max(6, 130 * 60 / count)
    for names, marker, color, scale in (
        (network.hosts, "o", BLUE, 0.6),
        (network.switches, "s", ORANGE, 1.25),
    ):
        if names:
            at = numpy.array([positions[name] for name in names])
            look = {"color": color, "edgecolor": "white", "linewidth": 0.6, "zorder": 3}
            axes.scatter(at[:, 0], at[:, 1], s=size * scale, marker=marker, **look)
    if len(network.switches) <= SWITCH_LABELS_MAX:
        is_crowded = _is_crowded(positions, network.switches)
        for name in network.switches:
            if network.kind in LAYERED and is_crowded[round(positions[name][1], 6)]:
                continue
            _label(axes, network, positions, name, 7)
    if len(network.hosts) <= HOST_LABELS_MAX:
        for name in network.hosts:
            _label(axes, network, positions, name, 6)


def _short(network, name):
    """A name without what all nodes of its kind have in common."""
    if network.kind == "file":
        return name
    if network.kind == "wan" and name not in network.host_set:
        site, part = name.split("/")
        return site if part in ("border", "switch-0") else part
    name = re.sub("^host-", "", name).replace("/nic-", ".")
    return re.sub("^(switch|router)-", "", name) if network.kind not in LAYERED else name


def _is_crowded(positions, names):
    """{y: whether so many names would stand side by side that they cover one another}."""
    rows = {}
    for name in names:
        rows.setdefault(round(positions[name][1], 6), []).append(name)
    return {y: len(row) > ROW_LABELS_MAX for y, row in rows.items()}


def _label(axes, network, positions, name, size):
    below = name in network.host_set or network.kind in GRIDS
    text = _short(network, name)
    axes.annotate(
        plain(text if len(text) <= 18 else text[:15] + "..."),
        positions[name],
        xytext=(0, -6 if below else 7),
        textcoords="offset points",
        ha="center",
        va="top" if below else "bottom",
        fontsize=size,
        color="#333333",
        path_effects=[withStroke(linewidth=2.2, foreground="white")],
        zorder=4,
    )


def _rate_text(rate_gbps):
    return f"{rate_gbps / 1000:g} Tb/s" if rate_gbps >= 1000 else f"{rate_gbps:g} Gb/s"


def _draw_legend(axes, network):
    look = {"linewidth": 0, "markersize": 7, "markeredgecolor": "white"}
    host_text = f"{len(network.hosts):,} hosts"
    if any("/nic-" in name for name in network.hosts):
        host_text = f"{len(network.hosts):,} NICs of {len(set(map(owner, network.hosts))):,} hosts"
    handles = [Line2D([], [], label=host_text, color=BLUE, marker="o", **look)]
    if network.switches:
        count = len(network.switches)
        text = f"{count:,} switch" + ("" if count == 1 else "es")
        handles.append(Line2D([], [], label=text, color=ORANGE, marker="s", **look))
    by_rate = {}
    for link, width in zip(network.links, widths(network)):
        by_rate.setdefault(link.rate_gbps, [width, 0])[1] += 1
    shown = sorted(by_rate.items(), reverse=True)
    for rate, (width, count) in shown[:RATES_IN_LEGEND]:
        text = f"{count:,} link{'' if count == 1 else 's'} of {_rate_text(rate)}"
        handles.append(Line2D([], [], label=text, color=GREY, linewidth=width))
    if len(shown) > RATES_IN_LEGEND:
        text = f"{len(shown) - RATES_IN_LEGEND} slower rates"
        handles.append(Line2D([], [], label=text, color=GREY, linewidth=0.5))
    median_ns = numpy.median([link.delay_ns for link in network.links])
    long_ns = max(link.delay_ns for link in network.links)
    if long_ns >= LONG_DELAY_FACTOR * median_ns:
        text = f"{long_ns / 1e6:g} ms" if long_ns >= 1e6 else f"{long_ns / 1e3:g} us"
        look = {"color": GREY, "linewidth": 1.2, "linestyle": (0, (4, 2))}
        handles.append(Line2D([], [], label=f"long links, up to {text}", **look))
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.01), "columnspacing": 1.6}
    axes.legend(handles=handles, ncol=len(handles), **place)
