internal import SpecCore

/// Asks a session who and where it is; to be called inside its transaction.
struct PostgresFacts {
  let connection: PostgresConnection
  let address: PostgresAddress
  /// The id under which the snapshot is shared, if it is.
  let snapshot: String?

  /// Learns the facts; what the role may not ask is left out.
  func learn(notes: [String]) async throws(DatabaseError) -> SideFacts {
    let link = await connection.link
    let base = try await row(
      """
      SELECT current_setting('server_version'), session_user, current_user, current_database(),
        pg_is_in_recovery(), (extract(epoch from now()) * 1000000)::bigint
      """)
    guard base.count == 6, let microseconds = base[5].flatMap({ Int64($0) }) else {
      throw DatabaseError(.protocolViolation, "the server did not say who it is")
    }
    let isStandby = base[4] == "t"
    let user = base[1] ?? ""
    let role = base[2] ?? ""
    let database = base[3] ?? link.database
    let place = "\(link.host):\(link.port)"
    let protection = Self.protection(link, address)
    let replica = isStandby ? try await replica() : nil
    return SideFacts(
      engine: "PostgreSQL",
      version: String((base[0] ?? "").prefix { $0 != " " }),
      name: "\(database) on \(place)",
      fingerprint: try await fingerprint(database, orElse: "address:\(place)/\(database)"),
      role: user == role ? user : "\(user) as \(role)",
      readPoint: try await readPoint(isStandby: isStandby),
      readAt: Timestamp(microseconds: microseconds),
      link: protection.link,
      replica: replica?.words, replicaLag: replica?.seconds,
      notes: address.notes + protection.notes + notes)
  }

  // MARK: - Pieces

  /// The cluster's own identity, the same on its followers; else the address.
  private func fingerprint(
    _ database: String, orElse address: String
  ) async throws(DatabaseError) -> String {
    let system = try await optional("SELECT system_identifier FROM pg_control_system()")
    return system.map { "system:\($0[0] ?? "")/\(database)" } ?? address
  }

  /// The snapshot's id and the position in the WAL.
  private func readPoint(isStandby: Bool) async throws(DatabaseError) -> String {
    let id =
      if let snapshot { snapshot } else {
        try await optional("SELECT pg_current_snapshot()")?.first ?? nil
      }
    let function = isStandby ? "pg_last_wal_replay_lsn" : "pg_current_wal_lsn"
    let position = try await optional("SELECT \(function)()")?.first ?? nil
    return [id.map { "snapshot \($0)" } ?? "one transaction", position.map { "LSN \($0)" }]
      .compactMap(\.self).joined(separator: ", ")
  }

  /// How far behind its primary a standby is, as far as it knows.
  ///
  /// Who has replayed all that came, and is still being sent more, is not behind: without a
  /// receiver nothing may have come for long.
  private func replica() async throws(DatabaseError) -> (words: String, seconds: Double?) {
    let lag = try await optional(
      """
      SELECT round(extract(epoch from now() - pg_last_xact_replay_timestamp())::numeric, 1),
        pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn(),
        EXISTS (SELECT FROM pg_stat_wal_receiver WHERE pid IS NOT NULL)
      """)
    guard let lag, let seconds = lag[0] else { return ("hot standby, lag unknown", nil) }
    if lag[1] == "t" {
      return (
        "hot standby, all received WAL replayed, last commit \(seconds) s ago",
        lag[2] == "t" ? 0 : Double(seconds)
      )
    }
    return ("hot standby, \(seconds) s behind", Double(seconds))
  }

  /// How the link is protected, and what readers of reports must be told of it.
  static func protection(
    _ link: PostgresLink, _ address: PostgresAddress
  ) -> (link: LinkProtection, notes: [String]) {
    switch link.encryption {
    case nil:
      if PostgresAddress.isLocal(link.hostAddress.isEmpty ? link.host : link.hostAddress) {
        return (.loopback, [])
      }
      return (.none, ["the connection is not encrypted"])
    case .gssapi: return (.gssapi, [])
    case .tls(let version, let cipher):
      func tls(_ identity: LinkProtection.Identity) -> LinkProtection {
        .tls(protocol: version, cipher: cipher, identity: identity)
      }
      switch address.sslmode {
      case "verify-full": return (tls(.verified), [])
      case "verify-ca" where address.hasRootCertificate,
        "require" where address.hasRootCertificate:
        return (tls(.certificateOnly), ["TLS without verification of the server's host name"])
      default: return (tls(.unknown), ["TLS without server verification"])
      }
    }
  }

  /// The first row; empty when there is none.
  private func row(_ sql: String) async throws(DatabaseError) -> [String?] {
    let connection = connection
    let rows = try await interruptible(connection) { interrupt throws(DatabaseError) in
      try await connection.rows(of: Statement(sql), unless: interrupt)
    }
    return rows.cells.first ?? []
  }

  /// The row, or `nil` when the server does not want to answer this one.
  private func optional(_ sql: String) async throws(DatabaseError) -> [String?]? {
    do throws(DatabaseError) {
      let row = try await row(sql)
      return row.isEmpty ? nil : row
    } catch {
      guard
        [.permissionDenied, .missingObject, .statementFailed, .unsupported].contains(error.kind)
      else { throw error }
      return nil
    }
  }
}
