import AISHarness
import AISKit
import ArgumentParser
import Foundation

/// `ais generate`: continues a prompt.
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Continues a prompt, token by token.")

  @OptionGroup var model: ModelOptions
  @OptionGroup var depth: PlanOptions
  @Option(
    help: "A map's folder: the prompt, in the chat template, is routed by it, or answered in full.")
  var map: String?
  @OptionGroup var routing: RouteOptions
  @OptionGroup var exits: ExitOptions
  @OptionGroup var foreign: ForeignOptions
  @Flag(
    help:
      "After the answer, asks the full model for its first token and tells the map whether it was the same."
  )
  var observe = false
  @Option(help: "The text to continue; - reads standard input.")
  var prompt: String
  @Flag(help: "Put the prompt into the model's chat template, as a user's message, first.")
  var chat = false
  @Option(help: "Tokens to generate at most.")
  var maxTokens: Int = 128
  @Option(help: "Divides the logits; 0 takes the most probable token always.")
  var temperature: Double = 0
  @Option(help: "Choose among this many tokens only.")
  var topK: Int?
  @Option(help: "Choose among the tokens that reach this probability only.")
  var topP: Double?
  @Option(help: "Fixes the random choices.")
  var seed: UInt64 = 0
  @Flag(name: .customLong("ignore-eos"), help: "Go on after the model's end tokens.")
  var ignoreEnd = false
  @Flag(help: "Print times and executed layers on standard error.")
  var stats = false
  @Flag(help: "Print one JSON object instead of streaming text.")
  var json = false

  func validate() throws {
    if observe, map == nil { throw ValidationError("--observe tells a map; it needs --map") }
    if map == nil, let first = RouteOptions.given.first {
      throw ValidationError("\(first) means something with --map only")
    }
    if map != nil, !depth.isEmpty {
      throw ValidationError(
        "--map chooses the plan; --hard, --soft, --bridge and --path do not go with it")
    }
    if map != nil, exits.isGiven {
      throw ValidationError("--map and --router or --exit-rule: expected one of them")
    }
    if foreign.allowsForeign, observe {
      throw ValidationError("--observe writes to the map; another model's stays as it is")
    }
    if maxTokens < 0 {
      throw ValidationError("--max-tokens \(maxTokens): expected at least 0")
    }
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature \(temperature): expected a number of at least 0")
    }
    if let topK, topK < 1 { throw ValidationError("--top-k \(topK): expected at least 1") }
    if let topP, !(topP > 0 && topP <= 1) {
      throw ValidationError("--top-p \(topP): expected above 0 and at most 1")
    }
  }

  func run() throws {
    var clock = GenerationClock()
    let loaded = try LoadedModel(model)
    let (plan, _) = try depth.plan(for: loaded, foreign)
    let prompts = try loaded.requiredPrompts
    let routed = try map.map {
      try routing.open(map: $0, loaded, dtype: model.dtype.rawValue, foreign)
    }
    let router = routed?.router
    let tokenExit = try exits.policy(for: loaded, plan: plan, foreign)
    let text = prompt == "-" ? try Self.standardInput() : prompt
    let ids =
      chat || router != nil
      ? try prompts.encode(chat: [ChatMessage(role: "user", content: text)])
      : try prompts.encode(text)
    let generator = Generator(
      model: loaded.decoder,
      sampling: Sampling(temperature: temperature, topK: topK, topP: topP, seed: seed),
      endIDs: ignoreEnd ? [] : prompts.tokenizer.endIDs)
    var stream = TokenStreamDecoder(prompts.tokenizer)
    var tokens: [GeneratedToken] = []
    var output = ""
    clock.loaded()
    var route: Route?
    func receive(_ token: GeneratedToken) throws -> Bool {
      clock.tick()
      tokens.append(token)
      let piece = stream.append(token.id)
      output += piece
      if !json { try StandardStreams.writeOutput(piece) }
      return true
    }
    let reason: FinishReason
    if let router {
      reason = try generator.generate(
        prompt: ids, maxTokens: maxTokens, router: router, routed: { route = $0 },
        receive: receive)
    } else if let tokenExit {
      reason = try generator.generate(
        prompt: ids, maxTokens: maxTokens, policy: tokenExit, receive: receive)
    } else {
      reason = try generator.generate(
        prompt: ids, maxTokens: maxTokens, policy: plan, receive: receive)
    }
    clock.finished()
    let rest = stream.finish()
    output += rest
    let report = router.flatMap { router in route.map { RouteReport(router: router, route: $0) } }
    if json {
      try StandardStreams.writeOutput(
        Self.json(prompt: ids, tokens, output, reason, report) + "\n")
    } else {
      try StandardStreams.writeOutput(rest + "\n")
    }
    if let report, !json { StandardStreams.writeError("route     \(report.line)\n") }
    if stats || router != nil {
      let summary = clock.summary(
        promptTokens: ids.count, tokens: tokens, reason: reason, config: loaded.decoder.config,
        plan: route?.plan ?? plan, backend: loaded.decoder.summary)
      StandardStreams.writeError(summary)
    }
    if stats, model.dtype == .bf16, model.device == .cpu {
      StandardStreams.writeError(TuningFile.line() + "\n")
    }
    if stats, tokenExit != nil {
      var statistics = ExitStatistics(layerCount: loaded.decoder.config.layerCount)
      for token in tokens {
        statistics.count(exitLayer: token.exitLayer, executedLayers: token.executedLayers)
      }
      StandardStreams.writeError(statistics.summary + "\n")
    }
    if observe, let routed, let route, !route.isFallback {
      let isKept = try routed.observe(
        route, prompt: ids, model: LanguageModel(decoder: loaded.decoder, prompts: prompts))
      StandardStreams.writeError(
        "observed  the full model's first token is \(isKept ? "the same" : "another"); "
          + "written to \(routed.folder)\n")
    }
  }

  static func standardInput() throws -> String {
    do {
      let data = try FileHandle.standardInput.readToEnd() ?? Data()
      return String(decoding: data, as: UTF8.self)
    } catch {
      throw RequestError("--prompt -", expected: "text on standard input", found: "it is closed")
    }
  }

  private static func json(
    prompt: [Int32], _ tokens: [GeneratedToken], _ text: String, _ reason: FinishReason,
    _ route: RouteReport?
  ) -> String {
    func list(_ ids: [Int32]) -> String { ids.map(String.init).joined(separator: ",") }
    let perToken = tokens.map {
      #"{"id":\#($0.id),"exit_layer":\#($0.exitLayer ?? -1),"#
        + #""executed_layers":\#($0.executedLayers)}"#
    }
    return #"{"prompt_ids":[\#(list(prompt))],"ids":[\#(list(tokens.map(\.id)))],"#
      + #""text":\#(jsonText(text)),"finish_reason":"\#(reason.rawValue)","#
      + #""tokens":[\#(perToken.joined(separator: ","))]"#
      + (route.map { #","route":\#($0.json)"# } ?? "") + "}"
  }
}
