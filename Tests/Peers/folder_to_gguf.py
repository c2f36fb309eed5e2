"""Writes Hugging Face model folders as GGUF files, in float32 and without a tokenizer.

Names and metadata keys are those of llama.cpp's own Python package `gguf`; what its converter does
to the numbers beside renaming is repeated here, family by family. Used by the tests, which compare
the file's model with the folder's.

Usage: folder_to_gguf.py FOLDER FILE
"""

import json
import struct
import sys

import gguf
import numpy as np

ARCHITECTURES = {
    "llama": gguf.MODEL_ARCH.LLAMA,
    "mistral": gguf.MODEL_ARCH.LLAMA,
    "mixtral": gguf.MODEL_ARCH.LLAMA,
    "qwen2": gguf.MODEL_ARCH.QWEN2,
    "qwen3": gguf.MODEL_ARCH.QWEN3,
    "gemma2": gguf.MODEL_ARCH.GEMMA2,
    "gemma3_text": gguf.MODEL_ARCH.GEMMA3,
    "phi": gguf.MODEL_ARCH.PHI2,
    "phi3": gguf.MODEL_ARCH.PHI3,
    "gpt2": gguf.MODEL_ARCH.GPT2,
    "gpt_neox": gguf.MODEL_ARCH.GPTNEOX,
    "falcon": gguf.MODEL_ARCH.FALCON,
}


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", name
        begin, end = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"])
    return tensors


def interleave_pairs(rows, heads):
    """Rows (i, i + half) of each head become neighbours, as GGUF's Llama has them."""
    halves = rows.reshape(heads, 2, -1, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def separate_heads(rows, kv_heads, dim):
    """From each key-value head's queries, key, value to all queries, all keys, all values."""
    groups = rows.reshape(kv_heads, -1, dim, *rows.shape[1:])
    parts = [groups[:, :-2], groups[:, -2:-1], groups[:, -1:]]
    return np.concatenate([part.reshape(-1, *rows.shape[1:]) for part in parts])


class Folder:
    def __init__(self, path):
        self.config = json.load(open(path + "/config.json"))
        self.tensors = read_safetensors(path + "/model.safetensors")
        self.kind = self.config["model_type"]
        self.layers = self.first("num_hidden_layers", "n_layer")
        self.hidden = self.first("hidden_size", "n_embd")
        self.heads = self.first("num_attention_heads", "n_head")
        self.kv_heads = self.config.get("num_key_value_heads") or self.heads
        if self.kind == "falcon" and not self.config.get("new_decoder_architecture"):
            self.kv_heads = 1 if self.config["multi_query"] else self.heads
        elif self.kind == "falcon":
            self.kv_heads = self.config["num_kv_heads"]
        self.dim = self.config.get("head_dim") or self.hidden // self.heads
        self.rope = self.config.get("rope_parameters") or {}

    def first(self, *keys, default=None):
        return next((self.config[k] for k in keys if self.config.get(k) is not None), default)

    def converted(self):
        """Tensors by their Hugging Face names, with the numbers that GGUF files hold."""
        experts = {}
        for name, tensor in self.tensors.items():
            if "block_sparse_moe.experts" in name:
                before, after = name.split(".experts.")
                expert, part, _ = after.split(".")
                merged = before.replace("block_sparse_moe", "mlp") + f".experts.{part}.weight"
                merged = {"w1": "gate_proj", "w2": "down_proj", "w3": "up_proj"}[part].join(
                    merged.split(part)
                )
                experts.setdefault(merged, {})[int(expert)] = tensor
                continue
            yield name, self.convert(name, tensor)
        for name, parts in experts.items():
            yield name, np.stack([parts[i] for i in sorted(parts)])

    def convert(self, name, tensor):
        if self.kind in ("llama", "mistral", "mixtral"):
            if ".q_proj." in name:
                return interleave_pairs(tensor, self.heads)
            if ".k_proj." in name:
                return interleave_pairs(tensor, self.kv_heads)
        if self.kind == "gpt2" and tensor.ndim == 2 and ".h." in name:
            return tensor.T
        if "query_key_value" in name:
            return separate_heads(tensor, self.kv_heads, self.dim)
        if self.kind.startswith("gemma") and name.endswith("norm.weight"):
            return tensor + 1
        return tensor


def write_fields(writer, folder):
    config = folder.config
    writer.add_block_count(folder.layers)
    writer.add_embedding_length(folder.hidden)
    writer.add_head_count(folder.heads)
    writer.add_head_count_kv(folder.kv_heads)
    writer.add_context_length(folder.first("max_position_embeddings", "n_positions"))
    inner = folder.first("intermediate_size", "ffn_hidden_size", "n_inner")
    writer.add_feed_forward_length(inner or 4 * folder.hidden)
    if config.get("rms_norm_eps"):
        writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    else:
        writer.add_layer_norm_eps(folder.first("layer_norm_eps", "layer_norm_epsilon"))
    if config.get("head_dim"):
        writer.add_key_length(folder.dim)
        writer.add_value_length(folder.dim)
    share = folder.rope.get("partial_rotary_factor")
    if share is not None:
        writer.add_rope_dimension_count(int(folder.dim * share))
    full = folder.rope.get("full_attention", folder.rope)
    if full:
        writer.add_rope_freq_base(full["rope_theta"])
    if "use_parallel_residual" in config:
        writer.add_parallel_residual(config["use_parallel_residual"])
    if config.get("sliding_window"):
        writer.add_sliding_window(config["sliding_window"])
    if "sliding_attention" in config.get("layer_types", []):
        slides = [kind == "sliding_attention" for kind in config["layer_types"]]
        writer.add_sliding_window_pattern(slides)
    if config.get("attn_logit_softcapping"):
        writer.add_attn_logit_softcapping(config["attn_logit_softcapping"])
    if config.get("final_logit_softcapping"):
        writer.add_final_logit_softcapping(config["final_logit_softcapping"])
    if config.get("num_local_experts"):
        writer.add_expert_count(config["num_local_experts"])
        writer.add_expert_used_count(config["num_experts_per_tok"])


def main(source, target):
    folder = Folder(source)
    architecture = ARCHITECTURES[folder.kind]
    writer = gguf.GGUFWriter(target, gguf.MODEL_ARCH_NAMES[architecture])
    write_fields(writer, folder)
    names = gguf.get_tensor_name_map(architecture, folder.layers)
    if folder.rope.get("rope_type") == "llama3":
        writer.add_tensor("rope_freqs.weight", llama3_divisors(folder))
    for name, tensor in folder.converted():
        renamed = names.get_name(name, try_suffixes=(".weight", ".bias"))
        assert renamed, name
        writer.add_tensor(renamed, np.ascontiguousarray(tensor, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama3_divisors(folder):
    rope = folder.rope
    base, original = rope["rope_theta"], rope["original_max_position_embeddings"]
    low, high, factor = rope["low_freq_factor"], rope["high_freq_factor"], rope["factor"]
    turns = original / (2 * np.pi * base ** (np.arange(0, folder.dim, 2) / folder.dim))
    kept = np.clip((turns - low) / (high - low), 0, 1)
    return (1 / ((1 - kept) / factor + kept)).astype(np.float32)


main(*sys.argv[1:])
