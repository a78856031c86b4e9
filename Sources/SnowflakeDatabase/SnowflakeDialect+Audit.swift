import SpecCore

/// What happened in the account, counted by Snowflake itself; no text of a statement is read out.
///
/// Pages "LOGIN_HISTORY view", "QUERY_HISTORY view", "GRANTS_TO_USERS view" and "GRANTS_TO_ROLES
/// view" of the Account Usage reference. Columns may be NULL: each comparison says what NULL means.
extension SnowflakeDialect {
  func recordedStatement(_ view: AccountView, _ window: AuditWindow?) -> SQL {
    let time = SQL(verbatim: view.time)
    let name = SQL(verbatim: view.name)
    var condition: SQL = ""
    if let window { condition = " WHERE \(within(window, time))" }
    return """
      SELECT COUNT(*) AS RECORDS, DATE_PART('epoch_second', MAX(\(time))) AS NEWEST_AT \
      FROM \(name)\(condition)
      """
  }

  func auditStatements(_ audit: AccountAudit) -> [SQL] {
    let window = audit.window
    switch audit.events {
    case .failedLogins:
      return [logins(window, Self.failed, detail: "MIN(ERROR_MESSAGE)")]
    case .failedBursts(let max, let seconds): return [bursts(window, max, seconds)]
    case .loginsAfterFailures(let failures, let seconds):
      return [loginsAfter(window, failures, seconds)]
    case .logins:
      return [logins(window, Self.succeeded, detail: "MIN(REPORTED_CLIENT_TYPE)")]
    case .passwordLogins:
      let condition: SQL = """
        \(Self.succeeded) AND FIRST_AUTHENTICATION_FACTOR = 'PASSWORD' \
        AND COALESCE(SECOND_AUTHENTICATION_FACTOR, '') = ''
        """
      return [logins(window, condition, detail: "MIN(REPORTED_CLIENT_TYPE)")]
    case .adminGrants: return [adminGrants(window)]
    case .grantsToPublic: return [publicGrants(window)]
    case .ownershipTransfers:
      return [
        queries(
          window,
          """
          \(Self.done) AND (QUERY_TYPE ILIKE '%OWNERSHIP%' OR (\(Self.changesRights) \
          AND QUERY_TEXT ILIKE '%GRANT%OWNERSHIP%'))
          """)
      ]
    case .unloads:
      return [
        queries(
          window,
          """
          ((QUERY_TYPE IN ('UNLOAD', 'GET_FILES') AND \(Self.done)) \
          OR COALESCE(ROWS_UNLOADED, 0) > 0 OR COALESCE(OUTBOUND_DATA_TRANSFER_BYTES, 0) > 0)
          """)
      ]
    case .networkPolicyChanges:
      return [
        queries(
          window,
          """
          \(Self.done) AND ((QUERY_TYPE ILIKE '%NETWORK^_POLICY%' ESCAPE '^') \
          OR (QUERY_TYPE ILIKE '%NETWORK^_RULE%' ESCAPE '^') OR (\(Self.changesRights) \
          AND QUERY_TEXT ILIKE '%NETWORK^_POLICY%' ESCAPE '^'))
          """)
      ]
    }
  }

  // MARK: Conditions

  private func within(_ window: AuditWindow, _ time: SQL) -> SQL {
    "\(time) >= \(moment(window.from)) AND \(time) < \(moment(window.to))"
  }

  /// To the millisecond; a literal, so that Snowflake can leave out partitions.
  private func moment(_ point: Timestamp) -> SQL {
    let digits = String(1_000 + point.microseconds.magnitude / 1_000 % 1_000).dropFirst()
    return "\(literal: "\(point.date) \(point.time).\(digits) +0000")::TIMESTAMP_LTZ"
  }

  private static let failed: SQL = "COALESCE(IS_SUCCESS, 'NO') <> 'YES'"
  private static let succeeded: SQL = "IS_SUCCESS = 'YES'"
  private static let done: SQL = "COALESCE(EXECUTION_STATUS, 'SUCCESS') ILIKE 'SUCCESS%'"

