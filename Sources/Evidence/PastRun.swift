package import SpecCore

extension EvidenceFacts.PastRun {
  /// Reads `results.json`; `nil` where it is none.
  package init?(_ results: JSONValue) {
    guard let run = results["run"]?.text, let environment = results["environment"]?.text,
      let started = results["started"]?.text.flatMap({ Timestamp(utc: $0) }),
      let finished = results["finished"]?.text.flatMap({ Timestamp(utc: $0) }),
      let verdict = results["verdict"]?.text, let counts = results["counts"]
    else { return nil }
    func count(_ status: RecordedStatus) -> Int? {
      if case .integer(let count)? = counts[status.rawValue] { count } else { nil }
    }
    guard let passed = count(.passed), let warned = count(.warned), let failed = count(.failed),
      let errored = count(.error)
    else { return nil }
    self.init(
      runID: run, environment: environment, startedAt: started,
      seconds: finished.seconds(since: started), verdict: verdict, passed: passed, warned: warned,
      failed: failed, errored: errored)
  }
}
