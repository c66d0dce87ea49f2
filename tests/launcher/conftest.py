# SPDX-License-Identifier: MIT
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fake_checkout import FakeCheckout  # noqa: E402 (pytest puts this folder into the path)


@pytest.fixture
def checkout(tmp_path):
    """A checkout of the launcher alone, where every tool that it calls is a fake."""
    return FakeCheckout(ROOT, tmp_path)
