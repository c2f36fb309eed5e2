import Foundation

/// A line of a result journal: a checksum, the line's number from 0, and one JSON object.
///
/// The checksum is FNV-1a (64 bits, sixteen hexadecimal digits) over everything after the space
/// that follows it, so it protects the number as well as the row. Journals of earlier versions have
/// no numbers; such lines may only be at the beginning of a file.
struct JournalLine {
  /// The number, or `nil` for a line of an earlier version.
  let number: Int?
  /// The JSON object.
  let json: Data
  /// The checksum, which identifies the line.
  let checksum: Data

  /// The line as it is written, with its line break.
  static func bytes(number: Int, json: Data) -> Data {
    let text = Data("\(number) ".utf8) + json
    return digits(of: text) + [UInt8(ascii: " ")] + text + [UInt8(ascii: "\n")]
  }

  /// Reads a line without its line break; `nil` if it isn't intact.
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
/// A line that repeats an earlier one is skipped. If a line is damaged, or isn't the next one in
/// order, neither it nor anything after it is read: rows may be missing there, and later rows would
/// take their places.
struct JournalReader {
  /// Bytes up to the end of the last line that was read or skipped.
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
      // In a file of an earlier version, all lines after the first numbered one are numbered.
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

  /// Rejects the line that `next` gave last, because its content is invalid.
  mutating func refuseLast() {
    keptLength = lineBegin
    start = data.startIndex + lineBegin
    stop("line \(checksums.count + repeatedCount) holds no row")
    checksums.removeLast()
  }

  /// What was wrong except a torn last line, in one line; `nil` if nothing was.
  var remark: String? {
    var parts: [String] = []
    if repeatedCount > 0 {
      parts.append(
        repeatedCount == 1
          ? "1 repeated line counts once" : "\(repeatedCount) repeated lines count once")
    }
    if let problem {
      let lost = data[start...].count { $0 == UInt8(ascii: "\n") }
      // A single damaged line at the end was torn by a kill.
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
