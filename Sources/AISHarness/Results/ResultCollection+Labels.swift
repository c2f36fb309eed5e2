import AISKit

extension ResultCollection {
  /// The members' short names in pictures.
  ///
  /// - One model's results: the variant, then number format and device if those differ.
  /// - Several models' results: the model's name, then those words of the setting with and without
  ///   which some model has results.
  /// - Where that does not tell them apart, the files' names.
  static func labels(_ members: [Member]) -> [String] {
    let models = members.grouped(by: \.model)
    let labels =
      models.count > 1
      ? labels(of: members, tellingApart: Set(models.flatMap { telling($0.rows) }))
      : labelsOfOneModel(members)
    return Set(labels).count == labels.count ? labels : members.map(\.stem)
  }

  private static func labelsOfOneModel(_ members: [Member]) -> [String] {
    func differs(_ value: (Member) -> String) -> Bool { Set(members.map(value)).count > 1 }
    let (types, devices) = (differs(dtype), differs(device))
    return members.map { member in
      let parts = [
        member.variant, types ? dtype(member) : "", devices ? device(member) : "",
      ]
      let label = parts.filter { !$0.isEmpty }.joined(separator: " ")
      return label.isEmpty && members.count > 1 ? "default" : label
    }
  }

  /// The words that some of a model's results have and others do not.
  private static func telling(_ members: [Member]) -> Set<String> {
    let settings = members.map { Set(variantWords($0) + [dtype($0), device($0)]) }
    let all = settings.reduce(into: Set<String>()) { $0.formUnion($1) }
    return all.filter { word in settings.contains { !$0.contains(word) } }
  }

  private static func labels(of members: [Member], tellingApart words: Set<String>) -> [String] {
    members.map { member in
      let variant = variantWords(member).filter(words.contains).joined(separator: "-")
      let others = [dtype(member), device(member)].filter(words.contains)
      return ([shortName(member), variant] + others).filter { !$0.isEmpty }.joined(separator: " ")
    }
  }

  private static func variantWords(_ member: Member) -> [String] {
    member.variant.split(separator: "-").map(String.init)
  }

  private static func dtype(_ member: Member) -> String { member.result.provenance.dtype }

  private static func device(_ member: Member) -> String {
    ComputeFacts(of: member.result.provenance).kind
  }

  /// A model's name as a user types it, or its file's.
  private static func shortName(_ member: Member) -> String {
    ModelCatalog.entries.first { $0.file == member.model }?.name
      ?? modelStem(member.result.provenance)
  }
}