  /// Statements that may hold words of others, but do not grant or alter anything themselves.
  ///
  /// What runs within a procedure or another statement has a row of its own.
  private static let changesRights: SQL = """
    COALESCE(QUERY_TYPE, '') NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'EXPLAIN', \
    'SHOW', 'DESCRIBE', 'USE', 'COPY', 'UNLOAD', 'CALL', 'EXECUTE_IMMEDIATE', 'MULTI_STATEMENT', \
    'CREATE_TABLE_AS_SELECT', 'CREATE_VIEW', 'CREATE_TABLE')
    """

  /// What every row tells of all of them.
  private static let totals: SQL =
    "SUM(COUNT(*)) OVER () AS TOTAL, COUNT(*) OVER () AS GROUP_COUNT"

  private static let limit: SQL = "LIMIT \(AccountAudit.limit)"

  private func span(_ time: SQL) -> SQL {
    """
    DATE_PART('epoch_second', MIN(\(time))) AS FIRST_AT, \
    DATE_PART('epoch_second', MAX(\(time))) AS LAST_AT
    """
  }

  // MARK: Logins

  private func logins(_ window: AuditWindow, _ condition: SQL, detail: SQL) -> SQL {
    """
    SELECT USER_NAME AS WHO, CLIENT_IP AS ADDRESS, COUNT(*) AS TIMES, \(span("EVENT_TIMESTAMP")), \
    \(detail) AS DETAIL, \(Self.totals) FROM SNOWFLAKE.ACCOUNT_USAGE.LOGIN_HISTORY \
    WHERE \(condition) AND \(within(window, "EVENT_TIMESTAMP")) GROUP BY USER_NAME, CLIENT_IP \
    ORDER BY TIMES DESC, WHO, ADDRESS \(Self.limit)
    """
  }

  /// A failure that has as many before it as are allowed, within the time, completes a burst.
  private func bursts(_ window: AuditWindow, _ max: Int, _ seconds: Int) -> SQL {
    let isBurst: SQL = "EARLIER >= DATEADD(second, \(-seconds), AT_TIME)"
    func marked(_ kind: SQL, _ who: SQL, _ other: SQL, _ condition: SQL) -> SQL {
      """
      SELECT \(kind) AS KIND, \(who) AS WHO, \(other) AS OTHER, AT_TIME, LAG(AT_TIME, \(max)) \
      OVER (PARTITION BY \(who) ORDER BY AT_TIME) AS EARLIER FROM FAILED WHERE \(condition)
      """
    }
    return """
      WITH FAILED AS (SELECT USER_NAME, CLIENT_IP, EVENT_TIMESTAMP AS AT_TIME \
      FROM SNOWFLAKE.ACCOUNT_USAGE.LOGIN_HISTORY WHERE \(Self.failed) \
      AND \(within(window, "EVENT_TIMESTAMP"))), MARKED AS (\
      \(marked("'user'", "USER_NAME", "CLIENT_IP", "USER_NAME IS NOT NULL")) UNION ALL \
      \(marked("'address'", "CLIENT_IP", "USER_NAME",
        "COALESCE(CLIENT_IP, '0.0.0.0') <> '0.0.0.0'")) UNION ALL \
      \(marked("'nobody'", "'?'", "CLIENT_IP",
        "USER_NAME IS NULL AND COALESCE(CLIENT_IP, '0.0.0.0') = '0.0.0.0'"))), \
      GROUPED AS (SELECT KIND, WHO, COUNT(*) AS TIMES, COUNT(DISTINCT OTHER) AS OTHERS, \
      MIN(OTHER) AS FIRST_OTHER, \(span("AT_TIME")), SUM(CASE WHEN \(isBurst) THEN 1 ELSE 0 END) AS BURSTS, \
      DATE_PART('epoch_second', MIN(CASE WHEN \(isBurst) THEN EARLIER END)) AS BURST_AT \
      FROM MARKED GROUP BY KIND, WHO) SELECT KIND, WHO, FIRST_OTHER, OTHERS, TIMES, FIRST_AT, LAST_AT, \
      BURST_AT, SUM(TIMES) OVER () AS TOTAL, COUNT(*) OVER () AS GROUP_COUNT FROM GROUPED \
      WHERE BURSTS > 0 ORDER BY KIND DESC, TIMES DESC, WHO \(Self.limit)
      """
  }

