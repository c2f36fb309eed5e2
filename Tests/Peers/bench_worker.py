"""One peer of `make bench-peers`: loads a GGUF file once and times forwards on demand.

Usage: bench_worker.py --engine hf --dtype f32|bf16 --gguf FILE --threads N
       bench_worker.py --engine llama.cpp --gguf FILE --threads N

Standard output carries JSON only, a line each: first {"ready": true, …}, then one answer for each
line of standard input. Whatever the libraries print goes to standard error.

    {"op": "prefill", "sequences": [[id, …], …], "all_logits": false}
        one forward over all sequences from an empty cache
        → {"seconds": s, "top": [id of the largest logit at the end of each sequence]}
    {"op": "decode", "sequences": [[id, …], …], "tokens": N}
        the prompts, untimed, then N timed greedy steps of all sequences at once; an end token ends
        nothing
        → {"seconds": s, "first": [id chosen after each prompt, the first step's input],
           "ids": [[the N ids that the steps chose], …]}
    {"op": "quit"}

The clock runs from the call to logits that can be read; lists become arrays before it starts. An
error is answered with {"error": "…"}, and the status is 1.
"""

import argparse
import ctypes
import glob
import os
import sys
import time
from importlib import metadata, util

from answering import serve


class HuggingFace:
    """`transformers` as it comes: eager mode, torch's choice of kernels, the default cache."""

    def __init__(self, file, threads, dtype):
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        import torch
        import transformers

        torch.set_num_threads(threads)
        self.torch = torch
        began = time.perf_counter()
        wanted = {"f32": torch.float32, "bf16": torch.bfloat16}[dtype]
        # It undoes GGUF's order of the query and key rows, and ties the embeddings where the file
        # has no table for the output.
        self.model, report = transformers.AutoModelForCausalLM.from_pretrained(
            os.path.dirname(os.path.abspath(file)),
            gguf_file=os.path.basename(file),
            dtype=wanted,
            attn_implementation="sdpa",
            output_loading_info=True,
        )
        self.model.eval()
        self.load_seconds = time.perf_counter() - began
        if report["missing_keys"] or report["mismatched_keys"]:
            raise RuntimeError(f"weights that transformers did not find in the file: {report}")
        # With some extra packages it would keep the file's blocks and compute on those.
        if any(weight.dtype != wanted for weight in self.model.parameters()):
            raise RuntimeError(f"not every weight is {wanted}")
        self.version = f"transformers {transformers.__version__}, torch {torch.__version__}"
        self.kernels = self.describe(dtype)

    def describe(self, dtype):
        kernels = f"{self.torch.backends.cpu.get_cpu_capability()} MKL oneDNN"
        if dtype == "bf16":
            # Without the instructions torch converts, or falls back to plain loops.
            native = self.torch.ops.mkldnn._is_mkldnn_bf16_supported()
            kernels += ", bf16 products in oneDNN" if native else ", no bf16 instructions"
        return kernels

    def tensors(self, sequences):
        """Ids; where lengths differ also a mask and positions, with the padding on the left."""
        torch = self.torch
        longest = max(map(len, sequences))
        if min(map(len, sequences)) == longest:
            return {"input_ids": torch.tensor(sequences)}
        pads = [longest - len(ids) for ids in sequences]
        # A pad is masked, so that any id serves; no position is negative.
        ids = torch.tensor([[0] * pad + ids for pad, ids in zip(pads, sequences)])
        mask = torch.tensor([[0] * pad + [1] * (longest - pad) for pad in pads])
        positions = (mask.cumsum(-1) - 1).clamp(min=0)
        return {"input_ids": ids, "attention_mask": mask, "position_ids": positions}

    def prefill(self, sequences, all_logits):
        inputs = self.tensors(sequences)
        keep = 0 if all_logits else 1
        with self.torch.inference_mode():
            began = time.perf_counter()
            logits = self.model(**inputs, logits_to_keep=keep).logits
            seconds = time.perf_counter() - began
            return {"seconds": seconds, "top": logits[:, -1].argmax(-1).tolist()}

    def decode(self, sequences, tokens):
        # Not generate(): its processors and stopping rules are not the model's speed.
        inputs = self.tensors(sequences)
        torch = self.torch
        with torch.inference_mode():
            out = self.model(**inputs, logits_to_keep=1)
            cache = out.cache
            first = new = out.logits[:, -1:].argmax(-1)
            mask, positions = inputs.get("attention_mask"), inputs.get("position_ids")
            more, chosen = {}, []
            if mask is not None:
                positions = positions[:, -1:]
                one = torch.ones_like(new)
            began = time.perf_counter()
            for _ in range(tokens):
                if mask is not None:
                    mask, positions = torch.cat((mask, one), dim=1), positions + 1
                    more = {"attention_mask": mask, "position_ids": positions}
                out = self.model(input_ids=new, cache=cache, **more)
                new = out.logits[:, -1:].argmax(-1)
                chosen.append(new)
            seconds = time.perf_counter() - began
            ids = torch.cat(chosen, dim=1).tolist() if chosen else [[] for _ in sequences]
        return {"seconds": seconds, "first": first[:, 0].tolist(), "ids": ids}


