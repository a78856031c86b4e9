import Foundation
import Glibc
import SnowflakeDatabase
import SpecCore
import Testing

@Suite("connections of the user")
struct ConnectionsTests {
  private let connections = """
    [shop]
    account = "org-acc"
    user = "anna"
    port = 8443
    token = "file-secret"

    [shop_test]
    account = "other"
    """
  private let config = """
    default_connection_name = "shop"

    [connections.shop]
    account = "from-config"

    [connections.only_here]
    account = "here"
    """

  private func failure(_ body: () throws -> Void) -> DatabaseError? {
    do {
      try body()
    } catch {
      return error as? DatabaseError
    }
    return nil
  }

  @Test("connections.toml wins as a whole over config.toml")
  func files() throws {
    let home = try TemporaryFolder()
    let environment = ["SNOWFLAKE_HOME": home.path]
    try home.write("config.toml", config)
    var found = try SnowflakeConnections(environment: environment)
    #expect(found.names == ["only_here", "shop"])
    #expect(found.file == home.path + "/config.toml")
    #expect(try found.settings(for: "shop").text("account") == "from-config")
    try home.write("connections.toml", connections)
    found = try SnowflakeConnections(environment: environment)
    #expect(found.names == ["shop", "shop_test"])
    #expect(found.defaultName == "shop")
    let settings = try found.settings(for: "shop")
    #expect(settings.text("account") == "org-acc")
    #expect(settings.text("port") == "8443")
    #expect(settings.notes == [])
  }

  @Test("the environment overrides the file, and plain variables come last")
  func environment() throws {
    let home = try TemporaryFolder()
    try home.write("connections.toml", connections)
    let found = try SnowflakeConnections(environment: [
      "SNOWFLAKE_HOME": home.path, "SNOWFLAKE_CONNECTIONS_SHOP_USER": "berta",
      "SNOWFLAKE_CONNECTIONS_SHOP_TEST_ROLE": "TESTER", "SNOWFLAKE_USER": "nobody",
      "SNOWFLAKE_WAREHOUSE": "WH", "SNOWFLAKE_DEFAULT_CONNECTION_NAME": "shop_test",
      "SNOWFLAKE_CONNECTIONS_CI_ACCOUNT": "ci-acc",
    ])
    let shop = try found.settings(for: "shop")
    #expect(shop.text("user") == "berta")
    #expect(shop.text("warehouse") == "WH")
    #expect(shop.text("role") == nil)
    #expect(try found.settings(for: "shop_test").text("user") == "nobody")
    #expect(found.defaultName == "shop_test")
    #expect(try found.settings(for: "ci").text("account") == "ci-acc")
  }

  @Test("a missing connection names the file, what it holds, and the nearest name")
  func missing() throws {
    let home = try TemporaryFolder()
    try home.write("connections.toml", connections)
    let found = try SnowflakeConnections(environment: ["SNOWFLAKE_HOME": home.path])
    let error = failure { _ = try found.settings(for: "shpo") }
    #expect(error?.kind == .configuration)
    #expect(
      error?.message == "there is no Snowflake connection shpo in \(home.path)/connections.toml; "
        + "it has shop, shop_test")
    #expect(error?.hint?.hasPrefix("did you mean shop? add a table [shpo]") == true)
    let empty = try SnowflakeConnections(environment: ["SNOWFLAKE_HOME": home.path + "/none"])
    #expect(failure { _ = try empty.settings(for: "x") }?.message.hasSuffix("there") == true)
  }

  @Test("files that others may write are refused, readable ones are remarked upon")
  func permissions() throws {
    let home = try TemporaryFolder()
    let environment = ["SNOWFLAKE_HOME": home.path]
    for mode in [0o620, 0o602, 0o666] {
      try home.write("connections.toml", connections, permissions: mode)
      let error = failure { _ = try SnowflakeConnections(environment: environment) }
      #expect(error?.kind == .configuration)
      #expect(error?.hint?.hasSuffix("chmod 0600 \(home.path)/connections.toml") == true)
    }
    try home.write("connections.toml", connections, permissions: 0o644)
    let notes = try SnowflakeConnections(environment: environment).settings(for: "shop").notes
    #expect(notes.count == 1)
    #expect(notes[0].contains("may be read by others"))
  }

  @Test("a folder or pipe in the place of a file is refused")
  func kinds() throws {
    let home = try TemporaryFolder()
    #expect(mkfifo(home.path + "/connections.toml", 0o600) == 0)
    let error = failure {
      _ = try SnowflakeConnections(environment: ["SNOWFLAKE_HOME": home.path])
    }
    #expect(error?.message.hasSuffix("it is not a regular file") == true)
  }

  @Test("a file that is no TOML is refused without quoting it")
  func broken() throws {
    let home = try TemporaryFolder()
    try home.write("connections.toml", "[shop]\ntoken = hunter2\n")
    let error = failure {
      _ = try SnowflakeConnections(environment: ["SNOWFLAKE_HOME": home.path])
    }
    #expect(error?.message.hasPrefix("\(home.path)/connections.toml:2:") == true)
    #expect("\(String(describing: error))".contains("hunter2") == false)
  }

  @Test("the folder is SNOWFLAKE_HOME, else ~/.snowflake, else the platform's")
  func folders() {
    func folder(_ environment: [String: String], having paths: Set<String>) -> ConnectionFolder {
      ConnectionFolder(environment: environment) { paths.contains($0) }
    }
    let home = ["HOME": "/h"]
    #expect(folder(home, having: ["/h/.snowflake"]).path == "/h/.snowflake")
    #expect(folder(home, having: []).path == "/h/.config/snowflake")
    #expect(
      folder(["HOME": "/h", "XDG_CONFIG_HOME": "/x"], having: []).path == "/x/snowflake")
    let asked = ["HOME": "/h", "SNOWFLAKE_HOME": "~/s/"]
    #expect(folder(asked, having: ["/h/s/", "/h/.snowflake"]).path == "/h/s")
    let fallback = folder(asked, having: ["/h/.snowflake"])
    #expect(fallback.path == "/h/.config/snowflake")
    #expect(fallback.note?.contains("does not exist") == true)
  }

  @Test("settings show no secret, however they are printed")
  func printing() throws {
    let home = try TemporaryFolder()
    try home.write("connections.toml", connections)
    let found = try SnowflakeConnections(environment: [
      "SNOWFLAKE_HOME": home.path, "SNOWFLAKE_CONNECTIONS_SHOP_TOKEN": "env-secret",
    ])
    var text = ""
    dump(try found.settings(for: "shop"), to: &text)
    text += String(reflecting: try found.settings(for: "shop"))
    text += String(reflecting: found)
    dump(found, to: &text)
    let options = SnowflakeOptions(
      connection: "shop", queryTag: "t", environment: ["DATABASE_URL": "env-secret"],
      userAgent: "parity/1")
    dump(options, to: &text)
    text += "\(options)" + String(reflecting: options)
    #expect(!text.contains("file-secret"))
    #expect(!text.contains("env-secret"))
  }
}
