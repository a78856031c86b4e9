import SpecCore

/// Answers of the catalogs, asked once for all checks of a run.
actor CatalogCache {
  private let sides: Sides
  private var replies: [Ask: Task<Reply, Never>] = [:]
  /// Questions whose statements a check was charged with.
  private var charged: Set<Ask> = []

  init(_ sides: Sides) { self.sides = sides }

  /// The answer; only the first to ask is charged with the statements.
  func reply(to ask: Ask) async -> Reply {
    let isFirst = charged.insert(ask).inserted
    let reply = await asked(ask)
    return isFirst ? reply : Reply(answer: reply.answer)
  }

  /// The answer for whoever only plans: the first check to ask is charged all the same.
  func answer(to ask: Ask) async -> Answer { await asked(ask).answer }

  private func asked(_ ask: Ask) async -> Reply {
    if let running = replies[ask] { return await running.value }
    // Its own task: one check's end must not take the answer from the others. A run that is
    // stopped cancels it through `cancel`.
    let task = Task { [sides] in await sides.reply(to: ask) }
    replies[ask] = task
    return await task.value
  }

  /// Stops questions under way.
  func cancel() {
    for task in replies.values { task.cancel() }
  }
}
