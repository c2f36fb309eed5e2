import AISKit
import Foundation
let args = CommandLine.arguments
let clock = ContinuousClock()
let t0 = clock.now
let model = try DecoderModel.load(Checkpoint.open(path: args[1]), type: args[2] == "bf16" ? .bf16 : .f32)
FileHandle.standardError.write(Data("load \(clock.now - t0) \(model.backend.summary)\n".utf8))
var out: [Float] = []
let lines = try String(contentsOfFile: args[3], encoding: .utf8).split(separator: "\n")
let plan = try DepthPlan(hard: args[5], soft: args[6])
for line in lines {
  let ids = line.split(separator: " ").map { Int32($0)! }
  var context = model.makeContext(capacity: ids.count + 8)
  let t = clock.now
  try model.forward(PackedTokens(ids), in: &context, policy: plan, logits: args[7] == "all" ? .all : .lastOfEach)
  let d = clock.now - t
  if args.count > 8 { print("\(ids.count) tokens \(d)") 
    for _ in 0..<5 {
    context.cache.removeAll()
    let t = clock.now
    try model.forward(PackedTokens(ids), in: &context, policy: plan, logits: .lastOfEach)
    let d = clock.now - t
    print("again \(d)  \(Double(ids.count) / (Double(d.components.attoseconds) * 1e-18 + Double(d.components.seconds))) tok/s")
    var tok: Int32 = 5
    context = model.makeContext(capacity: ids.count + 80)
    try model.forward(PackedTokens(ids), in: &context, policy: plan, logits: .lastOfEach)
    let t2 = clock.now
    for _ in 0..<32 { try model.forward(PackedTokens([tok]), in: &context, policy: plan, logits: .lastOfEach); tok = context.withLogits(row: 0) { l in Int32(l.indices.max { l[$0] < l[$1] }!) } }
    let d2 = clock.now - t2
    print("decode \(32 / (Double(d2.components.attoseconds) * 1e-18 + Double(d2.components.seconds))) tok/s")
    }
  }
  for r in 0..<context.logitRows { out += context.logits(row: r) }
}
try out.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: args[4]))
