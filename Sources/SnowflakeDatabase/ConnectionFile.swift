import Cryptography
import SpecCore
import TOMLKit

/// The tables of one TOML file of connections, every value as text behind a ``Secret``.
struct ConnectionFile: Sendable {
  /// Connection name to key (lower case) to value, as far as they are text, numbers or booleans.
  let connections: [String: [String: Secret]]
  /// The value of `default_connection_name`; only `config.toml` has one.
  let defaultName: String?

  /// Reads `connections.toml`: every table at the top is a connection.
  init(connectionsTOML text: String, path: String) throws(DatabaseError) {
    connections = Self.connections(in: try Self.table(text, path: path))
    defaultName = nil
  }

  /// Reads `config.toml`: connections are the tables below `connections`.
  init(configTOML text: String, path: String) throws(DatabaseError) {
    let root = try Self.table(text, path: path)
    connections = root["connections"]?.table.map(Self.connections) ?? [:]
    defaultName = root["default_connection_name"]?.string
  }

  private static func table(_ text: String, path: String) throws(DatabaseError) -> TOMLTable {
    do {
      return try TOMLTable(string: text)
    } catch let error as TOMLParseError {
      // The parser's own words may quote the line, and the line may hold a token.
      let place = error.source.begin
      throw DatabaseError(
        .configuration, "\(path):\(place.line):\(place.column) is not valid TOML",
        hint: "values are quoted: user = \"PARITY\"")
    } catch {
      throw DatabaseError(.configuration, "\(path) is not valid TOML")
    }
  }

  private static func connections(in table: TOMLTable) -> [String: [String: Secret]] {
    var found: [String: [String: Secret]] = [:]
    for name in table.keys {
      guard let entry = table[name]?.table else { continue }
      var values: [String: Secret] = [:]
      for key in entry.keys {
        let value = entry[key]
        let text = value?.string ?? value?.int.map(String.init) ?? value?.bool.map(String.init)
        values[key.lowercased()] = text.map(Secret.init)
      }
      found[name] = values
    }
    return found
  }
}
