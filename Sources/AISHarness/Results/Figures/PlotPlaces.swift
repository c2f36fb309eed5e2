/// The places of distinct values along an axis: text in order of occurrence, numbers sorted.
struct PlotPlaces {
  /// The label at each place.
  let labels: [String]
  private let places: [String: Int]

  /// The places for all values of a column, from one table or several.
  init(_ column: ColumnDescription, _ values: [ColumnValue]) {
    var seen: Set<String> = []
    var distinct = values.filter { seen.insert(Self.key($0)).inserted }
    if column.kind != .text { distinct.sort { ($0.number ?? .nan) < ($1.number ?? .nan) } }
    labels = distinct.map { NumberFormat.text($0, column.presentation) }
    places = Dictionary(
      uniqueKeysWithValues: distinct.enumerated().map { (Self.key($1), $0) })
  }

  var count: Int { labels.count }

  /// The place of a value.
  func place(_ value: ColumnValue) -> Double {
    places[Self.key(value)].map(Double.init) ?? .nan
  }

  /// Tics with their labels; only every n-th if all would overlap.
  ///
  /// `letters` is about the number of letters that the axis has room for.
  func tics(_ axis: String, letters: Int, slants: Bool) -> String {
    let slant = slants && slant(letters: letters)
    let length = length
    let step = slant || length <= letters ? 1 : (length + letters - 1) / max(1, letters)
    let list = stride(from: 0, to: labels.count, by: step).map { place in
      "\(GnuplotScript.quoted(labels[place])) \(place)"
    }
    return "set \(axis)tics \(slant ? "rotate by 25 right " : "")"
      + "(\(list.joined(separator: ", ")))"
  }

  /// The room that slanted labels need to the left of the axis, in letters; `nil` if none slant.
  ///
  /// Slanted labels end under their tics, so the first ones begin left of the axis.
  func leftMargin(letters: Int) -> Int? {
    guard slant(letters: letters) else { return nil }
    let gap = Double(letters) / Double(max(1, labels.count))
    // A label that rises by 25° takes 0.91 of its length in width.
    let overhang = labels.enumerated().map { place, label in
      0.91 * Double(label.count) - gap * (Double(place) + 0.6)
    }
    return Int((overhang.max() ?? 0).rounded(.up))
  }

  private var length: Int { labels.reduce(0) { $0 + $1.count + 2 } }

  private func slant(letters: Int) -> Bool { length > letters && labels.count * 3 <= letters }

  private static func key(_ value: ColumnValue) -> String {
    switch value {
    case .text(let text): text
    default: "\(value.number ?? .nan)"
    }
  }
}
