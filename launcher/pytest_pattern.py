# SPDX-License-Identifier: MIT
"""pytest plug-in of `./ns3 test -R PATTERN`: keeps tests whose name matches, as ctest -R does."""
import os
import re


def pytest_collection_modifyitems(config, items):
    wanted = re.compile(os.environ["DDL_TEST_PATTERN"])
    left_out = [item for item in items if not wanted.search(item.nodeid)]
    items[:] = [item for item in items if wanted.search(item.nodeid)]
    config.hook.pytest_deselected(items=left_out)
