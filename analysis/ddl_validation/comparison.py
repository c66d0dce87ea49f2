# SPDX-License-Identifier: MIT
"""Measured beside simulated, and what the errors amount to."""

import math
from typing import NamedTuple

import numpy

from ddl_validation.cases import SIZE_CLASSES, Case, size_class
from ddl_validation.groups import key_of
from ddl_validation.simulator import Outcome, Refused


class Row(NamedTuple):
    case: Case
    outcome: Outcome

    @property
    def relative_error(self):
        """Of the time: above zero where the simulator is slower than what was measured."""
        return self.outcome.time_us / self.case.published_us - 1

    @property
    def log_error(self):
        return abs(math.log(self.outcome.time_us / self.case.published_us))


class Statistics(NamedTuple):
    count: int
    median: float  # of |relative error|; nan where there is nothing
    p90: float


def compare(cases, outcomes):
    """(rows, [(case, reason)]): what was simulated, and what could not be, both in the cases'
    order. `outcomes` as of Simulator.run_all()."""
    by_key = {group[:7]: found for group, found in outcomes.items()}
    rows, left_out = [], []
    for case in cases:
        found = by_key[key_of(case)]
        if isinstance(found, Refused):
            left_out.append((case, found.reason))
        elif case.size_bytes not in found:
            left_out.append((case, "the run has no such collective"))
        else:
            rows.append(Row(case, found[case.size_bytes]))
    return rows, left_out


def statistics(rows):
    if not rows:
        return Statistics(0, math.nan, math.nan)
    errors = numpy.abs([row.relative_error for row in rows])
    return Statistics(len(rows), float(numpy.median(errors)), float(numpy.percentile(errors, 90)))


def by_size_class(rows):
    """{class or "all": Statistics}"""
    found = {name: statistics([row for row in rows if size_class(row.case.size_bytes) == name])
             for name in SIZE_CLASSES}
    return {**found, "all": statistics(rows)}


def by_table(rows):
    """{table: rows}, in the order of their first rows."""
    tables = {}
    for row in rows:
        tables.setdefault(row.case.table, []).append(row)
    return tables


def by_operation(rows):
    """{(hardware, operation): rows}, sorted."""
    found = {}
    for row in rows:
        found.setdefault((row.case.hardware, row.case.operation), []).append(row)
    return dict(sorted(found.items()))
