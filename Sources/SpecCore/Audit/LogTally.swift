/// What a log tells of a window of time, counted.
struct LogTally {
  /// Events that are told together.
  struct Group: Hashable {
    let event: LogEvent
    let user: String?
    let address: String?
    /// The statement without its literals, or the refusal's words.
    let what: String
  }

  struct Count {
    var times = 0
    var first: Timestamp
    var last: Timestamp
  }

  /// A login that failed or succeeded.
  struct Login {
    let user: String
    let address: String
    let time: Timestamp
  }

  let window: AuditWindow
  private(set) var groups: [Group: Count] = [:]
  /// Events of groups beyond the limit.
  private(set) var hidden: [LogEvent: Int] = [:]
  private(set) var failures: [Login] = []
  private(set) var logins: [Login] = []
  /// Whether more logins were seen than are kept.
  private(set) var hasOverflow = false
  /// Messages of Postgres in all files, and those in the window.
  private(set) var messages = 0
  private(set) var messagesInWindow = 0
  /// Messages of which no time is known.
  private(set) var undated = 0
  /// Messages that Logplex dropped in the window.
  private(set) var lost = 0
  /// Statements that `log_statement` had logged, and those that only `all` logs.
  private(set) var loggedStatements = 0
  private(set) var loggedReads = 0
  /// Lines of `log_connections`.
  private(set) var authorized = 0
  private(set) var localLogins = 0
  private(set) var first: Timestamp?
  private(set) var last: Timestamp?
  /// Which parts of the window have a line of the database.
  private var isCovered: [Bool]
  /// How long such a part is, in microseconds.
  private let stride: Int64
  /// Where a process connected from, and as whom.
  private var connections: [String: (address: String?, user: String?)] = [:]

  private var groupCounts: [LogEvent: Int] = [:]

  private static let mostGroups = 5_000
  private static let mostLogins = 1_000_000
  private static let mostProcesses = 20_000

  init(_ window: AuditWindow) {
    self.window = window
    let length = max(1, window.to.microseconds - window.from.microseconds)
    stride = max(60_000_000, length / 20_000 + 1)
    isCovered = Array(repeating: false, count: Int((length + stride - 1) / stride))
  }

  /// The longest part of the window without a line, in seconds, and where it begins.
  var gap: (seconds: Double, from: Timestamp) {
    var (longest, start, run) = (0, 0, 0)
    for (position, isThere) in isCovered.enumerated() {
      run = isThere ? 0 : run + 1
      if run > longest { (longest, start) = (run, position - run + 1) }
    }
    return (
      Double(Int64(longest) * stride) / 1_000_000,
      Timestamp(microseconds: window.from.microseconds + Int64(start) * stride)
    )
  }

  // MARK: Counting

  /// Notes that a database spoke at this time.
  mutating func cover(_ time: Timestamp?) {
    guard let time, window.contains(time) else { return }
    isCovered[Int((time.microseconds - window.from.microseconds) / stride)] = true
    first = first.map { min($0, time) } ?? time
    last = last.map { max($0, time) } ?? time
  }

  /// Notes that messages were lost; without a time they count too.
  mutating func lose(_ messages: Int, at time: Timestamp?) {
    if time.map({ window.contains($0) }) ?? true { lost += messages }
  }

  mutating func add(_ message: LogMessage) {
    guard
      !["DETAIL", "HINT", "QUERY", "CONTEXT", "STATEMENT", "LOCATION"].contains(message.severity)
    else { return }
    messages += 1
    guard let time = message.time else {
      undated += 1
      return
    }
    guard window.contains(time) else { return }
    messagesInWindow += 1
    cover(time)
    switch message.severity {
    case "LOG": log(message, message.text, time)
    case "FATAL", "ERROR", "PANIC": refusal(message, time)
    default: break
    }
    // A client names itself, and may do so in words that look like a message; names are short.
    guard Self.hasInnerSeverity(message.text) else { return }
    let beginning = message.text.prefix(200)
    for word in [" LOG:  ", " ERROR:  ", " FATAL:  "] {
      guard let range = beginning.firstRange(of: word) else { continue }
      var inner = message
      inner.text = String(message.text[range.upperBound...])
      if word == " LOG:  " {
        log(inner, inner.text, time)
      } else {
        inner.severity = word == " FATAL:  " ? "FATAL" : "ERROR"
        refusal(inner, time)
      }
    }
  }

