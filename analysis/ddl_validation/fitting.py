# SPDX-License-Identifier: MIT
"""What --calibrate and --leave-one-out print and write."""

from pathlib import Path

from ddl_validation import tables
from ddl_validation.calibrate import by_libraries
from ddl_validation.comparison import statistics
from ddl_validation.presets import write_host, write_library


def _print_fit(fit):
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


def _print_together(found):
    """Over all tables that have others beside them, by size class."""
    tried = [(preset, fitted) for _, preset, fitted, _ in found if fitted is not None]
    if not tried:
        return
    print("\nAll tables that were left out of a fit")
    print(tables.classes_table([
        ("presets as they are", [row for preset, _ in tried for row in preset]),
        ("fitted to the other tables", [row for _, fitted in tried for row in fitted])]), end="")


def _write_fit(folder, fit, cases, source):
    """A library preset with what moved, and a preset of each host that has it."""
    name = "-".join(["fitted", *(Path(each).stem for each in fit.libraries)])
    path = write_library(folder, name, fit.parameters, fit.values, f"{source} ({fit.rows} rows)")
    hosts = sorted({case.hardware for case in cases})
    return [path, *(write_host(folder, host, f"{Path(host).stem}-fitted", fit.libraries, path)
                    for host in hosts)]


def fit_all(calibration, cases, folder, source, is_fit, is_leave_one_out):
    """For each set of libraries that hosts of the cases have; returns the paths written. `source`:
    name of the measurements, for the presets."""
    written, left_out = [], []
    for libraries, own in by_libraries(cases).items():
        if not libraries:
            print(f"\nNothing to fit: {own[0].hardware} names no library preset")
            continue
        if is_fit:
            fit = calibration.fit(libraries, own)
            _print_fit(fit)
            if fit.values:
                written += _write_fit(folder, fit, own, source)
        if is_leave_one_out:
            found = calibration.leave_one_out(libraries, own)
            _print_leave_one_out(libraries, found)
            left_out += found
    if is_leave_one_out:
        _print_together(left_out)
        written.append(tables.write_leave_one_out(folder, left_out))
    return written
