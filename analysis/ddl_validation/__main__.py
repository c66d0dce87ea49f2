# SPDX-License-Identifier: MIT
import sys

from ddl_validation.cli import main

sys.exit(main())
