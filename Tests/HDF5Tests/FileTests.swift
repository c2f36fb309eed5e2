import Foundation
import HDF5
import Testing

@Suite struct FileTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("a.h5")
  }

  @Test func groupsAndDatasetsAreListedFoundAndDeleted() throws {
    let file = try HDF5File.create(path)
    try file.createGroup("/rows/deep")
    try file.createGroup("rows")
    try file.write([Float(1)], to: "/rows/β")
    try file.write([Float(1)], to: "/alone")
    #expect(try file.children() == ["alone", "rows"])
    #expect(try file.children(of: "/rows") == ["deep", "β"])
    #expect(try file.exists("/") && file.exists("rows/β") && file.exists("/rows/deep/"))
    #expect(try !file.exists("/rows/none/none") && !file.exists("/alone/x"))
    #expect(try file.kind(of: "/rows") == .group)
    #expect(try file.kind(of: "/alone") == .dataset)
    try file.delete("/rows")
    #expect(try file.children() == ["alone"])
    #expect(throws: HDF5Error.self) { try file.delete("/rows") }
    #expect(throws: HDF5Error.self) { try file.createGroup("/alone") }
    #expect(throws: HDF5Error.self) { try file.children(of: "/alone") }
    #expect(throws: HDF5Error.self) { _ = try file.dataset("/") }
  }

  @Test func attributesOfEveryKindComeBackFromEveryKindOfObject() throws {
    let file = try HDF5File.create(path)
    try file.createGroup("/g")
    try file.write([Float(1)], to: "/d")
    let long = String(repeating: "long text. ", count: 10_000)
    for object in ["/", "/g", "/d"] {
      try file.setAttribute("int", Int.min, on: object)
      try file.setAttribute("double", 0.1, on: object)
      try file.setAttribute("bool", true, on: object)
      try file.setAttribute("string", "naïve ≥ 0.95", on: object)
      try file.setAttribute("long", long, on: object)
      try file.setAttribute("ints", [1, -2], on: object)
      try file.setAttribute("doubles", [0.5, .infinity], on: object)
      try file.setAttribute("strings", ["a", "", "ß"], on: object)
      try file.setAttribute("empty", [String](), on: object)
      try file.setAttribute("int", 42, on: object)
    }
    try file.close()
    let again = try HDF5File.open(path)
    for object in ["/", "/g", "/d"] {
      #expect(try again.attribute("int", as: Int.self, on: object) == 42)
      #expect(try again.attribute("double", as: Double.self, on: object) == 0.1)
      #expect(try again.attribute("bool", as: Bool.self, on: object))
      #expect(try again.attribute("string", as: String.self, on: object) == "naïve ≥ 0.95")
      #expect(try again.attribute("long", as: String.self, on: object) == long)
      #expect(try again.attribute("ints", as: [Int].self, on: object) == [1, -2])
      #expect(try again.attribute("doubles", as: [Double].self, on: object) == [0.5, .infinity])
      #expect(try again.attribute("strings", as: [String].self, on: object) == ["a", "", "ß"])
      #expect(try again.attribute("empty", as: [String].self, on: object) == [])
      #expect(try again.attributeNames(on: object).count == 9)
      #expect(try again.hasAttribute("int", on: object))
      #expect(try !again.hasAttribute("no", on: object))
    }
  }

  @Test func anAttributeOfTheWrongKindOrMissingIsAnError() throws {
    let file = try HDF5File.create(path)
    try file.setAttribute("n", 2)
    #expect(throws: HDF5Error.self) { try file.setAttribute("n", "a\0") }
    let wrong = #expect(throws: HDF5Error.self) { try file.attribute("n", as: String.self) }
    #expect(wrong?.expected == "a string" && wrong?.found == "1 integer(s)")
    #expect(throws: HDF5Error.self) { try file.attribute("n", as: Bool.self) }
    let missing = #expect(throws: HDF5Error.self) { try file.attribute("gone", as: Int.self) }
    #expect(missing?.object == "/@gone" && missing?.found == "nothing")
  }

  @Test func aFileOpenedForReadingCannotBeChanged() throws {
    try HDF5File.create(path).close()
    let file = try HDF5File.open(path)
    #expect(throws: HDF5Error.self) { try file.createGroup("/g") }
    #expect(throws: HDF5Error.self) { try file.setAttribute("n", 1) }
  }

  @Test func aFileOpenedForWritingKeepsWhatItHeld() throws {
    let file = try HDF5File.create(path)
    try file.write([Int32(1)], to: "/x", storage: .growing)
    try file.close()
    let second = try HDF5File.open(path, .readWrite)
    try second.dataset("/x").append([Int32(2)])
    try second.flush()
    try second.close()
    #expect(try HDF5File.open(path).read(Int32.self, from: "/x") == [1, 2])
    #expect(throws: HDF5Error.self) { _ = try HDF5File.create(path, replacing: false) }
    #expect(try HDF5File.open(path).exists("/x"))
  }

  @Test func aDatasetUsedAfterItsFileClosedIsAnError() throws {
    let file = try HDF5File.create(path)
    let data = try file.createDataset("/x", of: .float32, shape: [1])
    try file.close()
    #expect(throws: HDF5Error.self) { try data.write([Float(1)]) }
    #expect(throws: HDF5Error.self) { try data.shape() }
  }

  @Test func theImageOfAFileInMemoryIsAFile() throws {
    let file = try HDF5File.createInMemory("result")
    try file.write([Double](repeating: 2, count: 100_000), to: "/x")
    let image = try file.image()
    #expect(!FileManager.default.fileExists(atPath: "result"))
    try Data(image).write(to: URL(fileURLWithPath: path))
    #expect(try HDF5File.open(path).read(Double.self, from: "/x").count == 100_000)
  }

  @Test func aReplacementThatFailsLeavesTheEarlierFile() throws {
    struct Stop: Error {}
    try HDF5File.replace(path) { try $0.setAttribute("n", 1) }
    #expect(throws: Stop.self) {
      try HDF5File.replace(path) {
        try $0.setAttribute("n", 2)
        throw Stop()
      }
    }
    #expect(try HDF5File.open(path).attribute("n", as: Int.self) == 1)
    try HDF5File.replace(path) { try $0.setAttribute("n", 3) }
    #expect(try HDF5File.open(path).attribute("n", as: Int.self) == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.h5"])
  }

  /// A starting process holds copies of all descriptors; `dup` makes such a copy here.
  @Test func aCopyOfItsDescriptorDoesNotKeepAClosedFileInUse() throws {
    let file = try HDF5File.create(path)
    let held = try descriptors(of: path).map { dup($0) }
    defer { for descriptor in held { close(descriptor) } }
    #expect(held.count == 1)
    try file.close()
    try HDF5File.create(path).close()
    let reader = try HDF5File.open(path)
    let copies = try descriptors(of: path).map { dup($0) }
    defer { for descriptor in copies { close(descriptor) } }
    try reader.close()
    try HDF5File.open(path, .readWrite).close()
  }

  @Test func aStartedProgramDoesNotInheritAnOpenFile() throws {
    let file = try HDF5File.create(path)
    let held = try descriptors(of: path)
    #expect(held.count == 1 && held.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
    try file.close()
  }

  @Test func aFileOpenTwiceStaysLockedUntilBothAreClosed() throws {
    try HDF5File.create(path).close()
    let first = try HDF5File.open(path, .readWrite)
    let second = try HDF5File.open(path, .readWrite)
    let other = open(path, O_RDONLY)
    defer { close(other) }
    try first.close()
    #expect(flock(other, LOCK_EX | LOCK_NB) != 0)
    try second.setAttribute("n", 1)
    try second.close()
    #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
  }

  /// This process's open descriptors of a file.
  private func descriptors(of path: String) throws -> [Int32] {
    let all = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
    let name = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    return all.compactMap(Int32.init).filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == name
    }
  }

  @Test func threadsShareTheLibrary() async throws {
    try await withThrowingTaskGroup(of: Int.self) { group in
      for task in 0..<8 {
        let path = folder.file("\(task).h5")
        group.addTask {
          for _ in 0..<20 {
            let file = try HDF5File.create(path)
            try file.write((0..<500).map { Int32($0 + task) }, to: "/x")
            try file.close()
            #expect(throws: HDF5Error.self) { _ = try HDF5File.open(path + "no") }
          }
          return Int(try HDF5File.open(path).read(Int32.self, from: "/x")[1])
        }
      }
      var sum = 0
      for try await value in group { sum += value }
      #expect(sum == 36)
    }
  }
}
