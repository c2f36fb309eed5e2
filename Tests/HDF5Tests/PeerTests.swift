import Foundation
import HDF5
import TestSupport
import Testing

/// Files that h5py wrote, and files that it reads.
@Suite struct PeerTests {
  private func golden(_ name: String) throws -> HDF5File {
    let folder = try #require(ReferenceFiles.golden)
    return try HDF5File.open(folder.appendingPathComponent(name).path)
  }

  @Test(.enabled(if: ReferenceFiles.exist))
  func logitsWrittenByPythonAreRead() throws {
    let file = try golden("smollm2/logits.h5")
    #expect(
      try file.children(of: "/logits_last")
        == ["hard_50", "hard_8_15", "none", "soft03_hard_mix", "soft07_8_15"])
    let logits = try file.dataset("/logits_last/none")
    #expect(try logits.shape() == [16, 49_152])
    #expect(logits.elementType == .float32)
    let row = try logits.read(Float.self, rows: 15..<16)
    #expect(row.count == 49_152 && row.allSatisfy { $0.isFinite })
    #expect(try file.read(String.self, from: "/prompts").count == 16)
    let greedy = try file.read(String.self, from: "/greedy48")
    #expect(greedy.count == 1 && greedy[0].hasPrefix("["))
    #expect(
      try file.attribute("hard", as: [Int].self, on: "/logits_last/hard_8_15")
        == Array(8..<16))
    #expect(try file.attribute("hard", as: [Int].self, on: "/logits_last/none") == [])
    #expect(try file.attribute("source", as: String.self).contains(" "))
  }

  @Test(.enabled(if: ReferenceFiles.exist), arguments: ["llama", "gemma3", "mixtral", "phi"])
  func tinyModelsWrittenByPythonAreRead(name: String) throws {
    let file = try golden("tiny/\(name)/golden.h5")
    #expect(try file.read(Int32.self, from: "/tokens").count == 120)
    let logits = try file.dataset("/logits")
    let shape = try logits.shape()
    #expect(shape.prefix(2) == [3, 40])
    #expect(try logits.read(Float.self).count == 120 * shape[2])
  }

  private static let python = PythonPeer.having("h5py")

  @Test(.enabled(if: python != nil))
  func pythonSeesWhatWasWritten() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("ours.h5")
    let file = try HDF5File.create(path)
    try file.write((0..<6).map(Float.init), shape: [2, 3], to: "/g/f32")
    try file.write([Int64.min, .max], to: "/g/i64", storage: .growing)
    try file.write(["Grüße", "", "漢"], to: "/g/text", storage: .growing)
    try file.write([UInt8(255)], to: "/g/u8")
    try file.setAttribute("unit", "µs", on: "/g/f32")
    try file.setAttribute("layers", [3, 4])
    try file.setAttribute("criteria", ["≥ 0.95", "b"])
    try file.setAttribute("complete", true)
    try file.close()
    let script = """
      import h5py
      with h5py.File("\(path)") as h:
          f = h["g/f32"]
          assert f.dtype == "<f4" and f[...].tolist() == [[0, 1, 2], [3, 4, 5]]
          assert f.compression == "gzip" and f.shuffle and f.attrs["unit"] == "µs"
          i = h["g/i64"]
          assert i.dtype == "<i8" and i.maxshape == (None,) and int(i[0]) == -2**63
          t = h["g/text"]
          assert h5py.check_string_dtype(t.dtype).encoding == "utf-8"
          assert list(t.asstr()[...]) == ["Grüße", "", "漢"]
          assert h["g/u8"][0] == 255
          assert h.attrs["layers"].tolist() == [3, 4] and h.attrs["complete"] == 1
          assert isinstance(h.attrs["criteria"][0], str) and h.attrs["criteria"][0] == "≥ 0.95"
      """
    let python = try #require(Self.python)
    #expect(throws: Never.self) { try python.run(script) }
  }

  @Test(.enabled(if: python != nil))
  func everyKindOfStringAndNumberThatPythonWritesIsRead() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("theirs.h5")
    let script = """
      import h5py, numpy as np
      with h5py.File("\(path)", "w") as h:
          a = h.attrs
          a["vlen"] = "Grüße"
          a["fixed"] = np.bytes_(b"fixed")
          a["fixed list"] = np.array([b"ab", b"c"])
          a.create("ascii vlen", "plain", dtype=h5py.string_dtype("ascii"))
          a.create("utf8 fixed", "é".encode(), dtype=h5py.string_dtype("utf-8", 10))
          a["vlen list"] = ["x", "ÿ"]
          a["bool"] = True
          a["np bool"] = np.bool_(False)
          a["i16"] = np.int16(-3)
          a["big endian"] = np.array([1, 2], dtype=">i4")
          a["u64"] = np.uint64(5)
          a["too big"] = np.uint64(2**64 - 1)
          a["f32"] = np.float32(0.5)
          a["f16"] = np.float16(0.25)
          a["empty"] = h5py.Empty("f")
          a["complex"] = 1 + 2j
          h["be"] = np.array([1.5, 2.5], dtype=">f4")
          h["i16"] = np.array([1], dtype="i2")
          h["fixed"] = np.array([b"abc", b"d"])
          h["latin"] = np.array([b"\\xff"])
          h["vlen"] = ["one", "two"]
          h["scalar"] = "s"
          h.create_dataset("never written", (3,), dtype=h5py.string_dtype())
      """
    let python = try #require(Self.python)
    try python.run(script)
    let file = try HDF5File.open(path)
    #expect(try file.attribute("vlen", as: String.self) == "Grüße")
    #expect(try file.attribute("fixed", as: String.self) == "fixed")
    #expect(try file.attribute("fixed list", as: [String].self) == ["ab", "c"])
    #expect(try file.attribute("ascii vlen", as: String.self) == "plain")
    #expect(try file.attribute("utf8 fixed", as: String.self) == "é")
    #expect(try file.attribute("vlen list", as: [String].self) == ["x", "ÿ"])
    #expect(try file.attribute("bool", as: Bool.self))
    #expect(try !file.attribute("np bool", as: Bool.self))
    #expect(try file.attribute("i16", as: Int.self) == -3)
    #expect(try file.attribute("big endian", as: [Int].self) == [1, 2])
    #expect(try file.attribute("u64", as: Int.self) == 5)
    #expect(throws: HDF5Error.self) { try file.attribute("too big", as: Int.self) }
    #expect(try file.attribute("f32", as: Double.self) == 0.5)
    #expect(try file.attribute("f16", as: Double.self) == 0.25)
    #expect(try file.attribute("empty", as: [Double].self) == [])
    #expect(throws: HDF5Error.self) { try file.attribute("complex", as: Double.self) }
    #expect(try file.read(Float.self, from: "be") == [1.5, 2.5])
    let wrong = #expect(throws: HDF5Error.self) { try file.read(Int32.self, from: "i16") }
    #expect(wrong?.expected == "int32" && wrong?.found == "int16")
    #expect(try file.read(String.self, from: "fixed") == ["abc", "d"])
    #expect(throws: HDF5Error.self) { try file.read(String.self, from: "latin") }
    #expect(try file.read(String.self, from: "vlen", rows: 1..<2) == ["two"])
    #expect(try file.read(String.self, from: "scalar") == ["s"])
    #expect(try file.read(String.self, from: "never written") == ["", "", ""])
  }
}
