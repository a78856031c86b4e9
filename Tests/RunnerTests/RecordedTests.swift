import Runner
import SpecCore
import TestSupport
import Testing

/// Statements as they are recorded with the results.
@Suite struct RecordedTests {
  @Test func aListOfThousandsOfBucketsIsCut() {
    let dialect = FakeDialect(salt: "")
    let list = String(repeating: "1234567,", count: 100_000)
    let recorded = dialect.recorded("SELECT \(list)")
    #expect(recorded.utf8.count < 66_000)
    #expect(recorded.hasPrefix("SELECT 1234567,1234567,"))
    #expect(recorded.hasSuffix(" -- and 734,471 bytes more"))
    #expect(dialect.recorded("SELECT 1") == "SELECT 1")
  }

  @Test func theSaltIsNotRecorded() {
    let dialect = FakeDialect(salt: "pepper")
    #expect(dialect.recorded("MD5('pepper' || a)") == "MD5('(salt)' || a)")
  }
}
