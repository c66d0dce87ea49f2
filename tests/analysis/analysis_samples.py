# SPDX-License-Identifier: MIT
"""What the tests of this folder share. Imported under one name whatever pytest's import mode."""

import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]

SUMMARY = {
    "status": "finished",
    "workload": "tiny",
    "topology": "star",
    "hosts": 2,
    "ranks": 2,
    "iterations": 1,
    "simulated_time_ns": 1000.5,
    "iteration_time_ns": 1000,
    "compute_time_ns": 700,
    "exposed_communication_ns": 250,
    "pipeline_wait_ns": 0,
    "idle_time_ns": 50,
    "data_packets": 100,
    "data_packet_hops": 200,
    "drops": 0,
    "lost_packets": 0,
    "retransmitted_packets": 0,
    "ecn_marked_packets": 0,
}
