import AISKit
import TestSupport
import Testing

@Suite("What a chat template may cost")
struct TemplateBudgetTests {
  /// A share of a template's budget, to make these tests faster.
  private static let share = 64

  private func limit(_ source: String) throws -> ChatTemplateError {
    let error = try #require(
      throws: ChatTemplateError.self,
      performing: {
        _ = try ChatTemplate(source: source).render(context: [:], share: Self.share)
      })
    #expect(error.kind == .limit, "\(source): \(error)")
    return error
  }

  @Test(
    "a text that would be too long is refused before it is made",
    arguments: [
      #"{{ ("\n" * 60000) | indent(1024, true, true) }}"#,
      #"{{ ("\n" * 60000) | indent("x" * 1000, true, true) }}"#,
      "{{ 'a' * 80000 }}", "{{ ('a' * 60000) ~ ('b' * 60000) }}",
      "{{ ('a' * 60000) + ('b' * 60000) }}",
      "{{ ('a' * 60000).replace('a', 'b' * 60000) }}",
      "{{ ('a' * 60000).replace('', 'b' * 60000) }}",
      "{{ ('a' * 60000) | replace('a', 'bb') }}", "{{ 'x'.rjust(80000) }}",
      "{{ '7'.zfill(80000) }}", "{{ ('b' * 60000).join('a' * 1000) }}",
      "{{ ['a', 'b', 'c'] | join('d' * 60000) }}", "{{ [['a' * 60000] * 3] }}",
      "{{ {'a': 'b' * 40000, 'c': 'd' * 40000} | tojson }}",
      "{{ range(1000) | list | tojson(indent='x' * 100000) }}",
      "{{ [1, 2, 3] | tojson(separators=('x' * 40000, ':')) }}",
      "{{ '%s%s' % ('a' * 40000, 'b' * 40000) }}",
      "{{ '{0}{0}'.format('a' * 40000) }}", "{{ ('<' * 30000) + ('x' | safe) }}",
      "{% filter indent(60000, true) %}{{ 'x\\n' * 1000 }}{% endfilter %}",
      "{% set x %}{% for i in range(5) %}{{ 'a' * 60000 }}{% endfor %}{% endset %}",
    ])
  func longTexts(_ source: String) throws {
    let error = try limit(source)
    #expect(error.message.hasPrefix("expected at most"), "\(error)")
  }

  /// Two long texts that differ at their end, long lists and dicts, a dict with a long key.
  private static let setting =
    "{% set s = 'a' * 9999 %}{% set t = 'a' * 9998 ~ 'b' %}{% set d = {s: 1} %}"
    + "{% set l = range(999) | list %}{% set m = range(999) | list %}"
    + "{% set o = {\(members)} %}{% set o2 = {\(members)} %}{% set p = '0.' * 999 ~ '0' %}"
    + "{% set w = 'a\n' * 4999 %}{% set f = '%Y' * 200 %}"
    + "{% macro say(x) %}{{ x }}{% endmacro %}"
    + "{% set n = '\(name)' %}"
  private static let name = String(repeating: "\u{AC01}", count: 255)
  private static let members = (0..<200).map { "'k\($0)': \($0)" }.joined(separator: ",")

  @Test(
    "work in a loop is paid for by what it costs, whatever does it",
    arguments: [
      "s.title()", "s.upper()", "s.lower()", "s.capitalize()", "s | upper", "s | lower",
      "s | title", "s | capitalize", "s == t", "s < t", "s >= t", "s != t", "s in [t]", "t in s",
      "'b' in s", "d[s]", "d.get(s)", "s in d", "{s: 1}", "s[::-1]", "s[1:]", "s | reverse",
      "s | trim('a')", "s.strip('a')", "w | trim", "w.split('b')", "w.split()", "w.rsplit('a', 1)",
      "w.splitlines()", "s.find('b')", "s.rfind('b')", "s.count('b')", "s.startswith(t)",
      "s.endswith(t)", "s.removeprefix('a')", "s.removesuffix(t)", "s.partition('b')",
      "s.rpartition('b')", "s.replace('b', 'c')", "s | replace('b', 'c')", "s | wordcount",
      "s | int", "s | float", "s.isalpha()", "s.isalnum()", "s.isupper()", "s is upper",
      "s is lower", "s is eq t", "s is in t", "s ~ 'a'", "s + 'a'", "(s | safe) + s",
      "s.format()", "s | format", "s.zfill(9)", "[s] | tojson", "[s] | string", "[s] | join",
      "s | join", "[s, t] | sort", "[s, t] | unique | list", "[s, t] | max", "s | list", "s * 2",
      "w | indent", "[s, s] | sum(start='')", "say(s)", "l + l", "l * 2", "l | list",
      "l | reverse", "l[1:]", "l | sort", "l[:99] | unique | list", "l | sum", "l | max",
      "l | map('string') | list", "l | select('odd') | list", "l | reject('odd') | list",
      "l | join", "l | string", "l | tojson", "l == m", "m < l", "-1 in l", "l.index(998)",
      "l.count(-1)", "range(9999)", "o.items()", "o.keys()", "o.values()", "o | dictsort",
      "o | items | list", "dict(o)", "namespace(o)", "o | tojson", "o == o2", "o | string",
      "['x'] | map(attribute=p) | list", "['x'] | selectattr(p) | list", "strftime_now(f)",
      "([1.2345678e-5] * 9) | string", "([1.2345678e-5] * 9) | tojson", "[l[n], l.\(name)]",
      "['a' | attr(n)]", "['a'[n]]", "o.\(name)",
    ])
  func loops(_ expression: String) throws {
    let template = try ChatTemplate(
      source: Self.setting + "{% for i in range(2000) %}{% set x = \(expression) %}{% endfor %}")
    let error = try #require(
      throws: ChatTemplateError.self,
      performing: { _ = try template.render(context: [:], share: Self.share) })
    #expect(error.kind == .limit, "\(error)")
    // The loop costs too much, not its data.
    _ = try ChatTemplate(source: Self.setting + "{% set x = \(expression) %}")
      .render(context: [:], share: Self.share)
  }

  @Test(
    "lists that hold lists many times are refused, printed or not",
    arguments: ["{{ n.l }}", "{{ n.l | tojson }}", "{{ n.l == n.l }}", "{{ n.l | string }}", ""])
  func sharedLists(_ use: String) throws {
    _ = try limit(
      "{% set n = namespace(l=['\u{E9}' * 1000]) %}{% for i in range(60) %}"
        + "{% set n.l = [n.l, n.l] %}\(use){% endfor %}")
    _ = try limit(
      "{% set n = namespace(l={'a': 1}) %}{% for i in range(60) %}"
        + "{% set n.l = {'a': n.l, 'b': n.l} %}\(use){% endfor %}")
  }

  @Test("names, arguments and sources are of a length that costs little")
  func syntax() throws {
    _ = try limit("{{ \(String(repeating: "a", count: 300)) }}")
    let many = (0..<300).map { "a\($0)" }
    _ = try limit("{% macro m(\(many.joined(separator: ","))) %}{% endmacro %}")
    _ = try limit("{{ dict(\(many.map { "\($0)=1" }.joined(separator: ","))) }}")
    _ = try limit(String(repeating: " ", count: 1 << 19))
    #expect(try limit(String(repeating: "x", count: 1 << 21)).message.contains("bytes"))
  }

  @Test("lists around whatever holds a value are refused where they lie too deep")
  func nesting() throws {
    let open = String(repeating: "[", count: 40)
    let close = String(repeating: "]", count: 40)
    func chain(_ link: String) -> String {
      "{% set x = [1] %}"
        + String(repeating: "{% set x = \(open)\(link)\(close) %}", count: 20)
    }
    for link in ["x.index", "x.index, x.count", "x | list", "{'a': x}.values()", "(x.index,)"] {
      #expect(try limit(chain(link)).message.contains("lists inside lists"), "\(link)")
    }
    for link in ["loop", "loop.cycle", "x, loop.cycle"] {
      let body = "{% set x = \(open)\(link)\(close) %}"
      let source =
        "{% set x = [1] %}{% for i in [1] %}"
        + String(repeating: body + "{% for i in x %}", count: 9)
        + String(repeating: "{% endfor %}", count: 10)
      #expect(try limit(source).message.contains("lists inside lists"), "\(link)")
    }
  }

  /// Characters that a comparison by canonical equivalence would order in minutes.
  private static let marks = "'a' ~ '\u{301}\u{316}' * 100000"

  /// More than a comparison by characters takes, less than one by canonical equivalence.
  private static let moment = Duration.seconds(20)

  /// The template's rendering with the full budget of time and memory.
  private func render(_ source: String) throws -> String {
    try ChatTemplate(source: source).render(context: [:])
  }

  @Test(
    "text that the template made is compared by its characters, however many they are",
    arguments: [
      "('a' | attr(k)) is defined", "'a'[k] is defined", "[1][k] is defined",
      "{}[k] is defined", "{'a': 1}[k] is defined", "([1] | map('attr', k) | first) is defined",
      "([1] | map(attribute=k) | first) is defined", "namespace()[k] is defined",
      "([1] | selectattr(k) | list | length) != 0", "k == k ~ 'b'", "(k | float) != 0",
      "(k | int) != 0",
    ])
  func combiningMarks(_ expression: String) throws {
    var rendering = ""
    let time = try threadTime {
      rendering = try render("{% set k = \(Self.marks) %}{{ \(expression) }}")
    }
    #expect(rendering == "False")
    #expect(time < Self.moment)
  }

  @Test(
    "text that is no name is refused where a name belongs",
    arguments: [
      "namespace({k: 1})", "[1] | map(k) | list", "[1] | select(k) | list",
      "[1] | selectattr('a', k) | list", "[] | list | map('string') | map(k)",
    ])
  func longNames(_ expression: String) throws {
    let error = try refusal(of: expression)
    #expect(error.kind == .limit && error.message.contains("name"), "\(error)")
    let others = ["1.5 | round(1, k)", "{} | dictsort(by=k)", "('{' ~ k ~ '}').format(a=1)"]
    for other in others {
      let error = try refusal(of: other)
      #expect(error.kind == .value && error.description.count < 2_000, "\(error)")
    }
  }

  /// The error with which an expression over a name of many marks is refused in a moment.
  private func refusal(of expression: String) throws -> ChatTemplateError {
    var error: ChatTemplateError?
    let time = try threadTime {
      error = try #require(
        throws: ChatTemplateError.self,
        performing: { _ = try render("{% set k = \(Self.marks) %}{{ \(expression) }}") })
    }
    #expect(time < Self.moment, "\(expression)")
    return try #require(error)
  }

  @Test("names are the same where their characters are, and only there")
  func equivalentNames() throws {
    #expect(try render("{% set \u{E9} = 1 %}{{ \u{E9} }}{{ e\u{301} }}") == "1")
    #expect(try render("{% set d = {'\u{E9}': 1} %}{{ d.\u{E9} }}{{ d.e\u{301} }}") == "1")
    #expect(try render("{% set n = namespace(\u{E9}=1) %}{{ n.\u{E9} }}{{ n.e\u{301} }}") == "1")
  }

  @Test("an attribute with a long name costs nothing for each of its characters")
  func longAttributes() throws {
    let setting = "{% set b = 'x' * 1000000 %}{% for i in range(1000) %}"
    for expression in ["'a' | attr(b)", "'a'[b]", "[1][b]"] {
      #expect(try render(setting + "{{ \(expression) }}{% endfor %}") == "")
    }
    // But a look-up of a name among a dict's keys reads the name and counts.
    let error = try #require(
      throws: ChatTemplateError.self,
      performing: { _ = try render(setting + "{{ {}[b] }}{% endfor %}") })
    #expect(error.kind == .limit)
  }

  @Test("each scope that is asked for a long name is paid for")
  func longVariables() throws {
    let names = Array(repeating: Self.name, count: 100).joined(separator: ",")
    let error = try limit("{% for i in range(200) %}{{ [\(names)] and '' }}{% endfor %}")
    #expect(error.message.contains("steps"), "\(error)")
  }

  @Test("the rendered text grows with the conversation, not with the special tokens")
  func renderedText() throws {
    let most = 1 << 18
    #expect(try render("{{ 'a' * \(most) }}").utf8.count == most)
    for source in ["{{ 'a' * 400000 }}", "{% for i in range(9) %}{{ 'a' * 50000 }}{% endfor %}"] {
      let error = try #require(
        throws: ChatTemplateError.self, performing: { _ = try render(source) })
      #expect(error.kind == .limit && error.message.contains("\(most) characters"), "\(error)")
    }
    // A text that is not rendered may be longer.
    #expect(try render("{% set x = 'a' * 400000 %}{{ x | length }}") == "400000")
    let token = String(repeating: "b", count: 400_000)
    let template = try ChatTemplate(source: "{{ bos_token }}{{ t }}", bosToken: token)
    let error = try #require(
      throws: ChatTemplateError.self, performing: { _ = try template.render(context: [:]) })
    #expect(error.kind == .limit, "\(error)")
    #expect(
      try ChatTemplate(source: "{{ t * 16 }}").render(context: ["t": .string(token)]).utf8.count
        == 16 * token.utf8.count)
  }

  @Test("a refusal of any length is one line of some hundred characters")
  func refusals() throws {
    let template = try ChatTemplate(source: "{{ raise_exception('a\n' * 2000000) }}")
    let error = try #require(
      throws: ChatTemplateError.self, performing: { _ = try template.render(context: [:]) })
    #expect(error.kind == .raised)
    #expect(error.description.count < 2_000 && !error.description.contains("\n"))
    let key = try #require(
      throws: ChatTemplateError.self,
      performing: {
        _ = try ChatTemplate(source: "{{ {}['k' * 1000000] + 1 }}").render(context: [:])
      })
    #expect(key.kind == .undefined && key.description.count < 300)
  }

  @Test("a long conversation has what it needs: copies, searches, splits of all of it")
  func longConversations() throws {
    let template = try ChatTemplate(
      source: "{% for m in messages %}{% set c = m.content | trim %}"
        + "{% if '</think>' in c %}{% set c = c.split('</think>')[-1].lstrip('\\n') %}{% endif %}"
        + "{% if c.startswith('x') or c.endswith('y') %}?{% endif %}"
        + "<|{{ m.role }}|>{{ c.replace('\\r', '') + '\\n' }}{{ c | tojson }}{% endfor %}")
    let text = String(repeating: "A line of the conversation.\n", count: 4_000)
    let messages = (0..<5).map { _ in ChatMessage(role: "user", content: text) }
    let rendered = try template.render(messages, addGenerationPrompt: true)
    #expect(rendered.utf8.count > 2 * 5 * (text.utf8.count - 1))
  }
}
