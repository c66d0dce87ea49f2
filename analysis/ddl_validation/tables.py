# SPDX-License-Identifier: MIT
"""What is printed, and the CSV files."""

import csv
import io
import math

from ddl_analysis.style import write_whole

from ddl_validation.cases import SIZE_CLASSES, size_class
from ddl_validation.comparison import by_operation, by_size_class, by_table

_CLASSES = (*SIZE_CLASSES, "all")


def text_table(header, rows):
    """Columns as wide as their widest cell: the first to the left, the others to the right."""
    cells = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        aligned = [row[0].ljust(widths[0])]
        aligned += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  " + "  ".join(aligned).rstrip())
    return "\n".join(lines) + "\n"


def percent(value):
    return "-" if math.isnan(value) else f"{100 * value:.1f}"


def _summary_rows(named):
    """A row per name: of each size class the count, median and 90th percentile."""
    rows = []
    for name, found in named:
        statistics = by_size_class(found)
        row = [name]
        for size in _CLASSES:
            each = statistics[size]
            row += [each.count, percent(each.median), percent(each.p90)]
        rows.append(row)
    return rows


_HEADER = ["|error| of the time [%]"]
for _size in _CLASSES:
    _HEADER += [_size, "median", "p90"]


def classes_table(named):
    """Text: a row per (name, rows), errors by size class."""
    return text_table(_HEADER, _summary_rows(named))


def error_tables(rows):
    """Text: by table, by hardware and operation, over all rows."""
    tables = [(name, found) for name, found in by_table(rows).items()]
    operations = [(" ".join(key), found) for key, found in by_operation(rows).items()]
    together = [("all rows", rows)]
    text = "By table\n" + text_table(_HEADER, _summary_rows(tables))
    text += "\nBy hardware and operation\n"
    return text + text_table(_HEADER, _summary_rows(operations + together))


def rows_table(rows):
    """Text: every row, for a case file that is short enough to be read."""
    body = []
    for row in rows:
        body.append([row.case.id, row.case.size_bytes, f"{row.case.published_us:.2f}",
                     f"{row.outcome.time_us:.2f}", _number(row.outcome.model_us, 2),
                     f"{100 * row.relative_error:+.1f}", row.outcome.algorithm,
                     row.outcome.protocol or "-"])
    return text_table(["case", "size [B]", "published [us]", "simulated [us]", "model [us]",
                       "error [%]", "algorithm", "protocol"], body)


def _number(value, digits):
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def write_csv(path, header, rows):
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return write_whole(path, buffer.getvalue().encode("utf-8"))


def write_rows(folder, rows):
    return write_csv(folder / "validate.csv",
                ["id", "table", "size_class", "published_us", "simulated_us", "model_us",
                 "relative_error", "algorithm", "protocol"],
                [[row.case.id, row.case.table, size_class(row.case.size_bytes),
                  _number(row.case.published_us, 4), _number(row.outcome.time_us, 4),
                  _number(row.outcome.model_us, 4), _number(row.relative_error, 4),
                  row.outcome.algorithm, row.outcome.protocol] for row in rows])


def write_summary(folder, rows):
    body = []
    for name, found in [*by_table(rows).items(), ("all", rows)]:
        for size, each in by_size_class(found).items():
            body.append([name, size, each.count, _number(each.median, 4), _number(each.p90, 4)])
    return write_csv(folder / "summary.csv",
                ["table", "size_class", "rows", "median_error", "p90_error"], body)


def write_left_out(folder, left_out):
    """`left_out`: (id, hardware, operation, size_bytes, reason)."""
    return write_csv(folder / "left-out.csv", ["id", "hardware", "operation", "size_bytes", "reason"],
                left_out)


def write_leave_one_out(folder, found):
    """`found`: as of Calibration.leave_one_out. A row per case of tables that have others."""
    body = []
    for table, preset, fitted, _ in found:
        for as_is, row in zip(preset, fitted or ()):
            case = row.case
            body.append([case.id, table, size_class(case.size_bytes), _number(case.published_us, 4),
                         _number(as_is.outcome.time_us, 4), _number(row.outcome.time_us, 4),
                         _number(row.relative_error, 4)])
    return write_csv(folder / "leave-one-out.csv",
                ["id", "table", "size_class", "published_us", "preset_us", "left_out_us",
                 "relative_error"], body)
