# SPDX-License-Identifier: MIT
"""The command line of `./ns3 validate`."""

import argparse
import csv
import math
import os
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from ddl_analysis.style import save_figure, style

from ddl_validation import figures, tables
from ddl_validation.calibrate import Calibration, by_libraries, movable
from ddl_validation.cases import LAUNCHES, OPERATIONS, Case, read_cases
from ddl_validation.comparison import compare, statistics
from ddl_validation.errors import BadInput, RunFailed, printable
from ddl_validation.groups import groups_of
from ddl_validation.nccl_log import read_log
from ddl_validation.presets import gpu_count, host_path, write_host, write_library
from ddl_validation.simulator import Simulator, default_program

ROOT = Path(os.environ.get("DDL_ROOT", Path(__file__).resolve().parents[2]))
OWN_CASES = ROOT / "tests" / "validation" / "cases" / "collectives.csv"
OWN_LEFT_OUT = OWN_CASES.with_name("left-out.csv")
ROWS_SHOWN_MAX = 60
LEFT_OUT_SHOWN_MAX = 30
_SIZE = re.compile(r"(\d+)\s*(B|KiB|MiB|GiB|KB|MB|GB)?\Z")
_FACTORS = {None: 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "KB": 1000,
            "MB": 1000_000, "GB": 1000_000_000}


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise BadInput("./ns3 validate", message, "see ./ns3 validate --help")


def _parser():
    parser = _Parser(prog="./ns3 validate", description="Simulates measured collectives and says "
                     "how far off it is: docs/validate.md.", allow_abbrev=False)
    what = parser.add_argument_group("what to compare with (default: the project's own cases)")
    what.add_argument("--cases", metavar="FILE.csv", help="measurements, a row each")
    what.add_argument("--nccl-log", metavar="FILE", help="output of nccl-tests")
    what.add_argument("--hardware", help="of --nccl-log: host preset or YAML file")
    what.add_argument("--nodes", help="of --nccl-log (default: as the log says)")
    what.add_argument("--gpus", help="of --nccl-log: ranks (default: as the log says)")
    what.add_argument("--operation", help="of --nccl-log (default: as the log says)")
    what.add_argument("--launch", help=f"of --nccl-log (default: as the log says): "
                      f"{', '.join(LAUNCHES)}")
    what.add_argument("--algorithm", default="", help="of --nccl-log, where NCCL_ALGO was set")
    what.add_argument("--in-place", action="store_true", help="take the log's in-place times")
    what.add_argument("--max-size", metavar="SIZE", help="leave out what is larger: 256MiB")
    what.add_argument("--table", metavar="PATTERN", help="only tables with such a name: t01, *-h100-*")
    how = parser.add_argument_group("how")
    how.add_argument("--jobs", help="runs at a time (default: one per core)")
    how.add_argument("--estimate", action="store_true",
                     help="the closed formulas alone: seconds, no packets")
    how.add_argument("--out", default=str(ROOT / "results" / "validate"), help="folder of the results")
    fit = parser.add_argument_group("fitting")
    fit.add_argument("--calibrate", action="store_true", help="fit parameters of the library presets")
    fit.add_argument("--leave-one-out", action="store_true",
                     help="each table with parameters fitted to the others")
    fit.add_argument("--parameters", metavar="NAME,...", help="only these (default: all with a range)")
    fit.add_argument("--widen", default="0", help="ranges by this share to either side (default: 0)")
    fit.add_argument("--rounds", default="1", help="of the search at packet level (default: 1)")
    parser.add_argument("simulator_options", nargs="*", metavar="-- OPTION",
                        help="handed to ddl-scenario: -- --topology=fattree --cc=none")
    return parser


def _whole(place, text, low, high):
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise BadInput(place, f"'{printable(text)}' is out of range",
                       f"write a whole number from {low} to {high}")
    return int(text)


