# SPDX-License-Identifier: MIT
"""What `./ns3` does, verb by verb. Standard library only: it runs before anything is installed."""
