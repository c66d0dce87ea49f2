# SPDX-License-Identifier: MIT
"""Measured training runs, and the CSV files that hold them (columns: docs/validate.md)."""

import csv
import io
import shlex
from pathlib import Path
from typing import NamedTuple

from ddl_validation.cases import choice, number, read_rows, whole
from ddl_validation.errors import BadInput, printable, read_bounded

SIZE_MAX_BYTES = 16 << 20
ROWS_MAX = 10_000
NEEDED = ("id", "hardware", "nodes", "gpus", "model", "global_batch", "published", "unit",
          "metric", "table", "source")
OPTIONAL = ("tp", "pp", "cp", "ep", "schedule", "virtual_stages", "microbatches",
            "sequence_length", "precision", "recompute", "zero", "options", "flops")
SECONDS_OF_UNIT = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}
UNITS = {
    "time": tuple(SECONDS_OF_UNIT),
    "samples_per_s": ("samples/s", "seq/s", "img/s"),
    "tokens_per_s": ("tok/s",),
    "tokens_per_s_per_gpu": ("tok/s",),
    "tflops_per_gpu": ("TFLOP/s",),
}
# Columns that are options of ddl-workload as they stand.
_AS_OPTIONS = {"tp": "--tp", "pp": "--pp", "cp": "--cp", "ep": "--ep", "schedule": "--schedule",
               "virtual_stages": "--virtual-stages", "microbatches": "--microbatches",
               "sequence_length": "--sequence-length", "precision": "--precision",
               "recompute": "--recompute", "zero": "--zero"}


class TrainingCase(NamedTuple):
    id: str
    hardware: str
    nodes: int
    gpus: int
    model: str
    plan: str  # "tp 8, pp 4": for the tables that are printed
    workload_options: tuple  # of ddl-workload, without those of the hardware
    published_s: float
    table: str
    source: str


def is_training_file(path):
    """Whether a case file is of training: it has a column `model`."""
    text = read_bounded(path, SIZE_MAX_BYTES * 4)
    header = next(csv.reader(io.StringIO(text)), [])
    return "model" in [name.strip() for name in header]


def iteration_s(place, row, gpus):
    """The time of an iteration that a published figure stands for."""
    metric = choice(place, "metric", row["metric"], tuple(UNITS))
    unit = choice(place, "unit", row["unit"], UNITS[metric])
    value = number(place, "published", row["published"])
    if metric == "time":
        return value * SECONDS_OF_UNIT[unit]
    batch = whole(place, "global_batch", row["global_batch"], 1 << 30)
    if metric == "samples_per_s":
        return batch / value
    if metric == "tflops_per_gpu":
        if not row["flops"]:
            raise BadInput(place, "flops is empty", "state the operations of an iteration, as the "
                           "source counts them")
        return number(place, "flops", row["flops"]) / (value * 1e12 * gpus)
    if not row["sequence_length"]:
        raise BadInput(place, "sequence_length is empty", "tokens per second need it")
    tokens = batch * whole(place, "sequence_length", row["sequence_length"], 1 << 30)
    return tokens / value / (gpus if metric == "tokens_per_s_per_gpu" else 1)


def _degree(place, row, name):
    return whole(place, name, row[name], 1 << 20) if row[name] else 1


def _model(path, name):
    """Models in files lie beside the case file."""
    return str(path.parent / name) if ".yaml" in name else name


def _case(place, row, path):
    for name in ("id", "hardware", "model", "table"):
        if not row[name]:
            raise BadInput(place, f"{name} is empty", "fill it in")
    gpus, nodes = (whole(place, name, row[name], 1 << 20) for name in ("gpus", "nodes"))
    model_parallel = _degree(place, row, "tp") * _degree(place, row, "pp")
    model_parallel *= _degree(place, row, "cp")
    if gpus % nodes or gpus % model_parallel:
        raise BadInput(place, f"{gpus} GPUs on {nodes} nodes, {model_parallel} per replica",
                       "state as many GPUs on each node, and whole replicas")
    replicas = gpus // model_parallel
    batch = whole(place, "global_batch", row["global_batch"], 1 << 30)
    if batch % replicas:
        raise BadInput(place, f"a batch of {batch} does not divide among {replicas} replicas",
                       "correct global_batch")
    options = [f"--model={_model(path, row['model'])}", f"--dp={replicas}",
               f"--batch={batch // replicas}"]
    options += [f"{option}={row[name]}" for name, option in _AS_OPTIONS.items() if row[name]]
    try:
        options += shlex.split(row["options"])
    except ValueError as error:
        raise BadInput(place, f"options cannot be read ({error})", "close the quotes") from error
    plan = [f"{name} {row[name]}" for name in ("tp", "pp", "cp", "ep", "zero")
            if row[name] not in ("", "0", "1")] + ([f"dp {replicas}"] if replicas > 1 else [])
    return TrainingCase(row["id"], row["hardware"], nodes, gpus, row["model"], ", ".join(plan),
                        tuple(options), iteration_s(place, row, gpus), row["table"],
                        row["source"])


def _check_header(name, header):
    missing = [column for column in NEEDED if column not in header]
    unknown = [column for column in header if column not in NEEDED + OPTIONAL]
    if missing or unknown or len(set(header)) != len(header):
        problem = f"lacks the column {missing[0]}" if missing else "has a column twice"
        if unknown:
            problem = f"has an unknown column '{printable(unknown[0])}'"
        raise BadInput(f"{name}:1", problem, f"write the columns {','.join(NEEDED)} and any of "
                       f"{','.join(OPTIONAL)}")


def read_training_cases(path):
    """All rows of a case file. Raises BadInput with FILE:LINE."""
    path = Path(path)
    return read_rows(path, _check_header,
                     lambda place, row: _case(place, {**dict.fromkeys(OPTIONAL, ""), **row}, path),
                     SIZE_MAX_BYTES, ROWS_MAX)
