import SpecCore
import Synchronization

/// Two Postgres sides of a run that must not be the same: compared with itself, everything is the
/// same.
final class DistinctSides: Sendable {
  private let source = Mutex<SideFacts?>(nil)

  /// The connector of one side, which is asked after the source's.
  func watched(_ connector: any Connector, _ side: Side) -> any Connector {
    Watched(connector: connector, side: side, sides: self)
  }

  private struct Watched: Connector {
    let connector: any Connector
    let side: Side
    let sides: DistinctSides

    func connect() async throws(DatabaseError) -> any Database {
      let database = try await connector.connect()
      guard side == .target else {
        sides.source.withLock { $0 = database.facts }
        return database
      }
      // Followers share the fingerprint, and so does a restored copy, which may well be compared.
      let other = sides.source.withLock { $0 }
      guard let other, other.fingerprint == database.facts.fingerprint,
        other.name == database.facts.name
      else { return database }
      await database.close()
      throw DatabaseError(
        .configuration, "source and target are the same schema of \(other.name)",
        hint: "compared with itself, everything is the same: see the variables of both sides")
    }
  }
}
