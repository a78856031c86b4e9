import Cryptography
package import SpecCore

/// Connects to Snowflake over its SQL API, as the connection and the spec say.
package struct SnowflakeConnector: Connector {
  private let options: SnowflakeOptions
  private let dialect: @Sendable (String) -> any Dialect
  private let policy: RetryPolicy
  private let world: Surroundings
  private let transport: @Sendable (AccountAddress) throws(DatabaseError) -> any Transport

  /// Keeps what is needed to connect; nothing is read or sent yet.
  ///
  /// - Parameters:
  ///   - options: What the run wants.
  ///   - policy: How patiently to repeat requests.
  ///   - world: Clocks and chance.
  ///   - transport: Makes the transport to a server; the default speaks HTTPS.
  ///   - dialect: Makes the dialect for a read point such as `2026-11-23 03:01:47.123 +0000`.
  package init(
    options: SnowflakeOptions, policy: RetryPolicy = RetryPolicy(), world: Surroundings = .real,
    transport: (@Sendable (AccountAddress) throws(DatabaseError) -> any Transport)? = nil,
    dialect: @escaping @Sendable (_ readPointLiteral: String) -> any Dialect
  ) {
    self.options = options
    self.policy = policy
    self.world = world
    self.dialect = dialect
    self.transport = transport ?? https(options)
  }

  package func connect() async throws(DatabaseError) -> any Database {
    let settings = try settings()
    let address = try AccountAddress(settings)
    var notes = settings.notes
    let credentials = try Credentials(
      settings, account: address.account, environment: options.environment, notes: &notes)
    let client = StatementClient(
      transport: try transport(address), tokens: TokenSource(credentials, clock: world),
      tokenType: credentials.type,
      explainer: FailureExplainer(origin: address.origin, identity: credentials.identity),
      width: options.jobs, policy: policy, world: world)
    do {
      return try await session(client, options.context(settings), address, notes)
    } catch {
      await client.close()
      throw error
    }
  }

  /// The connection, read anew where it comes from a file.
  private func settings() throws(DatabaseError) -> ConnectionSettings {
    if let settings = options.settings { return settings }
    return try SnowflakeConnections(environment: options.environment)
      .settings(for: options.connection)
  }

  private func session(
    _ client: StatementClient, _ context: StatementContext, _ address: AccountAddress,
    _ notes: [String]
  ) async throws(DatabaseError) -> SnowflakeSession {
    func ask(_ sql: String) async throws(DatabaseError) -> Rows {
      let limit = options.statementTimeout
      return try await client.rows(of: client.run(context.body(sql, limit: limit), limit: limit))
    }
    try SessionFacts.requireExactNames(await ask(SessionFacts.parameterStatement))
    let facts = try SessionFacts(await ask(SessionFacts.statement), asked: context)
    // What the transport demands; the HTTP library does not tell what was agreed upon.
    let link: LinkProtection =
      address.scheme == "https"
      ? .tls(protocol: "TLSv1.2 or later", cipher: nil, identity: .verified) : .loopback
    return SnowflakeSession(
      facts: facts.sideFacts(link: link, notes: notes),
      dialect: dialect(facts.readPointLiteral), width: max(1, options.jobs), client: client,
      context: context, statementTimeout: options.statementTimeout)
  }
}

/// Makes the transport every real run uses.
private func https(
  _ options: SnowflakeOptions
) -> @Sendable (AccountAddress) throws(DatabaseError) -> any Transport {
  { (address) throws(DatabaseError) in
    try HTTPTransport(
      address, userAgent: options.userAgent, environment: options.environment)
  }
}

extension Credentials {
  /// Who this says it is, for hints; no secret.
  package var identity: String {
    switch self {
    case .keyPair(let key, let account, let user):
      "user \(user) of account \(account), key \(key.fingerprint)"
    case .token(_, .oauth, _): "the OAuth token"
    case .token: "the programmatic access token"
    }
  }
}
