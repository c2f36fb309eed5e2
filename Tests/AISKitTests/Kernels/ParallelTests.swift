import AISKit
import CAISKernels
import Foundation
import Synchronization
import Testing

/// The thread pool runs every index once, from any thread and under any load.
///
/// Tests run in parallel and share the process's thread count, so no test here relies on it.
struct ParallelTests {
  /// Counts how often each index was run, and by which workers.
  private final class Counts: Sendable {
    private struct State {
      var counts: [Int]
      var busy: Set<Int32> = []
      var seen: Set<Int32> = []
      var wasShared = false
    }
    private let state: Mutex<State>
    init(_ count: Int) { state = Mutex(State(counts: [Int](repeating: 0, count: count))) }

    func begin(_ index: Int, worker: Int32) {
      state.withLock {
        $0.counts[index] += 1
        $0.seen.insert(worker)
        if !$0.busy.insert(worker).inserted { $0.wasShared = true }
      }
    }
    func end(worker: Int32) { state.withLock { _ = $0.busy.remove(worker) } }

    /// Every index was run once, every worker is below `limit`, and no worker ran two indices at a
    /// time.
    func isWhole(workers limit: Int32) -> Bool {
      state.withLock {
        $0.counts.allSatisfy { $0 == 1 } && $0.seen.allSatisfy { 0 <= $0 && $0 < limit }
          && !$0.wasShared
      }
    }
  }

  private func isWhole(_ indices: Int, workers: Int32 = 1_024) -> Bool {
    let counts = Counts(indices)
    ais_parallel_indices(
      indices, workers,
      { context, index, worker in
        guard let context else { return }
        let counts = Unmanaged<Counts>.fromOpaque(context).takeUnretainedValue()
        counts.begin(index, worker: worker)
        counts.end(worker: worker)
      }, Unmanaged.passUnretained(counts).toOpaque())
    return counts.isWhole(workers: workers)
  }

  @Test func everyIndexIsHandedOutOnce() {
    for threads in [1, 2, 5] {
      Threads.count = threads
      for indices in [0, 1, 2, 3, 17, 1_000] {
        for _ in 0..<50 { #expect(isWhole(indices)) }
      }
    }
    Threads.count = ProcessInfo.processInfo.activeProcessorCount
  }

  @Test func noMoreWorkersThanAskedFor() {
    for threads in [1, 3, 7] {
      Threads.count = threads
      for workers in [1, 2, 4] as [Int32] {
        for _ in 0..<50 { #expect(isWhole(200, workers: workers)) }
      }
    }
    Threads.count = ProcessInfo.processInfo.activeProcessorCount
  }

  @Test func jobsBesideEachOtherAndInsideEachOtherAreWhole() async {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<200).allSatisfy { _ in self.isWhole(64) }
        }
      }
      for await isWhole in group { #expect(isWhole) }
    }
    let inner = Counts(40)
    ais_parallel_indices(
      10, 1_024,
      { context, outer, worker in
        guard let context else { return }
        var job = InnerJob(counts: context, outer: outer, worker: worker)
        ais_parallel_indices(
          4, 1_024,
          { data, index, _ in
            guard let job = data?.assumingMemoryBound(to: InnerJob.self).pointee else { return }
            let counts = Unmanaged<Counts>.fromOpaque(job.counts).takeUnretainedValue()
            counts.begin(job.outer * 4 + index, worker: job.worker)
            counts.end(worker: job.worker)
          }, &job)
      }, Unmanaged.passUnretained(inner).toOpaque())
    #expect(inner.isWhole(workers: 1_024))
  }

  @Test func workersThatSleepWakeUp() {
    Threads.count = 3
    for _ in 0..<5 {
      usleep(20_000)
      #expect(isWhole(100))
    }
    Threads.count = ProcessInfo.processInfo.activeProcessorCount
  }

  /// The state of a job inside a job.
  private struct InnerJob {
    let counts: UnsafeMutableRawPointer
    let outer: Int
    let worker: Int32
  }
}
