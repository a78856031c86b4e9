import PostgresDatabase
import SpecCore
import Testing

extension LiveTests {
  /// Short statements that go out together.
  @Suite struct BatchTests {
    private func outcome(_ database: any Database, _ sql: String) async -> Result<
      String?, DatabaseError
    > {
      do throws(DatabaseError) {
        return .success(try await database.rows(of: Statement(sql)).cells.first?.first ?? nil)
      } catch {
        return .failure(error)
      }
    }

    @Test("each of many has its own answer or its own error", arguments: [1, 2, 4])
    func ownAnswers(_ jobs: Int) async throws {
      let database = try await Server.connect(jobs: jobs)
      await withTaskGroup(of: (Int, Result<String?, DatabaseError>).self) { group in
        for number in 0..<200 {
          group.addTask {
            let sql =
              number % 7 == 3
              ? "SELECT 1 / 0"
              : number % 11 == 5 ? "SELECT * FROM missing_\(number)" : "SELECT \(number)"
            return (number, await outcome(database, sql))
          }
        }
        for await (number, result) in group {
          switch result {
          case .success(let text):
            #expect(text == "\(number)" && number % 7 != 3 && number % 11 != 5)
          case .failure(let error) where number % 7 == 3: #expect(error.code == "22012", "\(error)")
          case .failure(let error):
            #expect(number % 11 == 5 && error.message.contains("missing_\(number)"), "\(error)")
          }
        }
      }
      await database.close()
    }

    /// Whoever ends the transaction gets the blame; the others are told that the connection is gone,
    /// so that they are asked again, and none of them an answer from another snapshot.
    @Test func endedTransaction() async throws {
      let database = try await Server.connect(jobs: 1)
      let results = await withTaskGroup(of: (Int, Result<String?, DatabaseError>).self) { group in
        for number in 0..<30 {
          group.addTask {
            (number, await outcome(database, number == 15 ? "COMMIT" : "SELECT \(number)"))
          }
        }
        return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      var lost = 0
      for (number, result) in results {
        switch result {
        case .success(let text): #expect(text == "\(number)")
        case .failure(let error):
          if number == 15 {
            #expect(error.kind == .statementFailed, "\(error)")
          } else {
            #expect([.connectionLost, .cancelled].contains(error.kind), "\(error)")
            lost += 1
          }
        }
      }
      #expect(results.count == 30)
      #expect(lost < 29, "the statements before it have answers")
      await database.close()
    }

    /// One that nobody wants any more does not take its neighbours with it.
    @Test func cancelledAmongOthers() async throws {
      let database = try await Server.connect(jobs: 1)
      let blocker = Task { await outcome(database, "SELECT pg_sleep(0.5)") }
      try await Task.sleep(for: .milliseconds(100))
      let unwanted = Task { await outcome(database, "SELECT pg_sleep(60)") }
      try await Task.sleep(for: .milliseconds(50))
      unwanted.cancel()
      guard case .failure(let error) = await unwanted.value else {
        Issue.record("it was not stopped")
        return
      }
      #expect(error.kind == .cancelled)
      let other = await outcome(database, "SELECT 'here'")
      #expect(try other.get() == "here")
      _ = await blocker.value
      await database.close()
    }

    /// Whatever is stopped, and when: each of the others has its own answer, from the same snapshot.
    @Test(arguments: [1, 3]) func cancelledAtRandom(_ jobs: Int) async throws {
      let database = try await Server.connect(jobs: jobs)
      let snapshot = try await cell(database, "SELECT pg_current_snapshot()")
      for round in 0..<6 {
        let tasks = (0..<40).map { number in
          let sql =
            number % 9 == 4
            ? "SELECT 1 / 0" : "SELECT '\(round)/\(number)' FROM pg_sleep(0.00\(number % 10))"
          return Task { await outcome(database, sql) }
        }
        for number in tasks.indices where number % (round + 1) == 0 {
          tasks[number].cancel()
          if number % 8 == 0 { try await Task.sleep(for: .milliseconds(3)) }
        }
        for (number, task) in tasks.enumerated() {
          switch await task.value {
          case .success(let text): #expect(text == "\(round)/\(number)")
          case .failure(let error) where number % (round + 1) == 0:
            #expect(error.kind == .cancelled || error.code == "22012", "\(error)")
          case .failure(let error):
            #expect(number % 9 == 4 && error.code == "22012", "\(round)/\(number): \(error)")
          }
        }
      }
      #expect(try await cell(database, "SELECT pg_current_snapshot()") == snapshot)
      await database.close()
    }

    /// All of a batch at once, and the connection can be used again.
    @Test func cancelledTogether() async throws {
      let database = try await Server.connect(jobs: 1)
      let tasks = (0..<8).map { _ in Task { await outcome(database, "SELECT pg_sleep(30)") } }
      try await Task.sleep(for: .milliseconds(300))
      for task in tasks { task.cancel() }
      for task in tasks {
        guard case .failure(let error) = await task.value else {
          Issue.record("it was not stopped")
          continue
        }
        #expect(error.kind == .cancelled, "\(error)")
      }
      #expect(try await outcome(database, "SELECT 1").get() == "1")
      await database.close()
    }
  }
}
