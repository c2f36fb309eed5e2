"""One peer of the benches on a GPU: loads a model once and times forwards on demand.

Usage: cuda_worker.py --engine eager|compiled --model FOLDER --dtype f32|bf16 [--device cuda|cpu]
       cuda_worker.py --engine llama.cpp --model FILE
       cuda_worker.py --check

FOLDER is a Hugging Face folder, or a GGUF file whose weights transformers convert; FILE is a GGUF
file in the format to measure. `--check` prints {"ready": true}, or what this Python lacks as
{"error": text}. The lines are those of bench_worker.py, whose first answer here is

    {"ready": true, "engine": "transformers compiled", "version": versions of the libraries,
     "kernels": the GPU, CUDA and the driver, "load_seconds": s}

and the requests are `prefill`, with the last token's logits only, `decode` and `quit`. All sequences
of a request have one length. A request of another shape than the one before is first run untimed,
which compiles and records it, and forgets the earlier shape. So ask for all rounds of a shape before
the next shape, and let other engines take their turns in between.

The device is idle when the clock starts, and has finished when it stops. What is timed includes the
choice of the largest logit. llama.cpp is timed by its own llama-bench, which must be on the PATH; it
chooses its own tokens, so `top` and `ids` are empty, and it takes one sequence only. Device `cpu`
is for tests of the protocol.
"""

import argparse
import inspect
import json
import os
import shutil
import subprocess
import sys
import time

from answering import serve


class Eager:
    """`transformers` as it comes: eager mode, scaled dot-product attention, a growing cache."""

    name = "transformers eager"
    warm_ups = 3

    def __init__(self, folder, dtype, device):
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        import torch

        if device == "cuda" and not torch.cuda.is_available():
            raise RuntimeError(f"torch {torch.__version__} finds no GPU to use CUDA on")
        import transformers

        self.torch, self.transformers, self.device = torch, transformers, device
        began = time.perf_counter()
        wanted = {"f32": torch.float32, "bf16": torch.bfloat16}[dtype]
        more = {}
        if os.path.isfile(folder):
            folder, more["gguf_file"] = os.path.split(os.path.abspath(folder))
        self.model, report = transformers.AutoModelForCausalLM.from_pretrained(
            folder, dtype=wanted, attn_implementation="sdpa", output_loading_info=True, **more
        )
        if report["missing_keys"] or report["mismatched_keys"]:
            raise RuntimeError(f"weights that transformers did not find in the folder: {report}")
        self.model.to(device).eval()
        self.synchronize()
        self.load_seconds = time.perf_counter() - began
        self.version = f"transformers {transformers.__version__}, torch {torch.__version__}"
        self.kernels = self.describe()
        # The argument's name, and whether places are given too, depend on the release.
        known = inspect.signature(self.model.forward).parameters
        self.cache_name = "cache" if "cache" in known else "past_key_values"
        self.gives_places = "cache_position" in known

    def describe(self):
        if self.device == "cpu":
            return f"cpu, {self.torch.get_num_threads()} threads"
        return f"{self.torch.cuda.get_device_name()}, CUDA {self.torch.version.cuda}, {driver()}"

    def untracked(self):
        return self.torch.inference_mode()

    def synchronize(self):
        if self.device == "cuda":
            self.torch.cuda.synchronize()

    def clock(self):
        self.synchronize()
        return time.perf_counter()

    def forward(self, ids, places, cache):
        """The next ids, of shape [sequences, 1]."""
        more = {self.cache_name: cache, "position_ids": places[None]}
        if self.gives_places:
            more["cache_position"] = places
        logits = self.model(input_ids=ids, use_cache=True, logits_to_keep=1, **more).logits
        return logits[:, -1:].argmax(-1)

    # What `prefill` and the steps of `decode` time.
    timed = forward

    def begin(self, operation, sequences, tokens):
        """Forgets what belongs to an earlier shape, and prepares for another."""

    def empty_cache(self):
        return self.transformers.DynamicCache(config=self.model.config)

    def inputs(self, sequences):
        ids = self.torch.tensor(sequences, device=self.device)
        places = self.torch.arange(ids.shape[1], device=self.device)
        return ids, places, self.empty_cache()

    def prefill(self, sequences):
        with self.untracked():
            inputs = self.inputs(sequences)
            began = self.clock()
            top = self.timed(*inputs)
            seconds = self.clock() - began
            return {"seconds": seconds, "top": top[:, 0].tolist()}

    def decode(self, sequences, tokens):
        with self.untracked():
            ids, places, cache = self.inputs(sequences)
            first = new = self.forward(ids, places, cache)
            places = places[-1:] + 1
            chosen = []
            began = self.clock()
            for _ in range(tokens):
                new = self.timed(new, places, cache)
                chosen.append(new)
                places = places + 1
            seconds = self.clock() - began
            ids = self.torch.cat(chosen, dim=1).tolist()
            return {"seconds": seconds, "first": first[:, 0].tolist(), "ids": ids}


