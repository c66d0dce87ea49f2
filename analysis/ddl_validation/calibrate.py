# SPDX-License-Identifier: MIT
"""Fits parameters of library presets to measurements: first by the closed formulas, which cost
nothing, then at packet level."""

import math
from typing import NamedTuple

import numpy

from ddl_validation.comparison import compare
from ddl_validation.groups import groups_of
from ddl_validation.presets import libraries_of, parameters_of

FORMULA_ROUNDS, PACKET_ROUNDS = 5, 1
FIRST_STEP = 0.25  # of a parameter's range; halved from round to round


class Fit(NamedTuple):
    libraries: tuple
    parameters: dict   # name -> Parameter: all that could move
    values: dict       # of those that did
    before: float      # median |log error| at packet level, with the presets
    after: float       # the same with the values
    rows: int


def objective(rows):
    """What is made small: the median |log error|, ties by the mean."""
    if not rows:
        return (math.inf, math.inf)
    errors = [row.log_error for row in rows]
    return (round(float(numpy.median(errors)), 9), round(float(numpy.mean(errors)), 9))


def by_libraries(cases):
    """{libraries: cases}: those that share a generation and a fabric."""
    found = {}
    for case in cases:
        found.setdefault(libraries_of(case.hardware), []).append(case)
    return dict(sorted(found.items()))


def movable(libraries, names, widen):
    """{name: Parameter} with the ranges within which each may move; `names` empty: all that have a
    range. `widen`: of the range, to either side."""
    found = {}
    for name, fact in parameters_of(libraries).items():
        if fact.low >= fact.high or (names and name not in names):
            continue
        margin = widen * (fact.high - fact.low)
        found[name] = fact._replace(low=max(fact.low - margin, min(fact.low, 0)),
                                    high=fact.high + margin)
    return found


def readable(fact, value):
    """Few digits, so that files stay readable; within the range."""
    value = float(round(value)) if fact.is_whole else float(f"{value:.4g}")
    return min(max(value, fact.low), fact.high)


def middles(parameters):
    """{name: value} of each range's middle: what nobody has measured yet."""
    return {name: readable(fact, (fact.low + fact.high) / 2) for name, fact in parameters.items()}


class Search:
    """Coordinate search: one parameter after another a step down or up, which is kept where it
    helps; the step halves from round to round."""

    def __init__(self, parameters, measure, start=None):
        self.parameters = parameters
        self.measure = measure  # {name: value} of what differs from the presets -> objective
        self.values = dict(start or {})
        self.best = measure(self.values)
        self.without_effect = set()

    def _step(self, name, amount):
        """Tries one step; whether it helped."""
        fact = self.parameters[name]
        now = self.values.get(name, fact.value)
        value = min(max(now + amount * (fact.high - fact.low), fact.low), fact.high)
        value = readable(fact, value)
        if value == now:
            return None
        trial = {**self.values, name: value}
        if value == fact.value:
            del trial[name]
        found = self.measure(trial)
        if found < self.best:
            self.best, self.values = found, trial
            return True
        return False if found != self.best else None

    def run(self, rounds, first_step):
        step = first_step
        for _ in range(rounds):
            for name in sorted(set(self.parameters) - self.without_effect):
                tried = [self._step(name, -step)]
                if tried[0] is not True:
                    tried.append(self._step(name, step))
                while tried[-1] is True:
                    tried.append(self._step(name, -step if len(tried) == 1 or
                                            tried[0] is True else step))
                if all(each is None for each in tried) and step == first_step:
                    self.without_effect.add(name)
            step /= 2
        return self


class Calibration:
    def __init__(self, simulator, names=(), widen=0.0, packet_rounds=PACKET_ROUNDS,
                 is_estimate=False):
        self.simulator = simulator
        self.names = tuple(names)
        self.widen = widen
        self.packet_rounds = 0 if is_estimate else packet_rounds
        self.is_estimate = is_estimate  # never at packet level

    def rows(self, cases, values, is_estimate=False):
        is_estimate = is_estimate or self.is_estimate
        found = self.simulator.run_all(groups_of(cases), tuple(values.items()), is_estimate)
        return compare(cases, found)[0]

    def _search_formulas(self, parameters, cases, start=None):
        search = Search(parameters,
                        lambda values: objective(self.rows(cases, values, is_estimate=True)), start)
        return search.run(FORMULA_ROUNDS, FIRST_STEP)

    def fit(self, libraries, cases):
        """To the cases of one set of libraries."""
        parameters = movable(libraries, self.names, self.widen)
        formulas = self._search_formulas(parameters, cases)
        packets = Search(parameters, lambda values: objective(self.rows(cases, values)))
        before = packets.best
        by_formula = packets.measure(formulas.values)
        if by_formula < before:  # else the formulas have led astray
            packets.best, packets.values = by_formula, dict(formulas.values)
        packets.without_effect = set(formulas.without_effect)
        packets.run(self.packet_rounds, FIRST_STEP / 2)
        return Fit(libraries, parameters, packets.values, before[0], packets.best[0], len(cases))

    def leave_one_out(self, libraries, cases):
        """[(table, rows with the presets, rows with what the other tables lead to, values)]; the
        rows are None where no other table tells of the network between nodes, or none is there.

        The presets know all tables, so the search begins in the middle of the ranges; it goes by
        the closed formulas, and the table that was left out is simulated with what it finds."""
        tables = {}
        for case in cases:
            tables.setdefault(case.table, []).append(case)
        parameters = movable(libraries, self.names, self.widen)
        found = []
        for table, own in tables.items():
            others = [case for case in cases if case.table != table]
            is_multi = any(case.nodes > 1 for case in own)
            if not others or is_multi > any(case.nodes > 1 for case in others):
                found.append((table, self.rows(own, {}), None, {}))
                continue
            values = self._search_formulas(parameters, others, middles(parameters)).values
            found.append((table, self.rows(own, {}), self.rows(own, values), values))
        return found
