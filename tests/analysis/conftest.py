# SPDX-License-Identifier: MIT
"""Result folders for the tests: written by the program ddl-sample-results, or by hand."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "analysis"), str(ROOT / "tests" / "analysis")]


def _sample_program():
    candidates = [os.environ.get("DDL_SAMPLE_RESULTS", "")]
    if "DDL_BUILD_DIR" in os.environ:
        candidates.append(os.path.join(os.environ["DDL_BUILD_DIR"], "tests", "ddl-sample-results"))
    presets = ("release", "dev", "asan")
    candidates += [str(ROOT / "build" / p / "tests" / "ddl-sample-results") for p in presets]
    for candidate in candidates:
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    pytest.fail("no program ddl-sample-results: build it, or name it in DDL_SAMPLE_RESULTS")
    return ""


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory):
    """A function (ranks, kind) -> folder of a made-up run, written once per session."""
    program = _sample_program()
    made = {}

    def make(ranks=16, kind="finished"):
        if (ranks, kind) not in made:
            folder = tmp_path_factory.mktemp("results") / "run"
            command = [program, folder, str(ranks), kind]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            made[ranks, kind] = folder
        return made[ranks, kind]

    return make
