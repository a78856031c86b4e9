import Foundation
import Testing

/// The servers that `PARITY_TEST_POSTGRES_URL` and `PARITY_TEST_SNOWFLAKE_HOME` name.
enum Servers {
  private static let environment = ProcessInfo.processInfo.environment

  /// A superuser's address on the loopback interface, without a password.
  static let postgres = environment["PARITY_TEST_POSTGRES_URL"] ?? ""

  /// The stand-in's folder, with its connections.toml.
  static let snowflakeHome = environment["PARITY_TEST_SNOWFLAKE_HOME"] ?? ""

  /// Whether there is something to run against.
  static let areThere = !postgres.isEmpty && !snowflakeHome.isEmpty && Package.isBuilt

  static let reason: Comment = """
    PARITY_TEST_POSTGRES_URL and PARITY_TEST_SNOWFLAKE_HOME name no servers, or parity is not built
    """

  /// The same server, another database and user.
  static func address(database: String, user: String? = nil) -> String {
    var parts = URLComponents(string: postgres) ?? URLComponents()
    parts.path = "/\(database)"
    if let user { parts.user = user }
    return parts.string ?? ""
  }

  /// Runs SQL with psql as the superuser; what it printed, unaligned.
  @discardableResult
  static func psql(_ sql: String, database: String? = nil) throws -> String {
    let done = try startPsql(sql, database: database).finish(within: 30)
    guard done.status == 0 else { throw Trouble("psql: \(done.errors)\n\(sql.prefix(300))") }
    return done.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Starts psql with SQL that may take its time.
  static func startPsql(_ sql: String, database: String? = nil) throws -> Program {
    try Program(
      "/usr/bin/env",
      ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-f", "-", address(database ?? "")],
      in: "/", environment: ["PATH": environment["PATH"] ?? "/usr/bin:/bin"], input: .text(sql))
  }

  private static func address(_ database: String) -> String {
    database.isEmpty ? postgres : address(database: database)
  }
}

/// Speaks to a stand-in for Snowflake: its statements and its faults.
struct Standin {
  /// The folder with its connections.toml.
  let home: String
  private let port: UInt16
  private let token: String

  /// The one that all tests share.
  static func shared() throws -> Standin { try Standin(home: Servers.snowflakeHome) }

  /// Reads the folder.
  init(home: String) throws {
    self.home = home
    let text = try String(contentsOfFile: "\(home)/connections.toml", encoding: .utf8)
    let lines = text.components(separatedBy: "\n").drop { $0 != "[standin_pat]" }
    func value(_ key: String) -> String? {
      lines.first { $0.hasPrefix("\(key) = ") }?.dropFirst(key.count + 3)
        .trimmingCharacters(in: ["\""])
    }
    guard let port = value("port").flatMap(UInt16.init), let token = value("token") else {
      throw Trouble("\(home)/connections.toml has no access token")
    }
    self.port = port
    self.token = token
  }

  /// The connections as the file has them.
  func connections() throws -> String {
    try String(contentsOfFile: "\(home)/connections.toml", encoding: .utf8)
  }

  /// Everything in a folder of connections that must not be shown to anybody: passwords, tokens
  /// and lines of keys.
  static func secrets(in home: String) -> [String] {
    let text = (try? String(contentsOfFile: "\(home)/connections.toml", encoding: .utf8)) ?? ""
    return text.components(separatedBy: "\n").flatMap { line -> [String] in
      let parts = line.components(separatedBy: " = ")
      let value = parts.last?.trimmingCharacters(in: ["\""]) ?? ""
      switch parts[0] {
      case "token", "password", "private_key_file_pwd": return [value]
      case "private_key_file":
        let key = (try? String(contentsOfFile: value, encoding: .utf8)) ?? ""
        return key.components(separatedBy: "\n").filter { $0.count == 64 }
      default: return []
      }
    }
  }

  /// Runs statements, one by one.
  func run(_ statements: String...) throws {
    for statement in statements {
      let body: [String: Any] = [
        "statement": statement, "warehouse": "STANDIN_WH", "role": "SYSADMIN",
      ]
      let bytes = try JSONSerialization.data(withJSONObject: body)
      let answer = try post("/api/v2/statements", bytes)
      guard answer.status == 200 else { throw Trouble("\(answer.body)\n\(statement)") }
    }
  }

  /// Arms a fault such as `503:2` while something is done, and disarms it afterwards.
  func with<Value>(fault: String, _ body: () throws -> Value) throws -> Value {
    try arm(fault)
    defer { try? arm("none") }
    return try body()
  }

  /// Tells it of what happened: `login-history` or `query-history`, as its README says.
  func record(_ history: String, _ events: [[String: Any]]) throws {
    let answer = try post(
      "/_standin/\(history)", JSONSerialization.data(withJSONObject: events))
    guard answer.status == 200 else { throw Trouble("\(history): \(answer.body)") }
  }

  private func arm(_ fault: String) throws {
    let answer = try post("/_standin/fault", Data(#"{"fault":"\#(fault)"}"#.utf8))
    guard answer.status == 200 else { throw Trouble("fault \(fault): \(answer.body)") }
  }

  private func post(_ path: String, _ body: Data) throws -> (status: Int, body: String) {
    let head = [
      "POST \(path) HTTP/1.0", "Authorization: Bearer \(token)", "Content-Type: application/json",
      "Accept: application/json", "User-Agent: parity-e2e/1", "Content-Length: \(body.count)",
      "X-Snowflake-Authorization-Token-Type: PROGRAMMATIC_ACCESS_TOKEN", "", "",
    ]
    let answer = try exchange(Data(head.joined(separator: "\r\n").utf8) + body)
    let text = String(decoding: answer, as: UTF8.self)
    let words = text.prefix { $0 != "\r\n" }.split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else { throw Trouble("no answer: \(text)") }
    return (status, text)
  }

  private func exchange(_ request: Data) throws -> Data {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Trouble("the stand-in does not listen") }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
    try file.write(contentsOf: request)
    return try file.readToEnd() ?? Data()
  }
}
