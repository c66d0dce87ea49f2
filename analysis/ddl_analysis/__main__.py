# SPDX-License-Identifier: MIT
"""python3 -m ddl_analysis RESULT_DIR: draws the figures and writes report.md."""

import os
import sys

if not __package__:  # started as `python3 .../analysis/ddl_analysis`
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

try:
    from ddl_analysis.cli import main
except ModuleNotFoundError as error:
    if error.name not in ("matplotlib", "numpy", "pandas"):
        raise
    print(
        f"ddl_analysis: this Python ({sys.executable}) has no module {error.name}; install "
        "python3-matplotlib, python3-numpy and python3-pandas, or use another interpreter",
        file=sys.stderr,
    )
    sys.exit(2)

sys.exit(main())
