/// One message of PostgreSQL, from one line or several.
struct LogMessage {
  /// `LOG`, `ERROR`, `FATAL`.
  var severity: String
  var time: Timestamp?
  /// SQLSTATE.
  var code: String?
  var user: String?
  var database: String?
  var address: String?
  var processID: String?
  /// What is said, without its prefix.
  var text: String
  /// The number of the message within its process and the part of it, where Heroku counts them.
  var number: Int?
  var part: Int?
  /// The name of the database's add-on: `DATABASE`.
  var name = ""

  /// The longest text that is kept.
  static let longest = 16_384

  /// What PostgreSQL writes before a message.
  private static let severities: Set<String> = [
    "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5", "INFO", "NOTICE", "WARNING", "LOG",
    "ERROR", "FATAL", "PANIC", "DETAIL", "HINT", "QUERY", "CONTEXT", "STATEMENT", "LOCATION",
  ]

  /// How far into a line its severity may stand.
  private static let prefix = 4_096

  /// Reads a message; without a severity it is the rest of one before.
  init(heroku line: LogLine) {
    self.init(at: line.time)
    var body = line.body
    // `[DATABASE] [7-1]`, in old logs `[12-1] u8akd9ajka [BRONZE]`.
    while true {
      body.skipSpaces()
      if body.next == UInt8(ascii: "["), let close = body.position(of: UInt8(ascii: "]")),
        close - body.at < 80
      {
        label(LogBytes(body.bytes, body.at + 1..<close))
        body.at = close + 1
        continue
      }
      var rest = body
      guard number != nil, name.isEmpty, rest.word() != nil, rest.next == UInt8(ascii: "["),
        !body.begins("sql_error_code")
      else { break }
      body = rest
    }
    if body.skip("sql_error_code = ") || body.skip("sql_error_code=") {
      if let range = body.word() { code = body.string(range) }
    }
    readFields(&body)
    readSeverity(&body)
  }

  private mutating func label(_ label: LogBytes) {
    var label = label
    let start = label
    if let first = label.number(), label.skip("-"), let second = label.number(), label.isAtEnd {
      (number, part) = (first, second)
    } else {
      name = start.text
    }
  }

  /// `time_ms = "…" pid="…" user="…"`.
  ///
  /// The name that a client gives itself comes last, and may hold anything: the first of each field
  /// counts.
  private mutating func readFields(_ body: inout LogBytes) {
    var seen: Set<String> = []
    while true {
      body.skipSpaces()
      var copy = body
      let start = copy.at
      while let byte = copy.next, byte == 0x5F || (0x61...0x7A).contains(byte) { copy.at += 1 }
      let key = copy.string(start..<copy.at)
      copy.skipSpaces()
      guard !key.isEmpty, copy.skip("=") else { return }
      copy.skipSpaces()
      guard copy.skip("\""), let close = copy.position(of: UInt8(ascii: "\"")) else { return }
      let value = LogBytes(copy.bytes, copy.at..<close)
      copy.at = close + 1
      body = copy
      switch key {
      case "time_ms" where seen.insert(key).inserted:
        var value = value
        if let moment = value.moment()?.point { time = moment }
      case "pid" where seen.insert(key).inserted: processID = value.text
      case "user" where seen.insert(key).inserted: user = Self.known(value.text)
      case "database" where seen.insert(key).inserted: database = Self.known(value.text)
      case "connection_source" where seen.insert(key).inserted:
        address = Self.address(value.text)
      default: break
      }
    }
  }

  /// The first word that is a severity begins the message; before it stands what `log_line_prefix`
  /// says.
  private mutating func readSeverity(_ body: inout LogBytes) {
    body.skipSpaces()
    let start = body.at
    var copy = body
    while copy.at - start < Self.prefix, let range = copy.word() {
      if copy.bytes[range.upperBound - 1] == UInt8(ascii: ":") {
        let word = copy.string(range.lowerBound..<range.upperBound - 1)
        if Self.severities.contains(word) {
          severity = word
          copy.skipSpaces()
          text = Self.kept(copy)
          return
        }
      }
      note(copy.string(range))
    }
    text = Self.kept(body)
  }

  private static func kept(_ rest: LogBytes) -> String {
    let text = LogBytes(rest.bytes, rest.at..<min(rest.end, rest.at + longest)).text
    // How syslog writes what is no printable character.
    guard text.utf8.contains(UInt8(ascii: "#")) else { return text }
    return text.replacing("#011", with: "\t").replacing("#012", with: "\n")
  }

  /// A word of the prefix: `[123]`, `user@database`, `203.0.113.7(5432)`.
  private mutating func note(_ word: String) {
    if word.first == "[", processID == nil {
      let inner = word.dropFirst().prefix { $0.isASCII && $0.isNumber }
      if !inner.isEmpty { processID = String(inner) }
    } else if user == nil, let at = word.firstIndex(of: "@"), at != word.startIndex {
      user = Self.known(String(word[..<at]))
      database = Self.known(String(word[word.index(after: at)...]))
    } else if address == nil, let found = Self.address(word), AddressRange.isAddress(found) {
      address = found
    }
  }

  /// Reads a line in PostgreSQL's own form; `nil` where it has no severity.
  init?(bare line: LogLine) {
    if line.body.next == UInt8(ascii: "["), line.body.text.contains("sql_error_code") {
      self.init(heroku: line)
    } else {
      self.init(at: line.time)
      var body = line.body
      readSeverity(&body)
    }
    if severity.isEmpty { return nil }
  }

  private init(at time: Timestamp?) {
    self.time = time
    severity = ""
    text = ""
  }

  private static func known(_ text: String) -> String? {
    text.isEmpty || text == "[unknown]" ? nil : text
  }

  /// `203.0.113.7(5432)` without the port.
  private static func address(_ text: String) -> String? {
    let bare = text.firstIndex(of: "(").map { String(text[..<$0]) } ?? text
    return known(bare)
  }
}
