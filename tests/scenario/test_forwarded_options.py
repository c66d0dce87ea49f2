# SPDX-License-Identifier: MIT
"""Options of the workload generator that ddl-scenario takes as its own."""
import json

from scenario_run import results, summary

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
