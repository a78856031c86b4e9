import Cryptography
import Testing

@Suite("secrets")
struct SecretTests {
  private let secret = Secret("hunter2")

  @Test("shows nothing, however it is printed")
  func hides() {
    var dumped = ""
    dump(secret, to: &dumped)
    dump(["key": (secret, Optional(secret))], to: &dumped)
    let texts = ["\(secret)", String(reflecting: secret), "\([secret])", dumped]
    for text in texts {
      #expect(!text.contains("hunter2"))
      #expect(text.contains("•••"))
    }
    #expect(Mirror(reflecting: secret).children.isEmpty)
  }

  @Test("gives its text away on demand only")
  func reveals() {
    #expect(secret.reveal() == "hunter2")
    #expect(secret == Secret("hunter2"))
    #expect(secret != Secret("hunter3"))
  }
}
