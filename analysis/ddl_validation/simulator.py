# SPDX-License-Identifier: MIT
"""Runs ddl-scenario for groups of cases."""

import concurrent.futures
import csv
import itertools
import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from ddl_validation.errors import BadInput, RunFailed, printable
from ddl_validation.presets import gpu_count

BAD_INPUT, INTERRUPTED = 2, 130


class Outcome(NamedTuple):
    """Of one size."""

    time_us: float
    model_us: float  # nan where there is no model
    algorithm: str
    protocol: str    # empty where there is no library


class Refused(NamedTuple):
    """What the simulator says about a group that it cannot run."""

    reason: str


def attribute_name(parameter):
    """ll_base_us -> LlBaseUs, as ns3::ddl::Library names it."""
    return "".join(word[:1].upper() + word[1:] for word in parameter.split("_"))


class Simulator:
    """`options` are handed to every run; runs lie in folder `scratch` for as long as they are read.
    Outcomes are kept by group and parameters."""

    def __init__(self, program, scratch, options=(), jobs=1):
        self.program = str(program)
        self.scratch = Path(scratch)
        self.options = tuple(options)
        self.jobs = jobs
        self._kept = {}
        self._numbers = itertools.count()

    def run_all(self, groups, parameters=None, is_estimate=False):
        """{group: {size: Outcome} or Refused}. `parameters`: (name, value) of the library, or a
        function of the group that says which."""
        def parameters_of(group):
            return tuple(sorted((parameters(group) if callable(parameters) else parameters) or ()))

        wanted = [(group, parameters_of(group), is_estimate) for group in groups]
        missing = [key for key in wanted if key not in self._kept]
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            futures = [pool.submit(self._run, *key) for key in missing]
            try:
                for key, future in zip(missing, futures):
                    self._kept[key] = future.result()
            except BaseException:
                for future in futures:
                    future.cancel()
                raise
        return {key[0]: self._kept[key] for key in wanted}

    def _arguments(self, group, parameters):
        arguments = [f"--collective-bench={group.operation}", f"--hardware={group.hardware}",
                     f"--nodes={group.nodes}", f"--ranks={group.gpus}",
                     f"--sizes={','.join(map(str, group.sizes))}", f"--launch={group.launch}"]
        if group.algorithm:
            arguments.append(f"--algo={group.algorithm}")
        given = {option.partition("=")[0] for option in self.options}
        if group.frame and "--scale-up-frame" not in given and gpu_count(group.hardware) > 1:
            arguments.append(f"--scale-up-frame={group.frame}")
        if "--topology" not in given:
            arguments.append("--topology=star")
        arguments += [f"--ns3::ddl::Library::{attribute_name(name)}={value!r}"
                      for name, value in parameters]
        return [*arguments, *self.options]

    def _run(self, group, parameters, is_estimate):
        arguments = self._arguments(group, parameters)
        if is_estimate:
            done = self._start([*arguments, "--estimate=true"])
            return done if isinstance(done, Refused) else _read_table(done)
        # The simulator makes the folder, and only where it has nothing to refuse.
        out = self.scratch / f"run-{os.getpid()}-{next(self._numbers)}"
        try:
            done = self._start([*arguments, "--timeline-ranks=0", "--flow-rows=traffic",
                                f"--out={out}"])
            return done if isinstance(done, Refused) else _read_collectives(out)
        finally:
            shutil.rmtree(out, ignore_errors=True)

    def _start(self, arguments):
        """What the program prints, or Refused."""
        try:
            done = subprocess.run([self.program, *arguments], capture_output=True, text=True,
                                  check=False)
        except OSError as error:
            raise BadInput(self.program, f"cannot be run ({error.strerror})",
                           "build it with ./ns3 build") from error
        if done.returncode == BAD_INPUT:
            return Refused(printable(done.stderr.strip().removeprefix("ddl-scenario: "), 400))
        if done.returncode in (INTERRUPTED, -2):
            raise KeyboardInterrupt
        if done.returncode != 0:
            raise RunFailed(f"{' '.join([self.program, *arguments])}: status {done.returncode}: "
                            f"{printable(done.stderr.strip(), 400)}")
        return done.stdout


def _mean(values):
    return sum(values) / len(values)


def _read_collectives(folder):
    """{size: Outcome} of collectives.csv; the mean where a size ran more than once."""
    found = {}
    with open(folder / "collectives.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(int(row["size_bytes"]), []).append(row)
    return {size: Outcome(_mean([float(row["time_ns"]) for row in rows]) / 1e3,
                          float(rows[0]["model_ns"] or "nan") / 1e3, rows[0]["algorithm"],
                          rows[0]["protocol"]) for size, rows in found.items()}


def _read_table(text):
    """{size: Outcome} of what --estimate prints."""
    names, found = None, {}
    for line in text.splitlines():
        words = line.lstrip("# ").split()
        if words[:2] == ["size", "count"]:
            names = words
        elif names and len(words) == len(names) and not line.startswith("#"):
            row = dict(zip(names, words))
            found[int(row["size"])] = Outcome(float(row["time"]), float(row["model"]),
                                              row["algorithm"], row["protocol"])
    return found
