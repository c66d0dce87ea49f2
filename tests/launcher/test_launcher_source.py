# SPDX-License-Identifier: MIT
"""The launcher runs before anything is installed: old Pythons, standard library only."""
import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "ns3", *sorted((ROOT / "launcher").glob("*.py"))]
STANDARD = {"ast", "concurrent", "contextlib", "difflib", "fcntl", "glob", "json", "os", "pathlib",
            "re", "shlex", "shutil", "signal", "subprocess", "sys", "time", "typing", "xml"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_python_3_9_and_the_standard_library(source):
    text = source.read_text(encoding="utf-8")
    tree = ast.parse(text, feature_version=(3, 9))
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        for name in names:
            assert name.split(".")[0] in STANDARD | {"launcher"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_house_style(source):
    lines = source.read_text(encoding="utf-8").splitlines()
    assert any(line == "# SPDX-License-Identifier: MIT" for line in lines[:2])
    assert max(map(len, lines)) <= 100
    assert len(lines) <= 250


def test_readme_of_dependencies_names_what_cmake_looks_for():
    found = (ROOT / "third_party" / "dependencies.cmake").read_text()
    page = (ROOT / "third_party" / "README.md").read_text().lower()
    spelled = {"gtest": "libgtest-dev", "zlib": "zlib1g-dev", "ddlns3": "libns3-dev",
               "nlohmann_json": "nlohmann-json3-dev", "absl": "libabsl-dev", "libmd": "libmd-dev",
               "protobuf": "libprotobuf-dev", "yaml-cpp": "libyaml-cpp-dev",
               "cli11": "libcli11-dev", "pugixml": "libpugixml-dev"}
    for name in re.findall(r"find_package\((\S+)", found):
        assert "`%s`" % spelled[name.lower()] in page
