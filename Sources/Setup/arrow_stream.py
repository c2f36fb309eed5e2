"""Reads the columns of an Arrow stream whose layout is known, without the Arrow library.

That library is 50 MB and differs by Python version; the suite needs texts, numbers and lists of texts only.
"""
import struct

RECORD_BATCH = 3


def field(table, start, number):
    """The place of a FlatBuffers table's field."""
    offsets = start - struct.unpack_from("<i", table, start)[0]
    return start + struct.unpack_from("<H", table, offsets + 4 + 2 * number)[0]


def follow(table, place):
    return place + struct.unpack_from("<I", table, place)[0]


class Batch:
    """Takes a batch's nodes and buffers in their order, which is that of the columns."""

    def __init__(self, table, start, body):
        self.nodes = self.pairs(table, follow(table, field(table, start, 1)))
        self.buffers = (body[at:at + size] for at, size in self.pairs(table, follow(table, field(table, start, 2))))

    @staticmethod
    def pairs(table, start):
        count = struct.unpack_from("<I", table, start)[0]
        return struct.iter_unpack("<qq", table[start + 4:start + 4 + 16 * count])

    def column(self, kind):
        """A column's values: of `str`, `bool`, `i4` or `i8`, of a list [kind], or of a struct {name: kind}."""
        count = next(self.nodes)[0]
        next(self.buffers)  # which values are absent: none in these files
        if isinstance(kind, dict):
            columns = {name: self.column(inner) for name, inner in kind.items()}
            return [dict(zip(columns, values)) for values in zip(*columns.values())]
        data = next(self.buffers)
        if kind == "bool":
            return [bool(data[i >> 3] >> (i & 7) & 1) for i in range(count)]
        if kind in ("i4", "i8"):
            return list(struct.unpack_from(f"<{count}{'i' if kind == 'i4' else 'q'}", data))
        ends = struct.unpack_from(f"<{count + 1}i", data)
        if isinstance(kind, list):
            inner = self.column(kind[0])
            return [inner[a:b] for a, b in zip(ends, ends[1:])]
        texts = bytes(next(self.buffers))
        return [texts[a:b].decode() for a, b in zip(ends, ends[1:])]


def rows(data, columns):
    """A dictionary for each row of a stream; `columns` has every column's kind, in the stream's order."""
    data, at = memoryview(data), 0
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        if size == 0:
            return
        table = data[at + 8:at + 8 + size]
        message = follow(table, 0)
        kind = table[field(table, message, 1)]
        # A message without a body has no field for its length.
        length = struct.unpack_from("<q", table, field(table, message, 3))[0] if kind == RECORD_BATCH else 0
        at += 8 + size
        if kind == RECORD_BATCH:
            batch = Batch(table, follow(table, field(table, message, 2)), data[at:at + length])
            values = [batch.column(kind) for kind in columns.values()]
            yield from (dict(zip(columns, row)) for row in zip(*values))
        at += length
