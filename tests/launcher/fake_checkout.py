# SPDX-License-Identifier: MIT
"""A copy of the launcher with fake tools in PATH, which note how they were called."""
import json
import os
import shutil
import subprocess
import sys
import textwrap

PRELUDE = """#!{python} -IS
import json, os, sys
from pathlib import Path
arguments = sys.argv[1:]
ROOT = Path({root!r})
with open({log!r}, "a") as log:
    log.write(json.dumps([{name!r}, *arguments]) + "\\n")
"""

CMAKE = """
folder = ROOT / "build" / (arguments[1] if arguments[0] == "--preset" else "tools")
folder.mkdir(parents=True, exist_ok=True)
(folder / "CMakeCache.txt").write_text("CMAKE_HOME_DIRECTORY:INTERNAL=%s\\n" % ROOT)
rules = []
for name in ("ddl-scenario", "ddl-workload", "ddl-trace", "ddl-extra"):
    rules.append("build bin/%s: CXX_EXECUTABLE_LINKER__x a.o\\nbuild %s: phony bin/%s\\n"
                 % (name, name, name))
(folder / "build.ninja").write_text("".join(rules) + "build ddl-base: phony base/libddl-base.a\\n")
"""

# Stands for a compiler too: it makes the programs, which report what they were given.
NINJA = """
folder = Path(arguments[arguments.index("-C") + 1])
if (ROOT / "compiler-fails").exists():
    print("FAILED: a.o")
    print("a.cc:1:1: error: expected a declaration")
    sys.exit(1)
(folder / "bin").mkdir(exist_ok=True)
for name in ("ddl-scenario", "ddl-workload", "ddl-trace", "ddl-extra"):
    program = folder / "bin" / name
    if not program.exists():
        print("[ddl 1/2] Building CXX object a.o")
        program.write_text((ROOT / "program").read_text())
        program.chmod(0o755)
"""

PROGRAM = """#!{python} -IS
import json, os, signal, sys, time
if "--sleep" in sys.argv:
    # os.write: print() may be interrupted in itself, where the handler's would raise.
    signal.signal(signal.SIGINT, lambda *_: (os.write(1, b"finalised\\n"), os._exit(130)))
    os.write(1, b"ready\\n")
    time.sleep(60)
if "--fail" in sys.argv:
    sys.exit(3)
print(json.dumps({{"name": os.path.basename(sys.argv[0]), "arguments": sys.argv[1:],
                  "folder": os.getcwd(),
                  "environment": {{name: value for name, value in os.environ.items()
                                   if name.startswith("DDL_")}}}}))
"""

DPKG_QUERY = """
gone = (ROOT / "gone").read_text().split() if (ROOT / "gone").exists() else []
for name in arguments:
    if not name.startswith("--"):
        if name in gone:
            print("dpkg-query: no packages found matching " + name, file=sys.stderr)
        else:
            print("installed " + name)
sys.exit(1 if gone else 0)
"""

APT_GET = """
if (ROOT / "apt-fails").exists():
    print("E: Unable to locate package")
    sys.exit(100)
if "install" in arguments:
    (ROOT / "gone").unlink(missing_ok=True)
"""


class FakeCheckout:
    def __init__(self, original, folder):
        self.root = folder / "checkout"
        self.bin = folder / "bin"
        self.log = folder / "calls"
        self.root.mkdir()
        self.bin.mkdir()
        for name in ("ns3", "CMakePresets.json", "CMakeLists.txt"):
            shutil.copy(original / name, self.root / name)
        shutil.copytree(original / "launcher", self.root / "launcher",
                        ignore=shutil.ignore_patterns("__pycache__"))
        (self.root / "ns3-module").mkdir()
        (self.root / "program").write_text(PROGRAM.format(python=sys.executable))
        self.tool("cmake", CMAKE)
        self.tool("ninja", NINJA)
        self.tool("dpkg-query", DPKG_QUERY)
        self.tool("apt-get", APT_GET)
        self.tool("sudo", "os.execvp(arguments[0], arguments)\n")
        (self.bin / "env").symlink_to(shutil.which("env"))

    def tool(self, name, body):
        """Puts a fake into PATH; the PATH of the launcher holds nothing else."""
        path = self.bin / name
        head = PRELUDE.format(python=sys.executable, root=str(self.root), log=str(self.log),
                              name=name)
        path.write_text(head + textwrap.dedent(body))
        path.chmod(0o755)
        return path

    def without(self, *packages):
        """Makes packages missing: dpkg does not know them and their programs are gone."""
        (self.root / "gone").write_text(" ".join(packages))

    def environment(self):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("DDL_", "PYTHON"))}
        return {**clean, "PATH": str(self.bin)}

    def start(self, *arguments, cwd=None):
        return subprocess.Popen([sys.executable, str(self.root / "ns3"), *arguments],
                                cwd=cwd or self.root, env=self.environment(), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def ns3(self, *arguments, cwd=None):
        process = self.start(*arguments, cwd=cwd)
        output, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

    def calls(self, name=None):
        """How the fakes were called, in order: [[name, argument, ...], ...]."""
        if not self.log.exists():
            return []
        every = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [call for call in every if name in (None, call[0])]
