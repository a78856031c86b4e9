extension LintRule {
  /// What a rule means, for whoever asks.
  package struct Explanation: Hashable, Sendable {
    /// What is looked for, in a few words.
    package let title: String
    /// What is to be true where the rule holds: a sentence for readers who know no SQL.
    package let expectation: String
    /// Why it matters, what is harmless, and the way out.
    package let text: String
  }

  /// What the rule means.
  package var explanation: Explanation {
    switch self {
    case .variableInSQL:
      Explanation(
        title: "a variable becomes a part of SQL",
        expectation:
          "No variable of the project or of the environment becomes a part of a database command.",
        text: """
          `{{ var('x') }}` and `{{ env_var('X') }}` are pasted into the text of the command: whoever \
          sets the variable writes SQL. Harmless, and not reported: names handed to ref(), source() \
          and config(); numbers by `| int`; values that an `if` compared with a fixed list first. \
          Way out: compare with a fixed list, convert by `| int`, or quote with doubled quotes.
          """)
    case .builtQuery:
      Explanation(
        title: "SQL that runs while templates are rendered is put together",
        expectation:
          "No command that runs while templates are rendered is put together from variables or data.",
        text: """
          run_query() and `{% call statement() %}` run with the rights of dbt while the project is \
          compiled. Built by `~`, `%` or format() from variables or from data, they run what these \
          say. Way out: fixed text, or names by adapter.quote() and ref().
          """)
    case .dataInSQL:
      Explanation(
        title: "data become a part of SQL",
        expectation: "No result of one query becomes a part of the text of the next.",
        text: """
          A loop over the result of a query that writes its values between quotes, as pivots do: \
          whoever may write a row writes SQL. Way out: a fixed list of values, or doubled quotes.
          """)
    case .hook:
      Explanation(
        title: "a hook changes rights or objects",
        expectation: "No hook changes rights or objects, or holds a variable.",
        text: """
          Hooks (on-run-start, on-run-end, pre-hook, post-hook, in dbt_project.yml, in files of \
          properties and in config()) run beside the models with the rights of dbt, where no review \
          of privileges looks. Way out: the `grants:` configuration, or a reviewed script.
          """)
    case .secret:
      Explanation(
        title: "a secret is read in a way that shows it",
        expectation: "No secret is read in a way that leaves it in compiled SQL and in logs.",
        text: """
          Variables named after passwords, tokens and keys end up in compiled SQL, in logs and in the \
          history of queries. dbt hides only what is called DBT_ENV_SECRET_…, and refuses it in models. \
          Way out: read secrets in profiles.yml only, under such a name.
          """)
    case .executeImmediate:
      Explanation(
        title: "EXECUTE IMMEDIATE of text that is put together",
        expectation: "No procedure runs a command by EXECUTE IMMEDIATE that is put together.",
        text: """
          Snowflake runs the text with whatever was put into it. Way out: fixed text, with values by \
          `USING (…)` and names by IDENTIFIER().
          """)
    case .scriptSQL:
      Explanation(
        title: "a JavaScript or Python procedure runs SQL that is put together",
        expectation: "No procedure or model in JavaScript or Python runs SQL that is put together.",
        text: """
          `execute({sqlText: a + b})`, `session.sql(f"…")` and their like. Way out: fixed text with \
          binds.
          """)
    case .chosenObject:
      Explanation(
        title: "the caller chooses an object",
        expectation:
          "Where a caller chooses an object by its name, no rights are lent that the caller lacks.",
        text: """
          IDENTIFIER(:x) and TABLE(:x) keep a name a name, which is good; the caller still chooses \
          which object it is. Worth knowing only, unless the procedure runs with its owner's rights.
          """)
    case .ownersRights:
      Explanation(
        title: "a procedure lends its owner's rights to what it puts together",
        expectation: "No procedure runs what it puts together with the rights of its owner.",
        text: """
          Without EXECUTE AS CALLER, a procedure of Snowflake runs with its owner's rights: what is \
          slipped into a command runs with them too. Way out: EXECUTE AS CALLER, or no dynamic SQL.
          """)
    case .broadGrant:
      Explanation(
        title: "a grant to everyone, of everything, or of ownership",
        expectation: "No script grants to everyone, grants everything, or passes ownership on.",
        text: """
          GRANT … TO PUBLIC, GRANT ALL, WITH GRANT OPTION, GRANT OWNERSHIP. Way out: name the \
          privileges and the role.
          """)
    case .openStage:
      Explanation(
        title: "data leave by an address, or credentials are written out",
        expectation: "No data leave or enter without a storage integration, and no credentials "
          + "stand in a script.",
        text: """
          COPY INTO 's3://…', CREATE STAGE with a URL and without STORAGE_INTEGRATION, and \
          credentials written out. Way out: a storage integration.
          """)
    case .dynamicSQL:
      Explanation(
        title: "EXECUTE in PL/pgSQL of text that is put together",
        expectation: "No function of Postgres runs a command that is put together.",
        text: """
          `EXECUTE 'a' || x` and `format('… %s …', x)`. Harmless: `%I`, `%L`, quote_ident(), \
          quote_literal(), a value cast to regclass, and `USING`.
          """)
    case .definer:
      Explanation(
        title: "SECURITY DEFINER without a search path",
        expectation: "Every SECURITY DEFINER function of Postgres has a search path of its own.",
        text: """
          Whoever calls it chooses where its tables and functions are looked for, and so runs their \
          own with its owner's rights. Way out: `SET search_path = ''` in its definition.
          """)
    case .bareView:
      Explanation(
        title: "a view around row-level security",
        expectation: "No view shows a table that has row-level security with its owner's eyes.",
        text: """
          The policies of a table are applied for the view's owner and not for its reader. Way out: \
          `WITH (security_invoker = true)`, or `security_barrier` where the owner is meant.
          """)
    case .allow:
      Explanation(
        title: "an allow comment that does not hold",
        expectation:
          "Every comment that allows something is understood, gives its reason, and is needed.",
        text: """
          `-- parity: allow J1 because the list is fixed` allows what stands on its line or, alone on \
          a line, on the next. Several rules are separated by commas.
          """)
    }
  }
}
