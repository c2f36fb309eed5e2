import AISHarness
import Foundation
import HDF5
import Testing

@Suite struct ReportTests {
  private func result(_ change: (inout StoredResult) -> Void = { _ in }) -> StoredResult {
    let row = SampleRow(
      layer: 14_042, klBaseSkip: 1.23456, agreement: 0.953, isExact: true, category: "a|b",
      milliseconds: 5)
    let summary = [
      SummaryValue("speed", 1234.5, unit: "tokens/s", "decode", compare: .relative(0.1)),
      SummaryValue("plans", 3, "distinct plans"),
    ]
    var provenance = Provenance.sample()
    provenance.isComplete = true
    provenance.verdict = .supported
    provenance.wallSeconds = 61.25
    provenance.conclusion = "It works in 3 of 4 cases."
    provenance.looks = [
      Look(rows: 1, processes: 0, utc: ""), Look(rows: 2, processes: 5, utc: ""),
    ]
    var result = StoredResult(provenance, rows: [row, SampleRow()], summary: summary)
    change(&result)
    return result
  }

  @Test func verdictsComeBackFromTheirText() {
    for verdict in [Verdict.supported, .refuted, .inconclusive("n: too small"), .inconclusive("")] {
      #expect(Verdict(verdict.description) == verdict)
    }
    #expect(Verdict("perhaps") == nil && Verdict("inconclusive") == nil)
  }

  @Test func rulesAndStylesComeBackFromTheirText() {
    for rule in [Comparison.exact, .ignored, .absolute(1e-9), .relative(0.25)] {
      #expect(Comparison(rule.description) == rule)
    }
    for style in [Presentation.automatic, .hidden, .decimals(3), .percent(0)] {
      #expect(Presentation(style.description) == style)
    }
    #expect(Comparison("absolute") == nil && Comparison("exact 1") == nil)
    #expect(Presentation("decimals -1") == nil && Presentation("decimals 9999") == nil)
  }

  @Test(arguments: [
    (ColumnValue.integer(14_042), Presentation.automatic, "14,042"),
    (.integer(-1_000_000), .automatic, "−1,000,000"),
    (.integer(.min), .hidden, "−9,223,372,036,854,775,808"),
    (.real(0.95349), .percent(1), "95.3 %"), (.real(1.0), .percent(0), "100 %"),
    (.real(1234.5678), .automatic, "1,235"), (.real(0.012346), .automatic, "0.01235"),
    (.real(1.5e-7), .automatic, "1.500e-07"), (.real(0), .automatic, "0"),
    (.real(-0.0001), .decimals(2), "0.00"), (.real(.nan), .decimals(2), "–"),
    (.real(-.infinity), .percent(1), "−∞"), (.truth(true), .automatic, "yes"),
    (.text("as is"), .decimals(2), "as is"),
  ])
  func numbersAreShown(value: ColumnValue, style: Presentation, text: String) {
    #expect(NumberFormat.text(value, style) == text)
  }

  private func page(
    _ result: StoredResult, file: String = "exp099/model-f32.h5", rowLimit: Int? = nil
  ) -> String {
    MarkdownReport.page(for: ResultCollection("exp099", [(file, result)]), rowLimit: rowLimit)
  }

  @Test func thePageAnswersFirstAndReproducesLast() {
    let page = page(result())
    #expect(
      page
        == """
        # exp099: A title

        **Question.** Does it work?

        | model      | run              | verdict       | answer                    | n                                            |
        | :--------- | :--------------- | :------------ | :------------------------ | :------------------------------------------- |
        | model.gguf | f32, starter set | **supported** | It works in 3 of 4 cases. | 2 looks (1 row, then 2 rows and 5 processes) |

        > **Starter set**. The data files were absent, so the small set that comes with the code replaced them; figures on the real data may differ.

        ## Criteria

        Written before the run; what must hold for the claim:

        | criterion     | what must hold | outcome |
        | :------------ | :------------- | :------ |
        | KL ≥ 0.1 nats |                |         |
        | n ≥ 25        |                |         |

        Intervals in brackets are 95 % intervals for a fixed n. The wider anytime interval decides: it is valid at every look at the rows.

        ## Figures

        | figure  |          value | meaning        |
        | :------ | -------------: | :------------- |
        | `speed` | 1,234 tokens/s | decode         |
        | `plans` |              3 | distinct plans |

        <details><summary>Rows</summary>

        |  layer | kl_base_skip (nats) | top_one_agreement | is_exact | category |
        | -----: | ------------------: | ----------------: | -------: | :------- |
        | 14,042 |               1.235 |            95.3 % |      yes | a\\|b     |
        |      0 |               0.000 |             0.0 % |       no |          |

        <details><summary>What the columns mean</summary>

        - `layer`: 0-based index
        - `kl_base_skip`: KL(base‖skip)
        - `top_one_agreement`: equal argmax
        - `is_exact`: bit-equal logits
        - `category`: gold label

        </details>

        </details>

        ## How to reproduce

        ```sh
        make exp-099 ALPHA=0.7
        ```

        ## Provenance

        | what        | which                        |
        | :---------- | :--------------------------- |
        | model       | model.gguf, SHA-256 `aa`     |
        | data        | starter, SHA-256 `bb`        |
        | dtype, seed | f32, 7                       |
        | machine     | A processor, avx2, 2 threads |
        | libraries   | hdf5 1.10.8, openblas 0.3.21 |
        | commit      | abc123                       |
        | run         | 2026-01-02T03:04:05Z, 61.2 s |
        | parameters  | alpha=0.7                    |
        | file        | `exp099/model-f32.h5`        |

        """)
  }

  @Test func unfinishedAndInconclusiveRunsSaySo() {
    let unfinished = page(result { $0.provenance.isComplete = false })
    #expect(
      unfinished.contains("**Verdict.** None yet: the run is unfinished, with 2 rows so far."))
    let open = page(
      result { $0.provenance.verdict = .inconclusive("n = 12;\n400 would settle it") })
    #expect(open.contains("| **inconclusive** | It works in 3 of 4 cases. |"))
    let cut = page(result(), rowLimit: 1)
    #expect(cut.contains("The first 1 of 2 rows; all are in `exp099/model-f32.h5`."))
  }

  @Test func theFileFollowsItsDocumentedLayout() throws {
    let folder = try ResultFolder()
    try ResultFile.write(result(), to: folder.file)
    let file = try HDF5File.open(folder.file)
    let documented = [
      "schema_version", "experiment", "command", "git_commit", "git_dirty", "model_name",
      "model_sha256", "data_sha256", "data_name", "dtype", "seed", "threads", "cpu_model", "isa",
      "library_versions", "started_utc", "wall_seconds", "complete", "verdict", "criteria",
    ]
    #expect(Set(documented).isSubset(of: Set(try file.attributeNames())))
    #expect(try file.children() == ["facts", "raw", "rows", "summary", "timings"])
    #expect(try file.attribute("complete", as: Int.self) == 1)
    #expect(try file.attribute("verdict", as: String.self) == "supported")
    #expect(try file.attribute("unit", as: String.self, on: "/rows/kl_base_skip") == "nats")
    #expect(try file.elementType(of: "/rows/top_one_agreement") == .float32)
    #expect(try file.elementType(of: "/rows/is_exact") == .uint8)
    #expect(try file.shape(of: "/summary/speed") == [])
  }
}
