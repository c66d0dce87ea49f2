# SPDX-License-Identifier: MIT
"""Which cases are wanted: from files and logs, without those that cannot be run."""

import csv
import math
from fnmatch import fnmatchcase
from pathlib import Path

from ddl_validation.cases import LAUNCHES, OPERATIONS, Case, read_cases
from ddl_validation.errors import BadInput, printable
from ddl_validation.layout import OWN_CASES, OWN_LEFT_OUT
from ddl_validation.nccl_log import read_log
from ddl_validation.options import size_bytes, whole_number
from ddl_validation.presets import gpu_count, host_path


def _checked_operation(log, row, given, name):
    operation = given or row.operation
    if not operation:
        raise BadInput(f"{name}:{row.line}", "the log does not say which collective this is",
                       "say so with --operation")
    if operation not in OPERATIONS:
        raise BadInput("--operation", f"'{printable(operation)}' is no collective",
                       f"choose one of {', '.join(OPERATIONS)}")
    return operation


def _agreed(place, given, stated, what):
    """A number that the user gives and the log may state."""
    if given and stated and given != stated:
        raise BadInput(place, f"{given} contradicts the log, which has {stated} {what}",
                       "leave it out, or give another log")
    return given or stated


def _log_cases(options):
    if not options.hardware:
        raise BadInput("--nccl-log", "does not say what hardware it is of",
                       "name a host with --hardware")
    gpus_per_node = gpu_count(options.hardware)
    log = read_log(options.nccl_log)
    given_nodes = whole_number("--nodes", options.nodes, 1, 1 << 14) if options.nodes else 0
    given_gpus = whole_number("--gpus", options.gpus, 2, 1 << 20) if options.gpus else 0
    nodes = _agreed("--nodes", given_nodes, log.nodes, "nodes") or 1
    gpus = _agreed("--gpus", given_gpus, log.ranks, "ranks") or nodes * gpus_per_node
    if gpus % nodes != 0 or gpus < 2:
        raise BadInput("--nodes", f"{gpus} ranks are not as many on each of {nodes} nodes",
                       "correct --nodes or --gpus")
    launch = options.launch or log.launch or LAUNCHES[0]
    if launch not in LAUNCHES:
        raise BadInput("--launch", f"'{printable(launch)}' is no way to call a library",
                       f"choose one of {', '.join(LAUNCHES)}")
    name = printable(Path(options.nccl_log).name)
    cases, seen = [], {}
    for row in log.rows:
        operation = _checked_operation(log, row, options.operation, name)
        published_us = row.in_place_us if options.in_place else row.out_of_place_us
        if math.isnan(published_us):
            raise BadInput("--in-place", f"{name} has one pair of columns", "leave it out")
        key = f"{Path(options.nccl_log).stem}-{operation}-{row.size_bytes}"
        seen[key] = seen.get(key, 0) + 1
        suffix = "" if seen[key] == 1 else f"-{seen[key]}"
        cases.append(Case(key + suffix, options.hardware, nodes, gpus, operation, row.size_bytes,
                          options.algorithm, launch, published_us, f"{name} {operation}",
                          f"{name} line {row.line}"))
    return cases


def _all_cases(options):
    if options.cases and options.nccl_log:
        raise BadInput("--nccl-log", "contradicts --cases", "give one of the two")
    if options.nccl_log:
        return _log_cases(options)
    for name in ("hardware", "nodes", "gpus", "operation", "launch", "algorithm", "in_place"):
        if getattr(options, name):
            raise BadInput("--" + name.replace("_", "-"), "only goes with --nccl-log",
                           "leave it out: case files have it as a column")
    return read_cases(options.cases or OWN_CASES)


def matches(table, pattern):
    return fnmatchcase(table, pattern if any(c in pattern for c in "*?[") else f"*{pattern}*")


def selected(options):
    """(cases to run, [(case, reason)])"""
    cases = _all_cases(options)
    if options.table:
        cases = [case for case in cases if matches(case.table, options.table)]
        if not cases:
            raise BadInput("--table", f"no table is named like '{printable(options.table)}'",
                           "leave it out, or correct it")
    most = size_bytes("--max-size", options.max_size) if options.max_size else math.inf
    wanted, left_out = [], []
    for case in cases:
        if case.size_bytes > most:
            left_out.append((case, f"larger than --max-size={options.max_size}"))
        elif host_path(case.hardware) is None:
            left_out.append((case, f"there is no host preset {printable(case.hardware)}"))
        else:
            wanted.append(case)
    if not wanted:
        raise BadInput("cases", f"no case is left: {left_out[0][1]}",
                       "choose others, or a larger --max-size")
    return wanted, left_out


def own_left_out(options):
    """What the project has restated and cannot compare, as its file says."""
    if options.cases or options.nccl_log or options.table:
        return []
    with open(OWN_LEFT_OUT, encoding="utf-8", newline="") as file:
        return [(row["id"], row["hardware"], row["operation"], row["size_bytes"], row["reason"])
                for row in csv.DictReader(file)]
