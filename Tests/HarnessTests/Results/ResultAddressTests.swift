import AISHarness
import Foundation
import TestSupport
import Testing

@Suite struct ResultAddressTests {
  private func result(_ kl: Double) -> StoredResult {
    StoredResult(.sample(), rows: [SampleRow(layer: 1, klBaseSkip: kl)])
  }

  /// A repository in which `Results/exp099/a.h5` had three values of `kl_base_skip`: 1 in the
  /// first commit, 2 in the second, tagged v2, and 3 in the working tree.
  private func history() throws -> (repository: ScratchRepository, file: String) {
    let repository = try ScratchRepository()
    let file = try repository.path("Results/exp099/a.h5")
    for kl in [1.0, 2.0] {
      try ResultFile.write(result(kl), to: file)
      try repository.commit()
    }
    try repository.git("tag", "v2")
    try ResultFile.write(result(3), to: file)
    return (repository, file)
  }

  private func kl(_ address: String) throws -> ColumnValue {
    try ResultAddress.read(address).rows[0][1]
  }

  @Test func aFileIsReadAsAnyRevisionHoldsIt() throws {
    let (repository, file) = try history()
    #expect(try kl(file) == .real(3))
    for (revision, value) in [
      ("HEAD", 2.0), ("v2", 2), ("HEAD~1", 1), ("v2^", 1), ("@", 2), ("@~1", 1), ("HEAD@{1}", 1),
    ] {
      #expect(try kl("\(file)@\(revision)") == .real(value), "\(revision)")
    }
    // The file, and then its folder, need not exist any more.
    try FileManager.default.removeItem(atPath: file)
    #expect(try kl("\(file)@HEAD~1") == .real(1))
    try FileManager.default.removeItem(at: repository.url.appendingPathComponent("Results"))
    #expect(try kl("\(file)@HEAD~1") == .real(1))
  }

  @Test(.enabled(if: RunningTool.path(of: "ais") != nil))
  func aRelativePathIsTakenFromTheCurrentFolder() throws {
    let (repository, _) = try history()
    let tool = try #require(RunningTool.path(of: "ais"))
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    for (folder, file) in [
      (".", "Results/exp099/a.h5"), ("Results", "exp099/a.h5"), ("Results/exp099", "a.h5"),
      ("Results/exp099", "../exp099/a.h5"),
    ] {
      let diff = try RunningTool(
        path: "/bin/sh",
        [
          "-c", #"cd "$1" && exec "$2" results diff "$3" "$3@HEAD""#, "sh",
          repository.url.appendingPathComponent(folder).path, tool, file,
        ], environment: ["PATH": path])
      #expect(diff.wait() == 1, "\(diff.errors)")
      #expect(diff.output.hasPrefix("kl_base_skip: 1 of 1 rows, most at layer 1: 3.0 → 2.0 nats"))
    }
  }

  @Test func aFileWhoseNameIsTheAddressComesFirst() throws {
    let (repository, _) = try history()
    let plain = try repository.path("a.h5@HEAD")
    try ResultFile.write(result(7), to: plain)
    #expect(try kl(plain) == .real(7))
    try repository.commit()
    try ResultFile.write(result(8), to: plain)
    #expect(try kl("\(plain)@HEAD") == .real(7))
  }

  @Test func whatCannotBeFoundIsSaidInOneLine() throws {
    let (repository, file) = try history()
    func problem(_ address: String) -> String {
      let text = message { _ = try ResultAddress.read(address) }
      return text.hasPrefix("\(address): ") ? String(text.dropFirst(address.count + 2)) : text
    }
    #expect(
      problem("\(file)@v3") == "there is no such file, and git knows no revision v3")
    #expect(
      problem("\(repository.url.path)/a@b.h5@v3")
        == "there is no such file, and git knows no revision b.h5@v3 or v3")
    #expect(problem("\(file)@--all") == "there is no such file, and git knows no revision --all")
    let other = repository.url.path + "/Results/b.h5"
    #expect(problem("\(other)@v2") == "there is no file \(other) in revision v2")
    let folder = repository.url.path + "/Results"
    #expect(problem("\(folder)@v2") == "there is no file \(folder) in revision v2")
    let outside = try ScratchFolder()
    #expect(
      problem(outside.file("a.h5").path + "@HEAD")
        == "there is no such file, and \(outside.url.path) is in no git repository")
    try repository.write("no HDF5", as: "text.h5")
    try repository.commit()
    let text = repository.url.path + "/text.h5"
    #expect(problem("\(text)@HEAD") == problem(text))
    #expect(!problem(text).contains("\n") && !problem(text).isEmpty)
  }
}
