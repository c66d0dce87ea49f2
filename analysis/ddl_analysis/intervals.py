# SPDX-License-Identifier: MIT
"""Sets of time intervals, as arrays of starts and ends."""

import numpy


def merge(starts, ends, gap=0.0):
    """The union as disjoint intervals in order. Gaps of up to `gap` are closed."""
    starts, ends = numpy.asarray(starts, float), numpy.asarray(ends, float)
    keep = ends > starts
    starts, ends = starts[keep], ends[keep]
    if starts.size == 0:
        return starts, ends
    order = numpy.argsort(starts, kind="stable")
    starts, ends = starts[order], numpy.maximum.accumulate(ends[order])
    is_first = numpy.ones(starts.size, bool)
    is_first[1:] = starts[1:] > ends[:-1] + gap
    is_last = numpy.append(is_first[1:], True)
    return starts[is_first], ends[is_last]


def coverage(starts, ends, edges):
    """How much of each bin [edges[i], edges[i + 1]) disjoint, ordered intervals cover."""
    if len(starts) == 0:
        return numpy.zeros(len(edges) - 1)
    lengths = ends - starts
    covered = numpy.concatenate([[0.0], numpy.cumsum(lengths)])
    times = numpy.column_stack([starts, ends]).ravel()
    values = numpy.column_stack([covered[:-1], covered[1:]]).ravel()
    return numpy.diff(numpy.interp(edges, times, values))


def subtract(starts, ends, other_starts, other_ends):
    """What of the first set is not in the second; both disjoint and ordered."""
    edges = numpy.unique(numpy.concatenate([starts, ends, other_starts, other_ends]))
    if edges.size < 2:
        return numpy.array([]), numpy.array([])
    middles = (edges[:-1] + edges[1:]) / 2
    is_left = _contains(starts, ends, middles) & ~_contains(other_starts, other_ends, middles)
    return merge(edges[:-1][is_left], edges[1:][is_left])


def _contains(starts, ends, times):
    position = numpy.searchsorted(starts, times, side="right") - 1
    inside = position >= 0
    inside[inside] = times[inside] < numpy.asarray(ends)[position[inside]]
    return inside