class ModelParameters(ctypes.Structure):
    """llama.h: llama_model_params, of the version that bench_peers.txt pins."""

    _fields_ = [
        ("devices", ctypes.c_void_p),
        ("tensor_buft_overrides", ctypes.c_void_p),
        ("n_gpu_layers", ctypes.c_int32),
        ("split_mode", ctypes.c_int),
        ("load_mode", ctypes.c_int),
        ("lazy_mode", ctypes.c_int),
        ("main_gpu", ctypes.c_int32),
        ("tensor_split", ctypes.c_void_p),
        ("progress_callback", ctypes.c_void_p),
        ("progress_callback_user_data", ctypes.c_void_p),
        ("kv_overrides", ctypes.c_void_p),
        ("vocab_only", ctypes.c_bool),
        ("check_tensors", ctypes.c_bool),
        ("use_extra_bufts", ctypes.c_bool),
        ("no_host", ctypes.c_bool),
        ("no_alloc", ctypes.c_bool),
        ("load_mtp", ctypes.c_bool),
    ]


class ContextParameters(ctypes.Structure):
    """llama.h: llama_context_params, of the version that bench_peers.txt pins."""

    _fields_ = [
        ("n_ctx", ctypes.c_uint32),
        ("n_batch", ctypes.c_uint32),
        ("n_ubatch", ctypes.c_uint32),
        ("n_seq_max", ctypes.c_uint32),
        ("n_rs_seq", ctypes.c_uint32),
        ("n_outputs_max", ctypes.c_uint32),
        ("n_outputs_max_per_seq", ctypes.c_uint32),
        ("n_threads", ctypes.c_int32),
        ("n_threads_batch", ctypes.c_int32),
        ("ctx_type", ctypes.c_int),
        ("rope_scaling_type", ctypes.c_int),
        ("pooling_type", ctypes.c_int),
        ("attention_type", ctypes.c_int),
        ("flash_attn_type", ctypes.c_int),
        ("rope_freq_base", ctypes.c_float),
        ("rope_freq_scale", ctypes.c_float),
        ("yarn_ext_factor", ctypes.c_float),
        ("yarn_attn_factor", ctypes.c_float),
        ("yarn_beta_fast", ctypes.c_float),
        ("yarn_beta_slow", ctypes.c_float),
        ("yarn_orig_ctx", ctypes.c_uint32),
        ("defrag_thold", ctypes.c_float),
        ("cb_eval", ctypes.c_void_p),
        ("cb_eval_user_data", ctypes.c_void_p),
        ("type_k", ctypes.c_int),
        ("type_v", ctypes.c_int),
        ("moe_cache_size", ctypes.c_size_t),
        ("abort_callback", ctypes.c_void_p),
        ("abort_callback_data", ctypes.c_void_p),
        ("embeddings", ctypes.c_bool),
        ("offload_kqv", ctypes.c_bool),
        ("no_perf", ctypes.c_bool),
        ("op_offload", ctypes.c_bool),
        ("swa_full", ctypes.c_bool),
        ("kv_unified", ctypes.c_bool),
        ("samplers", ctypes.c_void_p),
        ("n_samplers", ctypes.c_size_t),
        ("ctx_other", ctypes.c_void_p),
    ]


