# SPDX-License-Identifier: MIT
"""Where things lie in the checkout, and the environment that programs and tests get."""
import json
import os
import re
from pathlib import Path

from launcher.console import unknown

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DEFAULT_PRESET = "release"
# In the order of a user's day; whatever else CMake puts into bin/ can be run as well.
PROGRAMS = ("ddl-scenario", "ddl-workload", "ddl-trace")


def presets():
    """Names of the configure presets, read from where CMake reads them."""
    described = json.loads((ROOT / "CMakePresets.json").read_text(encoding="utf-8"))
    return [entry["name"] for entry in described["configurePresets"] if not entry.get("hidden")]


def check_preset(name):
    if name not in presets():
        raise unknown("preset", name, presets())
    return name


def build_folder(preset):
    return BUILD / preset


def bin_folder(preset):
    return build_folder(preset) / "bin"


def version():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"project\(ddlsim VERSION ([0-9.]+)", text).group(1)


def runtime_environment(folder):
    """The environment of programs that were built into `folder`."""
    environment = dict(os.environ)
    environment["DDL_ROOT"] = str(ROOT)
    environment["DDL_BUILD_DIR"] = str(folder)
    environment["DDL_BIN_DIR"] = str(Path(folder) / "bin")
    return environment


def python_environment(folder):
    """The same for Python parts: they find ddl_analysis, and their caches stay inside build/."""
    environment = runtime_environment(folder)
    paths = [str(ROOT / "analysis")]
    if environment.get("PYTHONPATH"):
        paths.append(environment["PYTHONPATH"])
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment.setdefault("MPLCONFIGDIR", str(BUILD / "matplotlib"))
    return environment
