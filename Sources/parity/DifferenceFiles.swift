import Foundation
import Reporting
import Runner
import SpecCore
import Synchronization

/// Writes every differing row that a run reads to one CSV file a check, as the rows come.
///
/// A line is a differing value, or a row that one side lacks: kind, key, column, both values. NULL
/// is an empty field, an empty text is `""` (RFC 4180 leaves that distinction to quotation marks).
/// A file is called incomplete until its check is decided and every differing row is in it;
/// however a run ends, no other file has the name of a complete one.
final class DifferenceFiles: DifferenceSink {
  /// How the first line of every file begins and ends; the names of the key stand between.
  static let headStart = "kind,"
  static let headEnd = ",column,source,target"

  private struct State {
    /// Files of checks that are under way.
    var files: [CheckID: FileHandle] = [:]
    /// Checks of which this run wrote an incomplete file.
    var begun: Set<CheckID> = []
    /// Checks of which rows could not be written.
    var lost: Set<CheckID> = []
    /// What to say of a check when the run ends, in the order in which they ended.
    var remarks: [(id: CheckID, remark: Remark)] = []
    var problem: String?
  }

  /// Why a check has no file with all of its rows.
  private struct Remark {
    /// The incomplete file, where there is one.
    let file: String?
    let reason: String

    var text: String {
      file.map { "\($0) is incomplete: \(reason)" } ?? "no file of its differing rows: \(reason)"
    }
  }

  private let folder: DifferenceFolder
  private let state = Mutex(State())

  init(folder: DifferenceFolder) { self.folder = folder }

  func begin(_ id: CheckID) {
    state.withLock { state in
      state.lost.remove(id)
      state.remarks.removeAll { $0.id == id }
      drop(id, &state)
    }
  }

  /// Removes what was written of a check before it is asked once more.
  private func drop(_ id: CheckID, _ state: inout State) {
    state.files[id] = nil
    guard state.begun.remove(id) != nil else { return }
    do throws(DiskError) {
      try folder.remove(Self.incomplete(id))
    } catch {
      state.problem = state.problem ?? error.message
    }
  }

  func add(
    _ id: CheckID, _ comparison: Move.Comparison, _ differences: [KeyedMerge.Difference]
  ) {
    var text = ""
    for difference in differences {
      let key = zip(difference.key, comparison.keyForms).map(Self.field)
      let start = ([difference.kind.rawValue] + key).joined(separator: ",")
      if difference.cells.isEmpty { text += "\(start),,,\r\n" }
      for cell in difference.cells {
        let form = comparison.columnForms[cell.column]
        text +=
          "\(start),\(Self.quoted(comparison.columnNames[cell.column])),"
          + "\(Self.field(cell.source, form)),\(Self.field(cell.target, form))\r\n"
      }
    }
    let names = comparison.keyNames.map(Self.quoted).joined(separator: ",")
    state.withLock { state in
      // After one problem nothing more is written: what follows would have a gap.
      guard state.problem == nil else {
        state.lost.insert(id)
        return
      }
      do {
        if let file = state.files[id] {
          try file.write(contentsOf: Data(text.utf8))
        } else {
          let file = try folder.create(Self.incomplete(id))
          state.files[id] = file
          state.begun.insert(id)
          try file.write(
            contentsOf: Data("\(Self.headStart)\(names)\(Self.headEnd)\r\n\(text)".utf8))
        }
      } catch {
        state.lost.insert(id)
        state.problem = Self.message(error, folder.path(of: Self.incomplete(id)))
      }
    }
  }

  func end(_ id: CheckID, _ extent: DifferenceExtent) -> String? {
    state.withLock { state in
      let file = state.files.removeValue(forKey: id)
      let isLost = state.lost.contains(id)
      var reason: String?
      switch extent {
      case .nothing: reason = file == nil ? nil : "the check did not end as failed"
      case .whole: reason = file == nil || isLost ? "its rows could not be written" : nil
      case .part(let why): reason = why
      case .unknown(let why): reason = file == nil ? nil : why
      }
      if let file {
        do {
          try file.synchronize()
          try file.close()
          if reason == nil {
            try folder.rename(Self.incomplete(id), to: Self.complete(id))
            state.begun.remove(id)
          }
        } catch {
          reason = reason ?? "its rows could not be written"
          state.problem =
            state.problem ?? Self.message(error, folder.path(of: Self.complete(id)))
        }
      }
      guard let reason else { return nil }
      let remark = Remark(
        file: file == nil ? nil : folder.path(of: Self.incomplete(id)), reason: oneLine(reason))
      state.remarks.append((id, remark))
      return remark.text
    }
  }

  /// Says on the terminal which checks have no complete file and why; `false` where a file could
  /// not be written.
  func finish() -> Bool {
    let state = state.withLock { $0 }
    var groups: [(text: String, names: [String])] = []
    for (id, remark) in state.remarks {
      let text = remark.file == nil ? "no file of differing rows for" : "incomplete:"
      let name = remark.file ?? "\(id.object).\(id.check)"
      let head = "\(text)\u{0}\(remark.reason)"
      if let index = groups.firstIndex(where: { $0.text == head }) {
        groups[index].names.append(name)
      } else {
        groups.append((head, [name]))
      }
    }
    for group in groups {
      let parts = group.text.components(separatedBy: "\u{0}")
      let more = group.names.count > 5 ? " and \(grouped(group.names.count - 5)) more" : ""
      let names = group.names.prefix(5).joined(separator: ", ") + more
      Terminal.errors.write("note: \(parts[0]) \(names): \(parts[1])\n")
    }
    if let problem = state.problem { Terminal.errors.write("error: \(problem)\n") }
    return state.problem == nil
  }

  private static func complete(_ id: CheckID) -> String { "\(id.object).\(id.check).csv" }

  private static func incomplete(_ id: CheckID) -> String {
    "\(id.object).\(id.check).incomplete.csv"
  }

  private static func message(_ error: any Error, _ path: String) -> String {
    (error as? DiskError)?.message ?? "cannot write \(path): \(error.localizedDescription)"
  }

  /// A value as a person reads it; a digest for one that is not shown.
  private static func field(_ value: String?, _ form: CanonicalForm?) -> String {
    guard let value else { return "" }
    guard let form else { return quoted("digest \(value.prefix(12))") }
    return quoted(ShownValue.of(value, form: form))
  }

  private static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { $0 != 0x22 && $0 != 0x2C && $0 != 0x0A && $0 != 0x0D }
    if isPlain { return text }
    return "\""
      + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }
}