class BatchFields(ctypes.Structure):
    """llama.h: llama_batch."""

    _fields_ = [
        ("n_tokens", ctypes.c_int32),
        ("token", ctypes.POINTER(ctypes.c_int32)),
        ("embd", ctypes.c_void_p),
        ("pos", ctypes.POINTER(ctypes.c_int32)),
        ("n_seq_id", ctypes.POINTER(ctypes.c_int32)),
        ("seq_id", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
        ("logits", ctypes.POINTER(ctypes.c_int8)),
    ]


# ggml.h: ggml_log_callback.
LOG = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)


class Batch:
    """Tokens with their positions and sequences, in arrays that llama.cpp reads in place."""

    def __init__(self, tokens, positions, owners, wanted):
        count = len(tokens)
        self.token = (ctypes.c_int32 * count)(*tokens)
        self.pos = (ctypes.c_int32 * count)(*positions)
        self.ones = (ctypes.c_int32 * count)(*[1] * count)
        self.names = (ctypes.c_int32 * count)(*owners)
        size = ctypes.sizeof(ctypes.c_int32)
        pointer = ctypes.POINTER(ctypes.c_int32)
        base = ctypes.addressof(self.names)
        self.owners = (pointer * count)(
            *[ctypes.cast(base + size * i, pointer) for i in range(count)]
        )
        self.logits = (ctypes.c_int8 * count)(*wanted)
        self.fields = BatchFields(
            count, self.token, None, self.pos, self.ones, self.owners, self.logits
        )

    @classmethod
    def prompts(cls, sequences, all_logits):
        tokens, positions, owners, wanted = [], [], [], []
        for owner, ids in enumerate(sequences):
            tokens += ids
            positions += range(len(ids))
            owners += [owner] * len(ids)
            wanted += [1 if all_logits else 0] * (len(ids) - 1) + [1]
        return cls(tokens, positions, owners, wanted)


