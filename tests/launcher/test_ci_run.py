# SPDX-License-Identifier: MIT
""".ci/run: the README's test command, its status, and traces of other tools where there are any."""
import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "run"
NS3 = '#!/bin/sh\necho "$*"\necho "$DDL_INTEROP_DIR"\necho "1 passed, 0 failed"\nexit 3\n'


@pytest.mark.parametrize("has_samples", [True, False])
def test_ci_run(tmp_path, has_samples):
    checkout = tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(SCRIPT, checkout / ".ci" / "run")
    (checkout / "ns3").write_text(NS3)
    (checkout / "ns3").chmod(0o755)
    samples = tmp_path / "shared" / "data" / "chakra-samples"
    if has_samples:
        samples.mkdir(parents=True)
    environment = {name: value for name, value in os.environ.items() if name != "DDL_INTEROP_DIR"}
    done = subprocess.run([checkout / ".ci" / "run"], cwd=tmp_path, env=environment, text=True,
                          stdout=subprocess.PIPE, check=False)
    assert done.returncode == 3
    expected = str(samples) if has_samples else ""
    assert done.stdout.splitlines() == ["test", expected, "1 passed, 0 failed"]
