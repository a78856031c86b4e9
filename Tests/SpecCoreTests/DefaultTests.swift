import SpecCore
import TestSupport
import Testing

/// Defaults and identities among the constraints.
@Suite struct DefaultTests {
  private static func defaults(
    _ source: String?, _ target: String?
  ) -> @Sendable (inout Migration) -> Void {
    { migration in
      migration.set(
        source: [
          Migration.sourceColumns[0],
          Migration.column("v", "integer", .integer(digits: 10), default: source),
        ],
        target: [
          Migration.targetColumns[0],
          Migration.column("V", "NUMBER", .integer(digits: 38), default: target),
        ])
      migration.set(sourceRows: [["1", "1"]], targetRows: [["1", "1"]])
    }
  }

  private static func identity(
    _ source: IdentityCatalog?, _ target: IdentityCatalog?,
    gaps: [SchemaCatalog.CatalogGap] = [], rows: [[String?]] = [["1"], ["7"]]
  ) -> @Sendable (inout Migration) -> Void {
    { migration in
      func column(_ name: String, _ identity: IdentityCatalog?) -> ColumnCatalog {
        Migration.column(
          name, "bigint", .integer(digits: 19), isNullable: false, identity: identity)
      }
      migration.set(.source, [Migration.table(.source, "orders", [column("id", source)])])
      migration.set(
        .target, [Migration.table(.target, "ORDERS", [column("ID", target)])], gaps: gaps)
      migration.set(sourceRows: rows, targetRows: rows)
    }
  }

  private static let any = IdentityCatalog(nextValue: "8")

  static let cases = [
    VerdictCase("none", "constraints", .passed, "1 constraint", defaults(nil, nil)),
    VerdictCase(
      "NULL is none", "constraints", .passed, "1 constraint", defaults("NULL::integer", nil)),
    VerdictCase(
      "a random UUID", "constraints", .passed, "", defaults("gen_random_uuid()", "UUID_STRING()")),
    VerdictCase(
      "no random UUID", "constraints", .failed, "became 'x'", defaults("gen_random_uuid()", "'x'")),
    VerdictCase(
      "today is not now", "constraints", .failed, "became",
      defaults("CURRENT_DATE", "CURRENT_TIMESTAMP()")),
    VerdictCase(
      "NULL of text", "constraints", .passed, "1 constraint",
      defaults("NULL::character varying", nil)),
    VerdictCase("kept", "constraints", .passed, "2 constraints", defaults("0", "0")),
    VerdictCase("another spelling", "constraints", .passed, "", defaults("0", "0.00")),
    VerdictCase("text", "constraints", .passed, "", defaults("'new'::text", "'new'")),
    VerdictCase(
      "other text", "constraints", .failed, "became 'New'", defaults("'new'::text", "'New'")),
    VerdictCase(
      "text in another normal form", "constraints", .failed, "became",
      defaults("'\u{E9}'::text", "'e\u{301}'")),
    VerdictCase("lost", "constraints", .failed, "the default 5 is lost", defaults("5", nil)),
    VerdictCase(
      "another number", "constraints", .failed, "the default 5 became 6", defaults("5", "6")),
    VerdictCase("true", "constraints", .passed, "", defaults("true", "TRUE")),
    VerdictCase("now", "constraints", .passed, "", defaults("now()", "CURRENT_TIMESTAMP()")),
    VerdictCase(
      "negative", "constraints", .passed, "", defaults("'-5'::integer", "-5")),
    VerdictCase(
      "not to be compared", "constraints", .errored, "", defaults("lower('A'::text)", "'x'")),
    VerdictCase("identity kept", "constraints", .passed, "", identity(any, any)),
    VerdictCase("identity lost", "constraints", .failed, "(sequence) is lost", identity(any, nil)),
    VerdictCase(
      "next value in use", "constraints", .failed, "the next value will be 7, but 7 is in use",
      identity(any, IdentityCatalog(nextValue: "7"))),
    VerdictCase(
      "starts above", "constraints", .passed, "starts at 100",
      identity(any, IdentityCatalog(nextValue: nil, start: "100", increment: "1"))),
    VerdictCase(
      "starts below", "constraints", .errored, "identity_unknown",
      identity(any, IdentityCatalog(nextValue: nil, start: "1", increment: "1"))),
    VerdictCase(
      "counts down", "constraints", .errored, "identity_unknown",
      identity(any, IdentityCatalog(nextValue: nil, start: "100", increment: "-1"))),
    VerdictCase(
      "says nothing", "constraints", .errored, "hidden",
      identity(any, IdentityCatalog(nextValue: nil, unknownBecause: "hidden"))),
    VerdictCase(
      "an empty table", "constraints", .passed, "",
      identity(any, IdentityCatalog(nextValue: nil), rows: [])),
    VerdictCase(
      "great numbers", "constraints", .failed, "9223372036854775808 is in use",
      { migration in
        identity(any, IdentityCatalog(nextValue: "9223372036854775807"))(&migration)
        migration.target.override = { question in
          if case .aggregate(_, let measures) = question, case .maximum = measures.first {
            .measures([["9223372036854775808"]])
          } else {
            nil
          }
        }
      }),
    VerdictCase(
      "sequences unknown", "constraints", .errored, "",
      identity(any, nil, gaps: [SchemaCatalog.CatalogGap(part: .sequences, reason: "denied")])),
  ]

  @Test(arguments: cases)
  func verdict(_ each: VerdictCase) throws { try each.verify() }
}
