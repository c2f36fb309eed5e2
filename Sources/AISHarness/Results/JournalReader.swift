import Foundation

/// A line of a result journal: a checksum, the line's number from 0, and one JSON object.
///
/// The checksum is FNV-1a (64 bits, sixteen hexadecimal digits) over all that follows the space
/// after it, so a number belongs to its row as surely as the row's own values. Journals of earlier
/// versions have no numbers; such lines are read at the beginning of a file.
struct JournalLine {
  /// The number, or `nil` of a line of an earlier version.
  let number: Int?
  /// The JSON object.
  let json: Data
  /// The checksum, which tells lines apart.
  let checksum: Data

  /// The line as it is written, with its end.
  static func bytes(number: Int, json: Data) -> Data {
    let text = Data("\(number) ".utf8) + json
    return digits(of: text) + [UInt8(ascii: " ")] + text + [UInt8(ascii: "\n")]
  }

  /// Reads a line without its end; `nil` where it isn't intact.
  init?(_ line: Data) {
    guard line.count > 17, line[line.startIndex + 16] == UInt8(ascii: " ") else { return nil }
    let text = Data(line.dropFirst(17))
    checksum = Data(line.prefix(16))
    guard Self.digits(of: text) == checksum else { return nil }
    if text.first == UInt8(ascii: "{") {
      (number, json) = (nil, text)
      return
    }
    guard let space = text.firstIndex(of: UInt8(ascii: " ")),
      let number = Int(String(decoding: text[..<space], as: UTF8.self)), number >= 0
    else { return nil }
    self.number = number
    json = Data(text[(space + 1)...])
  }

  private static func digits(of text: Data) -> Data {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return Data((String(repeating: "0", count: 16 - digits.count) + digits).utf8)
  }
}

/// The lines of a result journal that can be trusted, in order.
///
/// A line that repeats an earlier one is passed over: nothing is lost with it. Where a line is
/// damaged, or isn't the one that must come next, neither it nor anything after it is read: rows
/// may be missing there, and what follows would take their places.
struct JournalReader {
  /// Bytes up to the end of the last line that was read or passed over.
  private(set) var keptLength = 0
  private let data: Data
  private var start: Data.Index
  private var lineBegin = 0
  private var checksums: [Data] = []
  private var isNumbered = false
  private var repeatedCount = 0
  private var problem: String?
  private var isAtEnd = false

  init(_ data: Data) {
    self.data = data
    start = data.startIndex
  }

  /// The next line's JSON; `nil` after the last that can be trusted.
  mutating func next() -> Data? {
    while !isAtEnd, let end = data[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let place = checksums.count + repeatedCount
      guard let line = JournalLine(data[start..<end]) else {
        stop("line \(place + 1) is damaged")
        return nil
      }
      let expected = checksums.count
      if let number = line.number, number < expected, checksums[number] == line.checksum {
        repeatedCount += 1
        keep(to: end)
        continue
      }
      // Numbers begin once in a file of an earlier version, and don't end again.
      guard line.number.map({ $0 == expected }) ?? !isNumbered else {
        let found = line.number.map { "number \($0)" } ?? "a line without a number"
        stop("line \(place + 1): expected number \(expected), found \(found)")
        return nil
      }
      if line.number != nil { isNumbered = true }
      checksums.append(line.checksum)
      keep(to: end)
      return line.json
    }
    isAtEnd = true
    return nil
  }

  /// Takes back the line that `next` gave last, which doesn't hold what it should.
  mutating func refuseLast() {
    keptLength = lineBegin
    start = data.startIndex + lineBegin
    stop("line \(checksums.count + repeatedCount) holds no row")
    checksums.removeLast()
  }

  /// What was wrong beyond a torn end, in one line; `nil` where nothing was.
  var remark: String? {
    var parts: [String] = []
    if repeatedCount > 0 {
      parts.append(
        repeatedCount == 1
          ? "1 repeated line counts once" : "\(repeatedCount) repeated lines count once")
    }
    if let problem {
      let lost = data[start...].count { $0 == UInt8(ascii: "\n") }
      // One line alone is what a kill tore.
      if lost > 1 || !problem.hasSuffix("is damaged") {
        parts.append(
          "\(problem); \(lost == 1 ? "it is" : "the \(lost) lines from there on are") cut off, "
            + "and measured again")
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private mutating func keep(to end: Data.Index) {
    lineBegin = start - data.startIndex
    start = end + 1
    keptLength = start - data.startIndex
  }

  private mutating func stop(_ problem: String) {
    self.problem = problem
    isAtEnd = true
  }
}
