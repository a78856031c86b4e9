import Cryptography
import SnowflakeDatabase
import SpecCore
import Testing

@Suite("accounts and hosts")
struct AccountAddressTests {
  private func address(_ values: [String: String]) throws(DatabaseError) -> AccountAddress {
    try AccountAddress(ConnectionSettings(name: "c", values: values.mapValues(Secret.init)))
  }

  @Test(
    "every spelling of an account leads to its host and its name in tokens",
    arguments: [
      ("myorg-account1", "MYORG-ACCOUNT1", "myorg-account1"),
      ("MyOrg-Account_1", "MYORG-ACCOUNT_1", "myorg-account-1"),
      ("myorg.account1", "MYORG-ACCOUNT1", "myorg-account1"),
      ("xy12345", "XY12345", "xy12345"),
      ("xy12345.eu-central-1", "XY12345", "xy12345.eu-central-1"),
      ("xy12345.us-east-2.aws", "XY12345", "xy12345.us-east-2.aws"),
      ("xy12345.west-europe.azure", "XY12345", "xy12345.west-europe.azure"),
      ("xy12345-ext99.global", "XY12345", "xy12345-ext99.global"),
      ("myorg-account1.privatelink", "MYORG-ACCOUNT1", "myorg-account1.privatelink"),
    ])
  func accounts(_ account: String, _ issuer: String, _ host: String) throws {
    let address = try address(["account": account])
    #expect(address.account == issuer)
    #expect(address.origin == "https://\(host).snowflakecomputing.com")
  }

  @Test("regions, China, hosts and ports")
  func hosts() throws {
    func origin(_ values: [String: String]) throws -> String { try address(values).origin }
    #expect(
      try origin(["account": "xy1", "region": "us-west-2"])
        == "https://xy1.snowflakecomputing.com")
    #expect(
      try origin(["account": "xy1", "region": "eu-west-1"])
        == "https://xy1.eu-west-1.snowflakecomputing.com")
    #expect(
      try origin(["account": "xy1.cn-northwest-1"])
        == "https://xy1.cn-northwest-1.snowflakecomputing.cn")
    #expect(
      try origin(["account": "a", "host": "H.Example", "port": "8443"]) == "https://h.example:8443")
  }

  @Test("http is for this machine only", arguments: ["localhost", "127.0.0.1", "127.8.0.1", "::1"])
  func loopback(_ host: String) throws {
    let address = try address([
      "account": "a", "host": host, "port": "1", "protocol": "http",
    ])
    #expect(address.scheme == "http")
    #expect(address.origin == (host == "::1" ? "http://[::1]:1" : "http://\(host):1"))
  }

  @Test(
    "what is no address is refused",
    arguments: [
      [:], ["account": "https://a.snowflakecomputing.com"], ["account": "a/b"],
      ["account": "a..b"], ["account": "a", "host": "evil.example/x"],
      ["account": "a", "host": "u@h"], ["account": "a", "port": "0"],
      ["account": "a", "port": "x"], ["account": "a", "protocol": "ftp"],
      ["account": "a", "protocol": "http"],
      ["account": "a", "protocol": "http", "host": "127.0.0.1.evil.example"],
      ["account": "a", "protocol": "http", "host": "localhost.evil.example"],
    ] as [[String: String]])
  func refused(_ values: [String: String]) {
    let error = #expect(throws: DatabaseError.self) { try address(values) }
    #expect(error?.kind == .configuration)
  }

  @Test("trust roots that cannot be read are an error before anything is sent")
  func trustRoots() throws {
    let address = try address(["account": "a"])
    let error = #expect(throws: DatabaseError.self) {
      try HTTPTransport(
        address, userAgent: "parity/test", environment: ["SSL_CERT_FILE": "/none.pem"])
    }
    #expect(error?.kind == .configuration)
  }
}
