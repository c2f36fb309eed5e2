"""Makes small models with random weights beside this file, and the logits transformers gives them.

Run it with torch (2.15) and transformers (5.24) installed: `python make.py [NAME ...]`; without
names it makes every folder of the table VARIANTS anew. `NAME/config.json` and
`NAME/model.safetensors` (float32, published tensor names) are what save_pretrained writes.
`NAME/expected.json` has the tokens of two sequences, the logits after each one's last token, and
per sequence the sum of |logits| over all its tokens. Weights are seeded by name: a rerun on the
same processor gives the same bytes.
"""

import copy
import json
import math
import shutil
import sys
import zlib
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, CONFIG_MAPPING, logging

HERE = Path(__file__).parent
WINDOW, FULL = "sliding_attention", "full_attention"

COMMON = {"vocab_size": 40, "bos_token_id": 1, "eos_token_id": 2}
SIZES = {"hidden_size": 24, "intermediate_size": 20, "num_hidden_layers": 2,
         "num_attention_heads": 3, "max_position_embeddings": 64}
GROUPED = {**SIZES, "hidden_size": 16, "num_attention_heads": 2, "num_key_value_heads": 1}

# The type of a model to what all of its variants share.
FAMILIES = {
    "gpt2": {"n_embd": 16, "n_head": 2, "n_layer": 3, "n_positions": 64},
    "gpt_neox": SIZES, "phi": SIZES,
    "phi3": {**SIZES, "num_key_value_heads": 1, "pad_token_id": 0},
    "falcon": {"hidden_size": 16, "num_attention_heads": 4, "num_hidden_layers": 2,
               "ffn_hidden_size": 28, "max_position_embeddings": 64},
    "opt": {"hidden_size": 18, "word_embed_proj_dim": 18, "num_attention_heads": 3, "ffn_dim": 25,
            "num_hidden_layers": 2, "max_position_embeddings": 64},
    "mixtral": {**GROUPED, "intermediate_size": 12, "head_dim": 6, "num_local_experts": 5},
    "gemma": {**GROUPED, "head_dim": 10},
    "gemma2": {**GROUPED, "head_dim": 10, "query_pre_attn_scalar": 10, "sliding_window": 6},
    "gemma3_text": {**GROUPED, "head_dim": 8, "num_hidden_layers": 3, "sliding_window": 6},
    "llama": {**GROUPED, "intermediate_size": 28, "head_dim": 12},
    "qwen2": {**SIZES, "hidden_size": 18, "num_hidden_layers": 3, "num_key_value_heads": 1},
    "qwen3": {**GROUPED, "head_dim": 12},
}

LONG = {"rope_parameters": {"rope_type": "longrope", "short_factor": [1.0, 1.2, 1.5, 2.1],
                            "long_factor": [1.4, 2.3, 4.1, 7.7]}}
LINEAR = {"rope_type": "linear", "factor": 4.0}
YARN = {"rope_type": "yarn", "rope_theta": 100.0, "factor": 4.0}
YARN_OPTIONS = {"beta_fast": 4.0, "beta_slow": 0.5, "attention_factor": 1.3, "truncate": False,
                "original_max_position_embeddings": 32}  # with 16, beta_fast would not matter
SEQUENTIAL = {"multi_query": False, "parallel_attn": False, "bias": True}
GROUPS = {"new_decoder_architecture": True, "num_kv_heads": 2}