class LlamaCpp:
    """llama.cpp through its C interface, which the library inside `xllamacpp` exports.

    The settings are llama.cpp's defaults (cache in f16, flash attention where it finds it faster,
    weights repacked for the processor where it can), but for one: a batch is one pass, always.
    """

    def __init__(self, file, threads):
        import numpy

        self.numpy = numpy
        folder = util.find_spec("xllamacpp").submodule_search_locations[0]
        # The file is a Python module, but for this it need not be imported as one.
        self.lib = ctypes.CDLL(glob.glob(os.path.join(folder, "*.so"))[0])
        self.declare()
        release = metadata.version("xllamacpp")
        self.version = f"b{release.split('.')[2]} (xllamacpp {release})"
        info = self.lib.llama_print_system_info().decode()
        pairs = [part.split(":")[-1].split("=") for part in info.split("|") if "=" in part]
        self.kernels = " ".join(name.strip() for name, value in pairs if value.strip() == "1")

        # It reports on every graph otherwise. The object must outlive the library's use of it.
        self.log = LOG(self.report)
        self.lib.llama_log_set(self.log, None)
        self.threads = threads
        self.context, self.shape = None, (0, 0, 0)
        began = time.perf_counter()
        self.lib.llama_backend_init()
        parameters = self.lib.llama_model_default_params()
        parameters.n_gpu_layers = 0
        self.model = self.lib.llama_model_load_from_file(os.fsencode(file), parameters)
        if not self.model:
            raise RuntimeError(f"llama.cpp cannot load {file}")
        self.load_seconds = time.perf_counter() - began
        self.vocabulary = self.lib.llama_vocab_n_tokens(self.lib.llama_model_get_vocab(self.model))

    @staticmethod
    def report(level, text, _):
        # ggml.h: 3 is a warning, 4 an error.
        if level in (3, 4):
            sys.stderr.write(text.decode(errors="replace"))

    def declare(self):
        pointer, count = ctypes.c_void_p, ctypes.c_int32
        for name, result, arguments in [
            ("llama_print_system_info", ctypes.c_char_p, []),
            ("llama_log_set", None, [LOG, pointer]),
            ("llama_backend_init", None, []),
            ("llama_model_default_params", ModelParameters, []),
            ("llama_context_default_params", ContextParameters, []),
            ("llama_model_load_from_file", pointer, [ctypes.c_char_p, ModelParameters]),
            ("llama_init_from_model", pointer, [pointer, ContextParameters]),
            ("llama_free", None, [pointer]),
            ("llama_model_get_vocab", pointer, [pointer]),
            ("llama_vocab_n_tokens", count, [pointer]),
            ("llama_n_batch", ctypes.c_uint32, [pointer]),
            ("llama_n_ubatch", ctypes.c_uint32, [pointer]),
            ("llama_n_seq_max", ctypes.c_uint32, [pointer]),
            ("llama_n_ctx_seq", ctypes.c_uint32, [pointer]),
            ("llama_n_threads", count, [pointer]),
            ("llama_get_memory", pointer, [pointer]),
            ("llama_memory_clear", None, [pointer, ctypes.c_bool]),
            ("llama_decode", count, [pointer, BatchFields]),
            ("llama_synchronize", None, [pointer]),
            ("llama_get_logits_ith", ctypes.POINTER(ctypes.c_float), [pointer, count]),
        ]:
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments
        # The structures above must be those that the library was compiled with. Fields that are
        # far apart, with known defaults, tell: n_batch, type_k and type_v (1: f16), the last ones.
        defaults = self.lib.llama_context_default_params()
        seen = (defaults.n_batch, defaults.n_ubatch, defaults.type_k, defaults.type_v)
        if seen != (2048, 512, 1, 1) or defaults.samplers or defaults.ctx_other:
            raise RuntimeError(f"llama_context_params has another layout than expected: {seen}")

    def prepare(self, sequences, length, tokens):
        """Empties a cache with room for so many sequences of that length, in passes of `tokens`.

        True where it had to be made, because none was there or it was too small.
        """
        wanted = (sequences, length, tokens)
        if all(have >= want for have, want in zip(self.shape, wanted)):
            self.lib.llama_memory_clear(self.lib.llama_get_memory(self.context), False)
            return False
        if self.context:
            self.lib.llama_free(self.context)
        sequences, length, tokens = map(max, zip(self.shape, wanted))
        length = -(-length // 256) * 256
        parameters = self.lib.llama_context_default_params()
        # Each sequence has a part of the cache to itself, so none attends over the others' entries.
        parameters.n_ctx, parameters.n_seq_max = sequences * length, sequences
        parameters.kv_unified = False
        parameters.n_batch = parameters.n_ubatch = tokens
        parameters.n_threads = parameters.n_threads_batch = self.threads
        self.context = self.lib.llama_init_from_model(self.model, parameters)
        if not self.context:
            raise RuntimeError(f"llama.cpp cannot make room for {sequences} × {length} tokens")
        made = (
            self.lib.llama_n_seq_max(self.context),
            self.lib.llama_n_ctx_seq(self.context),
            self.lib.llama_n_batch(self.context),
            self.lib.llama_n_threads(self.context),
        )
        asked = (sequences, length, tokens, self.threads)
        if made != asked or self.lib.llama_n_ubatch(self.context) != tokens:
            raise RuntimeError(f"llama.cpp made {made} where {asked} was asked for")
        self.shape = (sequences, length, tokens)
        return True

    def forward(self, batch):
        status = self.lib.llama_decode(self.context, batch.fields)
        if status:
            raise RuntimeError(f"llama_decode returned {status}")
        self.lib.llama_synchronize(self.context)

    def top(self, index):
        """The id of the largest logit at one place of the last batch."""
        row = self.lib.llama_get_logits_ith(self.context, index)
        return int(self.numpy.ctypeslib.as_array(row, (self.vocabulary,)).argmax())

    def prompted(self, sequences, all_logits, more):
        """A batch of prompts over an empty cache that has room for `more` tokens each."""
        batch = Batch.prompts(sequences, all_logits)
        count, length = len(sequences), max(map(len, sequences)) + more
        if self.prepare(count, length, len(batch.token)):
            # Memory that is touched for the first time costs what later runs do not.
            self.forward(batch)
            self.prepare(count, length, len(batch.token))
        return batch

    def ends(self, sequences):
        """Where each sequence's last token stands in the batch."""
        end, places = -1, []
        for ids in sequences:
            end += len(ids)
            places.append(end)
        return places

    def prefill(self, sequences, all_logits):
        batch = self.prompted(sequences, all_logits, 0)
        began = time.perf_counter()
        self.forward(batch)
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "top": [self.top(i) for i in self.ends(sequences)]}

    def decode(self, sequences, tokens):
        self.forward(self.prompted(sequences, False, tokens))
        first = [self.top(i) for i in self.ends(sequences)]
        count = len(sequences)
        batch = Batch(first, map(len, sequences), range(count), [1] * count)
        chosen = []
        began = time.perf_counter()
        for _ in range(tokens):
            self.forward(batch)
            new = [self.top(i) for i in range(count)]
            chosen.append(new)
            for i in range(count):
                batch.token[i] = new[i]
                batch.pos[i] += 1
        seconds = time.perf_counter() - began
        ids = [[new[i] for new in chosen] for i in range(count)]
        return {"seconds": seconds, "first": first, "ids": ids}


