import AISKit
import Testing

/// The choice of a mixture's experts.
struct ExpertChoiceTests {
  @Test func expertsAreTheBestAndTheirWeightsAddUp() {
    let logits: [Float] = [1, 3, 2, 3, -1, 0, 5, 0]
    let choices = logits.withUnsafeBufferPointer {
      ExpertChoice.all($0, rows: 2, perToken: 2)
    }
    #expect(choices.map(\.row) == [0, 0, 1, 1])
    // Of equals the lower comes first.
    #expect(choices.map(\.expert) == [1, 3, 2, 1])
    #expect(choices[0].weight == 0.5 && choices[1].weight == 0.5)
    // e⁵ against e⁰
    #expect(abs(choices[2].weight - 0.993_307_1) < 1e-6)
  }
}
