import AISKit
import CAISKernels
import Foundation
import Synchronization
import Testing

/// The thread pool: every index once, whoever asks and however busy it is.
struct ParallelTests {
  private final class Counts: Sendable {
    private let counts: Mutex<[Int]>
    init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }
    func count(_ index: Int) { counts.withLock { $0[index] += 1 } }
    var all: [Int] { counts.withLock { $0 } }
  }

  private func count(_ indices: Int) -> [Int] {
    let counts = Counts(indices)
    ais_parallel_indices(
      indices,
      { context, index, worker in
        guard let context, worker < ais_thread_count() else { return }
        Unmanaged<Counts>.fromOpaque(context).takeUnretainedValue().count(index)
      }, Unmanaged.passUnretained(counts).toOpaque())
    return counts.all
  }

  @Test func everyIndexIsHandedOutOnce() {
    for threads in [1, 2, 5] {
      Threads.count = threads
      for indices in [0, 1, 2, 3, 17, 1_000] {
        for _ in 0..<50 { #expect(count(indices).allSatisfy { $0 == 1 }) }
      }
    }
    Threads.count = ProcessInfo.processInfo.activeProcessorCount
  }

  @Test func jobsBesideEachOtherAndInsideEachOtherAreWhole() async {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<200).allSatisfy { _ in self.count(64).allSatisfy { $0 == 1 } }
        }
      }
      for await isWhole in group { #expect(isWhole) }
    }
    let inner = Counts(40)
    ais_parallel_indices(
      10,
      { context, outer, _ in
        guard let context else { return }
        var job = (context, outer)
        ais_parallel_indices(
          4,
          { data, index, _ in
            guard let job = data?.assumingMemoryBound(to: (UnsafeMutableRawPointer, Int).self)
            else { return }
            Unmanaged<Counts>.fromOpaque(job.pointee.0).takeUnretainedValue()
              .count(job.pointee.1 * 4 + index)
          }, &job)
      }, Unmanaged.passUnretained(inner).toOpaque())
    #expect(inner.all.allSatisfy { $0 == 1 })
  }

  @Test func workersThatSleepWakeUp() {
    Threads.count = 3
    for _ in 0..<5 {
      usleep(20_000)
      #expect(count(100).allSatisfy { $0 == 1 })
    }
    Threads.count = ProcessInfo.processInfo.activeProcessorCount
  }
}
