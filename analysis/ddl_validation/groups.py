# SPDX-License-Identifier: MIT
"""Cases that one run of the simulator answers."""

from typing import NamedTuple

from ddl_validation.cases import bus_factor


class Group(NamedTuple):
    """The sizes of one operation on one cluster, called in one way."""

    hardware: str
    nodes: int
    gpus: int
    operation: str
    algorithm: str
    launch: str
    sizes: tuple  # ascending

    def work(self):
        """Grows as a run's CPU time does: with the bytes that all ranks send, and the calls."""
        factor = bus_factor(self.operation, self.gpus)
        return self.gpus * (factor * sum(self.sizes) + (self.gpus << 12) * len(self.sizes))


def key_of(case):
    return (case.hardware, case.nodes, case.gpus, case.operation, case.algorithm, case.launch)


def groups_of(cases):
    """In the order in which they are best run: the longest first."""
    sizes = {}
    for case in cases:
        sizes.setdefault(key_of(case), set()).add(case.size_bytes)
    groups = [Group(*key, tuple(sorted(found))) for key, found in sizes.items()]
    return sorted(groups, key=lambda group: (-group.work(), group[:6]))
