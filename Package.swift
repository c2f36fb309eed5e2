// swift-tools-version: 6.1
import PackageDescription

// Docs/Architecture.md draws who uses whom; a test compares it with this file.
//
// A tool runs `ais-read-hdf5`, which lies beside it, to read HDF5 files that it doesn't trust.
let experiments = [
  "exp010", "exp012", "exp013", "exp014", "exp015", "exp016", "exp017", "exp018", "exp019",
  "exp020", "exp021", "exp022", "exp023", "exp024", "exp026", "bench",
]

// All of the library. SwiftPM compiles a target again only if a dependency that it names has changed, so
// whoever imports AISKit, which re-exports the others, names them all.
let kit: [Target.Dependency] = [
  "AISBase", "AISBridging", "AISCheckpoint", "AISCompute", "AISDepth", "AISEvaluation", "AISKit",
  "AISMap", "AISModel", "AISRouting", "AISStatistics", "AISTokenizer",
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
  name: "ais",
  products: [
    .library(name: "AISKit", targets: ["AISKit"]),
    .executable(name: "ais", targets: ["ais"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  ],
  targets: [
    // C and C++
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CAISKernels", linkerSettings: [.linkedLibrary("gomp"), .linkedLibrary("m")]),
    .target(name: "CAISCUDA", exclude: ["kernels"], linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CTiedChild"),
    .target(
      name: "CFAISSShim",
      dependencies: ["CAISKernels"],
      linkerSettings: [
        .linkedLibrary("faiss"), .linkedLibrary("gomp"), .linkedLibrary("openblas"),
        .linkedLibrary("stdc++"), .linkedLibrary("m"),
      ]),

    // Libraries
    .target(name: "HDF5", dependencies: ["CHDF5"]),
    .target(name: "FAISS", dependencies: ["CFAISSShim"]),
    .target(name: "AISBase"),
    .target(name: "AISCheckpoint", dependencies: ["AISBase", "CAISKernels"]),
    .target(name: "AISTokenizer", dependencies: ["AISBase", "AISCheckpoint"]),
    .target(name: "AISStatistics", dependencies: ["AISBase"]),
    .target(
      name: "AISCompute",
      dependencies: [
        "AISBase", "AISCheckpoint", "CAISCUDA", "CAISKernels", "COneDNN", "COpenBLAS",
      ]),
    .target(
      name: "AISModel", dependencies: ["AISBase", "AISCheckpoint", "AISCompute"]),
    .target(
      name: "AISDepth", dependencies: ["AISBase", "AISCheckpoint", "AISCompute", "AISModel"]),
    .target(
      name: "AISBridging",
      dependencies: ["AISBase", "AISCheckpoint", "AISCompute", "AISDepth", "AISModel"]),
    .target(
      name: "AISRouting",
      dependencies: [
        "AISBase", "AISBridging", "AISCheckpoint", "AISCompute", "AISDepth", "AISModel",
        "AISStatistics",
      ]),
    .target(
      name: "AISMap",
      dependencies: ["AISBase", "AISCheckpoint", "AISCompute", "AISDepth", "AISModel", "FAISS"]),
    .target(
      name: "AISEvaluation",
      dependencies: [
        "AISBase", "AISBridging", "AISCheckpoint", "AISCompute", "AISDepth", "AISModel",
        "AISRouting", "AISStatistics", "AISTokenizer", "CZlib",
      ]),
    .target(
      name: "AISKit",
      dependencies: [
        "AISBase", "AISBridging", "AISCheckpoint", "AISCompute", "AISDepth", "AISEvaluation",
        "AISMap", "AISModel", "AISRouting", "AISStatistics", "AISTokenizer",
      ]),
    .target(
      name: "AISHarness",
      dependencies: kit + ["CTiedChild", "FAISS", "HDF5", argumentParser, logging]),
    .target(name: "Hub", dependencies: kit + ["AISHarness", "CCurl"]),

    // Tools
    .executableTarget(
      name: "ais",
      dependencies: kit + ["AISHarness", "HDF5", "Hub", "ais-read-hdf5", argumentParser]),
    .executableTarget(name: "ais-read-hdf5", dependencies: ["HDF5"]),

    // Tests, a target per tier: what needs no model first, what needs reference values last.
    .target(name: "TestSupport", dependencies: kit, path: "Tests/Support"),
    .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
    .testTarget(name: "HDF5Tests", dependencies: kit + ["HDF5", "TestSupport"]),
    .testTarget(name: "FAISSTests", dependencies: kit + ["FAISS", "TestSupport"]),
    .testTarget(
      name: "AISKitTests",
      dependencies: kit + ["CAISKernels", "CAllocationCount", "FAISS", "TestSupport"]),
    // Sees what a package that depends on this one sees.
    .testTarget(
      name: "PublicAPITests", dependencies: kit, path: "Tests/PublicAPITests",
      packageAccess: false),
    .testTarget(
      name: "HarnessTests", dependencies: kit + ["AISHarness", "FAISS", "HDF5", "TestSupport"]),
    .testTarget(
      name: "HubTests", dependencies: kit + ["Hub", "AISHarness", "TestSupport"]),
    .testTarget(
      name: "GoldenTests", dependencies: kit + ["AISHarness", "HDF5", "TestSupport"]),
  ]
    + experiments.map { name in
      .executableTarget(
        name: name,
        dependencies: kit + ["AISHarness", "FAISS", "ais-read-hdf5", argumentParser],
        path: "Experiments/\(name)")
    },
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11,
  cxxLanguageStandard: .cxx17
)
