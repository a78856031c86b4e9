import Diagnostics
import YAMLSource

extension SpecShapes {
  /// The section `audit` of `security`.
  static var audit: Shape<AuditSpec> {
    .object(
      "audit", AuditSpec.init(range:),
      fields: [
        Field(
          "since", \.since, auditTime.located, required: true,
          "From when on: 7d back from the run, a day, or a time such as 2026-11-20T08:00Z."),
        Field("until", \.until, auditTime.located, "Up to when; the run unless said."),
        account(
          .failedLogins, demand(\AuditDemand.within, "within", withinMeaning),
          "How many logins may have failed: none, {max:}, or {max:, within: 10m} for bursts."),
        account(
          .loginsAfterFailures, demand(after: \AuditDemand.failures),
          "Logins that succeeded after a burst of failed ones of the same user."),
        account(
          .loginsOutsideNetworkPolicy, demand(),
          "Logins from addresses that `network_policy`, or else the account's policy, does not "
            + "allow."),
        account(
          .passwordLogins, demand(), "Logins by password without a second factor."),
        account(
          .adminGrants, demand(),
          "Grants of ACCOUNTADMIN, SECURITYADMIN, SYSADMIN, USERADMIN, ORGADMIN or MANAGE GRANTS."
        ),
        account(.grantsToPublic, demand(), "Grants to PUBLIC, which is everyone."),
        account(.ownershipTransfers, demand(), "GRANT OWNERSHIP statements."),
        account(
          .unloads, demand(),
          "Data written to files: COPY INTO a location, GET, and transfers out of the region."),
        account(
          .networkPolicyChanges, demand(),
          "Network policies that were made, changed, dropped, set or taken out of force."),
        Field(
          "source", \.source, logAudit, "The same of Postgres, by its exported log."),
      ],
      check: { audit, node, diagnostics in
        if audit.target.isEmpty, audit.source == nil {
          diagnostics.append(Diagnostic(.idleAudit, at: node.range.opening))
        }
        guard let since = audit.since, let until = audit.until else { return }
        let isInverted =
          switch (since.value, until.value) {
          case (.at(let first), .at(let last)): first >= last
          case (.before(let first), .before(let last)): first.seconds <= last.seconds
          default: false
          }
        if isInverted {
          diagnostics.append(
            Diagnostic(
              .emptyWindow, at: until.range,
              related: [Diagnostic.Related(range: since.range, text: "it begins here")]))
        }
      })
  }

  private static func account(
    _ event: AccountEvent, _ shape: Shape<AuditDemand>, _ meaning: String
  ) -> Field<AuditSpec> {
    Field(event.rawValue, \AuditSpec[event], shape.located, meaning)
  }

  private static func log(
    _ event: LogEvent, _ shape: Shape<AuditDemand>, _ meaning: String
  ) -> Field<LogAuditSpec> {
    Field(event.rawValue, \LogAuditSpec[event], shape.located, meaning)
  }

  private static var logAudit: Shape<LogAuditSpec> {
    .object(
      "source", LogAuditSpec.init(range:),
      fields: [
        Field(
          "log", \.log, filePaths, required: true,
          "Exported log files of the source: paths and patterns such as logs/drain-*.log, from "
            + "the spec's folder."),
        Field(
          "max_gap", \.maxGap, duration,
          "The longest time without any line of the database that the log may have; a quarter of "
            + "the window, from 2h to 24h, unless said."),
        log(
          .failedLogins, demand(\AuditDemand.within, "within", withinMeaning),
          "How many logins may have failed: none, {max:}, or {max:, within: 10m} for bursts."),
        log(
          .loginsAfterFailures, demand(after: \AuditDemand.failures),
          "Logins that succeeded after a burst of failed ones of the same user."),
        log(.unencryptedLogins, demand(), "Logins from another machine without TLS."),
        log(.permissionDenied, demand(), "Statements that were refused for want of a right."),
        log(.grants, demand(), "GRANT, REVOKE and ALTER DEFAULT PRIVILEGES statements."),
        log(.grantsToPublic, demand(), "Grants to PUBLIC, which is everyone."),
        log(.roleChanges, demand(), "Roles that were made, changed or dropped."),
        log(.ownershipTransfers, demand(), "ALTER … OWNER TO and REASSIGN OWNED statements."),
        log(
          .unloads, demand(), "COPY … TO statements, which the log holds with log_statement=all."),
        log(.ddl, demand(), "Statements that change the schema: CREATE, ALTER, DROP, COMMENT."),
      ],
      check: { log, node, diagnostics in
        if log.demands.isEmpty {
          diagnostics.append(Diagnostic(.idleLog, at: node.range.opening))
        }
      })
  }

