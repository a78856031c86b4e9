import Foundation
import SpecCore
import TestSupport
import Testing

/// Dumps that pg_dump 15 wrote on 2026-11-28 at 04:43 UTC, and what may be wrong with such files.
@Suite struct BackupTests {
  static let readAt = Timestamp(utc: "2026-11-28T12:00Z")
  static let written = Timestamp(utc: "2026-11-28T04:50Z")

  static func dump(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: Fixture.folder("Dumps") + "/\(name)")))
  }

  static func verdict(
    _ files: [String: [UInt8]], _ backup: String = "newer_than: 24h, file: backups",
    tables: String = "orders:", modified: [String: Timestamp] = [:]
  ) throws -> Verdict {
    var migration = Migration()
    migration.tables = tables
    migration.head = "rollback: { plan: plan.md, backup: { \(backup) } }"
    let times = Dictionary(uniqueKeysWithValues: files.keys.map { ($0, written) })
      .merging(modified.mapValues(Optional.some)) { $1 }.compactMapValues(\.self)
    return try Migration.trace(
      migration.step("rollback.backup.recent").check, source: migration.source,
      target: migration.target, files: FakeFiles(modified: times, binaries: files), readAt: readAt
    ).verdict
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let outcome: Outcome
    let words: String
    var tables = "orders:"
    let bytes: @Sendable () throws -> [UInt8]

    var testDescription: String { name }

    init(
      _ name: String, _ outcome: Outcome, _ words: String = "", tables: String = "orders:",
      _ bytes: @escaping @Sendable () throws -> [UInt8]
    ) {
      self.name = name
      self.outcome = outcome
      self.words = words
      self.tables = tables
      self.bytes = bytes
    }
  }

  static let cases = [
    Case("an archive", .passed, "3,245 bytes, of 2026-11-28T04:43") { try dump("whole.dump") },
    Case("one that was piped", .passed, "") { try dump("piped.dump") },
    Case("a table and its parts", .passed, "", tables: "orders:\nparts:\ntotals:") {
      try dump("piped.dump")
    },
    Case("a table that is not in it", .failed, "does not hold public.refunds", tables: "refunds:") {
      try dump("whole.dump")
    },
    Case("a table without its rows", .failed, "holds public.logs without its rows", tables: "logs:")
    { try dump("without.dump") },
    Case("another table without its rows", .passed, "") { try dump("without.dump") },
    Case(
      "a new table need not be in it", .passed, tables: "made: { only_in: target, because: new }"
    ) {
      try dump("whole.dump")
    },
    Case("the schema alone", .failed, "holds no rows") { try dump("schema.dump") },
    Case("SQL", .passed, "") { try dump("plain.sql") },
    Case("SQL, cut short", .failed, "is cut short") { try dump("plain.sql").dropLast(200) + [] },
    Case("SQL that ends in the middle of a line", .failed, "is cut short") {
      try dump("plain.sql").dropLast(90) + []
    },
    Case("an empty file", .failed, "is empty") { [] },
    Case("nothing but the magic word", .failed, "is cut short") { Array("PGDMP".utf8) },
    Case("a header alone", .failed, "is cut short") { try dump("whole.dump").prefix(120) + [] },
    Case("compressed", .errored, "it is compressed") { [0x1F, 0x8B, 8, 0, 0, 0] },
    Case("something else", .errored, "it is no dump") { Array("id,email\n1,a\n".utf8) },
    Case("an archive of a later pg_dump", .errored, "its version 1.17") {
      var bytes = try dump("whole.dump")
      bytes[6] = 17
      return bytes
    },
    Case("the head of a dump in a folder", .errored, "in the format directory") {
      var bytes = try dump("whole.dump")
      bytes[10] = 5
      return bytes
    },
    Case("room was made, and nothing written", .failed, "is cut short") {
      try dump("piped.dump").dropLast(40) + Array(repeating: 0, count: 5_000)
    },
    Case("more room was made than needed", .failed, "is cut short") {
      try dump("whole.dump") + Array(repeating: 0, count: 5_000)
    },
  ]

  @Test(arguments: cases) func file(_ each: Case) throws {
    let verdict = try Self.verdict(["backups/a": try each.bytes()], tables: each.tables)
    #expect(verdict.outcome == each.outcome, "\(verdict)")
    let said = [verdict.summary] + verdict.findings + verdict.unchecked.map(\.reason)
    #expect(each.words.isEmpty || said.contains { $0.contains(each.words) }, "\(said)")
    if each.outcome == .failed { #expect(verdict.findings.allSatisfy { $0.contains("cure: ") }) }
  }

  /// An archive that ends anywhere before its end is never taken for a whole one.
  @Test(arguments: ["whole.dump", "piped.dump"]) func cutAnywhere(_ name: String) throws {
    let bytes = try Self.dump(name)
    for count in Array(stride(from: 1, to: 2_900, by: 17)) + Array(2_900..<bytes.count) {
      let verdict = try Self.verdict(["backups/a": Array(bytes.prefix(count))])
      #expect(verdict.outcome != .passed, "\(count) of \(bytes.count) bytes")
    }
  }

  @Test func age() throws {
    let whole = try Self.dump("whole.dump")
    let plain = try Self.dump("plain.sql")
    func outcome(
      _ bytes: [UInt8], _ age: String, _ modified: String
    ) throws -> Outcome {
      try Self.verdict(
        ["backups/a": bytes], "newer_than: \(age), file: backups",
        modified: ["backups/a": try #require(Timestamp(utc: modified))]
      ).outcome
    }
    // An archive that was copied is as old as it says.
    #expect(try outcome(whole, "8h", "2026-11-28T11:00Z") == .passed)
    #expect(try outcome(whole, "7h", "2026-11-28T11:00Z") == .failed)
    // One that was made ahead of UTC is as old as its file.
    #expect(try outcome(whole, "8h", "2026-11-28T03:43Z") == .failed)
    #expect(try outcome(plain, "2h", "2026-11-28T11:00Z") == .passed)
    #expect(try outcome(plain, "2h", "2026-11-28T09:00Z") == .failed)
    #expect(try outcome(plain, "2h", "2026-11-28T13:00Z") == .errored)
  }

  @Test func newestCounts() throws {
    let whole = try Self.dump("whole.dump")
    let old = Array(whole.prefix(200))
    let times = ["backups/b": Timestamp(utc: "2026-11-28T11:00Z")].compactMapValues(\.self)
    #expect(
      try Self.verdict(
        ["backups/a": whole, "backups/b": Array("-- PostgreSQL database dump\n".utf8)],
        modified: times
      ).findings.first?.hasPrefix("backups/b is cut short") == true)
    #expect(
      try Self.verdict(
        ["backups/a": old, "backups/b": try Self.dump("plain.sql")], modified: times
      ).outcome == .passed)
  }

  @Test func notThere() throws {
    #expect(try Self.verdict([:]).outcome == .failed)
    let unnamed = try Self.verdict([:], "newer_than: 24h")
    #expect(unnamed.outcome == .errored)
    #expect(unnamed.unchecked.first?.remedy?.contains("heroku pg:backups:download") == true)
  }

  @Test func notes() throws {
    let notes = try Self.verdict(["backups/a": try Self.dump("whole.dump")]).notes
    #expect(notes.contains { $0.contains("database tiny, written by pg_dump 15.18") }, "\(notes)")
    #expect(notes.contains { $0.contains("with the rows of 3 tables") }, "\(notes)")
  }

  /// The versions of the format that pg_dump 9 to 18 write, made here as their sources tell.
  @Test(arguments: 12...16) func versions(_ minor: Int) throws {
    var bytes = Array("PGDMP".utf8) + [1, UInt8(minor), 0, 4, 8, 1]
    func integer(_ value: Int) -> [UInt8] {
      [value < 0 ? 1 : 0] + (0..<4).map { UInt8(value.magnitude >> ($0 * 8) & 255) }
    }
    func text(_ value: String?) -> [UInt8] {
      value.map { integer($0.utf8.count) + Array($0.utf8) } ?? integer(-1)
    }
    bytes += minor >= 15 ? [1] : integer(-1)
    for part in [30, 43, 4, 28, 10, 126, 0] { bytes += integer(part) }
    for part in ["shop", "17.2", "17.2"] { bytes += text(part) }
    let entries = [(5, "TABLE", "CREATE TABLE orders ()", false), (6, "TABLE DATA", "", true)]
    bytes += integer(entries.count)
    for (number, kind, definition, hasData) in entries {
      bytes += integer(number) + integer(hasData ? 1 : 0) + text("1259") + text("16384")
      bytes += text("orders") + text(kind) + integer(2) + text(definition) + text("") + text(nil)
      bytes += text("public") + text(nil)
      if minor >= 14 { bytes += text("heap") }
      if minor >= 16 { bytes += integer(114) }
      bytes += text("owner") + text("false") + text("3") + text(nil)
      bytes += [hasData ? 1 : 3] + Array(repeating: 0, count: 8)
    }
    bytes += [1] + integer(6) + integer(4) + Array("1\n\\.".utf8) + integer(0)
    let verdict = try Self.verdict(["backups/a": bytes])
    #expect(verdict.outcome == .passed, "\(verdict)")
    #expect(verdict.notes.contains { $0.contains("with the rows of 1 table") })
  }

  /// Whatever a file holds, it is told and nothing breaks.
  @Test func noise() throws {
    var dice = Dice(seed: 7)
    let whole = try Self.dump("whole.dump")
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<4 {
        bytes[Int(dice.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: dice.next())
      }
      _ = try Self.verdict(["backups/a": bytes])
    }
  }
}
