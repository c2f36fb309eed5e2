import AISKit
import Testing

@Suite("Observations of a map")
struct ObservationTests {
  private func map(entries: Int = 2) throws -> TopologicalMap {
    let map = try TopologicalMap(categories: ["a", "b"], pivot: 0, width: 2, layerCount: 1)
    try map.add(
      probes: (0..<entries).flatMap { [Float($0), 1] },
      entries: (0..<entries).map { .init(category: $0 % 2, text: "") })
    return map
  }

  @Test func theNearestEntryIsTold() throws {
    let map = try map()
    let found = try map.lookUp([0, 1], k: 2)
    for quality in [1.0, 0.0, 0.5] { try map.observe(found, quality: quality) }
    map.settle()
    #expect(map.entries[0].observations == 3 && map.entries[0].quality == 0.5)
    #expect(map.entries[1].observations == 0 && map.entries[1].quality == nil)
  }

  @Test func theMeanGoesOnFromWhatWasKnown() throws {
    let map = try TopologicalMap(categories: ["a"], pivot: 0, width: 1, layerCount: 1)
    try map.add(
      probes: [1], entries: [.init(category: 0, text: "", observations: 3, quality: 1)])
    try map.observe(map.lookUp([1]), quality: 0)
    map.settle()
    #expect(map.entries[0].observations == 4 && map.entries[0].quality == 0.75)
  }

  @Test func noneIsLostWhereManyObserveAndOneAdds() async throws {
    let map = try map()
    let found = [try map.lookUp([0, 1], k: 1), try map.lookUp([1, 1], k: 1)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for round in 0..<200 {
            if task == 0 {
              try map.add(probes: [9, 1], entries: [.init(category: 0, text: "")])
            } else {
              try map.observe(found[round % 2], quality: Double(round % 4))
              #expect(try map.lookUp([0, 1], k: 1).neighbors[0].id == 0)
            }
          }
        }
      }
      try await group.waitForAll()
    }
    map.settle()
    #expect(map.count == 202 && map.entries.count == 202)
    // Even rounds observe 0 and 2 at the first entry, odd rounds 1 and 3 at the second.
    #expect(map.entries[0].observations == 700 && map.entries[1].observations == 700)
    #expect(abs((map.entries[0].quality ?? 0) - 1) < 1e-9)
    #expect(abs((map.entries[1].quality ?? 0) - 2) < 1e-9)
  }

  @Test func whatCannotBeAveragedIsAnError() throws {
    let map = try map()
    let found = try map.lookUp([0, 1])
    for quality in [Double.nan, .infinity, -.infinity] {
      #expect(throws: RequestError.self) { try map.observe(found, quality: quality) }
    }
    let larger = try self.map(entries: 9)
    let stranger = try larger.lookUp([8, 1], k: 1)
    #expect(throws: RequestError.self) { try map.observe(stranger, quality: 1) }
    map.settle()
    #expect(map.entries.allSatisfy { $0.observations == 0 })
  }
}
