import Diagnostics
import YAMLSource

/// The connections of dbt, as its `profiles.yml` writes them: `PROFILE.outputs.OUTPUT`.
///
/// No error quotes what stands in the file, for it may hold passwords.
package struct ProfilesFile: Sendable {
  private let path: String
  private let root: Node

  /// Reads the YAML; values are looked at only where they are wanted.
  package init(_ text: String, path: String) throws(DatabaseError) {
    self.path = path
    do throws(DiagnosticsError) {
      root = try YAMLParser.parseForeign(SourceFile(name: path, text: text))
    } catch {
      let place = error.diagnostics.first.map { ":\($0.range.start.line):\($0.range.start.column)" }
      throw DatabaseError(
        .configuration, "\(path)\(place ?? "") is not YAML that can be read",
        hint: "Jinja stands in quotes: \"{{ env_var('NAME') }}\"")
    }
  }

  /// A connection by the profile's and the output's name, its variables taken from `environment`.
  package func output(
    _ name: String, of profile: String, environment: [String: String]
  ) throws(DatabaseError) -> ProfileOutput {
    let profiles = try entries(of: root, "the file")
    guard let own = try value(profile, in: profiles, of: root) else {
      throw missing("profile", profile, profiles.map(\.name).filter { $0 != "config" }, at: root)
    }
    guard
      let outputs = try value("outputs", in: entries(of: own, "profile \(profile)"), of: own)
    else { throw problem("profile \(profile) has no `outputs:`", at: own) }
    let all = try entries(of: outputs, "`outputs`")
    guard let node = try value(name, in: all, of: outputs) else {
      throw missing("output", name, all.map(\.name), at: outputs)
    }
    let title = "\(name) of profile \(profile)"
    var values: [String: String] = [:]
    let fields = try entries(of: node, "output \(title)")
    for field in fields where Self.known.contains(field.name) && values[field.name] == nil {
      guard let value = try value(field.name, in: fields, of: node), !value.isNull else { continue }
      guard case .scalar(let text, _) = value.content else {
        throw problem("`\(field.name)` of output \(title) is not a single value", at: value)
      }
      do throws(ProfileTemplate.Problem) {
        values[field.name] = try ProfileTemplate.rendered(text, environment: environment)
      } catch {
        throw problem(
          "`\(field.name)` of output \(title) \(error.reason)", at: value, hint: error.hint)
      }
    }
    guard let type = values["type"] else {
      throw problem("output \(title) has no `type:`", at: node)
    }
    guard let engine = Engine(rawValue: type) else {
      throw problem(
        "output \(title) is of a type that Parity does not know", at: node,
        hint: "known are `postgres` and `snowflake`")
    }
    return ProfileOutput(
      title: title, path: "\(path):\(node.range.start.line)", engine: engine, values: values)
  }

  /// Fields that are read; dbt's others (threads, retries, keepalives) are left alone.
  private static let known: Set<String> = [
    "type", "host", "port", "user", "password", "pass", "dbname", "database", "schema", "sslmode",
    "sslrootcert", "sslcert", "sslkey", "connect_timeout", "role", "account", "warehouse",
    "authenticator", "private_key_path", "private_key", "private_key_passphrase", "token",
    "oauth_client_id", "protocol",
  ]

  private func entries(of node: Node, _ what: String) throws(DatabaseError) -> [Node.Entry] {
    guard case .mapping(let entries) = node.content else {
      throw problem("\(what) holds no names with values", at: node)
    }
    return entries
  }

  /// What stands behind a name; what is written out wins over what a merge key takes in.
  private func value(
    _ name: String, in entries: [Node.Entry], of node: Node
  ) throws(DatabaseError) -> Node? {
    let found = entries.filter { $0.name == name }
    let own = found.filter { entry in
      let start = entry.key.range.start.offset
      return node.range.start.offset <= start && start <= node.range.end.offset
    }
    let candidates = own.isEmpty ? found : own
    if own.count > 1 { throw problem("`\(name)` stands here twice", at: own[1].key) }
    return candidates.first?.value
  }

  private func problem(_ words: String, at node: Node, hint: String? = nil) -> DatabaseError {
    let place = node.range.start
    return DatabaseError(
      .configuration, "\(path):\(place.line):\(place.column): \(words)", hint: hint)
  }

  private func missing(
    _ what: String, _ name: String, _ names: [String], at node: Node
  ) -> DatabaseError {
    let known = names.isEmpty ? "there is none" : "there are \(names.joined(separator: ", "))"
    return problem(
      "there is no \(what) \(name); \(known)", at: node,
      hint: nearestName(to: name, among: names).map { "did you mean \($0)?" })
  }
}

/// One connection of a profile; its values are not shown when it is printed.
package struct ProfileOutput: Sendable {
  /// `prod of profile shop`.
  package let title: String
  /// The file with the line.
  package let path: String
  package let engine: Engine
  private let values: [String: String]

  init(title: String, path: String, engine: Engine, values: [String: String]) {
    self.title = title
    self.path = path
    self.engine = engine
    self.values = values
  }

  /// The first of these fields that has a value.
  package func text(_ names: String...) -> String? {
    for name in names {
      if let value = values[name], !value.isEmpty { return value }
    }
    return nil
  }

  /// A field that the connection cannot do without.
  package func required(_ names: String...) throws(DatabaseError) -> String {
    for name in names {
      if let value = values[name], !value.isEmpty { return value }
    }
    let name = names.first ?? ""
    throw DatabaseError(
      .configuration, "\(path): output \(title) has no `\(name)`",
      hint: "add `\(name):` to it, such as \"{{ env_var('NAME') }}\"")
  }
}

extension ProfileOutput: CustomStringConvertible, CustomReflectable {
  package var description: String { title }
  package var customMirror: Mirror { Mirror(self, children: ["title": title]) }
}
