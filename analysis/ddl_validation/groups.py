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
    frame: str    # of scale-up networks, as --scale-up-frame; empty: the host's
    sizes: tuple  # ascending

    def work(self):
        """Grows as a run's CPU time does: with the bytes that all ranks send, and the calls."""
        factor = bus_factor(self.operation, self.gpus)
        return self.gpus * (factor * sum(self.sizes) + (self.gpus << 12) * len(self.sizes))


# Frames of 4 KiB tell nothing of a message of megabytes that larger ones do not, and cost eight
# times as much.
COARSE_ABOVE_BYTES, COARSE_FRAME = 64 << 20, "32KiB"


def key_of(case):
    frame = COARSE_FRAME if case.size_bytes > COARSE_ABOVE_BYTES else ""
    return (case.hardware, case.nodes, case.gpus, case.operation, case.algorithm, case.launch, frame)


def groups_of(cases):
    """In the order in which they are best run: the longest first."""
    sizes = {}
    for case in cases:
        sizes.setdefault(key_of(case), set()).add(case.size_bytes)
    groups = [Group(*key, tuple(sorted(found))) for key, found in sizes.items()]
    return sorted(groups, key=lambda group: (-group.work(), group[:7]))
