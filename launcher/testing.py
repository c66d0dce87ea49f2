# SPDX-License-Identifier: MIT
"""`./ns3 test`: C++ tests through ctest, Python tests through pytest, and one closing line."""
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from typing import NamedTuple

from launcher import build, interpreter, packages
from launcher.console import FAILED, note
from launcher.layout import ROOT, build_folder, python_environment

NO_TESTS_COLLECTED = 5  # pytest's exit status


class Counts(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Counts(*(mine + theirs for mine, theirs in zip(self, other)))


def closing_line(counts):
    line = "%d passed, %d failed" % (counts.passed, counts.failed)
    return line + (", %d skipped" % counts.skipped if counts.skipped else "")


def test(preset, long, pattern, jobs, install):
    """Builds and runs everything; returns the exit status. The closing line is the last one."""
    python = interpreter.require(packages.TEST, install)
    packages.require(packages.TEST_PROGRAMS, install)
    build.build(preset, jobs=jobs, install=install)
    folder = build_folder(preset)
    results = folder / "test-results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    environment = test_environment(folder)
    counts = run_ctest(folder, results, environment, long, pattern, jobs)
    counts += run_pytest(python, results, environment, long, pattern)
    if counts.passed + counts.failed == 0:
        note("no tests ran" + (": none has a name like '%s'" % pattern if pattern else ""))
    sys.stderr.flush()
    print(closing_line(counts), flush=True)
    return FAILED if counts.failed or not counts.passed else 0


def test_environment(folder):
    environment = python_environment(folder)
    # The sanitizers are to stop at the first finding, leaks included, and say where it is.
    environment.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0")
    environment.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    return environment


def run_ctest(folder, results, environment, long, pattern, jobs):
    """Runs ctest; GoogleTest programs leave their cases in `results`, one JSON file per program."""
    junit = results / "ctest.xml"
    command = ["ctest", "--test-dir", str(folder), "--output-on-failure", "--no-tests=ignore",
               "-L", "^(quick|long)$" if long else "^quick$", "--output-junit", str(junit),
               "-j", str(jobs or os.cpu_count() or 1)]
    if pattern:
        command += ["-R", pattern]
    environment = {**environment, "GTEST_OUTPUT": "json:%s/" % results}
    status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    counts = count_ctest(junit, results)
    if status != 0 and counts.failed == 0:
        note("ctest ended with status %d" % status)
        counts += Counts(failed=1)
    return counts


def count_ctest(junit, results):
    """Cases of every program that ctest ran; a program that left no report counts as one case."""
    counts = Counts()
    if not junit.is_file():
        return counts
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        cases = count_gtest(results / (case.get("name") + ".json"))
        status = case.get("status")
        if status == "fail":
            # A crash or time limit leaves no failed case in the report, or no report at all.
            counts += cases._replace(failed=max(cases.failed, 1))
        elif status in ("notrun", "disabled"):
            counts += Counts(skipped=1)
        else:
            counts += cases if sum(cases) else Counts(passed=1)
    return counts


def count_gtest(report):
    """Cases in one JSON report of GoogleTest."""
    counts = Counts()
    try:
        described = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return counts
    for suite in described.get("testsuites", []):
        for case in suite.get("testsuite", []):
            if case.get("failures"):
                counts += Counts(failed=1)
            elif case.get("result") == "COMPLETED":
                counts += Counts(passed=1)
            else:
                counts += Counts(skipped=1)
    return counts


def run_pytest(python, results, environment, long, pattern):
    junit = results / "pytest.xml"
    command = [python, "-m", "pytest", "-q", "--junitxml", str(junit), "tests"]
    if not long:
        command += ["-m", "not long"]
    if pattern:
        command += ["-p", "launcher.pytest_pattern"]
        environment = {**environment, "DDL_TEST_PATTERN": pattern,
                       "PYTHONPATH": str(ROOT) + os.pathsep + environment["PYTHONPATH"]}
    status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    counts = count_pytest(junit)
    if status not in (0, NO_TESTS_COLLECTED) and counts.failed == 0:
        note("pytest ended with status %d" % status)
        counts += Counts(failed=1)
    return counts


def count_pytest(junit):
    if not junit.is_file():
        return Counts()
    counts = Counts()
    for suite in ElementTree.parse(junit).getroot().iter("testsuite"):
        total, failures, errors, skipped = (
            int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped"))
        failed = failures + errors
        # A test that passes and then errs in its tear-down is listed as both.
        counts += Counts(max(total - failed - skipped, 0), failed, skipped)
    return counts
