import Reporting
import SpecCore

extension Sample {
  /// A query that was measured on both sides: one budget kept, one missed, one not told.
  static let timed = run([
    suite(
      "shop.performance.month_end_revenue",
      [
        query("p95", Verdict(summary: "p95 19 ms of 20 runs by the server's clock, at most 5 s")),
        query(
          "versus_source",
          Verdict(
            summary: "median 10 ms in Snowflake, 1 ms in Postgres: 10 times, more than 1",
            type: "slower_than_source",
            findings: [
              "the median run should take at most 1 times as long as in Postgres; cure: a larger warehouse"
            ], notes: ["might help as well: ALTER TABLE ORDERS CLUSTER BY (DAY)"])),
        query(
          "spilled",
          Verdict(
            summary: "Snowflake does not tell how many bytes runs wrote aside",
            unchecked: [
              .init(
                type: "permission_denied",
                reason: "Snowflake does not tell how many bytes runs wrote aside",
                remedy: "GRANT MONITOR ON WAREHOUSE … TO ROLE …")
            ])),
      ])
  ])

  private static func query(_ check: String, _ verdict: Verdict) -> CaseResult {
    var verdict = verdict
    verdict.timings = timings
    return result("performance.month_end_revenue", check, statements: counting, verdict)
  }

  private static let timings = Timings(
    [
      SideTimings(
        side: .source, engine: "PostgreSQL",
        cold: TimingSample(cost: ExecutionCost(seconds: 0.125)),
        warm: (1...3).map { number in
          TimingSample(
            wire: 0.001_2 * Double(number),
            cost: ExecutionCost(seconds: 0.001, scanned: 81_920, spilled: 0), rows: 31)
        }),
      SideTimings(
        side: .target, engine: "Snowflake",
        cold: TimingSample(wire: 2.5, cost: ExecutionCost(seconds: 2.375), rows: 31, queryID: "q0"),
        warm: (1...20).map { number in
          TimingSample(
            wire: 0.05 + Double(number) / 1_000,
            cost: ExecutionCost(
              seconds: Double(number) / 1_000, queued: 0, scanned: 1_500_000,
              warehouseSize: "X-Small"),
            rows: 31, queryID: "q\(number)")
        }, untoldOperators: DatabaseError(.permissionDenied, "no right")),
    ], clients: 8)
}
