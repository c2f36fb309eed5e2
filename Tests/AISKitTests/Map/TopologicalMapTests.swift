import AISKit
import TestSupport
import Testing

@Suite("A topological map")
struct TopologicalMapTests {
  private func empty(_ kind: MapShape.Kind = .exact) throws -> TopologicalMap {
    try TopologicalMap(
      categories: ["a", "b", "c"], pivot: 2, width: 2, layerCount: 6, kind: kind)
  }

  /// Entries around the circle: three of `a` near 0°, one of `b` at 90°, one of `c` at 180°.
  private func filled() throws -> TopologicalMap {
    let map = try empty()
    try map.add(
      probes: [2, 0, 5, 1, 5, -2, 0, 0.5, -3, 0],
      entries: [0, 0, 0, 1, 2].enumerated().map { .init(category: $1, text: "prompt \($0)") })
    return map
  }

  @Test func findsTheCategoryOfTheDirection() throws {
    let map = try filled()
    #expect(map.count == 5 && map.entries[3].text == "prompt 3")
    let right = try map.lookUp([0.1, 0], k: 3)
    #expect(right.category == 0 && right.confidence == 1)
    #expect(right.neighbors.map(\.id) == [0, 1, 2])
    #expect(abs(right.neighbors[1].similarity - 0.980_58) < 1e-4)
    let up = try map.lookUp([0, 1_000], k: 1)
    #expect(up.category == 1 && up.neighbors.map(\.id) == [3])
    #expect(try map.lookUp([0, 1], k: 99).neighbors.count == 5)
    let many = try map.lookUp(batch: [0.1, 0, 0, 1_000], k: 3)
    #expect(many == [right, try map.lookUp([0, 1_000], k: 3)])
    #expect(try map.lookUp(batch: []) == [])
  }

  @Test func givesItsProbesBackAtUnitLengthInOrder() throws {
    let (probes, entries) = try filled().labelledProbes()
    #expect(entries.map(\.category) == [0, 0, 0, 1, 2] && entries[4].text == "prompt 4")
    #expect(probes.count == 10 && probes[0...1] == [1, 0] && probes[6...9] == [0, 1, -1, 0])
    #expect(abs(probes[2] - 0.980_581) < 1e-5 && abs(probes[3] - 0.196_116) < 1e-5)
    #expect(throws: RequestError("map entries", expected: "at least one", found: "none")) {
      try empty().labelledProbes()
    }
  }

  @Test func tinyAndHugeProbesHaveADirection() throws {
    let map = try empty()
    try map.add(
      probes: [.leastNonzeroMagnitude, 0, 0, .greatestFiniteMagnitude],
      entries: [.init(category: 0, text: ""), .init(category: 1, text: "")])
    let found = try map.lookUp([0, .leastNonzeroMagnitude], k: 1)
    #expect(found.category == 1 && found.neighbors[0].similarity == 1)
  }

  @Test func anApproximateMapAgreesWithAnExactOne() throws {
    let data = ClusteredVectors(count: 3_000, dimension: 16, clusters: 3, spread: 0.9, seed: 2)
    let maps = try [MapShape.Kind.exact, .approximate].map { kind in
      let map = try TopologicalMap(
        categories: ["a", "b", "c"], pivot: 0, width: 16, layerCount: 1, kind: kind)
      try map.add(
        probes: data.rows, entries: data.labels.map { MapEntry(category: $0, text: "") })
      return map
    }
    let queries = Array(data.rows[..<(200 * 16)])
    let found = try maps.map { try $0.lookUp(batch: queries) }
    let agreeing = zip(found[0], found[1]).filter { $0.category == $1.category }.count
    #expect(agreeing >= 195)
    let right = zip(found[1], data.labels).filter { $0.category == $1 }.count
    #expect(right >= 190)
  }

  @Test func importanceMustHaveTheMapsShape() throws {
    let map = try filled()
    #expect(map.importance == nil)
    let importance = try LayerImportance(
      categoryCount: 3, layerCount: 6, values: (0..<18).map(Double.init))
    try map.setImportance(importance)
    #expect(map.importance == importance)
    for (categories, layers) in [(3, 5), (2, 6), (6, 3)] {
      let wrong = try LayerImportance(
        categoryCount: categories, layerCount: layers,
        values: Array(repeating: 0, count: categories * layers))
      #expect(throws: RequestError.self) { try map.setImportance(wrong) }
    }
    #expect(map.importance == importance)
    try map.setImportance(nil)
    #expect(map.importance == nil)
  }
}

