import Runner
import SpecCore
import Synchronization
import TestSupport
import Testing

@Suite("the log of statements")
struct LoggedConnectorTests {
  private final class Book: StatementLog {
    private let kept = Mutex<[LoggedStatement]>([])

    func record(_ entry: LoggedStatement) { kept.withLock { $0.append(entry) } }

    var entries: [LoggedStatement] { kept.withLock { $0 } }
  }

  private struct Fake: Connector {
    let outcome: Result<FakeDatabase, DatabaseError>

    func connect() async throws(DatabaseError) -> any Database { try outcome.get() }
  }

  private static let lost = DatabaseError(
    .connectionLost, "the value 'secret' was lost", code: "08006", queryID: "q9")

  private func database() -> FakeDatabase {
    FakeDatabase(
      "d", dialect: FakeDialect(),
      answering: { sql in
        sql == "bad"
          ? .failure(Self.lost)
          : .success(Rows(columns: ["a", "b"], cells: [["xy", nil], ["z", "ä"]], queryID: "q1"))
      }, streaming: { _ in .success([[["12"], ["3"]], [["4"]]]) },
      breaking: { $0 == "broken" ? Self.lost : nil })
  }

  private func logged(_ fake: FakeDatabase) async throws -> (any Database, Book) {
    let book = Book()
    let connector = LoggedConnector(
      Fake(outcome: .success(fake)), side: .target, log: book,
      now: { Timestamp(microseconds: 7) })
    return (try await connector.connect(), book)
  }

  @Test("statements, streams and lanes are logged with rows, bytes and errors")
  func everything() async throws {
    let (database, book) = try await logged(database())
    _ = try await database.rows(of: Statement("good"))
    await #expect(throws: DatabaseError.self) { try await database.rows(of: Statement("bad")) }
    _ = try await database.columns(of: Statement("shape"))
    for text in ["stream", "broken"] {
      let cursor = try await database.open(Statement(text))
      do { while try await cursor.next() != nil {} } catch { #expect(text == "broken") }
      await cursor.close()
    }
    let schema = SchemaName(schema: Identifier("s"))
    for lane in try await database.lanes(1, in: schema) {
      _ = try await lane.execute("timed")
      await lane.close()
    }
    let entries = book.entries
    #expect(entries.map(\.sql) == [nil, "good", "bad", "shape", "stream", "broken", "timed"])
    #expect(entries.allSatisfy { $0.side == .target && $0.startedAt.microseconds == 7 })
    #expect(entries.map(\.rows)[1...5] == [2, 0, 0, 3, 3])
    #expect(entries.map(\.bytes) == [0, 5, 0, 0, 4, 4, nil])
    #expect(entries[1].queryID == "q1")
    #expect(entries[2].error == Self.lost)
    #expect(entries[2].queryID == "q9")
    #expect(entries[5].error == Self.lost)
    #expect(entries[4].error == nil)
  }

  @Test("a connection that fails is logged, and the error goes on")
  func unreachable() async throws {
    let book = Book()
    let connector = LoggedConnector(
      Fake(outcome: .failure(Self.lost)), side: .source, log: book,
      now: { Timestamp(microseconds: 0) })
    await #expect(throws: DatabaseError.self) { try await connector.connect() }
    #expect(book.entries.map(\.error) == [Self.lost])
  }

  @Test("the database behind is the same, and is closed")
  func transparent() async throws {
    let fake = database()
    let (database, _) = try await logged(fake)
    #expect(database.facts == fake.facts)
    #expect(database.width == fake.width)
    await database.close()
    #expect(fake.isClosed)
  }
}
