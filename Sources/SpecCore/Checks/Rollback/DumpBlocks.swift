/// Follows the blocks of an archive of pg_dump to its end, piece by piece, without reading rows.
///
/// A block begins with its kind and a number. The data of a table follow as chunks, each with its
/// length before it, up to a length of nought; large objects are such data one after the other, each
/// with its own number before it, up to a number of nought.
struct DumpBlocks: Sendable {
  private enum State {
    case block, object
    case chunk(ofObject: Bool)
  }

  private let integerSize: Int
  /// The file's size.
  private let size: Int
  private let expected: Int
  private var state = State.block
  private var count = 0
  private var isBroken = false
  /// Where the next piece must begin.
  private(set) var position: Int

  /// Begins behind the table of contents, or at the last block where the archive tells where it is.
  init(_ archive: DumpArchive, size: Int) {
    let filled = archive.entries.filter(\.hasData)
    let offsets = filled.compactMap(\.offset)
    integerSize = archive.integerSize
    self.size = size
    if let last = offsets.max(), offsets.count == filled.count {
      (position, expected) = (last, 1)
    } else {
      (position, expected) = (archive.contentsEnd, filled.count)
    }
  }

  /// Whether nothing more can be learnt.
  var isFinished: Bool { isBroken || position + needed > size }

  /// Whether every block that was announced was there, the last one up to the file's end.
  var isWhole: Bool {
    guard case .block = state else { return false }
    return !isBroken && position == size && count == expected
  }

  /// How many bytes must be there to go on: a number with its sign, and a block's kind.
  private var needed: Int {
    if case .block = state { integerSize + 2 } else { integerSize + 1 }
  }

  /// Reads bytes that begin at this place of the file, at or before the position.
  mutating func read(_ bytes: [UInt8], from start: Int) {
    while !isBroken, position >= start, position - start + needed <= bytes.count {
      let at = position - start
      if case .block = state {
        position += needed
        switch bytes[at] {
        case 1: state = .chunk(ofObject: false)
        case 3: state = .object
        default: isBroken = true
        }
        continue
      }
      guard bytes[at] == 0, let number = number(bytes, at + 1), number <= size else {
        isBroken = true
        return
      }
      position += needed
      switch state {
      case .object:
        if number == 0 { end() } else { state = .chunk(ofObject: true) }
      case .chunk(let isOfObject):
        if number > 0 {
          position += number
        } else if isOfObject {
          state = .object
        } else {
          end()
        }
      case .block: break
      }
    }
  }

  private mutating func end() {
    count += 1
    state = .block
  }

  /// The lowest byte first.
  private func number(_ bytes: [UInt8], _ at: Int) -> Int? {
    let value = bytes[at..<at + integerSize].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(exactly: value)
  }
}
