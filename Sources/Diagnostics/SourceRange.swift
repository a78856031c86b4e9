/// A place in a source file: line and column for people, byte offset for programs.
package struct SourcePosition: Hashable, Comparable, Sendable {
  /// The line, counted from 1; 0 stands for "no place in the file".
  package let line: Int
  /// The column, counted from 1 in Unicode scalars, so that one accent may be a column of its own.
  package let column: Int
  /// The byte offset into the file's UTF-8 text, counted from 0.
  package let offset: Int

  package init(line: Int, column: Int, offset: Int) {
    self.line = line
    self.column = column
    self.offset = offset
  }

  /// Orders places as a reader meets them.
  package static func < (left: Self, right: Self) -> Bool {
    (left.line, left.column, left.offset) < (right.line, right.column, right.offset)
  }
}

/// A stretch of one source file, from its first character up to, not including, its end.
package struct SourceRange: Hashable, Comparable, Sendable {
  /// The name of the file, as `SourceFile.name` has it.
  package let file: String
  /// The place of the first character.
  package let start: SourcePosition
  /// The place after the last character; equal to `start` where nothing is written.
  package let end: SourcePosition

  package init(file: String, start: SourcePosition, end: SourcePosition) {
    self.file = file
    self.start = start
    self.end = end
  }

  /// The whole file rather than a place in it, for mistakes such as a file that is too large.
  package static func none(file: String) -> Self {
    let nowhere = SourcePosition(line: 0, column: 0, offset: 0)
    return Self(file: file, start: nowhere, end: nowhere)
  }

  /// Whether this stands for the file as a whole.
  package var isNone: Bool { start.line == 0 }

  /// Orders by file name, then as a reader meets the ranges.
  package static func < (left: Self, right: Self) -> Bool {
    (left.file, left.start, left.end) < (right.file, right.start, right.end)
  }
}
