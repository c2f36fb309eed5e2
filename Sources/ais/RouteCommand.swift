import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// `ais route`: prints the map's decision on a prompt, without answering it.
struct RouteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "route",
    abstract: "Says which category a map finds for a prompt, and which layers would be left out.",
    discussion: "The prompt is put into the model's chat template, as the map's own prompts were.")

  @OptionGroup var model: ModelOptions
  @Option(help: "The map's folder.")
  var map: String
  @Option(help: "The prompt; - reads standard input.")
  var prompt: String
  @OptionGroup var routing: RouteOptions
  @OptionGroup var foreign: ForeignOptions
  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let loaded = try LoadedModel(model)
    let router = try routing.open(map: map, loaded, dtype: model.dtype.rawValue, foreign).router
    let text = prompt == "-" ? try Generate.standardInput() : prompt
    let tokens = try loaded.requiredPrompts.encode(
      chat: [ChatMessage(role: "user", content: text)])
    let reader = try ProbeReader(model: loaded.decoder, pivot: router.map.pivot)
    let clock = ContinuousClock()
    var probe: [Float] = []
    let reading = try clock.measure { probe = try reader.probes(of: [tokens]) }
    var route: Route?
    let lookUp = try clock.measure { route = try router.route(probe) }
    guard let route else { return }
    let report = RouteReport(router: router, route: route)
    try StandardStreams.writeOutput(
      json
        ? report.json + "\n"
        : report.text + "\n"
          + String(
            format: "time        %.1f ms to layer %d, %.2f ms to look up\n",
            reading / .milliseconds(1), router.map.pivot, lookUp / .milliseconds(1)))
  }
}

/// A route as text or as JSON.
struct RouteReport {
  let router: MapRouter
  let route: Route

  private var categories: [String] { router.map.categories }

  /// The plan, or that the full model answers and why.
  var decision: String {
    route.isFallback
      ? "full: the confidence is below \(router.confidence)" : route.plan.summary
  }

  /// Category, confidence and decision in one line.
  var line: String {
    let found = route.neighborhood
    return "\(categories[found.category]), confidence "
      + String(format: "%.2f", found.confidence) + ", \(decision)"
  }

  /// Lines for a terminal.
  var text: String {
    let found = route.neighborhood
    let entries = router.map.entries
    var lines = [
      "category    \(categories[found.category])",
      String(format: "confidence  %.2f of the vote", found.confidence),
      "plan        \(decision)",
      "neighbours  cosine   category                prompt",
    ]
    for neighbor in found.neighbors {
      let name = categories[neighbor.category].padding(
        toLength: 22, withPad: " ", startingAt: 0)
      lines.append(
        String(format: "            %.4f   ", neighbor.similarity)
          + "\(name)  \(Self.excerpt(entries[neighbor.id].text))")
    }
    return lines.joined(separator: "\n")
  }

  /// One JSON object.
  var json: String {
    let found = route.neighborhood
    let entries = router.map.entries
    let neighbors = found.neighbors.map {
      #"{"id":\#($0.id),"similarity":\#($0.similarity),"#
        + #""category":\#(jsonText(categories[$0.category])),"#
        + #""text":\#(jsonText(entries[$0.id].text))}"#
    }
    return #"{"category":\#(jsonText(categories[found.category])),"#
      + #""confidence":\#(found.confidence),"fallback":\#(route.isFallback),"#
      + #""plan":\#(jsonText(route.plan.summary)),"#
      + #""neighbors":[\#(neighbors.joined(separator: ","))]}"#
  }

  private static func excerpt(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return line.count > 60 ? line.prefix(59) + "…" : line
  }
}
