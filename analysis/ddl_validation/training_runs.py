# SPDX-License-Identifier: MIT
"""Runs training cases: ddl-workload for the closed formulas, ddl-scenario for packets."""

import concurrent.futures
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import yaml

from ddl_validation.errors import BadInput, RunFailed, printable
from ddl_validation.presets import host_path
from ddl_validation.simulator import BAD_INPUT, INTERRUPTED, Refused

COARSE_FRAME = "32KiB"  # of scale-up networks: exchanges of training are megabytes


class TrainingOutcome(NamedTuple):
    iteration_s: float
    compute_s: float   # of the rank that computes longest
    is_packet_level: bool


def gpu_of(hardware):
    """The GPU of a host preset, followed through `like`."""
    path = host_path(hardware)
    while path is not None:
        with open(path, encoding="utf-8") as file:
            preset = yaml.safe_load(file)
        if "gpu" in preset:
            return preset["gpu"]
        path = host_path(preset["like"]) if "like" in preset else None
    return None


def _tell_progress(futures):
    """One line that counts the runs that have ended, for those who wait for an hour."""
    count, lock = itertools.count(1), threading.Lock()

    def tell(_):
        with lock:
            done = next(count)
            print(f"\r{done} of {len(futures)} runs", end="\n" if done == len(futures) else "",
                  file=sys.stderr, flush=True)

    for future in futures:
        future.add_done_callback(tell)


class TrainingRunner:
    """`options` are handed to ddl-scenario; what a run writes lies in `scratch` until it is read."""

    def __init__(self, bin_folder, scratch, options=(), jobs=1):
        self.workload = str(Path(bin_folder) / "ddl-workload")
        self.scenario = str(Path(bin_folder) / "ddl-scenario")
        self.scratch = Path(scratch)
        self.options = tuple(options)
        self.jobs = jobs
        self._numbers = itertools.count()

    def run_all(self, cases, is_estimate):
        """[TrainingOutcome or Refused], in the order of the cases; the largest run first."""
        order = sorted(range(len(cases)), key=lambda i: -cases[i].gpus)
        found = [None] * len(cases)
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            futures = {i: pool.submit(self._estimate if is_estimate else self._replay, cases[i])
                       for i in order}
            if not is_estimate and sys.stderr.isatty():
                _tell_progress(futures.values())
            try:
                for i, future in futures.items():
                    found[i] = future.result()
            except BaseException:
                for future in futures.values():
                    future.cancel()
                raise
        return found

    def _workload(self, case, *more):
        return self._start([self.workload, *case.workload_options, f"--gpu={gpu_of(case.hardware)}",
                            *more])

    def _estimate(self, case):
        done = self._workload(case, f"--estimate={case.hardware}", f"--nodes={case.nodes}")
        if isinstance(done, Refused):
            return done
        found = dict(line.split(None, 1) for line in done.splitlines())
        return TrainingOutcome(int(found["iteration_ns"]) / 1e9, int(found["compute_ns"]) / 1e9,
                               False)

    def _replay(self, case):
        number = f"{os.getpid()}-{next(self._numbers)}"
        traces, out = self.scratch / f"traces-{number}", self.scratch / f"run-{number}"
        try:
            done = self._workload(case, f"--out={traces}")
            if isinstance(done, Refused):
                return done
            done = self._start([self.scenario, *self._scenario_arguments(case, traces),
                                f"--out={out}"])
            if isinstance(done, Refused):
                return done
            with open(out / "summary.json", encoding="utf-8") as file:
                summary = json.load(file)
            return TrainingOutcome(summary["iteration_time_ns"] / 1e9,
                                   summary["compute_time_ns"] / 1e9, True)
        finally:
            shutil.rmtree(traces, ignore_errors=True)
            shutil.rmtree(out, ignore_errors=True)

    def _scenario_arguments(self, case, traces):
        arguments = [f"--workload={traces}", f"--hardware={case.hardware}",
                     f"--nodes={case.nodes}", "--timeline-ranks=0", "--flow-rows=traffic"]
        given = {option.partition("=")[0] for option in self.options}
        if "--scale-up-frame" not in given:
            arguments.append(f"--scale-up-frame={COARSE_FRAME}")
        return [*arguments, *self.options]

    def _start(self, arguments):
        """What the program prints, or Refused."""
        try:
            done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        except OSError as error:
            raise BadInput(arguments[0], f"cannot be run ({error.strerror})",
                           "build it with ./ns3 build") from error
        if done.returncode == BAD_INPUT:
            reason = done.stderr.strip().partition(": ")[2] or done.stderr.strip()
            return Refused(printable(reason, 400))
        if done.returncode in (INTERRUPTED, -2):
            raise KeyboardInterrupt
        if done.returncode != 0:
            raise RunFailed(f"{' '.join(arguments)}: status {done.returncode}: "
                            f"{printable(done.stderr.strip(), 400)}")
        return done.stdout
