# SPDX-License-Identifier: MIT
"""House style that a reader of one file cannot see: licences, lengths, who may include whom."""
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("base", "bench", "analysis", "hardware", "launcher", "ns3-module", "scenarios", "tests",
           "third_party", "traces", "workload-gen", "cmake")
SUFFIXES = {".cc", ".h", ".py", ".cmake", ".proto", ".yaml"}
SOURCES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*")
                 if path.suffix in SUFFIXES or path.name == "CMakeLists.txt")
GPL_FOLDERS = ("ns3-module", "scenarios")

# Arrows of docs/ARCHITECTURE.md: a room -> the rooms that it may include from.
ROOMS = {
    "base": set(),
    "traces": {"base"},
    "hardware": {"base"},
    "workload-gen": {"base", "traces", "hardware"},
    "ns3-module/model/fabric": {"base"},
    "ns3-module/model/topology": {"base", "fabric", "hardware"},
    "ns3-module/model/congestion": {"base", "fabric"},
    "ns3-module/model/nic": {"base", "fabric", "congestion"},
    "ns3-module/model/cluster": {"base", "fabric", "nic", "hardware"},
    "ns3-module/model/collective": {"base", "traces"},  # the names of collectives
    "ns3-module/model/library": {"base", "collective"},
    "ns3-module/model/endpoint": {"base", "fabric", "nic", "cluster", "collective", "library",
                                  "hardware"},
    "ns3-module/model/replay": {"base", "fabric", "nic", "collective", "endpoint", "hardware",
                                "traces"},
    "ns3-module/model/traffic": {"base", "fabric", "nic"},
}

# The same inside the workload generator, from the bottom up; headers there are named in full.
GENERATOR = ("numbers", "layers", "architecture", "huggingface", "parallel", "graph", "plan",
             "memory", "estimate", "describe", "program")


def name(path):
    return str(path.relative_to(ROOT))


def test_licence_and_length():
    assert len(SOURCES) > 300
    for source in SOURCES:
        lines = source.read_text(encoding="utf-8").splitlines()
        licence = "GPL-2.0-only" if name(source).startswith(GPL_FOLDERS) else "MIT"
        spdx = "SPDX-License-Identifier: " + licence
        assert any(line.endswith(spdx) for line in lines[:2]), name(source)
        assert len(lines) <= 500, name(source)


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_point_one_way(room):
    own = room.rsplit("/", 1)[-1]
    rooms = {key.rsplit("/", 1)[-1] for key in ROOMS} | {"results"}
    for source in (ROOT / room).rglob("*"):
        if source.suffix not in {".cc", ".h"}:
            continue
        for included in re.findall(r'^#include "([^"]+)"', source.read_text(encoding="utf-8"),
                                   re.MULTILINE):
            target = included.split("/")[0]
            assert target != "ns3", "%s: plain C++ sees no ns-3 header" % name(source)
            if "/" in included and target in rooms | {own}:
                assert target in ROOMS[room] | {own}, "%s includes %s" % (name(source), included)


def test_the_generators_rooms_lie_on_each_other():
    folders = {path.name for path in (ROOT / "workload-gen").iterdir() if path.is_dir()}
    assert folders - {"models"} == set(GENERATOR)
    for source in (ROOT / "workload-gen").rglob("*"):
        if source.suffix not in {".cc", ".h"}:
            continue
        height = GENERATOR.index(source.parent.name)
        for room in re.findall(r'^#include "workload-gen/([^"]+)/[^"/]+"',
                               source.read_text(encoding="utf-8"), re.MULTILINE):
            assert GENERATOR.index(room) <= height, "%s includes %s" % (name(source), room)


def test_an_ns3_tree_builds_the_sources_of_all_rooms():
    """contrib.cmake takes whole folders: none may lie deeper than it looks."""
    text = (ROOT / "ns3-module/contrib.cmake").read_text(encoding="utf-8")
    globs = re.search(r"file\(GLOB ddl_sources CONFIGURE_DEPENDS(.*?)\)", text, re.DOTALL).group(1)
    taken = set()
    for pattern in globs.split():
        pattern = pattern.replace("${ddl_module}", "ns3-module").replace("${ddl_root}/", "")
        taken |= set(ROOT.glob(pattern))
    for room in ("base", "traces", "hardware", "ns3-module/model", "ns3-module/helper"):
        for source in (ROOT / room).rglob("*.cc"):
            assert source in taken, name(source)
