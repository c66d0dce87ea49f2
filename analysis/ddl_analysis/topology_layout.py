# SPDX-License-Identifier: MIT
"""Where the nodes of a network go on paper: {name: (x, y)}, the same for the same network."""

import math
import re

import numpy

LAYERED = ("fattree", "leafspine", "rail", "star", "tree")
GRIDS = ("torus2d", "torus3d", "mesh2d")
LAYER_HEIGHT = 0.28  # of the width
SPRING_NODES_MAX = 1500
SPRING_ROUNDS = 150


def layout(network):
    """Positions by the kind of topology; what a file describes goes by the shape of its graph."""
    if network.kind in LAYERED:
        return layered(network)
    if network.kind in GRIDS:
        direction = math.pi / 4 if network.kind != "torus3d" else 0.82 * math.pi
        return with_hosts(network, grid(network.switches), 0.32, direction)
    if network.kind == "dragonfly":
        return with_hosts(network, groups(network.switches), 0.09)
    if network.kind == "hypercube":
        return with_hosts(network, hypercube(network.switches), 0.25)
    if network.kind == "wan":
        return sites(network)
    if network.kind in ("ring", "fullmesh"):
        return with_hosts(network, circle(network.switches), 0.16)
    if not network.switches:
        return {name: (float(i), 0.0) for i, name in enumerate(network.hosts)}
    if is_layered(network) and len(set(levels(network).values())) > 2:
        return layered(network)
    return springs(network)


def levels(network):
    """{name: links to the nearest host}: hosts 0, their switches 1 and so on."""
    level = {name: 0 for name in network.hosts}
    queue = list(network.hosts)
    for name in queue:
        for other in network.neighbours[name]:
            if other not in level:
                level[other] = level[name] + 1
                queue.append(other)
    top = max(level.values(), default=0)
    return {name: level.get(name, top + 1) for name in network.names}


def is_layered(network):
    """Whether every link joins neighbouring levels."""
    level = levels(network)
    return all(abs(level[link.a] - level[link.b]) == 1 for link in network.links)


def owner(name):
    """The host of a NIC: "host-3" of "host-3/nic-1"."""
    return name.split("/nic-")[0]


def switch_order(network):
    """Hosts in the order of their switches, so that links do not cross; NICs of one host stay
    together."""
    nearest = {}
    for name in network.hosts:
        nearest.setdefault(owner(name), network.position_of(network.neighbours[name][0]))
    order = {name: i for i, name in enumerate(network.hosts)}
    return sorted(network.hosts, key=lambda n: (nearest[owner(n)], order[n]))


def layered(network):
    """Hosts below, each level of switches above the one before, spread over the same width."""
    level = levels(network)
    rows = {}
    for name in network.names:
        rows.setdefault(level[name], []).append(name)
    rows[0] = switch_order(network)
    positions, x, previous = {}, 0.0, None
    for name in rows[0]:
        if previous is not None:
            # The NICs of a host stand together.
            x += 1.0 if owner(name) != owner(previous) else 0.45
        positions[name] = (x, 0.0)
        previous = name
    width = max(x, 1.0)
    for height, row in sorted(rows.items()):
        if height == 0:
            continue
        row = by_children(network, row, positions)
        step = width / len(row)
        for i, name in enumerate(row):
            positions[name] = ((i + 0.5) * step, height * width * LAYER_HEIGHT)
    return positions


def by_children(network, row, positions):
    """A row in the order of the middles of what hangs below; ties stay in the order of names."""

    def middle(name):
        below = [positions[n][0] for n in network.neighbours[name] if n in positions]
        return round(sum(below) / len(below), 6) if below else 0.0

    return sorted(row, key=middle)


def numbers(name):
    """The numbers in a name."""
    return [int(text) for text in re.findall(r"\d+", name)]


def grid(switches):
    """X of "switch-X-Y" and "switch-X-Y-Z" goes right, Y down, Z backwards, aslant."""
    coordinates = {name: numbers(name) for name in switches}
    depth = max((c[2] for c in coordinates.values() if len(c) > 2), default=0) + 1
    positions = {}
    for name, at in coordinates.items():
        behind = at[2] if len(at) > 2 else 0
        scale = 1.0 + 0.9 * (depth - 1)
        positions[name] = (scale * at[0] + 0.75 * behind, -scale * at[1] + 0.55 * behind)
    return positions


def circle(names, radius=1.0, centre=(0.0, 0.0), start=math.pi / 2):
    """Clockwise from the top."""
    if len(names) == 1:
        return {names[0]: centre}
    angles = [start - 2 * math.pi * i / len(names) for i in range(len(names))]
    return {
        name: (centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a))
        for name, a in zip(names, angles)
    }


