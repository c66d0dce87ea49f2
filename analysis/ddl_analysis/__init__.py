# SPDX-License-Identifier: MIT
"""Figures and findings from the result folder of a run. Only reads result files."""
