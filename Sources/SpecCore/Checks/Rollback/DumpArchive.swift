/// What the head of an archive of pg_dump's tells: who made it, when, and what is in it.
///
/// Written after what pg_dump 15 to 18 write in the custom format (archive versions 1.12 to 1.16): a
/// header, then a table of contents, then the data of each table as blocks of chunks.
struct DumpArchive: Hashable, Sendable {
  /// Why no more can be told.
  enum Problem: Error, Hashable {
    /// The bytes end within what is read.
    case cutShort
    /// Something else stands there, said in lower case.
    case unknown(String)
  }

  /// How the archive is laid out on the disk.
  enum Layout: UInt8, Hashable {
    case custom = 1
    case tar = 3
    case directory = 5
  }

  /// Something in the archive.
  struct Entry: Hashable {
    /// Its kind, such as `TABLE` or `TABLE DATA`.
    let kind: String
    let schema: String?
    let name: String
    /// The statement that makes it.
    let definition: String
    /// Whether data of it follow.
    let hasData: Bool
    /// Where these begin, where the archive tells.
    let offset: Int?
  }

  let layout: Layout
  /// By the clock and in the zone of the machine that made it, which the archive does not name.
  let localTime: Timestamp
  let database: String
  let serverVersion: String
  let dumpVersion: String
  /// Of the table of contents; empty where only the header was read.
  private(set) var entries: [Entry] = []
  /// How many bytes the header and the table of contents take.
  private(set) var contentsEnd = 0
  /// How many bytes a number takes, without its sign.
  let integerSize: Int

  /// What every archive begins with.
  static let magic = Array("PGDMP".utf8)

  /// Reads the header, and the table of contents unless only the header is wanted.
  init(_ bytes: [UInt8], headerOnly: Bool = false) throws(Problem) {
    var reader = Reader(bytes)
    guard try reader.bytes(5) == Self.magic else { throw .unknown("it is no archive of pg_dump") }
    let version = (try reader.byte(), try reader.byte(), try reader.byte())
    guard version.0 == 1, (12...16).contains(version.1) else {
      throw .unknown("its version \(version.0).\(version.1) is not one that pg_dump 9 to 18 writes")
    }
    let minor = Int(version.1)
    reader.integerSize = Int(try reader.byte())
    let offsetSize = Int(try reader.byte())
    guard (1...8).contains(reader.integerSize), (1...8).contains(offsetSize) else {
      throw .unknown("its numbers have a size that no machine has")
    }
    guard let layout = Layout(rawValue: try reader.byte()) else {
      throw .unknown("its format is none that is known")
    }
    self.layout = layout
    integerSize = reader.integerSize
    if minor >= 15 { _ = try reader.byte() } else { _ = try reader.integer() }
    var parts: [Int] = []
    for _ in 0..<7 { parts.append(try reader.integer()) }
    guard
      let time = Timestamp(
        year: parts[5] + 1_900, month: parts[4] + 1, day: parts[3], hour: parts[2],
        minute: parts[1], second: parts[0])
    else { throw .unknown("its time of creation is none") }
    localTime = time
    database = try reader.text() ?? ""
    serverVersion = try reader.text() ?? ""
    dumpVersion = try reader.text() ?? ""
    contentsEnd = reader.position
    if headerOnly { return }
    let count = try reader.integer()
    guard count >= 0 else { throw .unknown("its table of contents has a negative length") }
    for _ in 0..<count {
      entries.append(try Self.entry(&reader, minor, layout, offsetSize: offsetSize))
    }
    contentsEnd = reader.position
  }

  private static func entry(
    _ reader: inout Reader, _ minor: Int, _ layout: Layout, offsetSize: Int
  ) throws(Problem) -> Entry {
    guard try reader.integer() > 0 else { throw .unknown("its table of contents is damaged") }
    var hasData = try reader.integer() != 0
    // The object's ids in the database it came from.
    _ = try reader.text()
    _ = try reader.text()
    let name = try reader.text() ?? ""
    let kind = try reader.text() ?? ""
    _ = try reader.integer()
    let definition = try reader.text() ?? ""
    // How to drop it, and how to copy into it.
    _ = try reader.text()
    _ = try reader.text()
    let schema = try reader.text()
    // The tablespace; then the access method, the kind of relation, the owner, and a flag of old.
    _ = try reader.text()
    if minor >= 14 { _ = try reader.text() }
    if minor >= 16 { _ = try reader.integer() }
    _ = try reader.text()
    _ = try reader.text()
    while try reader.text() != nil {}
    var offset: Int?
    switch layout {
    case .custom:
      let flag = try reader.byte()
      let value = try reader.offset(offsetSize)
      offset = flag == 2 ? value : nil
      if flag == 3 { hasData = false }
    // The name of the file that holds the data.
    case .tar, .directory: _ = try reader.text()
    }
    return Entry(
      kind: kind, schema: schema, name: name, definition: definition, hasData: hasData,
      offset: offset)
  }

  /// Numbers and texts as pg_dump writes them.
  private struct Reader {
    private let all: [UInt8]
    private(set) var position = 0
    var integerSize = 4

    init(_ bytes: [UInt8]) { all = bytes }

    mutating func byte() throws(Problem) -> UInt8 {
      guard position < all.count else { throw .cutShort }
      defer { position += 1 }
      return all[position]
    }

    mutating func bytes(_ count: Int) throws(Problem) -> [UInt8] {
      guard count <= all.count - position else { throw .cutShort }
      defer { position += count }
      return Array(all[position..<position + count])
    }

    /// A sign, then the magnitude, its lowest byte first.
    mutating func integer() throws(Problem) -> Int {
      let isNegative = try byte() != 0
      let value = try offset(integerSize)
      return isNegative ? -value : value
    }

    /// The lowest byte first.
    mutating func offset(_ size: Int) throws(Problem) -> Int {
      var value: UInt64 = 0
      for (position, byte) in try bytes(size).enumerated() {
        value |= UInt64(byte) << UInt64(8 * position)
      }
      guard let number = Int(exactly: value) else { throw .unknown("a number in it is too large") }
      return number
    }

    /// A length, then so many bytes; `nil` for a length below zero.
    mutating func text() throws(Problem) -> String? {
      let length = try integer()
      return length < 0 ? nil : String(decoding: try bytes(length), as: UTF8.self)
    }
  }
}
