# SPDX-License-Identifier: MIT
"""Where things lie in the checkout."""

import os
from pathlib import Path

ROOT = Path(os.environ.get("DDL_ROOT", Path(__file__).resolve().parents[2]))
OWN_CASES = ROOT / "tests" / "validation" / "cases" / "collectives.csv"
OWN_LEFT_OUT = OWN_CASES.with_name("left-out.csv")
OWN_TRAINING_CASES = OWN_CASES.with_name("training.csv")
OWN_TRAINING_LEFT_OUT = OWN_CASES.with_name("training-left-out.csv")
DEFAULT_OUT = ROOT / "results" / "validate"
PROGRAM = Path(os.environ.get("DDL_BIN_DIR") or ROOT / "build" / "release" / "bin") / "ddl-scenario"


def preset_folder(variable, name):
    """hardware/NAME, unless the environment variable names another."""
    return Path(os.environ.get(variable) or ROOT / "hardware" / name)
