# SPDX-License-Identifier: MIT
"""`./ns3 validate` for whole iterations of training."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy

from ddl_analysis.style import save_figure, style

from ddl_validation.errors import BadInput, printable
from ddl_validation.layout import OWN_TRAINING_CASES, OWN_TRAINING_LEFT_OUT, PROGRAM
from ddl_validation.options import whole_number
from ddl_validation.presets import host_path
from ddl_validation.selection import matches
from ddl_validation.simulator import Refused
from ddl_validation.tables import percent, text_table, write_csv
from ddl_validation.training_cases import TrainingCase, is_training_file, read_training_cases
from ddl_validation.training_figure import draw_iterations
from ddl_validation.training_runs import TrainingOutcome, TrainingRunner

GPUS_MAX_DEFAULT = "64"
ROWS_SHOWN_MAX = 60


class TrainingRow(NamedTuple):
    case: TrainingCase
    outcome: TrainingOutcome

    @property
    def relative_error(self):
        """Above zero where the simulator is slower than what was measured."""
        return self.outcome.iteration_s / self.case.published_s - 1


def is_wanted(options):
    """Whether the command line asks for training cases."""
    return options.training or bool(options.cases and is_training_file(options.cases))


def _selected(options):
    cases = read_training_cases(options.cases or OWN_TRAINING_CASES)
    if options.table:
        cases = [case for case in cases if matches(case.table, options.table)]
        if not cases:
            raise BadInput("--table", f"no table is named like '{printable(options.table)}'",
                           "leave it out, or correct it")
    most = whole_number("--max-gpus", options.max_gpus or GPUS_MAX_DEFAULT, 1, 1 << 20)
    if options.estimate and not options.max_gpus:
        most = 1 << 20
    wanted, left_out = [], []
    for case in cases:
        if host_path(case.hardware) is None:
            left_out.append((case, f"there is no host preset {printable(case.hardware)}"))
        elif case.gpus > most:
            left_out.append((case, f"more GPUs than --max-gpus={most}"))
        else:
            wanted.append(case)
    if not wanted:
        raise BadInput("cases", f"no case is left: {left_out[0][1]}",
                       "choose others, or more --max-gpus")
    return wanted, left_out


def check_options(options):
    """What goes with collectives only."""
    for name in ("nccl_log", "calibrate", "leave_one_out", "max_size"):
        if getattr(options, name):
            raise BadInput("--" + name.replace("_", "-"), "does not go with training cases",
                           "leave it out")


def _errors(rows):
    errors = [row.relative_error for row in rows]
    size = numpy.abs(errors)
    return [len(rows), percent(float(numpy.median(size))),
            percent(float(numpy.percentile(size, 90))), f"{100 * numpy.median(errors):+.1f}"]


def _by(rows, key):
    found = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def error_tables(rows):
    """Text: by table, by hardware, and over all."""
    header = ["|error| of the iteration time [%]", "rows", "median", "p90", "median with sign"]
    text = "By table\n"
    text += text_table(header, [[name, *_errors(found)]
                                for name, found in _by(rows, lambda row: row.case.table).items()])
    text += "\nBy hardware\n"
    hardware = sorted(_by(rows, lambda row: row.case.hardware).items())
    return text + text_table(header, [[name, *_errors(found)] for name, found in
                                      [*hardware, ("all rows", rows)]])


def _rows_table(rows):
    return text_table(["case", "GPUs", "plan", "published [s]", "simulated [s]", "computing [s]",
                       "error [%]"],
                      [[row.case.id, row.case.gpus, row.case.plan, f"{row.case.published_s:.4g}",
                        f"{row.outcome.iteration_s:.4g}", f"{row.outcome.compute_s:.4g}",
                        f"{100 * row.relative_error:+.1f}"] for row in rows])


def _write(folder, rows, left_out):
    written = [write_csv(folder / "training.csv",
                         ["id", "table", "hardware", "gpus", "level", "published_s", "simulated_s",
                          "compute_s", "relative_error"],
                         [[row.case.id, row.case.table, row.case.hardware, row.case.gpus,
                           "packets" if row.outcome.is_packet_level else "estimate",
                           f"{row.case.published_s:.6g}", f"{row.outcome.iteration_s:.6g}",
                           f"{row.outcome.compute_s:.6g}", f"{row.relative_error:.4f}"]
                          for row in rows]),
               write_csv(folder / "left-out.csv", ["id", "hardware", "workload", "reason"],
                         left_out)]
    with style():
        return written + save_figure(draw_iterations(rows), folder, "training")


def _own_left_out(options):
    if options.cases or options.table:
        return []
    with open(OWN_TRAINING_LEFT_OUT, encoding="utf-8", newline="") as file:
        return [tuple(row) for row in list(csv.reader(file))[1:]]


def _print_left_out(left_out):
    reasons = {}
    for row in left_out:
        reasons.setdefault(row[3], []).append(row[0])
    if not reasons:
        return
    print(f"\nLeft out: {len(left_out)} rows (left-out.csv has each)")
    for reason, ids in sorted(reasons.items(), key=lambda item: -len(item[1])):
        print(f"  {len(ids)}: {reason} ({ids[0]}{' ...' if len(ids) > 1 else ''})")


def run(options, folder, jobs):
    """Exit status."""
    check_options(options)
    cases, refused = _selected(options)
    runner = TrainingRunner(PROGRAM.parent, folder, options.simulator_options, jobs)
    rows = []
    for case, found in zip(cases, runner.run_all(cases, options.estimate)):
        if isinstance(found, Refused):
            refused.append((case, found.reason))
        else:
            rows.append(TrainingRow(case, found))
    if not rows:
        raise BadInput("cases", f"nothing could be simulated: {refused[0][1]}",
                       "choose other cases or options")
    left_out = [(case.id, case.hardware, case.model, reason) for case, reason in refused]
    left_out += _own_left_out(options)
    Path(folder).mkdir(parents=True, exist_ok=True)
    written = _write(folder, rows, left_out)
    if len(rows) <= ROWS_SHOWN_MAX:
        print(_rows_table(rows))
    print(error_tables(rows), end="")
    print("by closed formulas, without packets" if options.estimate else "at packet level")
    _print_left_out(left_out)
    print("\nFiles")
    for path in written:
        print(f"  {path}")
    return 0