def _size(place, text):
    match = _SIZE.match(text)
    if not match or int(match[1]) == 0:
        raise BadInput(place, f"'{printable(text)}' is no size", "write one as 256MiB")
    return int(match[1]) * _FACTORS[match[2]]


def _share(place, text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100:
        raise BadInput(place, f"'{printable(text)}' is out of range", "write a number from 0 to 100")
    return value


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
    given_nodes = _whole("--nodes", options.nodes, 1, 1 << 14) if options.nodes else 0
    given_gpus = _whole("--gpus", options.gpus, 2, 1 << 20) if options.gpus else 0
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


def _matches(table, pattern):
    return fnmatchcase(table, pattern if any(c in pattern for c in "*?[") else f"*{pattern}*")


def _selected(options):
    """(cases to run, [(case, reason)])"""
    cases = _all_cases(options)
    if options.table:
        cases = [case for case in cases if _matches(case.table, options.table)]
        if not cases:
            raise BadInput("--table", f"no table is named like '{printable(options.table)}'",
                           "leave it out, or correct it")
    most = _size("--max-size", options.max_size) if options.max_size else math.inf
    wanted, left_out = [], []
    for case in cases:
        if case.size_bytes > most:
            left_out.append((case, f"larger than --max-size={options.max_size}"))
        elif host_path(case.hardware) is None:
            left_out.append((case, f"there is no host preset {printable(case.hardware)}"))
        elif case.operation == "sendrecv":
            left_out.append((case, "sendrecv is no collective of --collective-bench"))
        else:
            wanted.append(case)
    if not wanted:
        raise BadInput("./ns3 validate", f"no case is left: {left_out[0][1]}",
                       "choose others, or a larger --max-size")
    return wanted, left_out


def _own_left_out(options):
    """What the project has restated and cannot compare, as its file says."""
    if options.cases or options.nccl_log or options.table:
        return []
    with open(OWN_LEFT_OUT, encoding="utf-8", newline="") as file:
        return [(row["id"], row["hardware"], row["operation"], row["size_bytes"], row["reason"])
                for row in csv.DictReader(file)]


def _print_left_out(left_out):
    reasons = {}
    for _, hardware, operation, _, reason in left_out:
        reasons.setdefault(reason, []).append(f"{hardware} {operation}")
    if not reasons:
        return
    print(f"\nLeft out: {len(left_out)} rows (left-out.csv has each)")
    for reason, rows in list(reasons.items())[:LEFT_OUT_SHOWN_MAX]:
        names = sorted(set(rows))
        more = f" and {len(names) - 1} others" if len(names) > 1 else ""
        print(f"  {len(rows)}: {reason} ({names[0]}{more})")
    if len(reasons) > LEFT_OUT_SHOWN_MAX:
        print(f"  ... and {len(reasons) - LEFT_OUT_SHOWN_MAX} more reasons")


def _print_fit(fit, cases):
    print(f"\nFitted to {fit.rows} rows on {', '.join(fit.libraries)}: median |log error| "
          f"{fit.before:.4f} -> {fit.after:.4f}, {len(fit.values)} of {len(fit.parameters)} "
          "parameters moved")
    body = [[name, f"{fit.parameters[name].value:g}", f"{value:g}",
             f"{100 * (value / fit.parameters[name].value - 1):+.1f}"
             if fit.parameters[name].value else "-",
             f"{fit.parameters[name].low:g} .. {fit.parameters[name].high:g}"]
            for name, value in sorted(fit.values.items())]
    if body:
        print(tables.text_table(["parameter", "preset", "fitted", "change [%]", "range"], body),
              end="")


def _print_leave_one_out(libraries, found):
    print(f"\nEach table with parameters fitted to the others, on {', '.join(libraries)}")
    body = []
    for table, preset, fitted, values in found:
        before = statistics(preset)
        after = statistics(fitted) if fitted is not None else None
        body.append([table, before.count, tables.percent(before.median),
                     tables.percent(after.median) if after else "no other table",
                     tables.percent(after.p90) if after else "-", len(values)])
    print(tables.text_table(["|error| of the time [%]", "rows", "presets: median",
                             "left out: median", "p90", "moved"], body), end="")


def _source(options):
    return Path(options.nccl_log or options.cases or OWN_CASES).name


def _calibrate(options, cases, calibration, folder):
    written = []
    for libraries, own in by_libraries(cases).items():
        if not libraries:
            print(f"\nNo library preset to fit: {own[0].hardware}")
            continue
        if options.calibrate:
            fit = calibration.fit(libraries, own)
            _print_fit(fit, own)
            if fit.values:
                name = "-".join(["fitted", *(Path(each).stem for each in libraries)])
                path = write_library(folder, name, fit.parameters, fit.values,
                                     f"{_source(options)} ({fit.rows} rows)")
                written.append(path)
                for host in sorted({case.hardware for case in own}):
                    written.append(write_host(folder, host, f"{Path(host).stem}-fitted", libraries,
                                              path))
        if options.leave_one_out:
            _print_leave_one_out(libraries, calibration.leave_one_out(libraries, own))
    return written


def _write(folder, rows, left_out):
    written = [tables.write_rows(folder, rows), tables.write_summary(folder, rows),
               tables.write_left_out(folder, left_out)]
    with style():
        written += save_figure(figures.draw_times(rows), folder, "times")
        written += save_figure(figures.draw_errors(rows), folder, "errors")
    return written


def _run(arguments):
    options = _parser().parse_args(arguments)
    jobs = _whole("--jobs", options.jobs, 1, 1024) if options.jobs else os.cpu_count() or 1
    rounds = _whole("--rounds", options.rounds, 0, 100)
    widen = _share("--widen", options.widen)
    names = [name for name in (options.parameters or "").split(",") if name]
    for option in ("parameters", "widen", "rounds"):
        if getattr(options, option) != _parser().get_default(option) and not (
                options.calibrate or options.leave_one_out):
            raise BadInput(f"--{option}", "only goes with --calibrate or --leave-one-out",
                           "add one of them, or leave it out")
    for option in options.simulator_options:
        if not option.startswith("--"):
            raise BadInput(printable(option), "is not an option of ddl-scenario",
                           "write them behind '--', as --name=value")
    cases, refused = _selected(options)
    simulator = Simulator(default_program(), options.simulator_options, jobs)
    calibration = Calibration(simulator, names, widen, rounds)
    _check_parameters(names, cases)
    groups = groups_of(cases)
    rows, unsimulated = compare(cases, simulator.run_all(groups, is_estimate=options.estimate))
    if not rows:
        raise BadInput("./ns3 validate", f"nothing could be simulated: {unsimulated[0][1]}",
                       "choose other cases or options")
    left_out = [(case.id, case.hardware, case.operation, case.size_bytes, reason)
                for case, reason in [*refused, *unsimulated]] + _own_left_out(options)
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    written = _write(folder, rows, left_out)
    if len(rows) <= ROWS_SHOWN_MAX:
        print(tables.rows_table(rows))
    print(tables.error_tables(rows), end="")
    _print_left_out(left_out)
    if options.calibrate or options.leave_one_out:
        simulated = [row.case for row in rows]
        written += _calibrate(options, simulated, calibration, folder)
    print("\nFiles")
    for path in written:
        print(f"  {path}")
    return 0


def _check_parameters(names, cases):
    known = sorted({name for libraries in by_libraries(cases)
                    for name in movable(libraries, (), 0)}) if names else []
    for name in names:
        if name not in known:
            raise BadInput("--parameters", f"'{printable(name)}' is no parameter with a range here",
                           f"choose from {', '.join(known) or 'none'}")


def main(arguments=None):
    """The program: its exit status."""
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except BadInput as error:
        print(f"validate: {error}", file=sys.stderr)
        return 2
    except RunFailed as error:
        print(f"validate: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("validate: interrupted", file=sys.stderr)
        return 130
    except OSError as error:
        print(f"validate: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