def groups(switches):
    """"router-GROUP-I": a circle of circles."""
    members = {}
    for name in switches:
        members.setdefault(numbers(name)[0], []).append(name)
    centres = circle(list(members))
    if len(members) <= 2:
        centres = {group: (1.4 * i, 0.0) for i, group in enumerate(members)}
    radius = min(0.5, 0.62 * math.pi / max(len(members), 2))
    positions = {}
    for group, names in members.items():
        centre = centres[group]
        outwards = math.atan2(centre[1], centre[0]) if len(members) > 2 else math.pi / 2
        positions.update(circle(names, 0.62 * radius, centre, outwards))
    return positions


def hypercube(switches):
    """Each dimension is a direction of its own; edges of a dimension are parallel."""
    bits = max(1, (len(switches) - 1).bit_length())
    positions = {}
    for name in switches:
        number, x, y = numbers(name)[0], 0.0, 0.0
        for bit in range(bits):
            if number >> bit & 1:
                length = 1.0 if bit < 2 else 0.48 + 0.9 * (bit - 2)
                angle = (0.0, math.pi / 2)[bit] if bit < 2 else math.radians(24 + 31 * (bit - 2))
                x += length * math.cos(angle) * (1.0 if bit < 3 else 1.6)
                y += length * math.sin(angle) * (1.0 if bit < 3 else 1.1)
        positions[name] = (x, y)
    return positions


def sites(network):
    """Each site is a set of rings around its gateway: switches by level, hosts outside."""
    members = {}
    for name in network.switches:
        members.setdefault(name.split("/")[0], []).append(name)
    centres = circle(list(members), 1.0)
    if len(members) == 2:
        centres = {site: (2.4 * i, 0.0) for i, site in enumerate(members)}
    level = levels(network)
    radius = 0.85 if len(members) <= 2 else 0.8 * math.sin(math.pi / len(members))
    positions = {}
    for site, names in members.items():
        top = max(level[name] for name in names)
        for height in range(top, 0, -1):
            row = [name for name in names if level[name] == height]
            positions.update(circle(row, radius * (top - height) / top, centres[site]))
        hosts = [h for h in network.hosts if network.neighbours[h][0] in names]
        start = math.pi / 2 + math.pi * (1 / max(1, level_count(names, level, 1)) - 1 / len(hosts))
        positions.update(circle(hosts, radius, centres[site], start))
    return positions


def level_count(names, level, height):
    """How many of the names are on a level."""
    return sum(1 for name in names if level[name] == height)


def with_hosts(network, positions, distance, direction=None):
    """Hosts beside their switches: away from the middle, or all in one direction."""
    positions = dict(positions)
    middle = numpy.mean([positions[name] for name in network.switches], axis=0)
    for switch in network.switches:
        hosts = [n for n in network.neighbours[switch] if n in network.host_set]
        x, y = positions[switch]
        outwards = math.atan2(y - middle[1], x - middle[0]) if direction is None else direction
        spread = min(math.pi / 7, math.pi * 1.2 / max(len(hosts), 1))
        for i, host in enumerate(hosts):
            angle = outwards + spread * (i - (len(hosts) - 1) / 2)
            positions[host] = (x + distance * math.cos(angle), y + distance * math.sin(angle))
    return positions


def springs(network):
    """Links draw together, nodes push apart (Fruchterman and Reingold, 1991), from a circle."""
    names = network.names
    positions = numpy.array(list(circle(names).values()))
    if len(names) > SPRING_NODES_MAX:
        return dict(zip(names, map(tuple, positions)))
    index = {name: i for i, name in enumerate(names)}
    ends = numpy.array([(index[link.a], index[link.b]) for link in network.links])
    ideal = 1.6 / math.sqrt(len(names))
    for step in range(SPRING_ROUNDS):
        apart = positions[:, None, :] - positions[None, :, :]
        distance = numpy.maximum(numpy.linalg.norm(apart, axis=2), 1e-6)
        moves = (apart * (ideal**2 / distance**2)[:, :, None]).sum(axis=1)
        along = positions[ends[:, 0]] - positions[ends[:, 1]]
        pull = along * (numpy.linalg.norm(along, axis=1) / ideal)[:, None]
        numpy.add.at(moves, ends[:, 0], -pull)
        numpy.add.at(moves, ends[:, 1], pull)
        length = numpy.maximum(numpy.linalg.norm(moves, axis=1), 1e-9)
        heat = 0.12 * (1 - step / SPRING_ROUNDS)
        positions += moves / length[:, None] * numpy.minimum(length, heat)[:, None]
    return dict(zip(names, map(tuple, positions)))
