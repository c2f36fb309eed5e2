"""Writes a GGUF file again with its weights in another type, for `make bench-peers`.

Usage: requantize.py --gguf IN --type F32|BF16|Q8_0|Q4_0 --out OUT

Weights of two and more dimensions change, norms and vectors stay float32, metadata is copied but
for the file's type. Which weight gets which type is llama-quantize's choice, and the `gguf` package
rounds as llama.cpp does, so Q8_0 and Q4_0 are the files that llama-quantize makes of the same input
(with --allow-requantize). OUT appears whole or not at all.
"""

import argparse
import os
import sys
import tempfile

import gguf
import numpy as np

FILE_TYPES = {
    "F32": gguf.LlamaFileType.ALL_F32,
    "BF16": gguf.LlamaFileType.MOSTLY_BF16,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "Q4_0": gguf.LlamaFileType.MOSTLY_Q4_0,
}


def chosen_type(tensor, wanted, tied):
    """`tied`: the file has no table for the output, so the embeddings serve as one."""
    name, row = tensor.name, int(tensor.shape[0])
    if len(tensor.shape) < 2 or name.endswith("_norm.weight") or not name.endswith(".weight"):
        return gguf.GGMLQuantizationType.F32
    # A table that makes the logits is not put into four bits. llama-quantize takes Q6_K where a
    # row divides into 256s, which this package cannot write, and Q8_0 where it does not.
    if wanted == "Q4_0" and name == ("token_embd.weight" if tied else "output.weight"):
        wanted = "Q8_0"
    type = gguf.GGMLQuantizationType[wanted]
    return type if row % gguf.GGML_QUANT_SIZES[type][0] == 0 else gguf.GGMLQuantizationType.F16


def copy_fields(reader, writer):
    for name, field in reader.fields.items():
        # What the writer puts in by itself.
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), field.types[0], inner)
        if name == "general.alignment":
            writer.data_alignment = field.contents()


def write(source, wanted, target):
    reader = gguf.GGUFReader(source)
    architecture = reader.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(target, architecture)
    copy_fields(reader, writer)
    writer.add_file_type(FILE_TYPES[wanted])
    tied = all(tensor.name != "output.weight" for tensor in reader.tensors)
    plan = [(tensor, chosen_type(tensor, wanted, tied)) for tensor in reader.tensors]
    for tensor, type in plan:
        # NumPy's order of axes is the reverse of the file's. Blocks are announced as bytes.
        shape = [int(length) for length in reversed(tensor.shape)]
        plain = {"F32": np.float32, "F16": np.float16}.get(type.name)
        if plain is None:
            shape = gguf.quant_shape_to_byte_shape(shape, type)
        item = np.dtype(plain or np.uint8)
        size = int(np.prod(shape)) * item.itemsize
        writer.add_tensor_info(tensor.name, shape, item, size, None if plain else type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for tensor, type in plan:
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        writer.write_tensor_data(gguf.quantize(values, type))
    writer.close()


def main():
    parser = argparse.ArgumentParser(description="a GGUF file with its weights in another type")
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--type", choices=list(FILE_TYPES), required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    if not os.path.isfile(options.gguf):
        sys.exit(f"requantize.py: no file {options.gguf}")
    folder = os.path.dirname(os.path.abspath(options.out))
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=".requantize-")
    os.close(descriptor)
    try:
        write(options.gguf, options.type, temporary)
        # mkstemp's files are for their owner alone; this one gets what a new file gets.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, options.out)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


if __name__ == "__main__":
    main()