# A folder to the type of its model and its options.
VARIANTS = {
    "gpt2-inverse-layer-scale": ("gpt2", {"scale_attn_by_inverse_layer_idx": True, "n_inner": 20}),
    "gpt2-unscaled-relu": (
        "gpt2", {"scale_attn_weights": False, "activation_function": "relu", "n_inner": 23}),
    "neox-sequential": ("gpt_neox", {
        "hidden_size": 20, "num_attention_heads": 2, "use_parallel_residual": False,
        "rotary_pct": 1.0}),
    "neox-no-attention-bias": (
        "gpt_neox", {"attention_bias": False, "hidden_act": "gelu_new", "rotary_pct": 0.25}),
    "phi-qk-norm": ("phi", {"hidden_size": 16, "num_attention_heads": 2, "qk_layernorm": True}),
    "phi-grouped": ("phi", {"num_key_value_heads": 1, "partial_rotary_factor": 0.5}),
    "phi-tied": ("phi", {"tie_word_embeddings": True}),
    "phi3-window": ("phi3", {"sliding_window": 6, "partial_rotary_factor": 0.75}),
    "phi3-longrope-long": ("phi3", {**LONG, "original_max_position_embeddings": 16}),
    "phi3-longrope-short": ("phi3", {**LONG, "original_max_position_embeddings": 32}),
    "falcon-two-norms": ("falcon", GROUPS),
    "falcon-one-norm": ("falcon", {**GROUPS, "num_ln_in_parallel_attn": 1}),
    "falcon-sequential": ("falcon", SEQUENTIAL),
    "falcon-alibi": ("falcon", {**SEQUENTIAL, "alibi": True, "hidden_size": 24}),
    "falcon-alibi-parallel": ("falcon", {"alibi": True, "parallel_attn": True}),
    "opt-post-norm-projected": ("opt", {"do_layer_norm_before": False, "word_embed_proj_dim": 12}),
    "opt-no-bias-gelu": ("opt", {"enable_bias": False, "activation_function": "gelu"}),
    "opt-no-final-norm": ("opt", {"_remove_final_layer_norm": True}),
    "opt-plain-norms": ("opt", {"layer_norm_elementwise_affine": False}),
    "mixtral-top1-of-5": ("mixtral", {"num_experts_per_tok": 1}),
    "mixtral-top3-of-5-window": ("mixtral", {"num_experts_per_tok": 3, "sliding_window": 6}),
    "gemma-first": ("gemma", {}),
    "gemma-first-relu": ("gemma", {"hidden_act": "relu"}),
    "gemma-first-gelu": ("gemma", {"hidden_act": "gelu"}),
    "gemma2-caps": ("gemma2", {"attn_logit_softcapping": 3.0, "final_logit_softcapping": 2.0}),
    "gemma2-no-caps": ("gemma2", {
        "attn_logit_softcapping": None, "final_logit_softcapping": None,
        "query_pre_attn_scalar": 21}),
    "gemma3-linear-final-cap": ("gemma3_text", {
        "final_logit_softcapping": 5.0, "attn_logit_softcapping": 3.0, "query_pre_attn_scalar": 13,
        "layer_types": [WINDOW, FULL, WINDOW],
        "rope_parameters": {FULL: {**LINEAR, "factor": 8.0}, WINDOW: {"rope_theta": 5000.0}}}),
    "gemma3-pattern": ("gemma3_text", {"sliding_window_pattern": 3, "query_pre_attn_scalar": 8}),
    "llama-biased-linear": (
        "llama", {"attention_bias": True, "mlp_bias": True, "rope_parameters": LINEAR}),
    "llama-yarn": ("llama", {"rope_parameters": {**YARN, "original_max_position_embeddings": 16}}),
    "llama-yarn-options": ("llama", {"rope_parameters": {**YARN, **YARN_OPTIONS}}),
    "qwen2-window": (
        "qwen2", {"use_sliding_window": True, "sliding_window": 6, "max_window_layers": 1}),
    "qwen3-biased-tied": ("qwen3", {"attention_bias": True, "tie_word_embeddings": True}),
}

# What a config.json says otherwise than save_pretrained does; None removes a key.
EDITS = {
    "gemma-first-gelu": {"hidden_act": "gelu"},  # transformers reads it as the tanh form
    "gemma3-pattern": {
        "layer_types": None, "_sliding_window_pattern": None, "sliding_window_pattern": 3},
}


def randomize(model, name):
    gemma = model.config.model_type.startswith("gemma")
    for path, parameter in model.named_parameters():
        module = type(model.get_submodule(path.rpartition(".")[0])).__name__
        fan_in = parameter.shape[0 if module == "Conv1D" else -1]
        mean, deviation = 0.0, 1.5 / math.sqrt(fan_in)
        if path.endswith("bias"):
            deviation = 0.3
        elif "Norm" in module:
            mean, deviation = (0.0 if gemma else 1.0), 0.3
        elif "Embedding" in module:
            deviation = 0.12 if gemma else 0.5
        generator = torch.Generator().manual_seed(zlib.crc32(f"{name} {path}".encode()))
        parameter.data = mean + deviation * torch.randn(parameter.shape, generator=generator)


def rounded(values):
    return [float(f"{value:.7g}") for value in values.tolist()]


@torch.no_grad()
def make(name):
    family, options = VARIANTS[name]
    config = CONFIG_MAPPING[family](**{**COMMON, **FAMILIES[family], **copy.deepcopy(options)})
    # Falcon's "eager" adds the ALiBi bias twice, "sdpa" once. Both round the bias to bfloat16,
    # which changes nothing with four heads.
    attention = "sdpa" if options.get("alibi") else "eager"
    kind = {"attn_implementation": attention, "dtype": torch.float32}
    model = AutoModelForCausalLM.from_config(config, **kind).eval()
    randomize(model, name)
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    tokens = torch.randint(3, COMMON["vocab_size"], (2, 24), generator=generator)
    logits = model(tokens, use_cache=False).logits

    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink()
    edits = {"transformers_version": None, **EDITS.get(name, {})}
    written = {**json.loads((folder / "config.json").read_text()), **edits}
    written = {key: value for key, value in written.items() if edits.get(key, 0) is not None}
    (folder / "config.json").write_text(json.dumps(written, indent=2) + "\n")
    expected = {
        "tokens": tokens.tolist(), "logits": [rounded(row) for row in logits[:, -1]],
        "sum_abs": rounded(logits.double().abs().sum((1, 2)))}
    (folder / "expected.json").write_text(json.dumps(expected).replace('], "', '],\n"') + "\n")

    loaded = AutoModelForCausalLM.from_pretrained(folder, **kind).eval()
    assert torch.equal(loaded(tokens, use_cache=False).logits, logits), name
    print(f"{name}: logits up to {logits.abs().max():.1f}, equal when loaded again")


if __name__ == "__main__":
    torch.set_num_threads(1)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    for name in sys.argv[1:] or VARIANTS:
        make(name)
