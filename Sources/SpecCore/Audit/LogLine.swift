/// One line of an exported log, by who wrote it.
///
/// Read are the forms of `heroku logs`, of Logplex drains (RFC 5424, with or without the counts that
/// frame its messages), of Papertrail's archives and of PostgreSQL's own standard error.
struct LogLine {
  enum Kind: Hashable {
    /// PostgreSQL itself, by way of Logplex.
    case postgres
    /// Another voice of the database: its measurements, or its pooler.
    case companion
    /// Logplex tells that so many messages were lost.
    case loss(Int)
    /// Somebody else, whose words are not the database's.
    case other
    /// Without any writer: PostgreSQL's own form, the rest of a message before, or anything.
    case bare
  }

  let kind: Kind
  let time: Timestamp?
  /// Whether there was a date at all.
  let isDated: Bool
  /// The process that wrote it.
  let process: String
  /// What it wrote.
  let body: LogBytes

  init(_ line: LogBytes) {
    var line = line
    Self.skipFrame(&line)
    if let columns = Self.columns(line) {
      var stamp = LogBytes(line.bytes, columns[1])
      let moment = stamp.moment()
      let program = line.string(columns[8])
      let process = program.split(separator: "/", maxSplits: 1).last.map(String.init) ?? program
      self.init(
        process, moment, LogBytes(line.bytes, columns[9].lowerBound..<line.end))
      return
    }
    let start = line
    let moment = line.moment()
    guard let (process, body) = Self.writer(line, isDated: moment != nil) else {
      self.init(.bare, "", moment, moment == nil ? start : line)
      return
    }
    self.init(process, moment, body)
  }

  private init(
    _ kind: Kind, _ process: String, _ moment: LogBytes.Moment?, _ body: LogBytes
  ) {
    self.kind = kind
    self.process = process
    self.body = body
    time = moment?.point
    isDated = moment != nil
  }

  private init(_ process: String, _ moment: LogBytes.Moment?, _ body: LogBytes) {
    let kind: Kind =
      if process == "postgres" || process.hasPrefix("postgres.") {
        .postgres
      } else if process.hasPrefix("heroku-postgres") || process.hasPrefix("heroku-pgbouncer") {
        .companion
      } else if process == "logplex" {
        Self.loss(body.text).map { .loss($0) } ?? .other
      } else {
        .other
      }
    self.init(kind, process, moment, body)
  }

  /// `190 <134>1 `, or a part of it.
  private static func skipFrame(_ line: inout LogBytes) {
    var copy = line
    if copy.number() != nil { guard copy.skip(" ") else { return } }
    guard copy.skip("<"), copy.number() != nil, copy.skip(">") else { return }
    var version = copy
    if version.number() != nil, version.skip(" ") { copy = version }
    line = copy
  }

  /// How far the frame at the beginning of a line reaches, where it ends before the line does.
  static func frameEnd(_ line: LogBytes) -> Int? {
    var copy = line
    guard let count = copy.number(), copy.skip(" ") else { return nil }
    let end = copy.at + count
    guard copy.next == UInt8(ascii: "<"), end < line.end, count > 0 else { return nil }
    return (0x30...0x39).contains(line.bytes[end]) ? end : nil
  }

  /// The ten columns of a Papertrail archive.
  private static func columns(_ line: LogBytes) -> [Range<Int>]? {
    guard let first = line.next, (0x30...0x39).contains(first) else { return nil }
    var columns: [Range<Int>] = []
    var start = line.at
    while columns.count < 9 {
      var rest = line
      rest.at = start
      guard let tab = rest.position(of: 0x09), tab - start < 1_000 else { return nil }
      columns.append(start..<tab)
      start = tab + 1
    }
    return columns + [start..<line.end]
  }

  /// `app[postgres.123]:`, `app/postgres.123:`, or `host app postgres.123 - `.
  private static func writer(_ line: LogBytes, isDated: Bool) -> (String, LogBytes)? {
    var line = line
    var words: [Range<Int>] = []
    // A date without a year, a host and a program: no more stands before a message.
    while words.count < 6, let range = line.word() {
      words.append(range)
      guard range.count < 200 else { return nil }
      if line.bytes[range.upperBound - 1] == UInt8(ascii: ":") {
        if let process = program(line.string(range)) { return (process, line) }
        if line.bytes[range.upperBound - 2] != UInt8(ascii: "]") { return nil }
      }
      let isSource = words.count == 3 && isDated && isHeroku(line.string(words[1]))
      if isSource {
        let process = line.string(range)
        guard line.word() != nil else { return nil }
        // Structured data, where there are none.
        line.skipSpaces()
        _ = line.skip("- ")
        return (process, line)
      }
    }
    return nil
  }

  private static func isHeroku(_ name: String) -> Bool { name == "app" || name == "heroku" }

  private static func program(_ word: String) -> String? {
    let name = word.dropLast()
    if name.last == "]", let open = name.firstIndex(of: "["), isHeroku(String(name[..<open])) {
      return String(name[name.index(after: open)...].dropLast())
    }
    let parts = name.split(separator: "/", maxSplits: 1)
    return parts.count == 2 && isHeroku(String(parts[0])) ? String(parts[1]) : nil
  }

  /// `Error L10 (output buffer overflow): 500 messages dropped since …`.
  private static func loss(_ text: String) -> Int? {
    guard text.contains("L1"), text.contains("dropped") || text.contains("lost"),
      let range = text.firstRange(of: " messages")
    else { return nil }
    let digits = text[..<range.lowerBound].reversed().prefix { $0.isASCII && $0.isNumber }
    return Int(String(digits.reversed())) ?? 1
  }
}