  /// A path, or a list of paths.
  static var filePaths: Shape<[Located<String>]> {
    .either(
      "a path, or a list of paths",
      [
        .list(.list(of: .text)),
        .scalar(Shape<String>.text.located.map { path, _, _ in [path] }),
      ])
  }

  /// `7d` back from the run, a day, or a time.
  static var auditTime: Shape<AuditTime> {
    Shape<String>.text(
      like: #"^([0-9]+(\.[0-9]+)?(s|m|h|d)|\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?)$"#,
      called: "7d, a day such as 2026-11-20, or a time of UTC such as 2026-11-20T08:00Z"
    ) { AuditTime($0) != nil }.map { text, _, _ in AuditTime(text) }
  }

  private static let withinMeaning =
    "Count what a user, or an address, did within this time: no more than `max` may fall in it."

  /// `none`, or details.
  private static func demand(
    _ path: (any WritableKeyPath<AuditDemand, TimeSpan?> & Sendable)? = nil,
    _ name: String = "", _ meaning: String = ""
  ) -> Shape<AuditDemand> {
    var fields = common
    if let path { fields.insert(Field(name, path, duration, meaning), at: 1) }
    return demand("max", fields)
  }

  private static func demand(
    after path: any WritableKeyPath<AuditDemand, Int?> & Sendable
  ) -> Shape<AuditDemand> {
    demand(
      "failures",
      [
        Field(
          "failures", path, .integer(1...1_000), "So many failed logins are a burst; 5 unless said."
        ),
        Field(
          "within", \.within, duration,
          "The burst and the login lie within this time; 30m unless said."),
      ] + common)
  }

  private static var common: [Field<AuditDemand>] {
    [
      Field("max", \.max, .integer(0...1_000_000_000), "So many may have happened; 0 unless said."),
      Field(
        "except", \.except,
        Shape<[MapEntry<String>]>.map(of: .text).map { entries, _, _ in
          entries.map { AccessParitySpec.NamePair(name: $0.name, value: $0.value) }
        }, "Users, roles, objects or addresses that are excused, each with the reason."),
      Field("severity", \.severity, .choice, severityMeaning),
    ]
  }

  private static func demand(_ first: String, _ fields: [Field<AuditDemand>]) -> Shape<AuditDemand>
  {
    let details = Shape<AuditDemand>.object(
      "an expectation", { _ in AuditDemand() }, fields: fields,
      check: { demand, node, diagnostics in
        if demand.within != nil, demand.most == 0, first == "max" {
          diagnostics.append(Diagnostic(.idleWithin, at: node.range.opening))
        }
      })
    return .either(
      "`none`, or {\(first):, except:}",
      [
        .mapping(details),
        Alternative(
          fits: { if case .scalar(text: "none", isPlain: _) = $0.content { true } else { false } },
          shape: Shape<String>.word("none").map { _, _, _ in AuditDemand() }),
      ])
  }
}

extension Diagnostic.Message {
  fileprivate static let idleAudit = Self(
    "E0108", "an audit needs something that must not have happened",
    label: "nothing is expected here", notes: ["for example `failed_logins: { max: 5 }`"])

  fileprivate static let idleLog = Self(
    "E0108", "the audit of a log needs something that must not have happened",
    label: "nothing is expected here", notes: ["for example `grants: none`"])

  fileprivate static let emptyWindow = Self(
    "E0111", "the window ends before it begins", label: "`until` is not after `since`")

  fileprivate static let idleWithin = Self(
    "E0111", "`within` needs a `max` of at least 1", label: "where none is allowed, none is",
    notes: ["`none` alone allows no failed login at all"])
}