def set_threads(threads):
    """For OpenMP and MKL, which read this when they are loaded."""
    os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
    # OpenMP's own policy lets threads spin for some milliseconds after work, then sleep. `passive`
    # made llama.cpp four times slower at decoding; `active` keeps the cores busy between requests.
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_THREAD_LIMIT", "OMP_DYNAMIC"):
        os.environ.pop(name, None)


def answer(peer, request):
    sequences = request["sequences"]
    if not sequences or not all(sequences):
        raise ValueError("sequences must be there, and none of them empty")
    if request["op"] == "prefill":
        return peer.prefill(sequences, bool(request.get("all_logits")))
    if request["op"] == "decode":
        return peer.decode(sequences, request["tokens"])
    raise ValueError(f"no operation is called {request['op']}")


def main():
    parser = argparse.ArgumentParser(description="one peer of make bench-peers")
    parser.add_argument("--engine", choices=["hf", "llama.cpp"], required=True)
    parser.add_argument("--dtype", choices=["f32", "bf16"], help="for hf; llama.cpp has the file's")
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--threads", type=int, required=True)
    options = parser.parse_args()
    if (options.engine == "hf") != (options.dtype is not None):
        parser.error("--dtype goes with --engine hf, and only with it")

    def open_peer():
        if not os.path.isfile(options.gguf):
            raise FileNotFoundError(f"no file {options.gguf}")
        set_threads(options.threads)
        if options.engine == "hf":
            peer = HuggingFace(options.gguf, options.threads, options.dtype)
        else:
            peer = LlamaCpp(options.gguf, options.threads)
        facts = {
            "engine": options.engine,
            "version": peer.version,
            "kernels": peer.kernels,
            "threads": options.threads,
            "load_seconds": round(peer.load_seconds, 3),
        }
        return facts, lambda request: answer(peer, request)

    serve(open_peer)


if __name__ == "__main__":
    main()
