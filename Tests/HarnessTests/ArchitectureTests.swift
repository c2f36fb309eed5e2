import Foundation
import TestSupport
import Testing

/// What Docs/Architecture.md promises about the code, read from the code.
struct ArchitectureTests {
  private let root = ReferenceFiles.repository

  private func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// Swift files under a folder, by path from the repository's root.
  private func swiftFiles(under folder: String) throws -> [String] {
    let url = root.appendingPathComponent(folder)
    let names = try FileManager.default.subpathsOfDirectory(atPath: url.path)
    return names.filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
  }

  /// Targets of Package.swift that are compiled and no test, with the project's own targets that each names.
  private func packageTargets() throws -> [String: Set<String>] {
    let package = try text("Package.swift")
    let pattern =
      /\.(?:target|executableTarget)\(\s*name: "([^"]+)"(?:,\s*dependencies: (kit)?(?: \+ )?(?:\[([^\]]*)\])?)?/
    var targets: [String: Set<String>] = [:]
    for match in package.matches(of: pattern) {
      targets[String(match.output.1)] = Set(
        Self.names(match.output.3 ?? "") + (match.output.2 == nil ? [] : ["AISKit"]))
    }
    return targets
  }

  private static func names(_ list: some StringProtocol) -> [String] {
    String(list).matches(of: /"([^"]+)"/).map { String($0.output.1) }
  }

  /// The lines of the map: a target and what it depends on, from the top down.
  private func mapLines() throws -> [(name: String, dependencies: Set<String>)] {
    let document = try text("Docs/Architecture.md")
    let block = try #require(document.firstMatch(of: /```targets\n([\s\S]*?)```/)).output.1
    return block.split(separator: "\n").map { line in
      let sides = line.split(separator: "→")
      let name = sides[0].split(separator: " ")[0]
      return (
        String(name), Set(sides.dropFirst().flatMap { $0.split(separator: " ").map(String.init) })
      )
    }
  }

  @Test func theMapIsThatOfThePackage() throws {
    let targets = try packageTargets()
    let lines = try mapLines()
    #expect(lines.count > 15)
    for (name, dependencies) in lines {
      let own = try #require(targets[name], "\(name) is no target of Package.swift")
      #expect(own == dependencies, "\(name)")
    }
    // Helpers of other languages and of the tests have no line.
    let unnamed = Set(targets.keys).subtracting(lines.map(\.name))
    #expect(unnamed == ["CTiedChild", "CFAISSShim", "TestSupport", "CAllocationCount"])
  }

  @Test func aTargetDependsOnLinesAboveItsOwn() throws {
    let lines = try mapLines()
    let names = Set(lines.map(\.name))
    var above: Set<String> = []
    for (name, dependencies) in lines {
      let below = dependencies.intersection(names).subtracting(above)
      #expect(below.isEmpty, "\(name) depends on \(below.sorted())")
      above.insert(name)
    }
  }

  /// SwiftPM compiles a target again only if a dependency that it names has changed.
  @Test func aTargetNamesEveryModuleThatItSees() throws {
    let lines = try mapLines()
    let library = Set(lines.map(\.name).filter { $0.hasPrefix("AIS") && $0 != "AISHarness" })
    let kit = try #require(
      text("Package.swift").firstMatch(of: /let kit: \[Target.Dependency\] = \[([^\]]*)\]/))
    #expect(Set(Self.names(kit.output.1)) == library)
    let direct = Dictionary(uniqueKeysWithValues: lines.map { ($0.name, $0.dependencies) })
    for module in library {
      let own = try #require(direct[module]).intersection(library)
      let seen = own.reduce(own) { $0.union(direct[$1, default: []].intersection(library)) }
      #expect(seen == own, "\(module) sees \(seen.subtracting(own).sorted()), too")
    }
  }

  @Test func onlyTheDeviceSeesWhereContentsLie() throws {
    // Weights on their way from a mapped file, and arrays that the host owns.
    let allowed: Set<String> = [
      "Sources/AISCheckpoint/TensorView+Dequantize.swift", "Sources/AISCheckpoint/WeightRows.swift",
      "Sources/AISCompute/Weights/WeightSource.swift",
      "Sources/AISCompute/Checks/DeviceChecks+Weights.swift",
    ]
    let pattern =
      /HostBuffer|\.host\.(?:floats|pointer|integers)|Unsafe(?:Mutable)?Pointer<(?:Float|Double)>|bindMemory\(to: Float/
    var found: Set<String> = []
    let folders = ["Sources", "Experiments"]
    let devices = ["CPU", "CUDA"].map { "Sources/AISCompute/\($0)/" }
    for path in try folders.flatMap(swiftFiles) where !devices.contains(where: path.hasPrefix) {
      if try text(path).contains(pattern) { found.insert(path) }
    }
    // A download lends what it brought to the host.
    #expect(found.subtracting(allowed) == ["Sources/AISCompute/Seam/HostBytes.swift"])
  }

  @Test func noFolderNameMeansTwoThings() throws {
    let modules = try mapLines().map(\.name).filter { $0.hasPrefix("AIS") }
    // A module's own name, without its prefix, is taken as well.
    var names = modules.map { String($0.dropFirst(3)) }
    for module in modules {
      let folders = try swiftFiles(under: "Sources/\(module)").flatMap {
        $0.split(separator: "/").dropFirst(2).dropLast().map(String.init)
      }
      names += Set(folders)
    }
    let repeated = Dictionary(grouping: names, by: \.self).filter { $0.value.count > 1 }.keys
    #expect(repeated.isEmpty, "\(repeated.sorted())")
  }

  @Test func theLoopFitsOnAScreen() throws {
    let model = try text("Sources/AISModel/Loop/DecoderModel.swift")
    let start = try #require(model.range(of: "/// The only forward loop")).lowerBound
    let end = try #require(model.range(of: "\n  }\n", range: start..<model.endIndex)).upperBound
    #expect(model[start..<end].split(separator: "\n", omittingEmptySubsequences: false).count <= 45)
  }
}
