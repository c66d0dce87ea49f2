# SPDX-License-Identifier: MIT
"""The command line of `./ns3 validate`."""

import os
import sys
from pathlib import Path

from ddl_analysis.style import save_figure, style

from ddl_validation import figures, tables, training
from ddl_validation.calibrate import Calibration, by_libraries, movable
from ddl_validation.comparison import compare
from ddl_validation.errors import BadInput, RunFailed, printable
from ddl_validation.fitting import fit_all
from ddl_validation.groups import groups_of
from ddl_validation.layout import OWN_CASES, PROGRAM
from ddl_validation.options import make_parser, share, whole_number
from ddl_validation.selection import own_left_out, selected
from ddl_validation.simulator import Simulator

ROWS_SHOWN_MAX = 60
LEFT_OUT_SHOWN_MAX = 30


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


def _write(folder, rows, left_out):
    written = [tables.write_rows(folder, rows), tables.write_summary(folder, rows),
               tables.write_left_out(folder, left_out)]
    with style():
        written += save_figure(figures.draw_times(rows), folder, "times")
        written += save_figure(figures.draw_errors(rows), folder, "errors")
    return written


def _check_folder(folder):
    """Refuses before hours of simulation what could not be written after them."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        raise BadInput("--out", f"'{printable(folder)}' cannot be written", "name another folder")


def _check_parameters(names, cases):
    known = sorted({name for libraries in by_libraries(cases)
                    for name in movable(libraries, (), 0)}) if names else []
    for name in names:
        if name not in known:
            raise BadInput("--parameters", f"'{printable(name)}' is no parameter with a range here",
                           f"choose from {', '.join(known) or 'none'}")


def _check_options(options):
    for name, default in (("parameters", None), ("widen", "0"), ("rounds", "1")):
        if getattr(options, name) != default and not options.calibrate | options.leave_one_out:
            raise BadInput(f"--{name}", "only goes with --calibrate or --leave-one-out",
                           "add one of them, or leave it out")
    for option in options.simulator_options:
        if not option.startswith("--"):
            raise BadInput(printable(option), "is no option",
                           "write options of ddl-scenario behind '--', as --name=value")


def _calibration(options, simulator, cases):
    names = [name for name in (options.parameters or "").split(",") if name]
    calibration = Calibration(simulator, names, share("--widen", options.widen),
                              whole_number("--rounds", options.rounds, 0, 100), options.estimate)
    _check_parameters(names, cases)
    return calibration


def _run(arguments):
    options = make_parser().parse_args(arguments)
    _check_options(options)
    jobs = whole_number("--jobs", options.jobs, 1, 1024) if options.jobs else os.cpu_count() or 1
    folder = Path(options.out)
    _check_folder(folder)
    if training.is_wanted(options):
        return training.run(options, folder, jobs)
    if options.max_gpus:
        raise BadInput("--max-gpus", "only goes with training cases", "leave it out")
    cases, refused = selected(options)
    simulator = Simulator(PROGRAM, folder, options.simulator_options, jobs)
    calibration = _calibration(options, simulator, cases)
    outcomes = simulator.run_all(groups_of(cases), is_estimate=options.estimate)
    rows, unsimulated = compare(cases, outcomes)
    if not rows:
        raise BadInput("cases", f"nothing could be simulated: {unsimulated[0][1]}",
                       "choose other cases or options")
    left_out = [(case.id, case.hardware, case.operation, case.size_bytes, reason)
                for case, reason in [*refused, *unsimulated]] + own_left_out(options)
    folder.mkdir(parents=True, exist_ok=True)
    written = _write(folder, rows, left_out)
    if len(rows) <= ROWS_SHOWN_MAX:
        print(tables.rows_table(rows))
    print(tables.error_tables(rows), end="")
    _print_left_out(left_out)
    if options.calibrate or options.leave_one_out:
        source = Path(options.nccl_log or options.cases or OWN_CASES).name
        written += fit_all(calibration, [row.case for row in rows], folder, source,
                           options.calibrate, options.leave_one_out)
    print("\nFiles")
    for path in written:
        print(f"  {path}")
    return 0


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