@Suite("A topological map refuses")
struct TopologicalMapErrorTests {
  private let map: TopologicalMap

  init() throws {
    map = try TopologicalMap(categories: ["a", "b"], pivot: 0, width: 2, layerCount: 1)
  }

  @Test func shapesThatMakeNoSense() {
    func make(
      _ categories: [String] = ["a", "b"], pivot: Int = 0, width: Int = 2, layers: Int = 2
    ) throws {
      _ = try MapShape(
        categories: categories, pivot: pivot, width: width, layerCount: layers)
    }
    #expect(throws: Never.self) { try make() }
    for categories in [[], [""], ["a", "a"]] {
      #expect(throws: RequestError.self) { try make(categories) }
    }
    for pivot in [-1, 2, .max] { #expect(throws: RequestError.self) { try make(pivot: pivot) } }
    for width in [0, -1, .max] { #expect(throws: RequestError.self) { try make(width: width) } }
    for layers in [0, -1] { #expect(throws: RequestError.self) { try make(layers: layers) } }
  }

  @Test func probesWithoutADirection() throws {
    let two = [MapEntry(category: 0, text: ""), MapEntry(category: 1, text: "")]
    for (probes, subject) in [
      ([1, 2, 0, 0], "probe 1"), ([1, .nan, 1, 2], "probe 0"), ([1, 2, -.infinity, 1], "probe 1"),
      ([1, 2, 3], "probes"), ([1, 2], "probes"),
    ] as [([Float], String)] {
      let error = #expect(throws: RequestError.self) { try map.add(probes: probes, entries: two) }
      #expect(error?.subject == "map \(subject)")
    }
    #expect(map.count == 0 && map.entries.isEmpty)
    try map.add(probes: [], entries: [])
    #expect(map.count == 0)
  }

  @Test func entriesOfNoCategory() {
    for entry in [
      MapEntry(category: 2, text: ""), MapEntry(category: -1, text: ""),
      MapEntry(category: 0, text: "", observations: -1),
      MapEntry(category: 0, text: "", observations: 1),
      MapEntry(category: 0, text: "", quality: 1),
      MapEntry(category: 0, text: "", observations: 1, quality: .nan),
    ] {
      let error = #expect(throws: RequestError.self) {
        try map.add(probes: [1, 1], entries: [entry])
      }
      #expect(error?.subject == "map entry 0")
    }
    #expect(map.count == 0)
  }

  @Test func lookUpsThatCannotBeAnswered() throws {
    #expect(throws: RequestError("map entries", expected: "at least one", found: "none")) {
      try map.lookUp([1, 1])
    }
    try map.add(probes: [1, 1], entries: [.init(category: 0, text: "")])
    #expect(throws: RequestError("map k", expected: "1 or more", found: "0")) {
      try map.lookUp([1, 1], k: 0)
    }
    #expect(throws: RequestError("map probe", expected: "2 floats", found: "3")) {
      try map.lookUp([1, 1, 1])
    }
    for probe in [[0, 0], [.nan, 1], [.infinity, 1]] as [[Float]] {
      #expect(throws: RequestError.self) { try map.lookUp(probe) }
    }
    #expect(throws: RequestError.self) { try map.lookUp([]) }
    #expect(throws: RequestError.self) { try map.lookUp(batch: [1, 1, 1]) }
  }
}
