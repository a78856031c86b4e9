package import Diagnostics
package import SpecCore

/// Writes one page for people who review and sign: a single file without script, which loads
/// nothing and can be read offline, on paper and aloud.
package struct HTMLReporter: Reporter {
  private let spec: SourceFile?
  private let evidence: EvidenceFacts?
  private let limit: Int

  /// Takes the text of the spec that was run, which the page shows with its line numbers, and what
  /// stands beside the result in its bundle of evidence, where it is part of one.
  ///
  /// The page stays below so many bytes: what passed is shortened first, and the page says so.
  package init(spec: SourceFile?, evidence: EvidenceFacts? = nil, limit: Int = 4_900_000) {
    self.spec = spec
    self.evidence = evidence
    self.limit = limit
  }

  /// The page, shortened step by step until it is within the limit.
  package func render(_ result: RunResult) -> String {
    for shortening in HTMLShortening.steps.dropLast() {
      if let text = document(of: result, shortening).text(within: limit) { return text }
    }
    // The last step bounds everything by itself.
    return document(of: result, HTMLShortening.last).text(within: .max) ?? ""
  }

  private func document(of result: RunResult, _ shortening: HTMLShortening) -> HTMLDocument {
    HTMLDocument(run: result, spec: spec, evidence: evidence, shortening: shortening)
  }
}
