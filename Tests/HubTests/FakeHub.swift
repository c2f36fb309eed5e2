import AISHarness
import Foundation
import Hub
import TestSupport

/// A fake hub with one repository, served from this machine.
final class FakeHub: @unchecked Sendable {
  static let commit = String(repeating: "0a1b", count: 10)
  static let token = "hf_thisIsASecret"

  let server: LoopbackServer
  private let state: State

  /// A wrong answer to a request, given how often its path was requested before; `nil` for the
  /// right one.
  typealias Mischief = @Sendable (LoopbackServer.Request, Int) -> LoopbackServer.Answer?

  /// Serves `files`; those over a kilobyte are listed as large ones.
  ///
  /// `mischief` replaces right answers.
  init(
    _ files: [String: [UInt8]], kind: String = "models", name: String = "some/tiny",
    mischief: @escaping Mischief = { _, _ in nil }
  ) throws {
    let state = State()
    self.state = state
    let prefix = kind == "models" ? "" : "\(kind)/"
    server = try LoopbackServer { request in
      let before = state.count(request.path)
      if let answer = mischief(request, before) { return answer }
      let path = request.path.split(separator: "?")[0]
      if path.hasPrefix("/api/\(kind)/\(name)/revision/") {
        return .init(body: Array(#"{"id":"\#(name)","sha":"\#(Self.commit)"}"#.utf8))
      }
      if path == "/api/\(kind)/\(name)/tree/\(Self.commit)" {
        return Self.page(of: files, request)
      }
      let start = "/\(prefix)\(name)/resolve/\(Self.commit)/"
      guard path.hasPrefix(start), let bytes = files[String(path.dropFirst(start.count))] else {
        return .init(status: 404)
      }
      return Self.file(bytes, request)
    }
  }

  /// The requests for the file of a name.
  func requests(of file: String) -> [LoopbackServer.Request] {
    server.requests.filter { $0.path.hasSuffix("/\(file)") }
  }

  func access(token: String? = nil) throws -> HubAccess {
    try HubAccess(environment: ["HF_ENDPOINT": server.address, "HF_TOKEN": token ?? ""])
  }

  /// A file's bytes, from the request's range start if it has one.
  static func file(
    _ bytes: [UInt8], _ request: LoopbackServer.Request, tag: String = "\"v1\""
  ) -> LoopbackServer.Answer {
    let range = request.fields["range"].flatMap {
      $0.split(whereSeparator: { "=-".contains($0) }).last
    }
    guard let start = range.flatMap({ Int($0) }), [nil, tag].contains(request.fields["if-range"])
    else { return .init(fields: ["ETag": tag], body: bytes) }
    let fields = ["ETag": tag, "Content-Range": "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"]
    return .init(status: 206, fields: fields, body: Array(bytes[start...]))
  }

  /// The list in two pages, including a folder and names that lead out of the folder.
  private static func page(
    of files: [String: [UInt8]], _ request: LoopbackServer.Request
  ) -> LoopbackServer.Answer {
    let names = files.keys.sorted()
    let isFirst = !request.path.contains("cursor=2")
    let half = isFirst ? names.prefix(names.count / 2) : names.dropFirst(names.count / 2)
    var entries = half.map { entry($0, files[$0] ?? []) }
    entries.append(#"{"type":"directory","oid":"00","size":0,"path":"onnx"}"#)
    entries.append(#"{"type":"file","oid":"00","size":3,"path":"../../config.json"}"#)
    var answer = LoopbackServer.Answer(body: Array("[\(entries.joined(separator: ","))]".utf8))
    if isFirst {
      answer.fields["Link"] = "<\(request.path)&cursor=2>; rel=\"next\""
    }
    return answer
  }

  private static func entry(_ name: String, _ bytes: [UInt8]) -> String {
    let start = #"{"type":"file","path":"\#(name)","size":\#(bytes.count),"oid":"\#(blob(bytes))""#
    guard bytes.count > 1_000 else { return start + "}" }
    return start
      + #","lfs":{"oid":"\#(sha256(bytes))","size":\#(bytes.count),"pointerSize":134}}"#
  }

  static func sha256(_ bytes: [UInt8]) -> String {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }

  private static func blob(_ bytes: [UInt8]) -> String {
    var hash = SHA1()
    Array("blob \(bytes.count)\0".utf8).withUnsafeBytes { hash.update($0) }
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.finish()
  }

  private final class State: @unchecked Sendable {
    private let lock = NSLock()
    private var counts: [String: Int] = [:]

    func count(_ path: String) -> Int {
      lock.withLock {
        counts[path, default: 0] += 1
        return counts[path, default: 1] - 1
      }
    }
  }
}

/// Collects the lines that a fetch prints.
final class Lines {
  var all: [String] = []
}

/// Short pauses: these servers need no rest.
let hurried: Patience = {
  var patience = Patience()
  patience.firstPause = 0.01
  return patience
}()

/// The files of a small model that loads: weights of 60 kB, one file.
func tinyModelFiles() throws -> [String: [UInt8]] {
  let config = """
    {"architectures":["LlamaForCausalLM"],"model_type":"llama","vocab_size":32,"hidden_size":16,
    "intermediate_size":24,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1,
    "head_dim":8,"max_position_embeddings":64,"rms_norm_eps":1e-5,"rope_theta":10000.0,
    "tie_word_embeddings":true,"hidden_act":"silu","torch_dtype":"float32"}
    """
  var random = SeededGenerator(seed: 3)
  var weights = SafetensorsBuilder()
  func add(_ name: String, _ shape: [Int]) {
    let count = shape.reduce(1, *)
    weights.add(
      name, shape: shape,
      floats: (0..<count).map { _ in Float.random(in: -0.3...0.3, using: &random) })
  }
  add("model.embed_tokens.weight", [32, 16])
  add("model.norm.weight", [16])
  for layer in 0..<2 {
    let start = "model.layers.\(layer)."
    add(start + "input_layernorm.weight", [16])
    add(start + "post_attention_layernorm.weight", [16])
    add(start + "self_attn.q_proj.weight", [16, 16])
    add(start + "self_attn.k_proj.weight", [8, 16])
    add(start + "self_attn.v_proj.weight", [8, 16])
    add(start + "self_attn.o_proj.weight", [16, 16])
    add(start + "mlp.gate_proj.weight", [24, 16])
    add(start + "mlp.up_proj.weight", [24, 16])
    add(start + "mlp.down_proj.weight", [16, 24])
  }
  return [
    "config.json": Array(config.utf8), "generation_config.json": Array("{}".utf8),
    "README.md": Array("# Tiny".utf8), "model.safetensors": weights.bytes(),
    "pytorch_model.bin": [1, 2, 3],
  ]
}
