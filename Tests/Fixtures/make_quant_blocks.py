#!/usr/bin/env python3
"""Writes quant_blocks.gguf: random blocks of every stored encoding, and their numbers.

For every encoding the file has a tensor `<encoding>.blocks` in that encoding and a tensor
`<encoding>.values` with the same numbers as 32-bit floats, computed by the `gguf` Python package.
A third of the blocks' scales are subnormal halves. It also has a metadata entry of every type.

    python3 make_quant_blocks.py [OUTPUT]     (needs: pip install gguf numpy)
"""

import pathlib
import sys

import gguf
import numpy as np

ROWS, COLUMNS = 3, 512
# Where the halves that scale a block lie in it.
SCALES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82],
    "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "F16": [0], "BF16": [0],
}  # fmt: skip


def finite_halves(generator, count, exponent):
    """Random halves, every third subnormal, none infinite or NaN."""
    halves = generator.integers(0, 65536, count, dtype=np.uint16)
    halves[::3] &= np.uint16(0xFFFF & ~exponent)
    return np.where(halves & exponent == exponent, halves & ~np.uint16(exponent), halves)


def main(path):
    generator = np.random.default_rng(20240229)
    writer = gguf.GGUFWriter(path, "fixture")
    writer.add_uint8("value.uint8", 200)
    writer.add_int8("value.int8", -100)
    writer.add_uint16("value.uint16", 60000)
    writer.add_int16("value.int16", -30000)
    writer.add_uint32("value.uint32", 4000000000)
    writer.add_int32("value.int32", -2000000000)
    writer.add_uint64("value.uint64", 2**64 - 1)
    writer.add_int64("value.int64", -(2**62))
    writer.add_float32("value.float32", 1e-6)
    writer.add_float64("value.float64", 1e-300)
    writer.add_bool("value.bool", True)
    writer.add_string("value.string", "Grüße, 世界 🙂")
    writer.add_array("value.strings", ["", "a", "Ġthe", "▁of", "🙂"])
    writer.add_array("value.integers", [3, -1, 2])
    writer.add_array("value.floats", [0.5, -1.25])
    for name, places in SCALES.items():
        encoding = gguf.GGMLQuantizationType[name]
        elements, size = gguf.GGML_QUANT_SIZES[encoding]
        count = ROWS * COLUMNS // elements
        blocks = generator.integers(0, 256, (count, size), dtype=np.uint8)
        for place in places:
            halves = finite_halves(generator, count, 0x7F80 if name == "BF16" else 0x7C00)
            blocks[:, place : place + 2] = halves.view(np.uint8).reshape(count, 2)
        blocks = blocks.reshape(ROWS, -1)
        if name == "F16":
            values = blocks.view(np.float16).astype(np.float32)
        else:
            values = gguf.quants.dequantize(blocks, encoding)
        writer.add_tensor(f"{name}.blocks", blocks, raw_dtype=encoding)
        writer.add_tensor(f"{name}.values", values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    here = pathlib.Path(__file__).parent
    main(sys.argv[1] if len(sys.argv) > 1 else str(here / "quant_blocks.gguf"))
