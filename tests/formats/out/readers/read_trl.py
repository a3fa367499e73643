"""Train one step on exported pairs with the real TRL: a tiny network, drawn at random, nothing fetched.

Run by the interpreter that has `trl` and `torch`: `read_trl.py FOLDER dpo|reward` prints what was seen.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="readers-")

import datasets
import torch
import transformers
import trl
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

CHAT = "{% for one in messages %}<{{ one['role'] }}>{{ one['content'] }}<eos>{% endfor %}"


def tokenizer_of_bytes() -> Any:  # noqa: ANN401 - typed by a library that is not here
    """One token per byte: knows every text, and needs no file."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<pad>": 0, "<eos>": 1, **{sign: number for number, sign in enumerate(alphabet, start=2)}}
    bare = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    made = transformers.PreTrainedTokenizerFast(tokenizer_object=bare, pad_token="<pad>", eos_token="<eos>")
    made.chat_template = CHAT
    return made


def network(kind: str) -> Any:  # noqa: ANN401 - the same
    """Two thousand weights or so."""
    shape = transformers.LlamaConfig(
        vocab_size=258, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=4096, num_labels=1, pad_token_id=0, eos_token_id=1,
    )  # fmt: skip
    made = transformers.LlamaForCausalLM if kind == "dpo" else transformers.LlamaForSequenceClassification
    return made(shape)


def trainer_of(kind: str, pairs: Any, folder: str) -> Any:  # noqa: ANN401 - the same
    """The trainer of that kind with one step to go over every pair."""
    shared = {
        "output_dir": folder, "max_steps": 1, "per_device_train_batch_size": len(pairs["train"]),
        "report_to": [], "use_cpu": True, "max_length": None, "logging_steps": 1, "save_strategy": "no",
        "bf16": False,
    }  # fmt: skip
    sides = {"train_dataset": pairs["train"], "eval_dataset": pairs.get("test")}
    tokenizer = tokenizer_of_bytes()
    if kind == "reward":
        return trl.RewardTrainer(
            model=network(kind), args=trl.RewardConfig(**shared), processing_class=tokenizer, **sides
        )
    return trl.DPOTrainer(
        model=network(kind), ref_model=network(kind), args=trl.DPOConfig(**shared),
        processing_class=tokenizer, **sides,
    )  # fmt: skip


def main(folder: str, kind: str) -> dict[str, Any]:
    """Read the folder, train one step, evaluate where there is a test side."""
    torch.manual_seed(0)
    pairs = datasets.load_dataset(folder)
    trainer = trainer_of(kind, pairs, tempfile.mkdtemp(prefix="readers-"))
    batch = next(iter(trainer.get_train_dataloader()))
    seen = {
        "versions": {one.__name__: one.__version__ for one in (trl, transformers, datasets, torch)},
        "rows": {side: len(rows) for side, rows in pairs.items()},
        "is_conversational": trl.data_utils.is_conversational(pairs["train"][0]),
        "batch": sorted(batch),
        "margins": sorted(batch["margin"].tolist()) if "margin" in batch else None,
        "first": trainer.processing_class.decode(batch["input_ids"][0], skip_special_tokens=False),
        "loss": trainer.train().training_loss,
    }
    if "test" in pairs:
        seen["eval"] = sorted(trainer.evaluate())
    return seen


if __name__ == "__main__":
    print(json.dumps(main(str(Path(sys.argv[1]).resolve()), sys.argv[2])))  # noqa: T201
