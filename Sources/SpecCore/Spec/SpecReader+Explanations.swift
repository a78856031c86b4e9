extension SpecReader {
  /// What the codes of the spec's own mistakes mean, for `parity explain`.
  package static var explanations: [(code: String, title: String, text: String)] {
    [
      (
        "E0001", "the file cannot be read",
        "The system refused to open or read the file; its own words are in the message."
      ),
      (
        "E0100", "fields were expected",
        "Here the spec wants `field: value` lines. The message lists the fields that may stand here."
      ),
      (
        "E0101", "another kind of value was expected",
        """
        Every value is read as the kind its field wants: text, a whole number, `true` or `false`, a \
        list, or names with values. Nothing is guessed: `yes`, `0123` and `1_000` are text.
        """
      ),
      (
        "E0102", "not one of the known words",
        "The field takes one of a few words, which the message lists."
      ),
      (
        "E0104", "not a name",
        """
        Variables are written as `$DATABASE_URL`. Tables are written as `orders`, `legacy.orders` or, \
        where capitals matter, `"Order"`.
        """
      ),
      (
        "E0105", "a secret stands in the spec",
        """
        Specs are reviewed, committed and kept as evidence, so no address with a password may stand in \
        one. Put it into an environment variable and write the variable's name. What was written \
        here has been seen by every tool that read the file: change the password.
        """
      ),
      (
        "E0106", "a section of a later version",
        """
        A section that this version cannot carry out is refused instead of skipped: otherwise a green \
        run would seem to prove what nobody looked at.
        """
      ),
      (
        "E0107", "unknown field",
        "No field has this name here. The nearest name and all known ones are in the message."
      ),
      ("E0108", "a field is missing", "The object cannot be understood without this field."),
      (
        "E0109", "something stands in a list twice",
        "The second entry would change nothing: take it out."
      ),
      (
        "E0110", "a reason is missing",
        "Whatever is left out on purpose is shown to those who sign, with the reason: write `because:`."
      ),
      (
        "E0111", "two fields contradict each other",
        "Both cannot be carried out together: take one of them out."
      ),
      (
        "E0112", "a predicate that cannot be used",
        """
        The text of `where:` is put between parentheses on both sides. It must be one condition that \
        means the same on both sides: no `;`, no comments, no backslash in a literal.
        """
      ),
      (
        "E0113", "a waiver of no check",
        """
        A waiver names a check by its whole id, as `parity run --list` and every report print it; `*` \
        stands for any text. An id begins with the name of the spec's file: after a file is renamed, \
        its waivers are too.
        """
      ),
      (
        "E0114", "a query that cannot be used",
        """
        One statement that begins with SELECT or WITH, without anything that writes or locks, and \
        without what one of the databases takes for a comment or a literal and the other does not. A \
        semicolon may end it; nothing may stand behind. Not every query runs in a transaction that \
        could not write.
        """
      ),
      (
        "E0115", "a selection that is not understood",
        """
        `select:` and `exclude:` take the words of `dbt ls --select`: names, `tag:`, `path:`, \
        `config.NAME:` and others, `+` before or behind for what is above or below, commas for all of \
        several, blanks for any. Methods that need more than a manifest are refused.
        """
      ),
      (
        "E0116", "nobody signs in this role",
        """
        Questions to people (`uat`, `rollback: rehearsed`) are answered by somebody who signs: the \
        role must be one of `sign_off: required`, which says whose signature counts.
        """
      ),
      (
        "E0120", "a table that is not compared",
        """
        `parity watch` looks at tables that the spec compares: each name under `watch:` is one of \
        `tables:`, spelt alike, and not one that is on one side only.
        """
      ),
      (
        "E0121", "parameters that do not fit the query",
        """
        Every parameter of a query, `:name`, needs a value in each set of `parameters:`, and every \
        value a query that uses it. Text in quotes, comments and casts (`::date`) hold no parameter.
        """
      ),
    ]
  }
}

extension SpecReader {
  /// What the checks look at, for `parity explain row_count`.
  package static var checkExplanations: [(code: String, title: String, text: String)] {
    [
      (
        "exists", "the table is there on both sides",
        """
        Looked up in both catalogs. With `only_in: source` or `target` it must be on that side alone.
        """
      ),
      (
        "row_count", "the numbers of rows",
        """
        Counted on both sides at the run's read points. `equal` by default; two empty tables fail, \
        because nothing was compared: write `row_count: 0` where that is right.
        """
      ),
      (
        "columns", "the same columns, with types that can hold every value",
        """
        Judged by the catalogs alone: a type that is too short, too coarse or of another kind fails \
        even where today's data fit. A loss that is accepted is written as the column's `type:` with \
        `because:`. NOT NULL must be kept.
        """
      ),
      ("column_count", "the number of columns in the target", "Counted in the target's catalog."),
      (
        "constraints", "keys and rules are kept, and hold",
        """
        Primary, unique and foreign keys, CHECKs, defaults and identities of Postgres must be in \
        the target's catalog; and because Snowflake does not enforce most of them, each is proved \
        on the rows as well. Rules that only Postgres can read are taken from a second Postgres that \
        has and enforces them. `constraints: { except: [default], because: … }` excuses kinds.
        """
      ),
      (
        "checksum", "every value of every row is the same",
        """
        Both databases compute fingerprints of buckets of rows; only these cross the network while \
        they agree. Where they differ, the rows at fault are read, counted and the first ten shown; \
        `--differences DIR` writes all of them. Columns without a common form are *could not check*. \
        Values that may differ are named with their reason: `tolerance`, `accept`, `compare`, \
        `timezone`. `--digest md5` compares by the MD5 of each row instead.
        """
      ),
      (
        "unlisted_tables", "no table of the source was forgotten",
        "Every table of the source's schema must be listed in the spec or excused with a reason."
      ),
      (
        "p95", "95 of 100 runs of a query take at most so long",
        """
        Of the runs' times in order the one at position 95 % (nearest rank, always one that was \
        measured); `p50` and `max` likewise. The server's clock decides where it tells, else the wire's: \
        see docs/performance.md.
        """
      ),
      (
        "versus_source", "a query is not slower than on the source",
        "The medians of both sides by the same clock, measured one after the other."
      ),
      (
        "rollback", "there is a way back",
        """
        The plan is written down (its SHA-256 is recorded), the newest backup is whole, recent and holds \
        the tables, Time Travel reaches back far enough for each of them, and a clone made at cut-over \
        holds them all. That the way back was rehearsed, a person attests. See docs/rollback.md.
        """
      ),
      (
        "reverse", "the source holds everything that the target holds",
        """
        With `--reverse`: rows that were added or changed in the target after cut-over, and that a rollback \
        to the source would lose. Rows of the source alone lose nothing and are told in a note.
        """
      ),
      (
        "uat", "what no database can tell",
        """
        A question to a person in a role. It is open in every report until it is answered with `parity \
        attest`, and changes neither a run's conclusion nor its exit code.
        """
      ),
      (
        "waivers", "no waiver has expired, and each is needed",
        """
        One case for each waiver of the spec. It fails with `waiver_expired` from the day after \
        `expires` (UTC), and with `waiver_unused` when nothing that the waiver names failed: a waiver \
        that nobody needs would hide the next failure. It could not be judged where a check it names \
        could not be checked or was left out; where only a part of the checks is run, only those \
        waivers are judged all of whose checks are among them.
        """
      ),
    ]
  }
}
