import SpecCore

/// What was measured of a query, sample by sample, for the JSON report.
struct JSONTimings {
  let timings: Timings

  var value: JSONValue {
    .object([
      ("clients", .integer(timings.clients)),
      ("sides", .array(timings.sides.map(side))),
    ])
  }

  private func side(_ side: SideTimings) -> JSONValue {
    .object([
      ("side", .string(side.side.rawValue)),
      ("engine", .text(side.engine)),
      ("server", percentiles(side, .server)),
      ("wire", percentiles(side, .wire)),
      ("cold", side.cold.map(sample) ?? .null),
      ("warm", .array(side.warm.map(sample))),
      ("failure", .optional(side.failure?.message)),
      ("untold", .optional(side.untold?.message)),
      ("untold_operators", .optional(side.untoldOperators?.message)),
    ])
  }

  private func percentiles(_ side: SideTimings, _ clock: TimingClock) -> JSONValue {
    guard let times = side.times(by: clock) else { return .null }
    return .object([
      ("p50", seconds(percentile(50, of: times))), ("p95", seconds(percentile(95, of: times))),
      ("max", seconds(times.last)),
    ])
  }

  private func sample(_ sample: TimingSample) -> JSONValue {
    .object([
      ("wire", seconds(sample.wire)),
      ("server", seconds(sample.cost?.seconds)),
      ("queued", seconds(sample.cost?.queued)),
      ("rows", whole(sample.rows)),
      ("scanned", whole(sample.cost?.scanned)),
      ("spilled", whole(sample.cost?.spilled)),
      ("warehouse_size", .optional(sample.cost?.warehouseSize)),
      ("query_id", .optional(sample.queryID)),
    ])
  }

  /// To the microsecond: a query of a millisecond must be told from another.
  private func seconds(_ seconds: Double?) -> JSONValue {
    seconds.map { .number(($0 * 1_000_000).rounded() / 1_000_000) } ?? .null
  }

  private func whole(_ number: Int?) -> JSONValue { number.map { .integer($0) } ?? .null }
}
