package import SpecCore

/// The lines that `parity watch` writes for programs; `docs/watch.md` describes each field.
package struct WatchJSON: Sendable {
  /// The format's name; the number changes when a field goes away or changes its meaning.
  package static let format = "parity.watch/1"

  /// What every line says of the watch itself.
  private let head: [(String, JSONValue)]
  private let startedAt: Timestamp
  private let condition: ReadyCondition

  package init(
    runID: String, spec: SpecIdentity, environment: String?, startedAt: Timestamp,
    condition: ReadyCondition
  ) {
    head = [
      ("format", .string(Self.format)), ("run_id", .text(runID)), ("spec", .text(spec.slug)),
      ("spec_sha256", .text(spec.sha256)), ("environment", .optional(environment)),
    ]
    self.startedAt = startedAt
    self.condition = condition
  }

  /// One tick, as one line with its line break.
  package func line(_ report: WatchReport, facts: [Side: SideFacts]) -> String {
    rendered([
      ("type", .string("tick")), ("tick", .integer(report.number)), ("at", .time(report.at)),
      ("elapsed_seconds", .seconds(report.at.seconds(since: startedAt))),
      ("holds", .bool(report.holds)), ("ready_ticks", .integer(report.readyTicks)),
      ("ready_wanted", .integer(report.wantedTicks)), ("ready", .bool(report.isReady)),
      ("source", side(.source, report, facts)), ("target", side(.target, report, facts)),
      ("tables", .array(report.tables.map { table($0, at: report.at) })),
      ("reasons", .texts(report.reasons)),
    ])
  }

  /// The last line: how the watch ended.
  ///
  /// `end` is `ready`, `deadline`, `once`, `interrupted` or `refused`.
  package func line(
    end: String, sentence: String, _ report: WatchReport?, at time: Timestamp, exitCode: Int
  ) -> String {
    rendered([
      ("type", .string("end")), ("end", .string(end)), ("at", .time(time)),
      ("elapsed_seconds", .seconds(time.seconds(since: startedAt))),
      ("ticks", .integer(report?.number ?? 0)), ("condition", .text(condition.words)),
      ("sentence", .text(sentence)), ("reasons", .texts(report?.reasons ?? [])),
      ("exit_code", .integer(exitCode)),
    ])
  }

  private func rendered(_ members: [(String, JSONValue)]) -> String {
    JSONValue.object(head + members).rendered(indent: 0) + "\n"
  }

  private func side(
    _ side: Side, _ report: WatchReport, _ facts: [Side: SideFacts]
  ) -> JSONValue {
    let facts = facts[side]
    var members: [(String, JSONValue)] = [
      ("error", .optional(report.failures[side])), ("name", .optional(facts?.name)),
      ("read_at", facts.map { .time($0.readAt) } ?? .null),
      ("read_point", .optional(facts?.readPoint)),
    ]
    if side == .source {
      members.append(("replica", .optional(facts?.replica)))
      var lag: Double?
      if case .behind(let seconds) = report.replica { lag = seconds }
      members.append(("replica_lag_seconds", lag.map { .seconds($0) } ?? .null))
    }
    return .object(members)
  }

  private func table(_ table: TableStanding, at time: Timestamp) -> JSONValue {
    let (verdict, reasons) =
      switch table.verdict {
      case .holds: ("holds", [String]())
      case .waits(let reasons): ("waits", reasons)
      case .unknown(let reasons): ("unknown", reasons)
      }
    var lagSeconds: JSONValue = .null
    var lagSteps: JSONValue = .null
    switch table.lag {
    case .seconds(let seconds)?: lagSeconds = .signed(seconds)
    case .steps(let steps)?: lagSteps = .integer(steps)
    case nil: break
    }
    let end = table.secondsLeft.flatMap { time.adding($0) }
    return .object([
      ("table", .text(table.title)),
      ("verdict", .string(verdict)),
      ("reasons", .texts(reasons)),
      ("error", .optional(table.error)),
      ("error_ticks", .integer(table.errorTicks)),
      ("source_rows", table.seen.map { .integer($0.source) } ?? .null),
      ("target_rows", table.seen.map { .integer($0.target) } ?? .null),
      ("missing_rows", table.missing.map { .integer($0) } ?? .null),
      ("source_shrunk_by", .integer(table.shrunk)),
      ("rows_per_second", table.rate.map { .signed($0) } ?? .null),
      ("seconds_left", table.secondsLeft.map { .seconds($0) } ?? .null),
      ("estimated_end", end.map { .time($0) } ?? .null),
      ("high_water", mark(table.seen?.mark)),
      ("lag_seconds", lagSeconds),
      ("lag_steps", lagSteps),
      ("newest", newest(table.seen?.newest)),
      ("idle_ticks", .integer(table.idleTicks)),
      ("stalled", .bool(table.isStalled)),
    ])
  }

  private func mark(_ mark: TableReading.Mark?) -> JSONValue {
    switch mark {
    case nil: .null
    case TableReading.Mark.none?: .object([("column", .null), ("reason", .null)])
    case .unknown(let reason)?: .object([("column", .null), ("reason", .text(reason))])
    case .column(let name, let source, let target, let isHidden)?:
      .object([
        ("column", .text(name)),
        ("source", isHidden ? .null : .optional(source?.description)),
        ("target", isHidden ? .null : .optional(target?.description)),
      ])
    }
  }

  private func newest(_ newest: TableReading.Newest?) -> JSONValue {
    func object(
      _ word: String, rows: Int? = nil, differing: Int? = nil, _ reason: String? = nil
    ) -> JSONValue {
      .object([
        ("verdict", .string(word)), ("rows", rows.map { .integer($0) } ?? .null),
        ("differing", differing.map { .integer($0) } ?? .null), ("reason", .optional(reason)),
      ])
    }
    return switch newest {
    case nil: .null
    case .equal(let rows)?: object("equal", rows: rows, differing: 0)
    case .differs(let rows, let differing)?: object("differs", rows: rows, differing: differing)
    case .nothing?: object("nothing")
    case .notAsked(let reason)?: object("not_asked", reason)
    case .unknown(let reason)?: object("unknown", reason)
    }
  }
}

extension JSONValue {
  /// A number that may be below zero, to the thousandth.
  fileprivate static func signed(_ number: Double) -> JSONValue {
    guard number.isFinite, abs(number) < 9e15 else { return .null }
    return .number((number * 1_000).rounded() / 1_000)
  }
}

extension Timestamp {
  /// So many seconds later; `nil` beyond what calendars are made for.
  package func adding(_ seconds: Double) -> Timestamp? {
    guard seconds.isFinite, seconds >= 0, seconds < 3e9 else { return nil }
    return Timestamp(microseconds: microseconds + Int64(seconds * 1_000_000))
  }
}
