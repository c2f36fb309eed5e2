extension StoredResult {
  /// The SHA-256 of the main rows, as 64 hexadecimal digits.
  ///
  /// A result whose statistics were mended has the same rows in another file, and what was measured
  /// with them may still be taken up.
  var rowsDigest: String {
    var digest = SHA256()
    func add(_ text: String) {
      // The end of a value is marked, so that two short ones are not one long one.
      var text = text + "\u{0}"
      text.withUTF8 { digest.update(UnsafeRawBufferPointer($0)) }
    }
    for column in columns { add(column.name) }
    for value in rows.joined() { add("\(value)") }
    return digest.finish()
  }
}