class Compiled(Eager):
    """`torch.compile` in the mode that records CUDA graphs, over a cache of fixed size."""

    name = "transformers compiled"

    def begin(self, operation, sequences, tokens):
        self.compiled = self.cache = None
        self.torch._dynamo.reset()
        room = len(sequences[0]) + (tokens if operation == "decode" else 0)
        self.cache = self.transformers.StaticCache(config=self.model.config, max_cache_len=room)
        self.compiled = self.torch.compile(
            self.forward, mode="reduce-overhead", fullgraph=True, dynamic=False
        )
        # The cache gets its memory in a pass that is not compiled: a graph must find it in place.
        with self.untracked():
            self.forward(*self.inputs(sequences))

    def untracked(self):
        # As in generate(): tensors of inference mode would not suit the compiler.
        return self.torch.no_grad()

    def empty_cache(self):
        self.cache.reset()
        return self.cache

    def timed(self, ids, places, cache):
        self.torch.compiler.cudagraph_mark_step_begin()
        # The next run of the graph overwrites its output.
        return self.compiled(ids, places, cache).clone()


class LlamaCpp:
    """llama.cpp through its program llama-bench, with all layers on the GPU."""

    name = "llama.cpp"
    # llama-bench warms up itself, in each of its runs.
    warm_ups = 0

    def __init__(self, file, *_):
        self.file = file
        if not shutil.which("llama-bench"):
            raise RuntimeError("llama-bench is not on the PATH")
        began = time.perf_counter()
        facts = self.run("-p", "1", "-n", "0")
        self.load_seconds = time.perf_counter() - began
        self.version = f"b{facts['build_number']} ({facts['build_commit']})"
        self.kernels = f"{facts['backends']}, {facts['gpu_info'] or facts['cpu_info']}"

    def run(self, *arguments):
        """The facts about one timed run."""
        words = ["llama-bench", "-m", self.file, "-ngl", "99", "-fa", "1", "-r", "1", "-o", "json"]
        done = subprocess.run([*words, *arguments], capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"llama-bench ended with status {done.returncode}: {last}")
        return json.loads(done.stdout)[0]

    def begin(self, operation, sequences, tokens):
        if len(sequences) != 1:
            raise ValueError("llama-bench takes one sequence")

    def prefill(self, sequences):
        facts = self.run("-p", str(len(sequences[0])), "-n", "0")
        return {"seconds": facts["samples_ns"][0] / 1e9, "top": []}

    def decode(self, sequences, tokens):
        facts = self.run("-p", "0", "-n", str(tokens), "-d", str(len(sequences[0])))
        return {"seconds": facts["samples_ns"][0] / 1e9, "first": [], "ids": []}


def driver():
    """The driver's version, from the program that comes with it."""
    query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        text = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "driver unknown"
    return f"driver {text.split()[0]}"


class Worker:
    """Answers requests, and warms up for each new shape."""

    def __init__(self, peer):
        self.peer = peer
        self.shape = None

    def answer(self, request):
        operation, sequences = request["op"], request["sequences"]
        if not sequences or len({len(ids) for ids in sequences}) != 1 or not sequences[0]:
            raise ValueError("sequences must be there, of one length, and none of them empty")
        if operation == "prefill":
            tokens, run = 0, lambda: self.peer.prefill(sequences)
        elif operation == "decode":
            tokens = request["tokens"]
            if tokens < 1:
                raise ValueError(f"expected at least 1 token to decode, found {tokens}")
            run = lambda: self.peer.decode(sequences, tokens)
        else:
            raise ValueError(f"no operation is called {operation}")
        shape = (operation, len(sequences), len(sequences[0]), tokens)
        if shape != self.shape:
            self.peer.begin(operation, sequences, tokens)
            for _ in range(self.peer.warm_ups):
                run()
            self.shape = shape
        return run()


def check():
    """What a Python lacks to compute on the GPU, as the answer to `--check`."""
    try:
        import torch
        import transformers  # noqa: F401
    except ImportError as error:
        return {"error": (str(error).splitlines() or ["an import failed"])[0]}
    if not torch.cuda.is_available():
        return {"error": f"torch {torch.__version__} finds no GPU to use CUDA on"}
    return {"ready": True}


def main():
    engines = {"eager": Eager, "compiled": Compiled, "llama.cpp": LlamaCpp}
    parser = argparse.ArgumentParser(description="one peer of the benches on a GPU")
    parser.add_argument("--engine", choices=engines, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--dtype", choices=["f32", "bf16"], default="bf16")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    options = parser.parse_args()

    def open_peer():
        if not os.path.exists(options.model):
            raise FileNotFoundError(f"no model at {options.model}")
        peer = engines[options.engine](options.model, options.dtype, options.device)
        facts = {
            "engine": peer.name,
            "version": peer.version,
            "kernels": peer.kernels,
            "load_seconds": round(peer.load_seconds, 3),
        }
        return facts, Worker(peer).answer

    serve(open_peer)


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        print(json.dumps(check()), flush=True)
    else:
        main()