  /// Whether a colon and two blanks stand near the beginning, as they do behind a severity.
  private static func hasInnerSeverity(_ text: String) -> Bool {
    var blanks = -1
    for byte in text.utf8.prefix(900) {
      if byte == UInt8(ascii: ":") {
        blanks = 0
      } else if byte == 0x20, blanks >= 0 {
        blanks += 1
        if blanks == 2 { return true }
      } else {
        blanks = -1
      }
    }
    return false
  }

  private mutating func count(_ event: LogEvent, _ message: LogMessage, _ what: String) {
    guard let time = message.time else { return }
    let group = Group(
      event: event, user: message.user.map(Self.bounded),
      address: message.address.map(Self.bounded), what: what)
    if groups[group] == nil {
      guard groupCounts[event, default: 0] < Self.mostGroups else {
        hidden[event, default: 0] += 1
        return
      }
      groupCounts[event, default: 0] += 1
    }
    var count = groups[group] ?? Count(first: time, last: time)
    count.times += 1
    count.first = min(count.first, time)
    count.last = max(count.last, time)
    groups[group] = count
  }

  private static func bounded(_ text: String) -> String {
    text.count > 100 ? "\(text.prefix(100))…" : text
  }

  // MARK: Connections

  /// The message with what its process told before: where it connected from, and as whom.
  mutating func introduced(_ message: LogMessage) -> LogMessage {
    guard let process = message.processID else { return message }
    if message.severity == "LOG" {
      if connections.count > Self.mostProcesses { connections = [:] }
      if message.text.hasPrefix("connection received: ") {
        connections[process] = (Self.value("host=", in: message.text), nil)
      } else if message.text.contains("connection authorized: ") {
        connections[process, default: (message.address, nil)].user = Self.value(
          "user=", in: message.text)
      }
    }
    var message = message
    let known = connections[process]
    message.user = message.user ?? known?.user
    message.address = message.address ?? known?.address
    if message.text.hasPrefix("disconnection: ") { connections[process] = nil }
    return message
  }

  private mutating func log(_ message: LogMessage, _ text: String, _ time: Timestamp) {
    if text.hasPrefix("connection authorized: ")
      || text.hasPrefix("replication connection authorized: ")
    {
      authorized += 1
      login(message, text, time)
      return
    }
    guard let (statement, isSlowOnly) = Self.statement(text) else { return }
    // Whether statements were logged is known after the first.
    if loggedStatements > 0, loggedReads > 0, !SQLWords.isOfInterest(statement) { return }
    let parsed = SQLWords(statement)
    for words in parsed.statements {
      if !isSlowOnly {
        loggedStatements += 1
        if SQLWords.isLoggedWithAll(words) { loggedReads += 1 }
      }
      for event in SQLWords.events(of: words) { count(event, message, SQLWords.shown(words)) }
    }
  }

  private mutating func login(_ message: LogMessage, _ text: String, _ time: Timestamp) {
    let user = Self.value("user=", in: text) ?? message.user ?? "?"
    let address = message.address
    var named = message
    named.user = user
    keep(Login(user: user, address: address ?? "", time: time), in: \.logins)
    let isEncrypted = text.contains(" SSL enabled") || text.contains("encrypted=yes")
    guard !isEncrypted else { return }
    if address == "[local]" || address == "::1" || address?.hasPrefix("127.") == true {
      localLogins += 1
    } else {
      count(.unencryptedLogins, named, "")
    }
  }

  private mutating func keep(_ login: Login, in list: WritableKeyPath<LogTally, [Login]>) {
    if self[keyPath: list].count < Self.mostLogins {
      self[keyPath: list].append(login)
    } else {
      hasOverflow = true
    }
  }

  /// The statement of a message, and whether only its duration had it logged.
  private static func statement(_ text: String) -> (String, isSlowOnly: Bool)? {
    var rest = text[...]
    var isSlowOnly = false
    if rest.hasPrefix("duration: ") {
      guard let range = rest.firstRange(of: " ms  ") else { return nil }
      rest = rest[range.upperBound...]
      isSlowOnly = true
    }
    if rest.hasPrefix("statement: ") {
      return (String(rest.dropFirst("statement: ".count)), isSlowOnly)
    }
    guard rest.hasPrefix("execute "), let colon = rest.firstRange(of: ": ") else { return nil }
    return (String(rest[colon.upperBound...]), isSlowOnly)
  }

  // MARK: Refusals

