import AISKit
import Testing

@Suite("Chat templates that cannot be rendered")
struct ChatTemplateErrorTests {
  private func failure(
    _ source: String, _ context: [String: TemplateValue] = [:]
  ) throws -> ChatTemplateError {
    try #require(
      throws: ChatTemplateError.self,
      performing: { _ = try ChatTemplate(source: source).render(context: context) })
  }

  @Test func syntaxErrorsNameLineAndColumn() throws {
    let error = try failure("first\n  {{ a b }}")
    #expect(error.kind == .syntax)
    #expect(error.position?.line == 2)
    #expect(error.position?.column == 8)
    #expect(
      error.description == "chat template, line 2, column 8: expected '}}', found 'b'")
  }

  @Test func anUnclosedBlockNamesWhereItWasOpened() throws {
    let error = try failure("\n{% for x in y %}\n{% if x %}{% endif %}")
    #expect(error.kind == .syntax)
    #expect(error.position?.line == 2)
    #expect(error.message.contains("endfor"))
  }

  @Test func aRefusalSurfacesItsMessage() throws {
    let error = try failure("{{ raise_exception('No system role') }}")
    #expect(error.kind == .raised)
    #expect(error.message == "No system role")
    #expect(
      error.description
        == "chat template, line 1, column 4: the template refuses the conversation: No system role")
  }

  @Test(arguments: [
    "{% include 'x' %}", "{% import 'x' as y %}", "{% extends 'x' %}",
    "{% block b %}{% endblock %}",
    "{% for x in y recursive %}{% endfor %}", "{{ f(*args) }}", "{{ s | xmlattr }}",
    "{{ s is fancy }}", "{{ s | safe + 'x' if false else s | safe | upper }}",
    "{{ '%5.1f' % 2 }}", "{{ '{:>5}'.format(2) }}", "{{ {(1, 2): 3} }}", "{{ namespace }}",
    "{% set n = namespace() %}{% set n.self = n %}",
  ])
  func whatIsNotImplementedSaysSo(_ source: String) throws {
    let error = try failure(source, ["s": "text", "y": [1]])
    #expect(error.kind == .unsupported, "\(error)")
    #expect(error.position != nil)
  }

  @Test(arguments: [
    "{% for a in range(1000000000) %}{% endfor %}",
    "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% macro m(n) %}{{ m(n ~ n) }}{% endmacro %}{{ m('ab') }}",
    "{{ 'a' * 1000000000 }}", "{{ [0] * 1000000000 }}", "{{ 'ab' * 9223372036854775807 }}",
    "{{ 9223372036854775807 + 1 }}", "{{ -9223372036854775807 - 2 }}", "{{ 2 ** 64 }}",
    "{{ (-9223372036854775807 - 1) // -1 }}", "{{ 9223372036854775807 * 2 }}",
    "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s + n.s %}{% endfor %}",
    "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s.replace('', n.s) %}"
      + "{% endfor %}",
    "{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = [n.l] %}{% endfor %}",
    "{% set n = namespace(l=[1]) %}{% for i in range(40) %}{% set n.l = [n.l, n.l] %}{% endfor %}"
      + "{{ n.l }}",
    "{% set n = namespace(l=[1]) %}{% for i in range(40) %}{% set n.l = n.l + n.l %}{% endfor %}",
    "{% for i in range(90000) %}{{ 'x' * 1000 }}{% endfor %}",
    "{{ 'x'.ljust(9000000000) }}", "{{ 'x' | indent(9000000000, true) }}",
    "{{ range(-9223372036854775807, 9223372036854775807) }}",
  ])
  func hostileTemplatesEndInALimit(_ source: String) throws {
    #expect(try failure(source).kind == .limit)
  }

  @Test(arguments: [
    "(", "[", "{'a':", "not ", "-", "x[", "f(", "1 if 1 else ", "a.b|f(", "x is eq ",
  ])
  func deepSourceEndsInAnError(_ opening: String) throws {
    let error = try failure("{{ " + String(repeating: opening, count: 20_000))
    #expect(error.kind == .limit || error.kind == .syntax, "\(error)")
  }

  @Test(arguments: [" + 1", " ~ 1", ".a", "[0]", "|list", " and 1", " == 1", "()", " if 1"])
  func longChainsEitherRenderOrEndInAnError(_ link: String) {
    _ = try? ChatTemplate(source: "{{ 1" + String(repeating: link, count: 20_000) + " }}")
      .render(context: [:])
  }

  @Test func deepBlocksEndInAnError() throws {
    #expect(try failure(String(repeating: "{% if 1 %}", count: 20_000)).kind == .limit)
    let calls = String(repeating: "{% call f() %}", count: 20_000)
    #expect(try failure(calls).kind == .limit)
  }

  @Test func deepContextsEndInAnError() throws {
    let deep = (0..<1000).reduce(TemplateValue.null) { value, _ in .array([value]) }
    #expect(try failure("{{ x }}", ["x": deep]).kind == .limit)
  }

  @Test func theDeepestAllowedRecursionFitsATasksStack() async throws {
    let source =
      "{% macro m(n) %}{% if n > 0 %}{% for i in [n] %}{{ m(n - 1) | trim }}{% endfor %}"
      + "{% else %}end{% endif %}{% endmacro %}{{ m(depth) }}"
    let template = try ChatTemplate(source: source)
    let text = try await Task { try template.render(context: ["depth": 30]) }.value
    #expect(text == "end")
    await #expect(throws: ChatTemplateError.self) {
      _ = try await Task { try template.render(context: ["depth": 1000]) }.value
    }
  }

  @Test func truncatedTemplatesNeverCrash() {
    let source =
      "{%- set a = {'k': [1, \"\\u00e9\"][::-1]} -%}{# c #}{% raw %}{{{% endraw %}"
      + "{% for x in a.k if x is not none %}{{ loop.index0 ~ x|tojson(indent=2) }}{% endfor %}"
    for count in 0...source.count {
      _ = try? ChatTemplate(source: String(source.prefix(count))).render(context: [:])
      _ = try? ChatTemplate(source: String(source.suffix(count))).render(context: [:])
    }
  }
}
