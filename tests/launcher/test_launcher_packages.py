# SPDX-License-Identifier: MIT
"""Missing system packages: named with their purpose, installed once, never without need."""
from pathlib import Path

import pytest

from launcher import packages
from launcher.console import LauncherError


ROOT = Path(__file__).resolve().parents[2]
EVERY = (packages.COMPILE + packages.SIMULATOR + packages.TEST + packages.TEST_PROGRAMS
         + packages.FORMAT + packages.LINT + tuple(packages.DEBUGGERS.values()))


def forget_program(checkout, name):
    (checkout.bin / name).unlink()


def test_nothing_is_installed_when_nothing_is_missing(checkout):
    assert checkout.ns3("build").returncode == 0
    assert checkout.calls("apt-get") == []


def test_missing_packages_are_named_and_installed(checkout):
    checkout.without("libmd-dev", "libns3-dev")
    done = checkout.ns3("build")
    assert done.returncode == 0, done.stderr
    assert "libmd-dev            SHA-256 of trace files" in done.stderr
    assert "libns3-dev           the network simulator ns-3" in done.stderr
    installs = [call for call in checkout.calls("apt-get") if "install" in call]
    assert len(installs) == 1
    assert set(installs[0][installs[0].index("install") + 1:]) == {"libmd-dev", "libns3-dev"}
    assert "-y" in installs[0] and "--no-install-recommends" in installs[0]
    # And only then is anything configured.
    order = [call[0] for call in checkout.calls()]
    assert order.index("apt-get") < order.index("cmake")


def test_no_install_only_names_them(checkout):
    checkout.without("libmd-dev", "zlib1g-dev")
    for words in (["configure", "--no-install"], ["build", "--no-install"],
                  ["run", "--no-install", "ddl-trace"], ["run", "ddl-trace", "--no-install"]):
        done = checkout.ns3(*words)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "zlib1g-dev (compressed traces), libmd-dev (SHA-256 of trace files)" in done.stderr
        assert done.stderr.endswith("apt-get install zlib1g-dev libmd-dev\n")
    assert checkout.calls("apt-get") == [] and checkout.calls("cmake") == []


def test_a_program_in_path_counts_whoever_installed_it(checkout):
    checkout.without("cmake", "ninja-build", "g++", "protobuf-compiler")
    checkout.tool("g++", "")
    done = checkout.ns3("build", "--no-install")
    assert done.returncode == 2
    assert "protobuf-compiler (traces" in done.stderr
    for present in ("cmake", "ninja-build", "g++"):
        assert present not in done.stderr
    checkout.tool("protoc", "")
    assert checkout.ns3("build", "--no-install").returncode == 0


def test_lists_are_updated_and_tried_again_before_giving_up(checkout):
    checkout.without("libmd-dev")
    (checkout.root / "apt-fails").touch()
    done = checkout.ns3("build")
    assert done.returncode == 1
    assert "E: Unable to locate package" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("ns3: apt-get could not install the packages")
    assert any("update" in call for call in checkout.calls("apt-get"))
    assert checkout.calls("cmake") == []


def test_a_package_that_went_away_is_found_out_when_the_build_fails(checkout):
    checkout.ns3("build")
    checkout.without("libmd-dev")
    (checkout.root / "compiler-fails").touch()
    done = checkout.ns3("build", "--no-install")
    assert done.returncode == 2
    assert "libmd-dev (SHA-256 of trace files)" in done.stderr


def test_a_debugger_is_needed_only_where_it_is_used(checkout):
    checkout.without("gdb", "valgrind")
    assert checkout.ns3("run", "--no-install", "ddl-trace").returncode == 0
    done = checkout.ns3("run", "--no-install", "--gdb", "ddl-trace")
    assert done.returncode == 2 and "gdb (debugs a program)" in done.stderr


def test_without_dpkg_headers_and_programs_are_looked_for(checkout, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert packages.installed_by_dpkg(["g++"]) is None
    header = packages.Package("x-dev", "x", header="vector-that-nobody-has.h")
    program = packages.Package("y", "y", program="y")
    assert packages.missing([header, program]) == [header, program]
    (tmp_path / "y").write_text("")
    (tmp_path / "y").chmod(0o755)
    monkeypatch.setattr(packages, "has_header", lambda name, folders: "/usr/include" in folders)
    assert packages.missing([header, program]) == []


def test_without_apt_the_names_are_all_that_can_be_given(checkout):
    checkout.without("libmd-dev")
    forget_program(checkout, "apt-get")
    done = checkout.ns3("build")
    assert done.returncode == 2
    assert "libmd-dev (SHA-256 of trace files)" in done.stderr and "package manager" in done.stderr


def test_privileges(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert packages.privileges(0, "apt-get install x") == []
    with pytest.raises(LauncherError, match="as root: apt-get install x"):
        packages.privileges(1000, "apt-get install x")
    (tmp_path / "sudo").write_text("")
    (tmp_path / "sudo").chmod(0o755)
    assert packages.privileges(1000, "apt-get install x") == ["sudo"]


def test_every_package_has_a_purpose_and_one_way_to_be_found():
    for package in EVERY:
        assert package.purpose
        assert bool(package.program) + bool(package.header) + bool(package.module) == 1
    assert len({package.name for package in EVERY}) == len(EVERY)


def test_every_package_is_on_the_licence_page():
    page = (ROOT / "third_party" / "README.md").read_text()
    for package in EVERY:
        assert "`%s`" % package.name in page