  private func loginsAfter(_ window: AuditWindow, _ failures: Int, _ seconds: Int) -> SQL {
    let earlier = AuditWindow(
      from: Timestamp(microseconds: window.from.microseconds - Int64(seconds) * 1_000_000),
      to: window.to)
    return """
      WITH FAILED AS (SELECT USER_NAME, EVENT_TIMESTAMP AS AT_TIME \
      FROM SNOWFLAKE.ACCOUNT_USAGE.LOGIN_HISTORY WHERE \(Self.failed) \
      AND \(within(earlier, "EVENT_TIMESTAMP"))), \
      SUCCEEDED AS (SELECT EVENT_ID, USER_NAME, CLIENT_IP, EVENT_TIMESTAMP AS AT_TIME \
      FROM SNOWFLAKE.ACCOUNT_USAGE.LOGIN_HISTORY WHERE \(Self.succeeded) \
      AND \(within(window, "EVENT_TIMESTAMP"))), \
      FOUND AS (SELECT S.EVENT_ID AS EVENT_ID, S.USER_NAME AS USER_NAME, S.CLIENT_IP AS CLIENT_IP, \
      S.AT_TIME AS AT_TIME, COUNT(*) AS FAILURES FROM SUCCEEDED S JOIN FAILED F \
      ON F.USER_NAME = S.USER_NAME AND F.AT_TIME <= S.AT_TIME \
      AND F.AT_TIME >= DATEADD(second, \(-seconds), S.AT_TIME) \
      GROUP BY S.EVENT_ID, S.USER_NAME, S.CLIENT_IP, S.AT_TIME HAVING COUNT(*) >= \(failures)) \
      SELECT USER_NAME AS WHO, CLIENT_IP AS ADDRESS, COUNT(*) AS TIMES, MAX(FAILURES) AS OTHERS, \
      \(span("AT_TIME")), \(Self.totals) FROM FOUND GROUP BY USER_NAME, CLIENT_IP \
      ORDER BY TIMES DESC, WHO, ADDRESS \(Self.limit)
      """
  }

  // MARK: Grants

  /// Roles that may give themselves or others any right, or make users and roles.
  private static let administrators: SQL =
    "('ACCOUNTADMIN', 'SECURITYADMIN', 'SYSADMIN', 'USERADMIN', 'ORGADMIN', 'GLOBALORGADMIN')"

  /// Also those that were taken back since.
  ///
  /// What every account has from its first day is left out.
  private func adminGrants(_ window: AuditWindow) -> SQL {
    """
    SELECT WHO, OBJECT_NAME, KIND, GRANTED_BY, COUNT(*) AS TIMES, \(span("CREATED_ON")), \
    COUNT(DELETED_ON) AS OTHERS, \(Self.totals) FROM (\
    SELECT GRANTEE_NAME AS WHO, ROLE AS OBJECT_NAME, COALESCE(GRANTED_TO, 'USER') AS KIND, GRANTED_BY, \
    CREATED_ON, DELETED_ON FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_USERS \
    WHERE ROLE IN \(Self.administrators) UNION ALL \
    SELECT GRANTEE_NAME AS WHO, CASE WHEN PRIVILEGE = 'MANAGE GRANTS' THEN PRIVILEGE ELSE NAME END \
    AS OBJECT_NAME, COALESCE(GRANTED_TO, 'ROLE') AS KIND, GRANTED_BY, CREATED_ON, DELETED_ON \
    FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_ROLES WHERE (PRIVILEGE = 'MANAGE GRANTS' \
    AND GRANTEE_NAME NOT IN ('ACCOUNTADMIN', 'SECURITYADMIN')) OR (GRANTED_ON = 'ROLE' \
    AND PRIVILEGE IN ('USAGE', 'OWNERSHIP') AND NAME IN \(Self.administrators) \
    AND NOT (GRANTEE_NAME = 'ACCOUNTADMIN' AND NAME IN ('SYSADMIN', 'SECURITYADMIN')) \
    AND NOT (GRANTEE_NAME = 'SECURITYADMIN' AND NAME = 'USERADMIN'))) GIVEN \
    WHERE \(within(window, "CREATED_ON")) GROUP BY WHO, OBJECT_NAME, KIND, GRANTED_BY \
    ORDER BY FIRST_AT, WHO, OBJECT_NAME \(Self.limit)
    """
  }

