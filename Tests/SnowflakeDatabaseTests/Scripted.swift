import Cryptography
import Foundation
import SnowflakeDatabase
import SpecCore
import Synchronization

/// A transport that says what the test tells it to, and keeps what it was asked.
actor ScriptedTransport: Transport {
  /// Answers one request; the count starts at 0.
  typealias Script = @Sendable (WireRequest, Int) async throws(WireFailure) -> WireReply

  private let script: Script
  private(set) var requests: [WireRequest] = []
  private(set) var isClosed = false

  init(_ script: @escaping Script) { self.script = script }

  /// Gives these answers in turn, the last one for ever.
  init(replies: [WireReply]) {
    script = { _, count in replies[min(count, replies.count - 1)] }
  }

  func send(_ request: WireRequest) async throws(WireFailure) -> WireReply {
    let count = requests.count
    requests.append(request)
    return try await script(request, count)
  }

  func close() { isClosed = true }

  /// `POST /path?query`, in the order they came.
  var lines: [String] { requests.map { "\($0.method.rawValue) \($0.path)" } }
}

/// A clock that moves only when somebody sleeps, and remembers for how long.
final actor ManualTime {
  private(set) var sleeps: [Double] = []

  func sleep(_ seconds: Double) { sleeps.append(seconds) }
}

extension Surroundings {
  /// Time stands still, chance is 0.5 and identifiers are `id`.
  static func still(_ time: ManualTime = ManualTime(), epoch: Int = 1_795_402_907) -> Self {
    Surroundings(
      epochSeconds: { epoch }, uptime: { 0 },
      sleep: { seconds in
        try Task.checkCancellation()
        await time.sleep(seconds)
      }, chance: { 0.5 }, freshID: { "id" })
  }
}

extension StatementClient {
  /// A client with an access token that asks the transport.
  static func scripted(
    _ transport: any Transport, world: Surroundings = .still(), width: Int = 2
  ) -> Self {
    StatementClient(
      transport: transport,
      tokens: TokenSource(.token(Secret("t0ken"), type: .accessToken, file: nil), clock: world),
      tokenType: .accessToken, explainer: FailureExplainer(origin: "https://h", identity: "me"),
      width: width, world: world)
  }
}

extension WireReply {
  init(_ status: Int, _ body: String, retryAfter: Double? = nil) {
    self.init(status: status, retryAfter: retryAfter, body: Array(body.utf8))
  }

  /// A statement that is done, with one column and these rows in its first partition.
  static func done(_ cells: [String], partitions: [Int]? = nil) -> Self {
    let counts = partitions ?? [cells.count]
    let info = counts.map { #"{"rowCount":\#($0),"uncompressedSize":9}"# }.joined(separator: ",")
    let rows = cells.map { "[\"\($0)\"]" }.joined(separator: ",")
    return Self(
      200,
      #"{"resultSetMetaData":{"numRows":\#(counts.reduce(0, +)),"format":"jsonv2","rowType":"#
        + #"[{"name":"A","type":"text","length":null}],"partitionInfo":[\#(info)]},"#
        + #""data":[\#(rows)],"code":"090001","sqlState":"00000","statementHandle":"h-1"}"#)
  }

  /// A statement that is still running.
  static func running(_ url: String? = "/api/v2/statements/h-1") -> Self {
    let status = url.map { #","statementStatusUrl":"\#($0)""# } ?? ""
    return Self(202, #"{"code":"333334","statementHandle":"h-1"\#(status)}"#)
  }

  /// A refusal with Snowflake's code.
  static func refusal(_ status: Int, _ code: String, state: String = "", _ words: String) -> Self {
    Self(
      status,
      #"{"code":"\#(code)","sqlState":"\#(state)","message":"\#(words)","statementHandle":"h-1"}"#)
  }
}

/// A folder that goes away with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("parity-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ name: String, _ text: String, permissions: Int = 0o600) throws -> String {
    let file = path + "/" + name
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    try FileManager.default.setAttributes(
      [.posixPermissions: permissions], ofItemAtPath: file)
    return file
  }
}

/// Numbers handed out one after the other, the last one for ever.
final class Moments: Sendable {
  private let values: [Int]
  private let position = Mutex(0)

  init(_ values: [Int]) { self.values = values }

  func next() -> Int {
    position.withLock { position in
      defer { position += 1 }
      return values[min(position, values.count - 1)]
    }
  }
}
