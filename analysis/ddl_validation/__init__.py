# SPDX-License-Identifier: MIT
"""Measured collectives beside simulated ones: `./ns3 validate`. See docs/validate.md."""