  /// Database roles of Snowflake's own that everyone has by default (page "SHOW GRANTS").
  private static let ownDatabaseRoles: SQL =
    "('ALERT_VIEWER', 'CORE_VIEWER', 'CORTEX_USER', 'ML_USER')"

  private func publicGrants(_ window: AuditWindow) -> SQL {
    """
    SELECT PRIVILEGE AS DETAIL, GRANTED_ON AS KIND, COALESCE(TABLE_CATALOG || '.', '') \
    || COALESCE(TABLE_SCHEMA || '.', '') || NAME AS OBJECT_NAME, GRANTED_BY, COUNT(*) AS TIMES, \
    \(span("CREATED_ON")), COUNT(DELETED_ON) AS OTHERS, \(Self.totals) \
    FROM SNOWFLAKE.ACCOUNT_USAGE.GRANTS_TO_ROLES WHERE GRANTEE_NAME = 'PUBLIC' \
    AND COALESCE(GRANTED_TO, '') <> 'DATABASE_ROLE' AND NOT (GRANTED_ON = 'DATABASE_ROLE' \
    AND COALESCE(TABLE_CATALOG, '') = 'SNOWFLAKE' AND NAME IN \(Self.ownDatabaseRoles)) \
    AND \(within(window, "CREATED_ON")) GROUP BY DETAIL, KIND, OBJECT_NAME, GRANTED_BY \
    ORDER BY FIRST_AT, OBJECT_NAME, DETAIL \(Self.limit)
    """
  }

  // MARK: Statements

  private func queries(_ window: AuditWindow, _ condition: SQL) -> SQL {
    """
    SELECT USER_NAME AS WHO, ROLE_NAME AS ROLE, QUERY_TYPE AS KIND, MIN(QUERY_ID) AS QUERY_ID, \
    COUNT(*) AS TIMES, \(span("START_TIME")), SUM(COALESCE(ROWS_UNLOADED, 0)) AS OTHERS, \
    SUM(COALESCE(OUTBOUND_DATA_TRANSFER_BYTES, 0)) AS BYTES_OUT, \(Self.totals) \
    FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY WHERE \(condition) \
    AND \(within(window, "START_TIME")) GROUP BY USER_NAME, ROLE_NAME, QUERY_TYPE \
    ORDER BY FIRST_AT, WHO, ROLE, KIND \(Self.limit)
    """
  }
}

extension AccountView {
  /// The column that says when.
  fileprivate var time: String {
    switch self {
    case .loginHistory: "EVENT_TIMESTAMP"
    case .queryHistory: "START_TIME"
    case .grantsToRoles, .grantsToUsers: "CREATED_ON"
    }
  }

  /// What lets the run's role see the view (page "Account Usage", the table of database roles).
  var grantThatHelps: String {
    let role = self == .queryHistory ? "GOVERNANCE_VIEWER" : "SECURITY_VIEWER"
    return "GRANT IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE TO ROLE of the run, for its time, or "
      + "GRANT DATABASE ROLE SNOWFLAKE.\(role)"
  }
}

extension AccountAudit {
  var grantThatHelps: String {
    switch events {
    case .failedLogins, .failedBursts, .loginsAfterFailures, .logins, .passwordLogins:
      AccountView.loginHistory.grantThatHelps
    case .adminGrants, .grantsToPublic: AccountView.grantsToRoles.grantThatHelps
    case .ownershipTransfers, .unloads, .networkPolicyChanges:
      AccountView.queryHistory.grantThatHelps
    }
  }
}
