# SPDX-License-Identifier: MIT
"""Options of the workload generator that ddl-scenario takes as its own."""
import json
import re
import subprocess

from scenario_run import BIN, results, summary

CONFIG = {"model_type": "llama", "hidden_size": 256, "intermediate_size": 512,
          "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 4,
          "vocab_size": 1000, "max_position_embeddings": 128, "tie_word_embeddings": False}


def iteration_ns(arguments, folder):
    folder.mkdir()
    return summary(results(arguments, folder))["simulated_time_ns"]


def test_a_slow_gpu_holds_all_up(tmp_path):
    plan = ["--model=gpt2", "--dp=2"]
    fast = iteration_ns([*plan, "--gpu=h100"], tmp_path / "fast")
    mixed = iteration_ns([*plan, "--gpu=h100,a100-80gb:1"], tmp_path / "mixed")
    slow = iteration_ns([*plan, "--gpu=a100-80gb"], tmp_path / "slow")
    assert fast == iteration_ns(plan, tmp_path / "default")
    assert fast < mixed <= slow


def test_a_hugging_face_file_is_a_model(tmp_path):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    (tmp_path / "run").mkdir()
    folder = results([f"--model={path}", "--dp=2"], tmp_path / "run")
    assert summary(folder)["ranks"] == 2
    assert summary(folder)["simulated_time_ns"] > 0


def option_names(program, argument):
    done = subprocess.run([BIN / program, argument], capture_output=True, text=True, check=False)
    return set(re.findall(r"^ *--([a-z0-9-]+)", done.stdout, re.MULTILINE))


def test_every_option_of_a_plan_is_taken():
    own = {"hf-config",   # --model takes the file
           "help", "out", "dry-run", "list-models", "list-gpus", "estimate", "nodes"}
    wanted = option_names("ddl-workload", "--help") - own
    assert {"tp", "lora-rank", "expert-loads", "staleness"} <= wanted
    assert wanted <= option_names("ddl-scenario", "--PrintHelp")


def test_adapters_leave_less_to_exchange(tmp_path):
    plan = ["--model=gpt2", "--sequence-length=64", "--batch=1", "--dp=2", "--hosts=2"]
    whole = iteration_ns(plan, tmp_path / "whole")
    adapters = iteration_ns([*plan, "--lora-rank=8"], tmp_path / "adapters")
    assert adapters < whole / 3
    assert "lora-rank 8" in summary(tmp_path / "adapters/out")["workload"]
