import SpecCore

/// What was found in the files that a spec names, read once for all rules of a run.
actor LintCache {
  private let files: any Files
  private var readings: [InjectionRequest: Task<InjectionReading, Never>] = [:]

  init(_ files: any Files) { self.files = files }

  /// The reading of these files, begun with the first rule that asks.
  func reading(_ request: InjectionRequest) async -> InjectionReading {
    if let running = readings[request] { return await running.value }
    let task = Task { [files] in
      InjectionReading(of: await files.read(request.files), request)
    }
    readings[request] = task
    return await task.value
  }
}
