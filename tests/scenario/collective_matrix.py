# SPDX-License-Identifier: MIT
"""Runs of one collective, and what must hold of each whatever the network: it ends, takes no less
than its physical bound, and what each rank needs of the others' data has arrived."""

import math
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from scenario_run import ROOT, results, summary, table

TWO_RACKS = f"file:{ROOT / 'scenarios' / 'topologies' / 'two-racks.yaml'}"

# Every builder; the fat-tree and the sites of a wan in their kinds.
TOPOLOGIES = [
    "fattree", "fattree --levels=2", "fattree --oversubscription=2", "leafspine", "rail",
    "dragonfly", "torus2d", "torus3d", "mesh2d", "ring", "tree --fanout=2", "star", "fullmesh",
    "hypercube", "wan --wan-delay=20us", "wan --site=leafspine --wan-delay=20us",
]

ALGORITHMS = {
    "all_reduce": ["auto", "ring", "halving_doubling", "tree", "direct", "double_binary_tree",
                   "two_shot", "hierarchical"],
    "all_gather": ["ring", "halving_doubling", "direct", "bruck", "pat", "hierarchical"],
    "reduce_scatter": ["ring", "halving_doubling", "direct", "pat", "hierarchical"],
    "all_to_all": ["direct", "bruck", "hierarchical"],
    "broadcast": ["tree", "ring", "halving_doubling"],
    "reduce": ["tree", "ring", "halving_doubling"],
    "gather": ["direct", "tree"],
    "scatter": ["direct", "tree"],
    "barrier": ["dissemination", "tree"],
    "sendrecv": ["auto"],
}
ALL_CASES = [(name, algorithm) for name, all_of in ALGORITHMS.items() for algorithm in all_of]
# On hosts of one GPU, of which none shares a node.
FLAT_CASES = [case for case in ALL_CASES if case[1] != "hierarchical"]
# As a user runs them who chooses nothing.
PLAIN_CASES = [(name, "auto") for name in ALGORITHMS]


def sizes_of(collective, size):
    """The options: a barrier has no size."""
    return [] if collective == "barrier" else [f"--size={size}"]


def blocks(size, count):
    return [size // count + (1 if i < size % count else 0) for i in range(count)]


def needed_bytes(collective, size, ranks):
    """What each rank has to receive, by any algorithm; rank 0 is the root."""
    own = blocks(size, ranks)
    if collective == "all_gather":
        return [size - block for block in own]
    if collective == "all_to_all":
        return [(ranks - 1) * block for block in own]
    if collective == "reduce_scatter":
        return own
    if collective in ("all_reduce", "sendrecv"):
        return [size] * ranks
    if collective == "broadcast":
        return [0] + [size] * (ranks - 1)
    if collective == "reduce":
        return [size] + [0] * (ranks - 1)
    if collective == "gather":
        return [size - own[0]] + [0] * (ranks - 1)
    if collective == "scatter":
        return [0] + own[1:]
    return [0] * ranks


def check(collective, size, folder, endpoints_per_host):
    """Returns the messages, to be compared with those of another network."""
    facts = summary(folder)
    assert facts["status"] == "finished"
    flows = table(folder, "flows.csv")
    messages = Counter((int(row["src_host"]), int(row["dst_host"]), int(row["size_bytes"]))
                       for row in flows)
    assert all(float(row["end_ns"]) > float(row["start_ns"]) >= 0 for row in flows)
    ranks, hosts = facts["ranks"], facts["hosts"]
    arrived = [0] * hosts
    for (_, destination, bytes_of_one), count in messages.items():
        arrived[destination // endpoints_per_host] += count * bytes_of_one
    needed = needed_bytes(collective, size, ranks)
    gpus = ranks // hosts
    for host in range(hosts):
        assert arrived[host] >= sum(needed[host * gpus:(host + 1) * gpus])
    for row in table(folder, "collectives.csv"):
        time_ns, bound_ns = float(row["time_ns"]), float(row["bound_ns"])
        assert math.isfinite(time_ns) and time_ns >= bound_ns >= 0, (time_ns, bound_ns)
        if not messages:  # of so few bytes the root has all
            continue
        assert bound_ns > 0
        for name in ("algbw_gbytes_per_s", "busbw_gbytes_per_s"):
            assert collective == "barrier" or 0 <= float(row[name]) < math.inf
    return messages


class Matrix:
    """Runs cases side by side, a folder each."""

    def __init__(self, folder, size, endpoints_per_host=1):
        self.folder, self.size, self.endpoints = folder, size, endpoints_per_host

    def one(self, number, topology, case, options):
        collective, algorithm = case
        arguments = [f"--topology={topology.split()[0]}", *topology.split()[1:], *options,
                     f"--collective={collective}", f"--algo={algorithm}", "--timeline-ranks=0",
                     *sizes_of(collective, self.size)]
        try:
            folder = results(arguments, self.folder, f"run-{number}")
            return check(collective, self.size, folder, self.endpoints)
        except AssertionError as error:
            raise AssertionError(f"{' '.join(arguments)}: {error}") from error

    def run(self, topology, cases, options):
        """Messages by case."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            runs = [pool.submit(self.one, number, topology, case, options)
                    for number, case in enumerate(cases)]
        return {case: run.result() for case, run in zip(cases, runs)}
