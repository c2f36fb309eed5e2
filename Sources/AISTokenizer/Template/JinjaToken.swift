/// One word of a template.
struct JinjaToken: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case text(Scalars)
    case blockBegin
    case blockEnd
    case outputBegin
    case outputEnd
    case name(JinjaName)
    case string(Scalars)
    case integer(Int)
    case float(Double)
    case symbol(String)
    case end
  }

  let kind: Kind
  let position: TemplatePosition

  /// How an error message names the token.
  var name: String {
    switch kind {
    case .text: "text"
    case .blockBegin: "'{%'"
    case .blockEnd: "'%}'"
    case .outputBegin: "'{{'"
    case .outputEnd: "'}}'"
    case .name(let name): "'\(name)'"
    case .string: "a string"
    case .integer, .float: "a number"
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end of the template"
    }
  }
}
