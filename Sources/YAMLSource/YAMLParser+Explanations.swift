extension YAMLParser {
  /// What each code of this target means and how to write it instead, for `parity explain`.
  package static let explanations: [(code: String, title: String, text: String)] = [
    (
      "E0002", "the file is not UTF-8",
      """
      A spec is a UTF-8 text, with or without a byte order mark. In any other encoding the same
      bytes are other letters to other programs, and two people could sign two different specs.
      Save the file again as UTF-8; most editors show the encoding in the status line. The place
      named is that of the first byte that cannot be UTF-8.
      """
    ),
    (
      "E0003", "the file is too large",
      """
      A spec may have up to 1 MiB, which is far more than people read. Divide a larger one into
      several files, by schema or by team: `parity run` takes any number of them.
      """
    ),
    (
      "E0004", "the file is empty",
      """
      The file holds nothing, or nothing but blanks and comments. An empty spec would check nothing
      and pass, so it is refused. Write at least `version: 1`, the two databases and the tables to
      compare.
      """
    ),
    (
      "E0010", "the file is not YAML",
      """
      The text breaks the rules of YAML, and reading stopped at the place shown. The usual causes:
      keys of one mapping that do not begin in the same column; a text that holds a colon and a
      blank, or begins with one of @ ` % & * ! | > [ ] { } #, and is not in quotes; a quote or a
      bracket that is never closed; no blank after the colon of `key: value`. Mistakes further down
      show only when this one is mended.
      """
    ),
    (
      "E0011", "anchors, aliases and merge keys are not allowed",
      """
      In YAML `&name` marks a value, `*name` repeats it, and `<<` takes another mapping's fields in.
      A reader of the repeated place does not see what stands there, and a change to the marked
      place changes others far away. Write the value out where it is needed; what all tables have in
      common belongs under `defaults:`. A text that begins with `&` or `*` goes in quotes.
      """
    ),
    (
      "E0012", "tags are not allowed",
      """
      In YAML `!!str` or `!name` gives a value a type. In a spec each field knows its own type, so a
      tag would either repeat it or contradict it. Delete the tag. A text that begins with an
      exclamation mark goes in quotes.
      """
    ),
    (
      "E0013", "a key is written twice",
      """
      Each key may occur once in its mapping. Many YAML readers silently keep the last of two, so
      that a check near the top of a file seems to hold and is never run. Both lines are shown:
      delete one of the two, or put their contents under one key.
      """
    ),
    (
      "E0014", "directives and second documents are not allowed",
      """
      A file holds one spec. A line `---` further down begins a second document, which would be easy
      to overlook: put it into a file of its own. Lines that begin with `%`, such as `%YAML 1.2`,
      change how the rest is read: delete them. One `---` before the spec is allowed.
      """
    ),
    (
      "E0015", "lists and mappings are too deep",
      """
      Lists and mappings may stand inside one another up to 32 levels; specs need about eight. A
      deeper file is a mistake, often a bracket typed many times, or an attack on the reader. Look
      for a bracket that is not closed.
      """
    ),
    (
      "E0016", "the file has too many values",
      """
      A spec may have up to 50,000 keys and values, lists and mappings counted too. Divide a larger
      one into several files, by schema or by team: `parity run` takes any number of them.
      """
    ),
    (
      "E0017", "a text is too long",
      """
      One text, quoted, plain or as a block, may have up to 64 KiB. A longer one is most often a
      quote that was never closed, or a block `|` that swallows the lines after it because they are
      indented too far. A query of that size is better a view in the source database.
      """
    ),
    (
      "E0018", "a character cannot be seen",
      """
      Control characters, zero-width characters and characters that change the direction of writing
      make a text look different from what it is: SQL that reads as harmless can do harm. They are
      refused in the whole file, comments and escapes included; only tabs and line breaks are
      allowed. They often come with text pasted from web pages or chats. Delete the character at the
      place shown, where it is spelled out, such as <U+202E>.
      """
    ),
    (
      "E0019", "a key is not a name",
      """
      A key is a text: `orders: …` or `"NUMBER": …`. Lists and mappings as keys, keys without a
      text, and an unquoted `null` or `~` are refused. If the key is missing, write it before the
      colon; if `[` or `{` belongs to the name, put the name in quotes.
      """
    ),
    (
      "E0020", "a tab is used to indent",
      """
      YAML indents with blanks only, since a tab is as wide as each editor likes. Replace the tab by
      blanks, two for each level; most editors do that for a whole file, and keep to it afterwards.
      Tabs inside a text are allowed.
      """
    ),
  ]
}
