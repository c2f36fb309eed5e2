import AISHarness
import AISKit
import Foundation
import TestSupport
import Testing

/// A map's folder opens in Python with faiss, h5py and json, without this project.
@Suite struct PythonMapTests {
  private static let python = PythonPeer.having("faiss, h5py, numpy")

  @Test(.enabled(if: python != nil), arguments: MapShape.Kind.allCases)
  func pythonSeesTheWholeMap(_ kind: MapShape.Kind) throws {
    let fixture = try MapFixture(kind)
    try MapFolder.save(fixture.map, fixture.meta, to: fixture.path)
    try fixture.folder.write(littleEndianBytes(fixture.queries), as: "queries")
    let python = try #require(Self.python)
    let text = try python.run(
      """
      import faiss, h5py, json, hashlib, numpy as np
      folder = "\(fixture.path)"
      meta = json.load(open(folder + "/meta.json"))
      index = faiss.read_index(folder + "/index.faiss")
      digest = hashlib.sha256(open(folder + "/index.faiss", "rb").read()).hexdigest()
      assert meta["schema_version"] == 1 and meta["index"] == "\(kind.rawValue)"
      assert meta["categories"] == ["Fragen", "écrire", "編集"] and meta["pivot"] == 3
      assert meta["width"] == index.d == 8 and meta["entries"] == index.ntotal == 120
      assert meta["layers"] == 5 and meta["k"] == 7 and meta["vote"] == "majority"
      assert meta["model_name"] == "model.gguf" and meta["dtype"] == "f32"
      assert index.metric_type == faiss.METRIC_INNER_PRODUCT
      probes = index.reconstruct_n(0, 120)
      assert np.allclose(np.linalg.norm(probes, axis=1), 1, atol=1e-6)
      with h5py.File(folder + "/values.h5") as h:
          assert h.attrs["index_sha256"] == meta["index_sha256"] == digest
          assert list(h["categories"].asstr()) == meta["categories"]
          assert h["importance"].shape == (3, 5) and h["importance"].dtype == "<f8"
          assert h["importance"].attrs["unit"] == "nats"
          assert h["importance"][1, 2] == 1.0
          e = h["entries"]
          assert e["category"].dtype == "<i4" and e["observations"].dtype == "<i8"
          assert e["text"].asstr()[0] == "prompt 0\\n“漢字”" and e["text"].asstr()[1] == ""
          seen = e["observations"][...] > 0
          assert seen.any() and (np.isnan(e["quality"][...]) == ~seen).all()
          assert e["observations"][...].sum() == 10
          category = e["category"][...]
      queries = np.fromfile("\(fixture.folder.path("queries"))", "<f4").reshape(-1, 8)
      queries /= np.linalg.norm(queries, axis=1, keepdims=True)
      similarities, ids = index.search(queries, 10)
      print(json.dumps({"ids": ids.tolist(), "similarities": similarities.tolist(),
                        "categories": category[ids].tolist()}))
      """)
    struct Found: Decodable {
      let ids: [[Int]]
      let similarities: [[Float]]
      let categories: [[Int]]
    }
    let found = try JSONDecoder().decode(Found.self, from: Data(text.utf8))
    let own = try fixture.map.lookUp(batch: fixture.queries, k: 10).map(\.neighbors)
    #expect(own.map { $0.map(\.id) } == found.ids)
    #expect(own.map { $0.map(\.category) } == found.categories)
    expectClose(
      own.flatMap { $0.map(\.similarity) }, found.similarities.flatMap { $0 }, tolerance: 1e-5)
  }
}
