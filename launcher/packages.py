# SPDX-License-Identifier: MIT
"""System packages: which a verb needs and why, which are missing, how they get installed."""
import glob
import os
import shutil
import subprocess
from typing import NamedTuple

from launcher.console import FAILED, LauncherError, note
from launcher.layout import BUILD


class Package(NamedTuple):
    name: str     # of the Debian package
    purpose: str
    program: str = ""  # one that it brings
    header: str = ""   # one that it brings
    module: str = ""   # Python's


COMPILE = (
    Package("g++", "compiles the sources", program="g++"),
    Package("cmake", "configures the build", program="cmake"),
    Package("ninja-build", "runs the build", program="ninja"),
    Package("libprotobuf-dev", "traces: messages on the wire",
            header="google/protobuf/message.h"),
    Package("protobuf-compiler", "traces: compiles the schema", program="protoc"),
    Package("libabsl-dev", "workload generator: containers and strings",
            header="absl/base/config.h"),
    Package("libyaml-cpp-dev", "reads presets and configuration", header="yaml-cpp/yaml.h"),
    Package("nlohmann-json3-dev", "writes and reads JSON", header="nlohmann/json.hpp"),
    Package("libcli11-dev", "command lines of the tools", header="CLI/CLI.hpp"),
    Package("zlib1g-dev", "compressed traces", header="zlib.h"),
    Package("libmd-dev", "SHA-256 of trace files", header="sha2.h"),
    Package("libgtest-dev", "the C++ tests", header="gtest/gtest.h"),
)
SIMULATOR = (
    Package("libns3-dev", "the network simulator ns-3", header="ns3/core-module.h"),
    Package("libpugixml-dev", "networks and collective algorithms in XML", header="pugixml.hpp"),
)
PLOT = (
    Package("python3-matplotlib", "draws the figures", module="matplotlib"),
    Package("python3-pandas", "reads the result tables", module="pandas"),
    Package("python3-numpy", "numbers behind the figures", module="numpy"),
)
VALIDATE = PLOT + (Package("python3-yaml", "reads presets", module="yaml"),)
TEST = PLOT + (
    Package("python3-pytest", "runs the Python tests", module="pytest"),
    Package("python3-yaml", "tests of configuration files", module="yaml"),
)
TEST_PROGRAMS = (Package("tshark", "tests of packet captures", program="tshark"),)
FORMAT = (Package("clang-format", "formats the C++ sources", program="clang-format"),)
LINT = (Package("clang-tidy", "checks the C++ sources", program="clang-tidy"),)
DEBUGGERS = {
    "gdb": Package("gdb", "debugs a program", program="gdb"),
    "valgrind": Package("valgrind", "checks a program's memory", program="valgrind"),
}

APT_LISTS = "/var/lib/apt/lists"


def installed_by_dpkg(names):
    """Those of `names` that dpkg has installed; None on a system without dpkg."""
    if not shutil.which("dpkg-query"):
        return None
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\n", *names],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    words = [line.split() for line in asked.stdout.splitlines()]
    return {pair[1] for pair in words if len(pair) == 2 and pair[0] == "installed"}


def has_header(header, folders):
    return any(os.path.exists(os.path.join(folder, header)) for folder in folders)


def missing(packages):
    """The packages to install. What a user put into PATH or /usr/local counts as present."""
    installed = installed_by_dpkg([package.name for package in packages])
    folders = ["/usr/local/include"]
    if installed is None:
        folders.append("/usr/include")
        installed = set()
    return [package for package in packages
            if package.name not in installed
            and not (package.program and shutil.which(package.program))
            and not (package.header and has_header(package.header, folders))]


def require(packages, install=True):
    """Makes sure that all of `packages` are there; says what was missing and why."""
    absent = missing(packages)
    if absent:
        install_packages(absent, install)


def install_packages(absent, install):
    names = [package.name for package in absent]
    command = "apt-get install " + " ".join(names)
    if not install or not shutil.which("apt-get"):
        listed = ", ".join("%s (%s)" % (package.name, package.purpose) for package in absent)
        remedy = "install them with: %s" % command
        if not shutil.which("apt-get"):
            remedy = "install what they stand for with this system's package manager"
        raise LauncherError("missing packages: %s; %s" % (listed, remedy))
    elevate = privileges(os.geteuid(), command)
    note("missing packages:")
    for package in absent:
        note("  %-20s %s" % (package.name, package.purpose))
    note("installing them with apt-get, which can take some minutes")
    if not glob.glob(APT_LISTS + "/*_Packages*"):
        apt(elevate, ["update"])
    # Lists that are too old name files that the mirror no longer has: refresh them, once.
    if not apt(elevate, ["install", *names]):
        if not apt(elevate, ["update"]) or not apt(elevate, ["install", *names]):
            raise LauncherError("apt-get could not install the packages; see %s"
                                % apt_log(), FAILED)
    note("installed: %s" % " ".join(names))


def privileges(user, command):
    """What to put before apt-get so that it may install."""
    if user == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo"]
    raise LauncherError("missing packages, and neither root nor sudo to install them; "
                        "as root: %s" % command)


def apt_log():
    return BUILD / "packages.log"


def apt(elevate, arguments):
    """Runs apt-get without questions, its output in a log; True where it succeeded."""
    command = [*elevate, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q",
               "-o", "Dpkg::Use-Pty=0", "--no-install-recommends", *arguments]
    BUILD.mkdir(exist_ok=True)
    with open(apt_log(), "a", encoding="utf-8") as log:
        done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        lines = apt_log().read_text(encoding="utf-8", errors="replace").splitlines()
        for line in lines[-5:]:
            note("apt-get: " + line)
    return done.returncode == 0