  private mutating func refusal(_ message: LogMessage, _ time: Timestamp) {
    let text = message.text
    let isLogin =
      message.severity == "FATAL"
      && (text.contains("authentication failed for user") || text.hasPrefix("no pg_hba.conf entry")
        || text.hasPrefix("pg_hba.conf rejects")
        || (text.hasPrefix("role \"")
          && (text.contains("\" does not exist") || text.contains("is not permitted to log in"))))
    if isLogin || message.code?.hasPrefix("28") == true {
      let user = Self.quoted(after: "user \"", in: text) ?? Self.quoted(after: "role \"", in: text)
      let host = Self.quoted(after: "host \"", in: text)
      var named = message
      named.user = user ?? message.user
      named.address = host ?? message.address
      keep(
        Login(user: named.user ?? "?", address: named.address ?? "", time: time), in: \.failures)
      count(.failedLogins, named, Self.loginWords(text))
    } else if message.code == "42501" || text.hasPrefix("permission denied")
      || text.hasPrefix("must be owner of ") || text.hasPrefix("must be superuser")
    {
      count(.permissionDenied, message, Self.bounded(text.firstLine))
    }
  }

  private static func loginWords(_ text: String) -> String {
    if text.contains("no pg_hba.conf entry") {
      return text.contains("no encryption") || text.contains("SSL off")
        ? "not let in without TLS" : "not let in from there"
    }
    if text.hasPrefix("pg_hba.conf rejects") { return "not let in from there" }
    if text.hasPrefix("role \"") {
      return text.contains("does not exist") ? "there is no such role" : "the role may not log in"
    }
    return text.contains("password") ? "wrong password" : "not authenticated"
  }

  private static func quoted(after word: String, in text: String) -> String? {
    guard let range = text.firstRange(of: word) else { return nil }
    let rest = text[range.upperBound...]
    return rest.firstIndex(of: "\"").map { String(rest[..<$0]) }
  }

  private static func value(_ key: String, in text: String) -> String? {
    guard let range = text.firstRange(of: key) else { return nil }
    let value = text[range.upperBound...].prefix { $0 != " " }
    return value.isEmpty ? nil : String(value)
  }
}

/// Reads the files of a log, one after the other.
struct LogReader {
  private(set) var tally: LogTally
  /// Messages that may go on, by who writes them.
  private var open: [String: LogMessage] = [:]

  private static let mostOpen = 256

  init(_ window: AuditWindow) { tally = LogTally(window) }

  /// Reads a whole file.
  mutating func read(_ bytes: [UInt8]) {
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      var stop = end
      if stop > start, bytes[stop - 1] == 0x0D { stop -= 1 }
      split(LogBytes(bytes, start..<stop))
      start = end + 1
    }
    for message in open.values { tally.add(message) }
    open = [:]
  }

  /// Frames of a drain may follow each other on one line.
  private mutating func split(_ line: LogBytes) {
    var line = line
    while let end = LogLine.frameEnd(line) {
      take(LogBytes(line.bytes, line.at..<end))
      line.at = end
    }
    if !line.isAtEnd { take(line) }
  }

  private mutating func take(_ bytes: LogBytes) {
    let line = LogLine(bytes)
    switch line.kind {
    case .other: break
    case .companion: tally.cover(line.time)
    case .loss(let count): tally.lose(count, at: line.time)
    case .postgres: put(LogMessage(heroku: line), process: line.process)
    case .bare:
      if let message = LogMessage(bare: line), line.isDated || message.number != nil {
        put(message, process: "")
      } else if bytes.next == 0x09 {
        append(bytes.text, to: "bare")
      }
    }
  }

  private mutating func put(_ message: LogMessage, process: String) {
    let key =
      process.isEmpty && message.number == nil
      ? "bare" : "\(process) \(message.name) \(message.number ?? 0)"
    if message.severity.isEmpty {
      if message.number != nil, message.part.map({ $0 > 1 }) == true {
        append("\n\(message.text)", to: key)
      }
      return
    }
    let message = tally.introduced(message)
    if let earlier = open.updateValue(message, forKey: key) { tally.add(earlier) }
    guard open.count > Self.mostOpen else { return }
    for message in open.values { tally.add(message) }
    open = [:]
  }

  private mutating func append(_ text: String, to key: String) {
    guard let message = open[key], message.text.utf8.count + text.utf8.count <= LogMessage.longest
    else { return }
    open[key]?.text += text
  }
}
