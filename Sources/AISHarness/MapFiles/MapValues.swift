import AISKit
import HDF5

/// `values.h5`: what a map knows about its categories and entries, beside the index of probes.
///
///     /categories            text [C]
///     /importance            float64 [C, L], nats; absent if it was not measured
///     /runs                  int32 [R, 2], first and last layer; absent if none was measured
///     /run_importance        float64 [C, R], nats
///     /entries/category      int32 [N], an index into /categories
///     /entries/observations  int64 [N]
///     /entries/quality       float64 [N], NaN if nothing was observed
///     /entries/text          text [N]
///
/// The root's attributes are the layout's version and the digest of the index they belong to.
struct MapValues: Equatable {
  var categories: [String]
  var entries: [MapEntry]
  var importance: LayerImportance?
  var indexSHA256: String

  private enum Name {
    static let roots = [categories, importance, runs, runImportance, "/entries"]
    static let categories = "/categories"
    static let importance = "/importance"
    static let category = "/entries/category"
    static let observations = "/entries/observations"
    static let runs = "/runs"
    static let runImportance = "/run_importance"
    static let quality = "/entries/quality"
    static let text = "/entries/text"
  }

  // MARK: Writing

  /// Writes the file; throws `HDF5Error`.
  func write(to path: String) throws {
    let file = try HDF5File.create(path)
    try file.setAttribute("schema_version", MapMeta.schemaVersion)
    try file.setAttribute("index_sha256", indexSHA256)
    try file.write(categories, to: Name.categories)
    if let importance {
      try file.write(
        importance.values, shape: [importance.categoryCount, importance.layerCount],
        to: Name.importance)
      try file.setAttribute("unit", "nats", on: Name.importance)
      try file.setAttribute(
        "description", "KL(base||skip) where that layer alone is left out, by category and layer",
        on: Name.importance)
      try write(importance, runsTo: file)
    }
    try file.write(entries.map { Int32($0.category) }, to: Name.category)
    try file.setAttribute("description", "an index into /categories", on: Name.category)
    try file.write(entries.map { Int64($0.observations) }, to: Name.observations)
    try file.write(entries.map { $0.quality ?? .nan }, to: Name.quality)
    try file.setAttribute(
      "description", "the mean of what was observed; NaN before that", on: Name.quality)
    try file.write(entries.map(\.text), to: Name.text)
    try file.close()
  }

  private func write(_ importance: LayerImportance, runsTo file: borrowing HDF5File) throws {
    guard !importance.runs.isEmpty else { return }
    try file.write(
      importance.runs.flatMap { [Int32($0.first), Int32($0.last)] },
      shape: [importance.runs.count, 2], to: Name.runs)
    try file.setAttribute("description", "first and last layer of each run", on: Name.runs)
    try file.write(
      importance.runValues, shape: [importance.categoryCount, importance.runs.count],
      to: Name.runImportance)
    try file.setAttribute("unit", "nats", on: Name.runImportance)
    try file.setAttribute(
      "description", "KL(base||skip) where that run is left out, by category and run",
      on: Name.runImportance)
  }

  // MARK: Reading

  /// Reads the file at `path`, which must agree with `document`, by a process of its own.
  ///
  /// Throws `HDF5Error`, `MapFolderError`, or what `ForeignHDF5.read` does.
  init(contentsOf path: String, document: MapMeta.Document) throws {
    func require(_ holds: Bool, _ place: String, _ expected: String, _ found: String) throws {
      guard holds else {
        throw MapFolderError(file: path, place: place, expected: expected, found: found)
      }
    }
    let file = try ForeignHDF5.read(path, roots: Name.roots)
    let version: Int = try file.attribute("schema_version")
    try require(
      version == MapMeta.schemaVersion, "schema_version", "\(MapMeta.schemaVersion)",
      "\(version)")
    let shape = document.meta.shape
    categories = try file.read(String.self, from: Name.categories)
    try require(
      categories == shape.categories, Name.categories, "those of meta.json, \(shape.categories)",
      "\(categories)")
    func requireShape(_ dataset: String, _ expected: [Int]) throws {
      let found = try file.shape(of: dataset)
      try require(found == expected, dataset, "shape \(expected)", "\(found)")
    }
    for column in [Name.category, Name.observations, Name.quality, Name.text] {
      try requireShape(column, [document.entryCount])
    }
    let category = try file.read(Int32.self, from: Name.category)
    let observations = try file.read(Int64.self, from: Name.observations)
    let quality = try file.read(Double.self, from: Name.quality)
    let texts = try file.read(String.self, from: Name.text)
    entries = texts.indices.map { row in
      MapEntry(
        category: Int(category[row]), text: texts[row], observations: Int(observations[row]),
        quality: quality[row].isNaN ? nil : quality[row])
    }
    if file.exists(Name.importance) {
      let extents = [shape.categories.count, shape.layerCount]
      try requireShape(Name.importance, extents)
      var (runs, runValues): ([LayerRun], [Double]) = ([], [])
      if file.exists(Name.runs) {
        let ends = try file.read(Int32.self, from: Name.runs).map(Int.init)
        try requireShape(Name.runs, [ends.count / 2, 2])
        try requireShape(Name.runImportance, [extents[0], ends.count / 2])
        for place in stride(from: 0, to: ends.count, by: 2) {
          let (first, last) = (ends[place], ends[place + 1])
          try require(
            0 <= first && first <= last, Name.runs, "layers in order", "\(first) to \(last)")
          runs.append(LayerRun(first, last))
        }
        runValues = try file.read(Double.self, from: Name.runImportance)
      }
      importance = try LayerImportance(
        categoryCount: extents[0], layerCount: extents[1],
        values: try file.read(Double.self, from: Name.importance), runs: runs,
        runValues: runValues)
    }
    indexSHA256 = try file.attribute("index_sha256")
    try require(
      indexSHA256 == document.indexSHA256, "index_sha256",
      "the index that meta.json names, \(document.indexSHA256)", indexSHA256)
  }

  init(
    categories: [String], entries: [MapEntry], importance: LayerImportance?, indexSHA256: String
  ) {
    self.categories = categories
    self.entries = entries
    self.importance = importance
    self.indexSHA256 = indexSHA256
  }
}
