# SPDX-License-Identifier: MIT
"""Measurements to compare with, and the CSV files that hold them (columns: docs/validate.md)."""

import csv
import io
import math
from typing import NamedTuple

from ddl_validation.errors import BadInput, printable, read_bounded

SIZE_MAX_BYTES = 64 << 20
ROWS_MAX = 100_000
COLUMNS = ("id", "hardware", "nodes", "gpus", "operation", "size_bytes", "algorithm", "launch",
           "published", "unit", "metric", "table", "source")
LAUNCHES = ("process-per-gpu", "single-process", "synchronized")
US_OF_UNIT = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}
METRICS = ("time", "busbw", "algbw")
SMALL_BELOW_BYTES, LARGE_FROM_BYTES = 1 << 20, 128 << 20
SIZE_CLASSES = ("small", "medium", "large")

# Of nccl-tests: bus bandwidth per algorithm bandwidth, among n ranks.
_BUS_FACTORS = {
    "all_reduce": lambda n: 2 * (n - 1) / n,
    "all_gather": lambda n: (n - 1) / n,
    "reduce_scatter": lambda n: (n - 1) / n,
    "all_to_all": lambda n: (n - 1) / n,
    "gather": lambda n: (n - 1) / n,
    "scatter": lambda n: (n - 1) / n,
    "broadcast": lambda n: 1.0,
    "reduce": lambda n: 1.0,
    "sendrecv": lambda n: 1.0,
}
OPERATIONS = tuple(_BUS_FACTORS)


class Case(NamedTuple):
    id: str
    hardware: str
    nodes: int
    gpus: int
    operation: str
    size_bytes: int
    algorithm: str  # empty: the library's choice
    launch: str
    published_us: float
    table: str
    source: str


def bus_factor(operation, gpus):
    return _BUS_FACTORS[operation](gpus)


def time_us(operation, gpus, size_bytes, value, unit, metric):
    """The time that a published figure stands for."""
    if metric == "time":
        return value * US_OF_UNIT[unit]
    algbw = value if metric == "algbw" else value / bus_factor(operation, gpus)
    return size_bytes / algbw / 1e3


def size_class(size_bytes):
    if size_bytes < SMALL_BELOW_BYTES:
        return "small"
    return "large" if size_bytes >= LARGE_FROM_BYTES else "medium"


def whole(place, name, text, high):
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and 1 <= int(text) <= high):
        raise BadInput(place, f"{name} is '{printable(text)}'",
                       f"write a whole number from 1 to {high}")
    return int(text)


def choice(place, name, text, known):
    if text not in known:
        raise BadInput(place, f"{name} is '{printable(text)}'", f"choose one of {', '.join(known)}")
    return text


def number(place, name, text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise BadInput(place, f"{name} is '{printable(text)}'", "write a number above 0")
    return value


def _case(place, row):
    metric = choice(place, "metric", row["metric"], METRICS)
    units = tuple(US_OF_UNIT) if metric == "time" else ("GB/s",)
    unit = choice(place, "unit", row["unit"], units)
    operation = choice(place, "operation", row["operation"], OPERATIONS)
    gpus = whole(place, "gpus", row["gpus"], 1 << 20)
    nodes = whole(place, "nodes", row["nodes"], 1 << 14)
    if gpus < 2 or gpus % nodes != 0:
        raise BadInput(place, f"{gpus} GPUs on {nodes} nodes",
                       "state at least two GPUs, as many on each node")
    size_bytes = whole(place, "size_bytes", row["size_bytes"], 1 << 50)
    value = number(place, "published", row["published"])
    for name in ("id", "hardware", "table"):
        if not row[name]:
            raise BadInput(place, f"{name} is empty", "fill it in")
    return Case(row["id"], row["hardware"], nodes, gpus, operation, size_bytes, row["algorithm"],
                choice(place, "launch", row["launch"], LAUNCHES),
                time_us(operation, gpus, size_bytes, value, unit, metric), row["table"],
                row["source"])


def read_rows(path, check_header, make_case, size_max_bytes, rows_max):
    """`make_case(place, row)` of every row of a CSV file with a header, which `check_header(name,
    header)` refuses where it is wrong. Raises BadInput with FILE:LINE."""
    name = printable(path)
    reader = csv.reader(io.StringIO(read_bounded(path, size_max_bytes)), strict=True)
    cases, ids = [], set()
    try:
        header = [column.strip() for column in next(reader, [])]
        check_header(name, header)
        for fields in reader:
            place = f"{name}:{reader.line_num}"
            if not fields:
                continue
            if len(fields) != len(header):
                raise BadInput(place, f"has {len(fields)} fields instead of {len(header)}",
                               "write one per column")
            case = make_case(place, {key: field.strip() for key, field in zip(header, fields)})
            if case.id in ids:
                raise BadInput(place, f"the id '{printable(case.id)}' is there twice",
                               "give each row one of its own")
            ids.add(case.id)
            cases.append(case)
            if len(cases) > rows_max:
                raise BadInput(place, f"there are more than {rows_max} rows", "split the file")
    except csv.Error as error:
        raise BadInput(f"{name}:{reader.line_num}", f"is no CSV ({error})",
                       "quote fields that hold commas") from error
    if not cases:
        raise BadInput(name, "has no rows", "write one row per measurement")
    return cases


def _check_header(name, header):
    missing = [column for column in COLUMNS if column not in header]
    if missing or len(set(header)) != len(header):
        raise BadInput(f"{name}:1", f"lacks the column {missing[0]}" if missing else
                       "has a column twice", f"write the columns {','.join(COLUMNS)}")


def read_cases(path):
    """All rows of a case file. Raises BadInput with FILE:LINE."""
    return read_rows(path, _check_header, _case, SIZE_MAX_BYTES, ROWS_MAX)
